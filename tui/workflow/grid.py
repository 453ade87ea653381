"""How a batch is laid out, so that its pictures are as large as the terminal allows."""

from dataclasses import dataclass

FRAME = 2
"""Columns and rows that a frame takes from a cell."""
CELL_RATIO = 2
"""Height of a terminal's cell divided by its width."""
MOST = 16
"""Candidates on one page."""
_LEAST_ROWS = 6
"""Rows a picture needs to be judged at all; with fewer, candidates go to the next page."""

_LEAST_OF_TABLE = 5
"""The same in a table, where pictures are held against their neighbours."""
_LEAST_HEAD = 9
"""Columns of a cell whose head can still be read."""


@dataclass(frozen=True)
class Grid:
    """Cells of one page, frames included."""

    columns: int
    rows: int
    width: int
    """Of a cell, in terminal columns."""
    height: int
    """Of a cell, in terminal rows."""

    @property
    def per_page(self) -> int:
        """Candidates on a page."""
        return self.columns * self.rows


def grid_for(count: int, columns: int, rows: int, aspect: float = 1.0) -> Grid:
    """The grid with the largest pictures for that many candidates, or for as many as can be seen.

    Args:
        count: candidates.
        columns: of the terminal, for the whole grid.
        rows: of the terminal, for the whole grid.
        aspect: width of a picture divided by its height.
    """
    count = max(1, min(count, MOST))
    for wanted in range(count, 0, -1):
        best = max(
            (
                _grid(wide, -(-wanted // wide), columns, rows, aspect)
                for wide in range(1, wanted + 1)
            ),
            key=lambda grid: (_area(grid), -grid.per_page),
        )
        if best.height - FRAME >= _LEAST_ROWS or wanted == 1:
            return best
    raise AssertionError("unreachable")


def table_for(
    columns: int, rows: int, width: int, height: int, aspect: float = 1.0, head: int = 0
) -> Grid:
    """A table of pictures whose cells stand in one grid: as many rows as can be judged.

    Args:
        columns: of the table.
        rows: of the table.
        width: of the terminal, in columns.
        height: of the terminal, in rows.
        aspect: width of a picture divided by its height.
        head: columns that the heads of the rows take.

    Returns:
        How many columns and rows are seen at once, and the size of a cell; larger where few are.
    """
    seen = max(1, min(rows, height // (_LEAST_OF_TABLE + FRAME)))
    tall = max(1, height // seen - FRAME)
    room = max(1, width - head)
    wide = max(1, min(round(tall * CELL_RATIO * aspect), room - FRAME))
    wide = max(wide, min(_LEAST_HEAD, room - FRAME))
    beside = max(1, min(columns, room // (wide + FRAME)))
    return Grid(beside, seen, wide + FRAME, tall + FRAME)


def pages(count: int, per_page: int) -> int:
    """How many pages that many candidates take."""
    return max(1, -(-count // max(1, per_page)))


def _grid(wide: int, tall: int, columns: int, rows: int, aspect: float) -> Grid:
    room = max(1, columns // wide - FRAME), max(1, rows // tall - FRAME)
    width = max(1, min(room[0], int(room[1] * CELL_RATIO * aspect)))
    height = max(1, min(room[1], round(width / aspect / CELL_RATIO)))
    return Grid(wide, tall, width + FRAME, height + FRAME)


def _area(grid: Grid) -> int:
    return (grid.width - FRAME) * (grid.height - FRAME)
