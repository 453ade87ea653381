"""Step 4: a sweep before it starts: its element, its values, what they would make."""

import msgspec

from tui.domain.branch import UNSET
from tui.domain.change import Element
from tui.domain.intent import Intent, seeds_from
from tui.domain.prompt import LAYERS, phrases
from tui.domain.sweep import Sweep, is_swept, offered, split_values
from tui.domain.text import clean
from tui.domain.weights import told_weight
from tui.store.images import ImageRecord
from tui.store.sweeps import SweepRecord
from tui.workflow.elements import Row, rows
from tui.workflow.parents import batch_seeds, differences, start_of, wish
from tui.workflow.rounds import GuardError
from tui.workflow.sweeps import cell_keys
from tui.workflow.vocabulary import alternatives, has_vocabulary
from tui.workflow.workspace import Workspace

_SHORT = 60
"""Characters of a name that nobody gave."""


def draft_of(workspace: Workspace, row: Row) -> Sweep:
    """The sweep of one element from the chosen parent, with values to begin with where some are.

    Raises:
        GuardError: no parent, an element that cannot be swept, or another one differs already.
        InvalidIntentError: seeds out of range.
    """
    parent = workspace.parent()
    if parent is None:
        raise GuardError("there is no parent yet: mark the closest picture in 3, then > and s")
    if not is_swept(row.where):
        raise GuardError(
            f"the {row.where} cannot be swept, the rows of a sweep are seeds: "
            "choose a phrase or another setting, or raise the count with o"
        )
    _refuse_others(row, differences(workspace))
    base = base_of(workspace, parent)
    before = row.text if row.change is None else row.change.before
    sweep = Sweep(
        name="",
        where=row.where,
        before=before or ("" if row.place >= 0 else "the model's own"),
        place=-1 if row.place < 0 else _place(row, before, phrases(base.layers.get(row.where))),
        values=(),
        seeds=_seeds(workspace, parent, base),
        base=base,
        parent=parent.id,
    )
    first = (row.text,) if row.change is not None and row.text else ()
    usual = offered(row.where, base)
    if row.where in LAYERS and row.text and has_vocabulary(base.model):
        usual = alternatives(row.where, before)
    return msgspec.structs.replace(sweep, values=(*first, *usual))


def again_here(workspace: Workspace, other: Sweep, under: Row | None) -> Sweep:
    """The same element and values from the chosen parent, in whichever project.

    Args:
        workspace: the open project.
        other: the sweep that was made elsewhere.
        under: the row under the cursor, for a phrase that this parent does not have.

    Raises:
        GuardError: like `draft_of`; or this parent has no such element.
    """
    there = [row for row in rows(workspace) if row.where == other.where]
    row = next((row for row in there if _stands(row) == clean(other.before)), None)
    if other.place < 0 and there:
        row = there[0]
    if row is None and under is not None and under.where == other.where:
        row = under
    if row is None:
        raise GuardError(
            f"“{other.name}” changes “{other.before}” ({other.where}), and this parent has no "
            f"such element: put the cursor on what it should take the place of, then s and ctrl+r"
        )
    draft = draft_of(workspace, row)
    return msgspec.structs.replace(draft, name=other.name, values=other.values)


def typed(sweep: Sweep, values: str, name: str) -> Sweep:
    """The sweep with what was typed; unnamed, it is called after its values.

    Of a phrase, `×1.2` is that phrase with this weight.

    Raises:
        SweepError: a value that is none, or changes more than this element.
    """
    found = split_values(sweep.where, values)
    if sweep.where in LAYERS:
        found = tuple(told_weight(value, sweep.before) for value in found)
    given = msgspec.structs.replace(sweep, values=found, name=name)
    ready = given.distinct()
    ready.columns()
    if not ready.name:
        called = f"{ready.where}: {', '.join(ready.values)}"
        cut = called if len(called) <= _SHORT else f"{called[: _SHORT - 1]}…"
        ready = msgspec.structs.replace(ready, name=cut)
    return ready


def count_line(workspace: Workspace, sweep: Sweep) -> str:
    """How many images a sweep makes, and how many of them exist."""
    keys = [key for column in cell_keys(sweep)[1:] for key in column]
    exist = len(workspace.store.images.with_keys(workspace.project.id, keys))
    values, seeds = len(sweep.values), len(sweep.seeds)
    line = f"{_many(values, 'value')} × {_many(seeds, 'seed')} = {_many(sweep.cells, 'image')}"
    if exist == sweep.cells:
        return f"{line} · all exist already"
    return f"{line} · {exist} exist already · {sweep.cells - exist} to make"


def known_sweep(workspace: Workspace, sweep: Sweep) -> SweepRecord | None:
    """The last sweep of this element from this parent."""
    return next(
        (
            record
            for record in workspace.store.sweeps.list(workspace.project.id)
            if record.sweep.parent == sweep.parent
            and (record.sweep.where, record.sweep.before, record.sweep.place)
            == (sweep.where, sweep.before, sweep.place)
        ),
        None,
    )


OPEN, AGAIN = "open ", "again "
"""Before an id in `listed`: look at that sweep, or run it again from the chosen parent."""


def listed(workspace: Workspace) -> list[tuple[str, str]]:
    """Rows to choose from: sweeps of this project to open, all others to run again here."""
    here, parent = workspace.project.id, workspace.position.parent_id
    names = {project.id: project.name for project in workspace.store.projects.list(archived=True)}
    found: list[tuple[str, str]] = []
    for record in workspace.store.sweeps.list():
        sweep = record.sweep
        line = f"{sweep.name}  {sweep.where}, {_many(len(sweep.values), 'value')}"
        if record.project_id == here:
            found.append((f"{OPEN}{record.id}", f"open       {line}"))
        if sweep.parent != parent:
            where = names.get(record.project_id, "") if record.project_id != here else "here"
            found.append((f"{AGAIN}{record.id}", f"run again  {line}  {where}"))
    return found


def base_of(workspace: Workspace, parent: ImageRecord) -> Intent:
    """The wish that a sweep from this parent changes one element of."""
    start = start_of(workspace, parent)
    if start.base is not None and not start.from_picture:
        return start.base.cleaned()
    drawn_over = wish(workspace, parent, start)
    if start.base is None:
        return drawn_over
    return msgspec.structs.replace(
        start.base,
        init_image=drawn_over.init_image,
        strength=drawn_over.strength,
        width=drawn_over.width,
        height=drawn_over.height,
        # A picture has no steps to keep.
        branch=UNSET,
    ).cleaned()


def _seeds(workspace: Workspace, parent: ImageRecord, base: Intent) -> tuple[int, ...]:
    if start_of(workspace, parent).from_picture:
        return seeds_from(base.seed, workspace.options.count)
    return batch_seeds(workspace, parent)


def _refuse_others(row: Row, found: tuple[Element, ...]) -> None:
    others = [element for element in found if element != row.change]
    if others:
        named = "; ".join(map(str, others))
        raise GuardError(
            f"a sweep changes one element, and another differs from the parent already ({named}): "
            "put it back with u, or draw it first with g"
        )


def _stands(row: Row) -> str:
    """What stands in the parent where a row is; the value of a setting does not count."""
    return row.text if row.change is None else row.change.before


def _place(row: Row, before: str, texts: tuple[str, ...]) -> int:
    if before in texts[row.place : row.place + 1]:
        return row.place
    return texts.index(before) if before in texts else min(row.place, len(texts))


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
