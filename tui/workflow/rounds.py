"""Rounds: what the next batch would change, whether that may be, and sending it off.

From a chosen parent exactly one element may differ, on whichever screen it was typed. A second
one is named and refused, with the ways out.
"""

from dataclasses import dataclass

import msgspec

from tui.domain.change import Element, changes
from tui.domain.intent import Intent, seeds_from
from tui.domain.lineage import Origin
from tui.engine.jobs import JobRequest
from tui.engine.messages import JobView
from tui.imaging.masks import check_mask
from tui.imaging.pixels import Levels, open_picture, pixel_hash, png_bytes
from tui.store import inputs
from tui.store.images import ImageRecord
from tui.store.jobs import JobState
from tui.store.rounds import RoundKind
from tui.workflow.branching import begun_with, drawn_together
from tui.workflow.guard import GuardError
from tui.workflow.link import EngineLink
from tui.workflow.parents import (
    differences,
    put_picture,
    request_of,
    start_of,
    twin_seeds,
    used_seeds,
    wish,
)
from tui.workflow.workspace import Workspace

_BROKEN_OFF = frozenset({JobState.FAILED, JobState.CANCELLED, JobState.SET_ASIDE})


__all__ = [
    "GuardError",
    "Plan",
    "differences",
    "inpaint_plan",
    "more_plan",
    "plan",
    "refusal",
    "send",
]


@dataclass(frozen=True)
class Plan:
    """What generating now would do."""

    kind: RoundKind
    request: JobRequest
    changes: tuple[Element, ...] = ()
    """What differs from the parent, or from the batch before."""


def plan(workspace: Workspace, *, rewrite: bool = False) -> Plan:
    """What generating now would do; with `rewrite`, several changes are recorded as such.

    Without a parent the words are free, and a wish that was drawn before goes on with the next
    seeds. From a parent whose words nobody knows (edited, repaired, imported) its picture is drawn
    over again: image to image, with the options' strength.

    Raises:
        GuardError: nothing to draw, or more than one change from the chosen parent.
        InvalidIntentError: a setting nobody can draw.
        ImagingError: the parent's picture is needed, and cannot be read.
    """
    if not workspace.intent().layers.prompt:
        raise GuardError("there is nothing to draw yet: write at least the subject")
    parent = workspace.parent()
    if parent is None:
        return _free(workspace)
    start = start_of(workspace, parent)
    intent, found = wish(workspace, parent, start), differences(workspace)
    if len(found) > 1 and not rewrite:
        raise GuardError(refusal(found))
    if start.from_picture:
        put_picture(workspace, parent)
        seeds = seeds_from(intent.seed, workspace.options.count)
        found = found or (Element("init image", "", "the picture as it is now"),)
    elif found:
        seeds = twin_seeds(workspace, parent, intent)
        branch = begun_with(workspace, start, found)
        intent = msgspec.structs.replace(intent, branch=branch)
    else:
        raise GuardError("nothing differs from the parent yet: change one phrase or one setting")
    request = JobRequest(
        intent=intent.with_seed(seeds[0]).checked(),
        seeds=seeds,
        batch_size=0 if intent.beginning is None else drawn_together(workspace, parent),
        parent=parent.id,
        origin=Origin.ITERATED,
    )
    return Plan(RoundKind.REWRITE if len(found) > 1 else RoundKind.CHANGE, request, found)


def more_plan(workspace: Workspace, job_id: str | None) -> Plan:
    """The same as a batch, with the seeds after the last that this wish was drawn with.

    A batch that did not come to its end is asked for once more instead, with its own seeds.

    Raises:
        GuardError: there is no such batch.
        InvalidIntentError: there are no more seeds.
    """
    request = request_of(workspace, job_id)
    if request is None or job_id is None:
        raise GuardError("there is no batch yet: go to 2, write the subject, and press g")
    before = workspace.store.rounds.for_job(job_id)
    changed = () if before is None else before.changes
    if workspace.store.jobs.get(job_id).state in _BROKEN_OFF:
        return Plan(RoundKind.MORE if before is None else before.kind, request, changed)
    first = max(used_seeds(workspace, request.intent) | set(request.seeds)) + 1
    seeds = seeds_from(first, workspace.options.count)
    again = msgspec.structs.replace(
        request, intent=request.intent.with_seed(first), seeds=seeds, wanted=()
    )
    return Plan(RoundKind.MORE, again, changed)


def _free(workspace: Workspace) -> Plan:
    """Without a parent: the first batch, other words, or more of the same."""
    intent, count = workspace.intent(), workspace.options.count
    seeds = seeds_from(intent.seed, count)
    last_job = workspace.position.job_id
    last = request_of(workspace, last_job)
    if last is None or last_job is None:
        kind = RoundKind.MORE if workspace.images() else RoundKind.FIRST
        return Plan(kind, JobRequest(intent=intent.checked(), seeds=seeds))
    broken = workspace.store.jobs.get(last_job).state in _BROKEN_OFF
    used = used_seeds(workspace, intent)
    if used.intersection(seeds) and not broken:
        seeds = seeds_from(max(used) + 1, count)
    found = changes(last.intent.with_seed(intent.seed), intent)
    request = JobRequest(intent=intent.with_seed(seeds[0]).checked(), seeds=seeds)
    return Plan(RoundKind.REWRITE if found else RoundKind.MORE, request, found)


def refusal(found: tuple[Element, ...]) -> str:
    """Why several changes are refused, by name, and what to do instead."""
    named = "; ".join(str(element) for element in found)
    return (
        f"{len(found)} things differ from the parent ({named}): put all but one back with u, "
        "take them apart into rounds with p in 4, or press G to record it as a rewrite "
        "that teaches nothing about cause"
    )


async def send(
    workspace: Workspace, link: EngineLink, wanted: Plan, expectation: str = ""
) -> JobView:
    """Queue a plan and note the round, with what the person expects of it.

    Raises:
        NoEngineError: there is no engine now.
        RefusedError: the engine said no.
    """
    options = workspace.options
    if wanted.request.parent is not None and wanted.kind is not RoundKind.INPAINT:
        expectation = expectation or options.expectation
    job = await link.submit(workspace.project.id, wanted.request)
    workspace.store.rounds.add(
        workspace.project.id,
        job.id,
        kind=wanted.kind,
        parent_image_id=wanted.request.parent,
        changes=wanted.changes,
        expectation=expectation,
    )
    workspace.store.positions.update(workspace.project.id, job_id=job.id)
    if expectation and expectation == options.expectation:
        workspace.save_options(msgspec.structs.replace(workspace.options, expectation=""))
    return job


def inpaint_plan(
    workspace: Workspace, image: ImageRecord, mask: Levels, intent: Intent, count: int
) -> Plan:
    """A repair of one area: the intent's layers, drawn inside the mask of an image.

    Args:
        workspace: the open project.
        image: what is repaired.
        mask: height × width of uint8, not 0 where anything may change.
        intent: layers, seed, steps, guidance, strength, context and feather; the rest is filled in.
        count: results to choose from.

    Raises:
        ImagingError: an empty mask, or a picture that cannot be read.
        InvalidIntentError: a setting nobody can draw.
    """
    check_mask(mask)
    picture = open_picture(workspace.file(image))
    hashes = pixel_hash(picture), pixel_hash(mask)
    home = workspace.store.home
    inputs.put(home, hashes[0], png_bytes(picture))
    inputs.put(home, hashes[1], png_bytes(mask))
    whole = msgspec.structs.replace(
        intent,
        width=picture.width,
        height=picture.height,
        init_image=hashes[0],
        mask=hashes[1],
        strength=intent.strength or 0.9,
    ).checked()
    request = JobRequest(
        intent=whole,
        seeds=seeds_from(whole.seed, count),
        parent=image.id,
        origin=Origin.INPAINTED,
    )
    return Plan(RoundKind.INPAINT, request)
