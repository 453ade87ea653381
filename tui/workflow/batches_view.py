"""Step 3: one batch as it is shown, what is said of its images, and what to do next."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui.domain.candidate import Closeness, Marks, recurring
from tui.domain.coach import all_rejected, first_of, look_first, recurring_flaw
from tui.domain.flaw_memory import FlawMemory
from tui.domain.text import as_sentence, clean
from tui.engine.jobs import JobRequest
from tui.store.errors import NotFoundError
from tui.store.images import ImageRecord
from tui.store.jobs import JobState
from tui.workflow.parents import request_of
from tui.workflow.ranking import places
from tui.workflow.workspace import Workspace

OVER = frozenset({JobState.FAILED, JobState.CANCELLED, JobState.SET_ASIDE})
"""States of a batch that will not come to its end by itself."""


@dataclass(frozen=True)
class Slot:
    """One place of a batch: a seed, and the image once there is one."""

    seed: int
    image: ImageRecord | None = None
    marks: Marks = field(default_factory=Marks)
    path: Path | None = None
    """Of the image's file."""
    place: str = ""
    """In the ranking, `1st`; empty until a tournament has ranked all."""


@dataclass(frozen=True)
class BatchView:
    """A batch as it is known now."""

    job_id: str
    request: JobRequest
    state: JobState
    error: str
    slots: tuple[Slot, ...]

    @property
    def marks(self) -> list[Marks]:
        """The marks of the images that there are."""
        return [slot.marks for slot in self.slots if slot.image is not None]

    @property
    def said(self) -> dict[str, Marks]:
        """The marks of the images that there are, by the images' ids."""
        return {slot.image.id: slot.marks for slot in self.slots if slot.image is not None}

    @property
    def in_the_running(self) -> tuple[ImageRecord, ...]:
        """The images that are not rejected."""
        rejected = Closeness.REJECTED
        return tuple(s.image for s in self.slots if s.image and s.marks.closeness is not rejected)

    @property
    def made(self) -> int:
        """How many images there are."""
        return sum(slot.image is not None for slot in self.slots)

    @property
    def closest(self) -> ImageRecord | None:
        """The image that was marked as the closest."""
        return next((s.image for s in self.slots if s.marks.closeness is Closeness.CLOSEST), None)


def batch_of(
    workspace: Workspace, job_id: str | None, known: Mapping[int, str] | None = None
) -> BatchView | None:
    """A batch from what is stored; None where there is none.

    Args:
        workspace: the open project.
        job_id: the batch.
        known: image ids by seed that the engine named: those that existed before the batch.
    """
    request = request_of(workspace, job_id)
    if request is None or job_id is None:
        return None
    store = workspace.store
    job = store.jobs.get(job_id)
    images = {image.seed: image for image in store.images.for_job(job_id)}
    for seed, image_id in (known or {}).items():
        with contextlib.suppress(NotFoundError):
            images.setdefault(seed, store.images.get(image_id))
    if any(seed not in images for seed in request.wanted_seeds) and not request.again:
        keys = {image.intent_key: image for image in workspace.images() if image.intent_key}
        for seed in request.wanted_seeds:
            found = keys.get(request.intent.with_seed(seed).key)
            if found is not None:
                images.setdefault(seed, found)
    slots = []
    for seed in request.wanted_seeds:
        image = images.get(seed)
        if image is None:
            slots.append(Slot(seed))
        else:
            slots.append(Slot(seed, image, workspace.marks(image), workspace.file(image)))
    batch = BatchView(job_id, request, job.state, job.error, tuple(slots))
    ranked = places(workspace, batch.said)
    return replace(batch, slots=tuple(_placed(slot, ranked) for slot in slots)) if ranked else batch


def _placed(slot: Slot, ranked: Mapping[str, str]) -> Slot:
    return slot if slot.image is None else replace(slot, place=ranked.get(slot.image.id, ""))


def batch_ids(workspace: Workspace) -> tuple[str, ...]:
    """The batches of the open project, oldest first; reruns are none of them."""
    jobs = sorted(
        workspace.store.jobs.list(project_id=workspace.project.id),
        key=lambda job: (job.created, job.id),
    )
    wanted = ((job.id, request_of(workspace, job.id)) for job in jobs)
    return tuple(job_id for job_id, request in wanted if request is not None and request.keep)


def neighbour(ids: tuple[str, ...], job_id: str | None, by: int) -> str | None:
    """The batch that many places on; None where there is none."""
    place = ids.index(job_id) + by if job_id in ids else len(ids) - 1
    return ids[place] if 0 <= place < len(ids) else None


def recurring_line(batch: BatchView) -> str:
    """`Recurring: text in 2 of 4 · Works: colour`; empty where nothing recurs."""
    flaws = ", ".join(
        f"{word} in {n} of {batch.made}" for word, n in recurring(batch.marks, "flaws")
    )
    merits = ", ".join(word for word, _ in recurring(batch.marks, "merits"))
    parts = [f"Recurring: {flaws}" if flaws else "", f"Works: {merits}" if merits else ""]
    return " · ".join(part for part in parts if part)


def state_line(batch: BatchView, says: str = "") -> str:
    """How a batch stands, in words; empty when it is simply done."""
    total = len(batch.slots)
    error = clean(batch.error, limit=300).rstrip(".")
    match batch.state:
        case JobState.QUEUED:
            return f"{says or 'waiting for its turn'} · {batch.made} of {total} made"
        case JobState.RUNNING:
            return f"{says or 'being made'} · {batch.made} of {total} made"
        case JobState.FAILED:
            return f"Failed: {error or 'nobody said why'}. g tries again."
        case JobState.CANCELLED:
            return f"Cancelled with {batch.made} of {total} made. g makes the rest."
        case JobState.SET_ASIDE:
            return f"{as_sentence(error)} o changes the options, g tries again."
        case _:
            return ""


def advice(
    batch: BatchView | None, *, has_parent: bool = False, flaws: Sequence[FlawMemory] = ()
) -> str:
    """What the process suggests now, and why.

    Args:
        batch: the one that is shown.
        has_parent: whether it was made from a chosen image.
        flaws: what went wrong before with the same words.
    """
    if batch is None:
        return "No batch yet: write the layers in 2, and press g there."
    if batch.state in (JobState.QUEUED, JobState.RUNNING):
        return "Pictures can be marked while the others are being made. ctrl+c cancels."
    if batch.made == 0:
        return ""
    layers = batch.request.intent.layers
    if batch.closest is not None:
        after = "compare it in Iterate" if has_parent else "change one thing in Iterate"
        flaw = first_of(recurring_flaw(batch.marks, layers))
        return f"> takes the closest along: {after}. {flaw}".rstrip()
    untouched = all(marks == Marks() for marks in batch.marks)
    return first_of(
        recurring_flaw(batch.marks, layers),
        all_rejected(batch.marks),
        look_first(flaws) if untouched else None,
    ) or ("Mark the closest with space, or rank with t; name flaws with f. None close? n.")


def slot_title(slot: Slot, number: int) -> str:
    """`1 ★ closest`, `3 ✗ rejected`, or only the number."""
    sign = {Closeness.CLOSEST: " ★ closest", Closeness.REJECTED: " ✗ rejected"}
    return f"{number}{sign.get(slot.marks.closeness, '')}"


def slot_words(slot: Slot) -> str:
    """Place in the ranking, flaws, merits and comment of one image on one line."""
    marks = slot.marks
    parts = [slot.place, f"− {', '.join(marks.flaws)}" if marks.flaws else ""]
    parts += [f"+ {', '.join(marks.merits)}" if marks.merits else ""]
    parts += [f"“{clean(marks.comment, limit=200)}”" if marks.comment else ""]
    return " · ".join(part for part in parts if part)


def slot_line(slot: Slot, number: int) -> str:
    """All that is said of one place of a batch, on one line."""
    words = slot_words(slot) or ("" if slot.image else "not made yet")
    return " · ".join(filter(None, (slot_title(slot, number), f"seed {slot.seed}", words)))
