"""One repair while it is made and when it is done: its results, in the order of their seeds."""

from tui.domain.versioned import UnreadableError, from_json
from tui.engine.jobs import JobRequest
from tui.engine.messages import Event, ImageFinished, JobChanged, PreviewMade
from tui.store.errors import NotFoundError
from tui.store.images import ImageRecord
from tui.store.jobs import ENDED
from tui.workflow.workspace import Workspace


class Repair:
    """The results of one job of Edit to choose from; place 0 is the image before it."""

    def __init__(self, workspace: Workspace, job: str, seeds: tuple[int, ...]) -> None:
        self._workspace = workspace
        self.job, self._seeds = job, seeds
        self.running = True
        self._images: dict[int, ImageRecord] = {}
        self._previews: dict[int, bytes] = {}
        self._says: dict[int, str] = {}
        self.read()

    @classmethod
    def latest(cls, workspace: Workspace, image: ImageRecord) -> "Repair | None":
        """The newest repair of an image, also one that still runs; None without any."""
        jobs = [
            repair.job_id
            for repair in workspace.store.rounds.list(workspace.project.id)
            if repair.kind == "inpaint" and repair.parent_image_id == image.id
        ]
        if not jobs:
            return None
        try:
            job = workspace.store.jobs.get(jobs[-1])
            seeds = from_json(job.request, JobRequest).wanted_seeds
        except (NotFoundError, UnreadableError):
            return None
        found = cls(workspace, job.id, seeds)
        found.running = job.state not in ENDED
        return found

    @property
    def places(self) -> tuple[str, ...]:
        """What stands beside each result's number; empty for one that is finished."""
        if not self.running:
            return ("",) * len(self._finished())
        return tuple("" if s in self._images else self._says.get(s, "·") for s in self._seeds)

    def result(self, at: int) -> ImageRecord | None:
        """The image at a place from 1; None where it is not finished."""
        seeds = self._seeds if self.running else self._finished()
        return self._images.get(seeds[at - 1]) if 1 <= at <= len(seeds) else None

    def preview(self, at: int) -> bytes:
        """A JPEG of the unfinished image at a place from 1; empty without one."""
        if not self.running or not 1 <= at <= len(self._seeds):
            return b""
        return self._previews.get(self._seeds[at - 1], b"")

    def hear(self, event: Event, blob: bytes = b"") -> bool:
        """Take what the engine says of this repair in; whether there is something new to show."""
        if event.job != self.job:
            return False
        match event:
            case PreviewMade(seed=seed, step=step, steps=steps):
                self._previews[seed] = blob
                self._says[seed] = f"({step}/{steps})"
            case ImageFinished(image=made):
                self._images[made.seed] = self._workspace.store.images.get(made.id)
            case JobChanged(state=state):
                self.read()
                self.running = state not in ENDED
            case _:
                return False
        return True

    def read(self) -> None:
        """Look what is finished by now."""
        for image in self._workspace.store.images.for_job(self.job):
            # An enlarged image has no seed of its own, and is the only one of its job.
            self._images[image.seed or 0] = image

    def _finished(self) -> tuple[int, ...]:
        return tuple(seed for seed in self._seeds if seed in self._images)
