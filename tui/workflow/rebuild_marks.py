"""What a person said of images, and where they were, as `project.json` tells it."""

import sqlite3

import msgspec

from tui.domain.versioned import to_json
from tui.store.rows import put
from tui.store.sidecar import Sidecar
from tui.store.sign_offs import cleaned
from tui.store.store import Store
from tui.workflow.rebuild_values import usable_id

_STEPS = range(1, 8)


def take_in_marks(
    store: Store, connection: sqlite3.Connection, said: Sidecar, written: float, *, replace: bool
) -> None:
    """Marks, comparisons, sign-offs and position of a project; in a transaction, after its images.

    What belongs to an image that is not there is left out.

    Raises:
        StoreError: the database refuses.
    """
    own = {record.id for record in store.images.list(said.id)}
    kinds = (
        ("marks", "marks", {i: to_json(marks.cleaned()) for i, marks in said.marks.items()}),
        ("sign_offs", "sign_off", {i: to_json(cleaned(s)) for i, s in said.sign_offs.items()}),
    )
    for table, column, values in kinds:
        for image_id, value in values.items():
            if image_id in own:
                row = {"image_id": image_id, column: value, "updated": written}
                put(connection, table, row, key="image_id", replace=replace)
    _take_in_comparisons(store, said, own, replace=replace)
    if said.position is not None and said.position.step in _STEPS:
        position = msgspec.structs.replace(
            said.position,
            job_id=usable_id(said.position.job_id),
            image_id=usable_id(said.position.image_id),
            parent_id=usable_id(said.position.parent_id),
        )
        row = {
            **msgspec.structs.asdict(position),
            "project_id": said.id,
            "updated": written,
        }
        put(connection, "positions", row, key="project_id", replace=replace)


def _take_in_comparisons(store: Store, said: Sidecar, own: set[str], *, replace: bool) -> None:
    known = {frozenset((each.left, each.right)) for each in store.comparisons.list(said.id)}
    for each in said.comparisons:
        if {each.left, each.right} <= own and (
            replace or frozenset((each.left, each.right)) not in known
        ):
            store.comparisons.add(said.id, each)
