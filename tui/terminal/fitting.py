"""How many cells a picture takes."""

CELL_PIXELS = (10, 20)
"""Width and height of a cell in pixels, where the terminal does not say."""


def fitted(
    size: tuple[int, int], columns: int, rows: int, cell: tuple[int, int] = CELL_PIXELS
) -> tuple[int, int]:
    """The most cells a picture of that size fills without changing its proportions.

    Args:
        size: width and height in pixels.
        columns: cells there are.
        rows: cells there are.
        cell: width and height of a cell in pixels.
    """
    width, height = size
    if min(width, height, columns, rows) <= 0:
        return 0, 0
    ratio = cell[1] / cell[0]
    wide = min(columns, max(1, round(rows * ratio * width / height)))
    tall = min(rows, max(1, round(wide * height / width / ratio)))
    return wide, tall
