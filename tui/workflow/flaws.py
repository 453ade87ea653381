"""Steps 2 and 3: the flaws of earlier pictures, where the same words or the same model are used."""

from collections.abc import Iterator

import msgspec

from tui.domain.brief import Brief
from tui.domain.flaw_memory import FlawMemory, Judged, remembered
from tui.domain.prompt import POSITIVE_LAYERS, Layers, phrases
from tui.domain.versioned import UnreadableError, from_json
from tui.domain.weights import bare
from tui.store.store import Store
from tui.workflow.workspace import Workspace

_MOST = 5_000
"""Judged pictures that are looked at, the newest."""


class _Intent(msgspec.Struct):
    """As much of an intent as is asked here."""

    layers: Layers
    model: str


class _Recipe(msgspec.Struct):
    intent: _Intent


def judged_pictures(store: Store) -> tuple[Judged, ...]:
    """Every picture of a batch that was looked through, of all projects, newest first."""
    return tuple(_judged(store))


def flaws_to_expect(
    workspace: Workspace, judged: tuple[Judged, ...], layers: Layers
) -> tuple[FlawMemory, ...]:
    """What went wrong before with these layers, and the open project's model and kind."""
    brief = workspace.project.brief
    return remembered(judged, layers, workspace.options.model, brief.kind)


def _judged(store: Store) -> Iterator[Judged]:
    for recipe, marks, brief in store.marks.judged(_MOST):
        try:
            intent = msgspec.json.decode(recipe, type=_Recipe).intent
            kind = from_json(brief, Brief).kind
        except (msgspec.MsgspecError, UnreadableError):
            continue  # an edited picture, or one of a newer Keepers
        said = (
            bare(phrase)
            for layer in POSITIVE_LAYERS
            for phrase in phrases(intent.layers.get(layer))
        )
        yield Judged(frozenset(said), intent.model, kind, frozenset(marks.flaws))
