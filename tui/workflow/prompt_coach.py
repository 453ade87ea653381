"""The one sentence that the prompt screen has to say now: what matters most, and what to do."""

from dataclasses import dataclass

from tui.domain.brief import Brief
from tui.domain.change import Element
from tui.domain.coach import (
    Advice,
    falls_off,
    first_of,
    none_close,
    remembered_flaw,
    several_changes,
    unknown_words,
    unmet_must,
    unread_negatives,
    unread_weights,
    vague_layer,
)
from tui.domain.flaw_memory import FlawMemory
from tui.domain.prompt import Layers
from tui.engine.messages import ModelFacts
from tui.workflow import vocabulary
from tui.workflow.batches_view import batch_of
from tui.workflow.layers_view import Reading, missing_musts
from tui.workflow.workspace import Workspace


@dataclass(frozen=True)
class Scene:
    """All that the advice depends on."""

    layers: Layers
    brief: Brief
    model: str
    guidance: float
    readings: tuple[Reading, Reading]
    found: tuple[Element, ...] = ()
    """What differs from the parent."""
    facts: ModelFacts | None = None
    typing: str = ""
    """The layer that is being typed: half a word is not held against anybody."""
    flaws: tuple[FlawMemory, ...] = ()
    """What went wrong before with the same words."""
    tried: tuple[Element, ...] | None = None
    """What was changed since nothing of a batch was close; None where that is not so."""


def advice(scene: Scene) -> str:
    """One sentence, or nothing."""
    layers = scene.layers
    weighs = scene.readings[0].weighs
    urgent = first_of(
        several_changes(scene.found),
        *(falls_off(reading.lost) for reading in scene.readings),
        _unread(scene),
    )
    if urgent or scene.typing:
        return urgent
    return first_of(
        unmet_must(missing_musts(layers, scene.brief)),
        None if weighs is None else unread_weights(layers, obeyed=weighs),
        _unknown(scene),
        None if scene.tried is None else none_close(layers, scene.tried),
        remembered_flaw(scene.flaws, layers),
        vague_layer(layers),
    )


def tried_since_none_close(workspace: Workspace) -> tuple[Element, ...] | None:
    """What was changed since nothing was close; None while something is, or nothing was drawn."""
    position = workspace.position
    if position.parent_id is not None or position.image_id is not None:
        return None
    batch = batch_of(workspace, position.job_id)
    if batch is None or not batch.made or batch.closest is not None:
        return None
    found: list[Element] = []
    for round_ in reversed(workspace.store.rounds.list(workspace.project.id)):
        if round_.parent_image_id is not None:
            break
        found += round_.changes
    return tuple(found)


def _unread(scene: Scene) -> Advice | None:
    facts = scene.facts
    if facts is None:
        return None
    return unread_negatives(
        scene.layers,
        read=facts.reads_negatives(scene.guidance),
        at_guidance=None if facts.negatives_above is None else scene.guidance,
    )


def _unknown(scene: Scene) -> Advice | None:
    if not vocabulary.has_vocabulary(scene.model):
        return None
    return unknown_words(scene.model, vocabulary.unknown_words(scene.layers))
