"""A model, or a download, as a row of text in columns that fit the width."""

from rich.text import Text

from tui.domain.text import clean
from tui.engine.model_messages import Fetch, FetchState, ListedModel
from tui.workflow.models import fetch_words, fit_words, size_words

_BAR = 12
_WIDE, _MIDDLE = 100, 60
"""Cells from which a row also has the licence, and family and precision."""


def model_row(model: ListedModel, width: int, *, chosen: bool = False) -> Text:
    """Sign, name, family, size, precision, licence, and whether it fits.

    Args:
        model: which.
        width: cells.
        chosen: whether the open project draws with it.
    """
    broken = bool(model.trouble) and not model.converts
    sign = "✗" if broken else "●" if chosen else " "
    tail = [(size_words(model.size), 9), (fit_words(model), 18 if width >= _MIDDLE else 14)]
    if width >= _MIDDLE:
        tail.insert(1, (model.precision, 7))
        tail.insert(0, (clean(model.family), 17))
    if width >= _WIDE:
        tail.append((clean(model.licence), 20))
    return _columns(sign, clean(model.name), tail, width)


def fetch_row(fetch: Fetch, width: int) -> Text:
    """Sign, id, and a bar with how much is here while it comes."""
    words = fetch_words(fetch)
    if fetch.state is FetchState.RUNNING and fetch.total:
        filled = min(_BAR, _BAR * fetch.done // fetch.total)
        words = f"{'█' * filled}{'░' * (_BAR - filled)} {words}"
    sign = {FetchState.RUNNING: "⇣", FetchState.STOPPED: "–"}.get(fetch.state, "✗")
    return _columns(sign, clean(fetch.model), [(words, max(20, width // 2))], width)


def _columns(sign: str, name: str, tail: list[tuple[str, int]], width: int) -> Text:
    room = max(8, width - 3 - sum(cells for _text, cells in tail))
    row = Text(no_wrap=True)
    for text, cells in ((f" {sign}", 3), (name, room), *tail):
        column = Text(text)
        column.truncate(max(1, cells - 1), overflow="ellipsis", pad=True)
        row.append_text(column).append(" ")
    return row
