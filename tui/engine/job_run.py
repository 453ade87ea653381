"""One job from its first batch to its end, whatever happens to its worker."""

import asyncio
import contextlib
import itertools
import logging
from dataclasses import dataclass

import msgspec

from tui.domain.text import clean, model_name
from tui.domain.versioned import from_json
from tui.engine.announcing import Announce
from tui.engine.jobs import Batch, JobRequest, batches
from tui.engine.keeping import keep_image
from tui.engine.messages import ImageFinished, JobChanged, JobSays, PreviewMade, StepDone
from tui.engine.models import ModelError, check_size
from tui.engine.pool import Worker, WorkerDiedError
from tui.engine.resolving import find_place, found_images, made_images
from tui.engine.staff import Staff
from tui.engine.worker_messages import (
    BatchDone,
    BatchFailed,
    BatchStep,
    BatchStopped,
    CancelBatch,
    FromWorker,
    ModelLoaded,
    ModelLoading,
    ModelPlace,
    RunBatch,
    SlotPixels,
    SlotPreview,
)
from tui.imaging.errors import ImagingError
from tui.store import inputs
from tui.store.errors import NotFoundError, StoreError
from tui.store.jobs import Job, JobState
from tui.store.settings import Settings
from tui.store.store import Store

DEATHS_ALLOWED = 2
"""Workers a job may kill before it is set aside."""

GRACE_SECONDS = 5.0
"""How long a cancelled batch may take to notice before its worker is killed."""

_log = logging.getLogger(__name__)
_numbers = itertools.count(1)


class BatchFailedError(Exception):
    """The worker lives, but cannot draw this; the message is for the person."""


class StoppedError(Exception):
    """The person cancelled the job."""


@dataclass
class Progress:
    """How far a run is."""

    images: int = 0
    """Images of the job that there are, found ones too."""
    drawing: int = 0
    """Images that were missing when it began."""
    step: int = 0
    """Steps behind it, over all its batches."""
    steps: int = 0
    """Steps of all its batches; 0 until one is done."""


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
        self._request = from_json(job.request, JobRequest)
        self._task: asyncio.Task[None] | None = None
        self._drawing: tuple[Worker, int] | None = None
        self._cancelled = self._finish_images = False
        self._saves: list[asyncio.Task[None]] = []

    @property
    def is_stopping(self) -> bool:
        """Whether it ends with the images that are being drawn."""
        return self._finish_images or self._cancelled

    async def run(self) -> JobState:
        """Run it and return how it ended; `queued` means that it is to be offered again."""
        self._task = asyncio.create_task(self._work())
        try:
            await self._task
        except (asyncio.CancelledError, StoppedError):
            await self._saved(quiet=True)
            await self._give_worker_up()
            state = self._ended(JobState.CANCELLED if self._cancelled else JobState.QUEUED)
            running = asyncio.current_task()
            if not self._cancelled or (running is not None and running.cancelling()):
                raise  # the engine leaves, whatever became of the job
            return state
        except WorkerDiedError as death:
            await self._saved(quiet=True)
            await self._staff.dismiss()
            return self._after_death(death)
        except (ModelError, StoreError, ImagingError, BatchFailedError) as error:
            return await self._failed(str(error))
        except Exception as error:  # noqa: BLE001 - a defect of ours ends the job, not the queue
            _log.exception("job %s", self.job.id)
            what = clean(f"{type(error).__name__}: {error}", limit=600)
            return await self._failed(f"the engine could not run this: {what}; see its log")
        return self._ended(JobState.DONE)

    async def cancel(self, *, finish_images: bool) -> None:
        """End the job now, or when the images that are being drawn are finished."""
        if finish_images:
            self._finish_images = True
            return
        self._cancelled = True
        if self._task is None:
            return
        if self._drawing is None:
            self._task.cancel()
            return
        worker, number = self._drawing
        await worker.send(CancelBatch(number))
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._task.cancel)

    async def _work(self) -> None:
        request = self._request
        self._store.jobs.set_state(self.job.id, JobState.RUNNING)
        self._announce(JobChanged(job=self.job.id, state=JobState.RUNNING))
        place = await find_place(request.intent.model, self._says, request.revision)
        if request.intent.mask is None:
            check_size(place, request.intent.width, request.intent.height)
        made = made_images(self._store, self.job.id) if request.keep else {}
        found = found_images(self._store, self.job.project_id, request, place)
        for seed, image in found.items():
            if seed not in made:
                self._announce(ImageFinished(job=self.job.id, image=image))
        done = frozenset(made) | frozenset(found)
        self.progress = Progress(len(done), len(request.wanted_seeds) - len(done))
        todo = batches(request, self._settings.batch_size, done)
        for index, batch in enumerate(todo):
            if self._cancelled or self._finish_images:
                self._cancelled = True
                raise StoppedError
            await self._draw(place, batch, index, len(todo))
            if any(save.done() and save.exception() for save in self._saves):
                break  # nobody would get to see what is drawn after it
        await self._saved()

    async def _draw(self, place: ModelPlace, batch: Batch, index: int, total: int) -> None:
        if self._staff.pid is None:
            self._says("starting a worker")
        worker = await self._staff.worker()
        number = next(_numbers)
        self._drawing = (worker, number)
        await worker.send(self._order(number, batch, place))
        while True:
            message, blob = await worker.next_event()
            if getattr(message, "batch", number) != number:
                continue  # the tail of a batch that was cancelled
            if isinstance(message, BatchDone):
                break
            self._heard(message, blob, batch, index, total)
        self._drawing = None

    def _heard(
        self, message: FromWorker, blob: bytes, batch: Batch, index: int, total: int
    ) -> None:
        job = self.job.id
        match message:
            case ModelLoading():
                self._says(f"loading {model_name(self._request.intent.model)}")
            case ModelLoaded():
                self._staff.loaded, self._staff.model = message, self._request.intent.model
            case BatchStep(step=step, steps=steps):
                self.progress.step, self.progress.steps = index * steps + step, total * steps
                self._announce(
                    StepDone(job=job, batch=index, batches=total, step=step, steps=steps)
                )
            case SlotPreview(slot=slot, step=step, steps=steps) if slot in batch.wanted:
                seed = batch.seeds[slot]
                event = PreviewMade(job=job, seed=seed, step=step, steps=steps)
                self._announce(event, blob, key=(job, seed))
            case SlotPixels():
                self._saves.append(asyncio.create_task(self._save(message, blob)))
            case BatchStopped():
                self._drawing = None
                raise StoppedError
            case BatchFailed(sentence=sentence):
                self._drawing = None
                raise BatchFailedError(sentence)
            case _:
                pass

    async def _save(self, made: SlotPixels, blob: bytes) -> None:
        image = await asyncio.to_thread(
            keep_image, self._store, self.job.id, self.job.project_id, self._request, made, blob
        )
        self.progress.images += 1
        self._announce(ImageFinished(job=self.job.id, image=image))

    async def _saved(self, *, quiet: bool = False) -> None:
        """Wait until all pixels that arrived are images; `quiet` after another error."""
        if self._saves:
            # Unlike `gather`, it leaves them at work when the waiting is cancelled.
            await asyncio.wait(self._saves)
        saves, self._saves = self._saves, []
        for error in filter(None, (save.exception() for save in saves)):
            if not quiet:
                raise error
            _log.warning("job %s: %s", self.job.id, error)

    async def _failed(self, sentence: str) -> JobState:
        await self._saved(quiet=True)
        await self._give_worker_up()
        return self._ended(JobState.FAILED, sentence)

    async def _give_worker_up(self) -> None:
        """A worker that still draws for this job cannot be handed to the next one."""
        if self._drawing is not None:
            self._drawing = None
            await self._staff.dismiss()

    def _order(self, number: int, batch: Batch, place: ModelPlace) -> RunBatch:
        request, settings, home = self._request, self._settings, self._store.home
        intent = request.intent
        return RunBatch(
            batch=number,
            intent=intent,
            seeds=batch.seeds,
            wanted=batch.wanted,
            model=place,
            device=settings.device,
            precision=request.precision or settings.precision,
            threads=request.threads or settings.threads,
            previews=settings.previews,
            init_image=str(inputs.get(home, intent.init_image)) if intent.init_image else "",
            mask=str(inputs.get(home, intent.mask)) if intent.mask else "",
            latents=str(home.latents) if settings.latents_mb else "",
            latents_limit=settings.latents_mb << 20,
            chunked=(request.long_prompts or settings.long_prompts) == "chunks",
        )

    def _after_death(self, death: WorkerDiedError) -> JobState:
        if self._cancelled:
            return self._ended(JobState.CANCELLED)
        deaths = DEATHS_ALLOWED
        with contextlib.suppress(StoreError):
            deaths = self._store.jobs.record_death(self.job.id)
        if deaths < DEATHS_ALLOWED:
            self._says(f"{death}; trying again", is_trouble=True)
            return self._ended(JobState.QUEUED)
        sentence = (
            f"set aside after it ended {deaths} workers: {death}; "
            "try fewer or smaller images, or another model"
        )
        return self._ended(JobState.SET_ASIDE, sentence)

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
