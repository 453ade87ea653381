"""One job from its first batch to its end, whatever happens to its workers."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

import msgspec

from tui.domain.text import clean, model_name
from tui.domain.versioned import from_json
from tui.engine.announcing import Announce
from tui.engine.batch_run import BatchFailedError, BatchRun, StoppedError
from tui.engine.handing_out import GRACE_SECONDS, HandingOut
from tui.engine.jobs import Batch, JobRequest, batches
from tui.engine.messages import ImageFinished, ImageView, JobChanged, JobSays, PreviewMade, StepDone
from tui.engine.models import ModelError, check_size
from tui.engine.ordering import order_of
from tui.engine.parts import Parts, parts_of
from tui.engine.pool import WorkerDiedError
from tui.engine.post import SUSPECT_SECONDS, Post
from tui.engine.progress import Progress
from tui.engine.resolving import find_place, found_images, made_images
from tui.engine.saving import Saves
from tui.engine.staff import Staff
from tui.engine.worker_messages import (
    BatchStep,
    Enlarged,
    FromWorker,
    ModelLoaded,
    ModelLoading,
    ModelPlace,
    SlotPixels,
    SlotPreview,
    SteppedDown,
    WorkerSays,
)
from tui.imaging.errors import ImagingError
from tui.store.errors import NotFoundError, StoreError
from tui.store.jobs import Job, JobState
from tui.store.settings import Settings
from tui.store.store import Store

DEATHS_ALLOWED = 2
"""Workers a job may kill before it is set aside."""

_log = logging.getLogger(__name__)


class SetAsideError(Exception):
    """The job has killed too many workers; the message is for the person."""


class JobRun:
    """Runs one job; `cancel` may be called at any time while `run` is awaited."""

    def __init__(
        self, store: Store, settings: Settings, staff: Staff, announce: Announce, job: Job
    ) -> None:
        self._store, self._settings, self._staff = store, settings, staff
        self._announce, self.job = announce, job
        self.kept = True
        """False while the database could not take the end of the job, which `job` tells."""
        self.progress = Progress()
        self.request = from_json(job.request, JobRequest)
        """What is asked."""
        self._parts = Parts()
        self._task: asyncio.Task[None] | None = None
        self._place: ModelPlace | None = None
        self._handing_out: HandingOut | None = None
        self._cancelled = self._finish_images = False
        self._faults: set[str] = set()
        """Devices that could not draw what was asked of them."""
        self._saves = Saves(store, job, self.request, self._told)

    @property
    def is_stopping(self) -> bool:
        """Whether it ends with the images that are being drawn."""
        return self._finish_images or self._cancelled

    @property
    def spares_devices(self) -> bool:
        """Whether no device that is free is of use to it, mostly because all is being drawn."""
        return self._handing_out is not None and not self._handing_out.wants_device

    async def run(self) -> JobState:
        """Run it and return how it ended; `queued` means that it is to be offered again."""
        self._task = asyncio.create_task(self._work())
        try:
            await self._task
        except (asyncio.CancelledError, StoppedError):
            await self._saves.finish(quiet=True)
            state = self._ended(JobState.CANCELLED if self._cancelled else JobState.QUEUED)
            running = asyncio.current_task()
            if not self._cancelled or (running is not None and running.cancelling()):
                raise  # the engine leaves, whatever became of the job
            return state
        except SetAsideError as error:
            await self._saves.finish(quiet=True)
            return self._ended(JobState.SET_ASIDE, str(error))
        except (ModelError, StoreError, ImagingError, BatchFailedError) as error:
            return await self._failed(str(error))
        except Exception as error:  # noqa: BLE001 - a defect of ours ends the job, not the queue
            _log.exception("job %s", self.job.id)
            what = clean(f"{type(error).__name__}: {error}", limit=600)
            return await self._failed(f"the engine could not run this: {what}; see its log")
        return self._ended(JobState.DONE)

    async def cancel(self, *, finish_images: bool) -> None:
        """End the job now, or when the images that are being drawn are finished."""
        # While the model is downloaded there is no image that it could end after.
        if finish_images and self._place is not None:
            self._finish_images = True
            if self._handing_out is not None:
                self._handing_out.look_again()
            return
        self._cancelled = True
        if self._task is None:
            return
        if self._handing_out is None:
            self._task.cancel()
            return
        await self._handing_out.cancel()
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._task.cancel)

    async def _work(self) -> None:
        request = self.request
        self._store.jobs.set_state(self.job.id, JobState.RUNNING)
        self._announce(JobChanged(job=self.job.id, state=JobState.RUNNING))
        place = await find_place(request.intent.model, self._says, request.revision)
        if request.intent.mask is None:
            check_size(place, request.intent.width, request.intent.height)
        hashes = request.lora_hashes
        self._parts = await asyncio.to_thread(parts_of, request.intent, place, hashes)
        made = made_images(self._store, self.job.id) if request.keep else {}
        found = found_images(self._store, self.job.project_id, request, place)
        for seed, image in found.items():
            if seed not in made:
                self._announce(ImageFinished(job=self.job.id, image=image))
        done = frozenset(made) | frozenset(found)
        todo = batches(request, self._settings.batch_size, done)
        self.progress = Progress(len(done), len(request.wanted_seeds) - len(done), len(todo))
        if todo:
            await self._draw_all(place, todo)
        await self._saves.finish()

    # Drawing

    async def _draw_all(self, place: ModelPlace, todo: list[Batch]) -> None:
        await self._open_staff()
        self._place = place
        model = self.request.intent.model
        self._handing_out = HandingOut(self, self._staff, model, todo)
        try:
            await self._handing_out.draw_all()
            stopped = self.is_stopping and not self._handing_out.is_whole
        finally:
            self._handing_out = None
        if stopped:
            self._cancelled = True
            raise StoppedError

    async def _open_staff(self) -> None:
        if not self._staff.posts:
            self._says("starting a worker")
        while True:
            try:
                await self._staff.open()
            except WorkerDiedError as death:
                self._count_death(death)
                self._says(f"{death}; trying again", is_trouble=True)
            else:
                return

    def may_begin(self) -> bool:
        """Not after a stop, nor after a disk that refuses: nobody would get to see the images."""
        return not (self.is_stopping or self._saves.refused)

    def may_go_on(self) -> bool:
        """Whether nobody has cancelled it."""
        return not self._cancelled

    async def draw(self, run: BatchRun) -> None:
        """Have one batch drawn; it raises what `BatchRun.draw` raises."""
        self.progress.begin(run.index, run.post.label)
        done = False
        try:
            says = self._saying(run.post)
            assert self._place is not None
            order = order_of(
                run, self.request, self._settings, self._store.home, self._place, self._parts
            )
            await run.draw(order, self._heard, says)
            done = True
        finally:
            self.progress.end(run.index, done=done)

    async def missing(self, batch: Batch) -> Batch | None:
        """What of it has not been saved."""
        await self._saves.settle()
        safe = self._saves.seeds
        left = tuple(slot for slot in batch.wanted if batch.seeds[slot] not in safe)
        return Batch(batch.seeds, left) if left else None

    def bear(
        self, fault: WorkerDiedError | BatchFailedError, post: Post, *, alone: bool, waits: bool
    ) -> None:
        """Say what happened.

        Raises:
            SetAsideError: too many workers have died of this job.
            BatchFailedError: a second device has failed: it is the job that cannot be drawn.
        """
        if isinstance(fault, WorkerDiedError):
            self._count_death(fault)
            does = "trying again" if alone else f"another takes over from {post.label}"
            if waits:
                does += f", or it tries again in {SUSPECT_SECONDS:g} seconds if none is free"
            self._says(f"{fault}; {does}", is_trouble=True)
            return
        if not fault.no_device:
            if self._faults - {post.device}:
                raise fault
            self._faults.add(post.device)
        self._says(f"{post.label} is left out: {fault}", is_trouble=True)

    def _heard(self, run: BatchRun, message: FromWorker, blob: bytes) -> None:
        job, batch = self.job.id, run.batch
        match message:
            case ModelLoading():
                run.post.loaded, run.post.model = None, ""
                self._saying(run.post)(f"loading {model_name(self.request.intent.model)}")
            case ModelLoaded():
                run.post.loaded, run.post.model = message, self.request.intent.model
            case WorkerSays(text=text):
                self._saying(run.post)(text)
            case SteppedDown(sentence=sentence):
                where = f"{run.post.label}: " if len(self._staff.posts) > 1 else ""
                self._says(f"{where}{sentence}", is_trouble=True)
            case BatchStep(step=step, steps=steps):
                self.progress.advance(run.index, step, steps)
                self._announce(self._step_done(run, step, steps))
            case SlotPreview(slot=slot, step=step, steps=steps) if slot in batch.wanted:
                seed = batch.seeds[slot]
                event = PreviewMade(job=job, seed=seed, step=step, steps=steps)
                self._announce(event, blob, key=(job, seed))
            case SlotPixels() | Enlarged():
                self._saves.begin(message, blob)
            case _:
                pass

    def _step_done(self, run: BatchRun, step: int, steps: int) -> StepDone:
        progress = self.progress
        return StepDone(
            job=self.job.id,
            batch=run.index,
            batches=progress.batches,
            step=step,
            steps=steps,
            seeds=tuple(run.batch.seeds[slot] for slot in run.batch.wanted),
            device=run.post.label,
            done=progress.step,
            of=progress.steps,
            at_once=len(progress.at_work),
        )

    def _told(self, image: ImageView) -> None:
        self.progress.images += 1
        self._announce(ImageFinished(job=self.job.id, image=image))

    async def _failed(self, sentence: str) -> JobState:
        await self._saves.finish(quiet=True)
        return self._ended(JobState.FAILED, sentence)

    def _count_death(self, death: WorkerDiedError) -> None:
        deaths = DEATHS_ALLOWED
        with contextlib.suppress(StoreError):
            deaths = self._store.jobs.record_death(self.job.id)
        if deaths >= DEATHS_ALLOWED:
            raise SetAsideError(
                f"set aside after it ended {deaths} workers: {death}; "
                "try fewer or smaller images, or another model"
            )

    def _ended(self, state: JobState, error: str = "") -> JobState:
        self.job = msgspec.structs.replace(self.job, state=state, error=error)
        self.keep_end()
        # Clients are told also where the disk refuses.
        self._announce(JobChanged(job=self.job.id, state=state, error=error))
        return state

    def keep_end(self) -> None:
        """Write how the job ended into the database; `kept` says whether that is done."""
        try:
            self._store.jobs.set_state(self.job.id, self.job.state, error=self.job.error)
        except NotFoundError:
            self.kept = True  # somebody deleted it
        except StoreError as cause:
            self.kept = False
            _log.warning("job %s: %s", self.job.id, cause)
        else:
            self.kept = True

    def _says(self, text: str, *, is_trouble: bool = False) -> None:
        self._announce(JobSays(job=self.job.id, text=text, is_trouble=is_trouble))

    def _saying(self, post: Post) -> Callable[[str], None]:
        """Where several devices draw, what is said of one names it."""
        if len(self._staff.posts) == 1:
            return self._says
        return lambda text: self._says(f"{text} on {post.label}")
