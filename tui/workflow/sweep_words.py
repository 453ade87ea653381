"""Step 4: a sweep in words: heads of its columns, one cell, how it stands, what to do now."""

from collections.abc import Mapping

from tui.domain.text import clean
from tui.store.jobs import JobState
from tui.store.rounds import Verdict
from tui.workflow.sweeps import ColumnView, SweepView

_SIGNS = {Verdict.BETTER: "+ ", Verdict.SAME: "= ", Verdict.WORSE: "- ", Verdict.OPEN: ""}
_STOPPED = {
    JobState.CANCELLED: "stopped",
    JobState.FAILED: "failed",
    JobState.SET_ASIDE: "set aside",
}


def head_lines(column: ColumnView, effect: float | None) -> tuple[str, str]:
    """Value, and below it what it did: the verdict's sign and the effect, or how far it is."""
    return clean(column.title, limit=200), _below(column, effect)


def cell_line(column: ColumnView, row: int, effect: float | None) -> str:
    """One cell in words, with all that its head has no room for."""
    slot = column.slots[row]
    parts = [column.title, f"seed {slot.seed}"]
    if column.column is None:
        parts.append("the parent's own")
    elif slot.image is None:
        parts.append("not made yet")
    if effect is not None and column.column is not None:
        parts.append("effect 0: identical" if effect == 0 else f"effect {effect:.2f}")
    if column.round is not None and column.round.verdict is not Verdict.OPEN:
        parts.append(str(column.round.verdict))
    if column.job is not None and column.job.error and column.made < len(column.slots):
        parts.append(clean(column.job.error, limit=300))
    return " · ".join(parts)


def window_line(
    view: SweepView, values: tuple[int, int], rows: tuple[int, int], says: str = ""
) -> str:
    """How much is made, and which part of the table is seen where it does not fit.

    Args:
        view: the sweep.
        values: first value that is seen, and the one after the last, from 0.
        rows: the same of the seeds.
        says: what is done just now.
    """
    sweep = view.record.sweep
    parts = [sweep.where, f"{view.made} of {sweep.cells} made"]
    parts += _seen("values", values, len(sweep.values), "◂ ▸")
    parts += _seen("seeds", rows, len(sweep.seeds), "▴ ▾")
    parts += [says] if says and view.is_live else []
    return " · ".join(parts)


def advice(view: SweepView | None, effects: Mapping[int, float]) -> str:
    """What to do now."""
    if view is None:
        return ""
    if view.is_live:
        return "Each column is one value, each row one seed. ctrl+c stops; what is made stays."
    if not view.is_whole:
        return f"{view.made} of {view.record.sweep.cells} are made: g goes on with the rest."
    asked = [column.round for column in view.columns[1:] if column.round is not None]
    if any(round_.verdict is Verdict.BETTER for round_ in asked):
        return "space on the best picture makes it the next parent."
    nothing = [view.columns[place].title for place, amount in effects.items() if amount == 0]
    if nothing:
        return f"{', '.join(nothing[:3])}: the same picture. Judge the others with + = -."
    return "Judge each column with + = -; space on the best picture makes it the next parent."


def _below(column: ColumnView, effect: float | None) -> str:
    if column.column is None:
        return "parent"
    total = len(column.slots)
    if column.made < total:
        state = None if column.job is None else _STOPPED.get(column.job.state)
        return f"{column.made}/{total} {state or ('made' if column.is_live else 'waits')}"
    sign = _SIGNS[column.round.verdict] if column.round is not None else ""
    return f"{sign}…" if effect is None else f"{sign}{effect:.2f}"


def _seen(what: str, part: tuple[int, int], total: int, signs: str) -> list[str]:
    first, end = part
    if end - first >= total:
        return []
    back, on = signs.split()
    before, after = (f"{back} " if first else ""), (f" {on}" if end < total else "")
    shown = f"{first + 1}–{end}" if end - first > 1 else str(end)
    return [f"{before}{what} {shown} of {total}{after}"]
