"""Where a prompt comes from: the brief's own words, and keepers of the library."""

import msgspec

from tui.domain.prompt import LAYERS, Layers
from tui.domain.template import filled
from tui.store.store import Store
from tui.workflow.brief_facts import with_avoided
from tui.workflow.workspace import Workspace

_MOST = 200
_ALL = "all"


def begin(workspace: Workspace) -> bool:
    """Before the first batch, put what the brief avoids into the negatives; whether that changed.

    Later the negatives are the person's: what they took out stays out.
    """
    project = workspace.project
    if workspace.position.job_id is not None or workspace.store.rounds.list(project.id):
        return False
    layers = with_avoided(project.draft, project.brief)
    if layers == project.draft:
        return False
    workspace.note(draft=layers)
    return True


def library_rows(store: Store, layer: str) -> list[tuple[str, str]]:
    """Values and lines to choose from: of each keeper the layer, and all its layers."""
    rows = []
    for entry in store.library.list(_MOST):
        if text := entry.layers.get(layer):
            rows.append((f"{layer}:{entry.id}", f"{entry.name} · {layer}: {text}"))
        if entry.layers.prompt:
            rows.append((f"{_ALL}:{entry.id}", f"{entry.name} · all layers: {entry.layers.prompt}"))
    return rows


def from_library(store: Store, value: str, layer: str, layers: Layers) -> Layers:
    """The layers with what was chosen of `library_rows`; a style goes around the subject.

    Raises:
        NotFoundError: the keeper is gone.
    """
    what, _, entry_id = value.partition(":")
    taken = filled(store.library.get(entry_id).layers, layers.subject)
    if what == _ALL:
        return taken
    assert layer in LAYERS
    return msgspec.structs.replace(layers, **{layer: taken.get(layer)})
