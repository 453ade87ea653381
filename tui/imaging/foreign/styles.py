"""Lists of styles: A1111's `styles.csv`, Fooocus' JSON, InvokeAI's presets in both forms."""

import csv
import io
from collections.abc import Iterable, Mapping

import msgspec

from tui.domain.text import clean, clean_lines
from tui.imaging.errors import ImagingError
from tui.imaging.foreign.weights import from_invokeai
from tui.imaging.foreign_json import ForeignJsonError, lenient

LARGEST_LIST = 16 * 2**20
"""Bytes of such a file."""
_MOST_STYLES = 20_000

_PROMPTS = ("prompt", "positive_prompt", "text")
"""A1111 had `text` before it had negative prompts."""
_NEGATIVES = ("negative_prompt", "negative")


class Style(msgspec.Struct, frozen=True):
    """One style; every text is harmless."""

    name: str
    prompt: str
    """With `{prompt}` where a subject goes, or without."""
    negative: str


def csv_styles(text: str, name: str) -> tuple[tuple[Style, ...], int]:
    """The styles of a table, and how many rows were none, such as A1111's dividers.

    Raises:
        ImagingError: no table with a column `name`, or a field is longer than any style.
    """
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""))
        # A file of another kind is told from its first line, before any of it is taken apart.
        columns = {column.strip() for column in rows.fieldnames or () if column}
        if "name" not in columns or not columns & set(_PROMPTS):
            raise ImagingError(
                f"{name} is no list of styles: a table needs the columns name and prompt"
            )
        return _styles((_stripped(row) for row in rows), name)
    except csv.Error as error:
        raise ImagingError(
            f"{name} is no table that can be read ({clean(str(error), limit=80)}): save it as CSV"
        ) from error


def json_styles(value: object, name: str) -> tuple[tuple[Style, ...], int]:
    """The styles of a JSON list, or of a single object, and how many items were none.

    Raises:
        ImagingError: none of it is a style.
    """
    items = value if isinstance(value, list) else [value]
    return _styles((item if isinstance(item, dict) else {} for item in items), name)


def style_text(content: bytes, name: str) -> str:
    """The content of such a file as text.

    Raises:
        ImagingError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImagingError(
            f"{name} is no picture, and no text in UTF-8: save it as UTF-8 and try again"
        ) from error


def parsed_json(text: str, name: str) -> object:
    """The JSON in a text.

    Raises:
        ImagingError: it is none.
    """
    try:
        return lenient(text)
    except ForeignJsonError as error:
        raise ImagingError(f"{name} is no JSON that can be read: export it again") from error


def _styles(rows: Iterable[Mapping[str, object]], name: str) -> tuple[tuple[Style, ...], int]:
    found: dict[Style, None] = {}
    others = 0
    for number, row in enumerate(rows):
        if number >= _MOST_STYLES:
            raise ImagingError(f"{name} has more than {_MOST_STYLES} styles: split the file")
        style = _style(row)
        if style is None:
            others += 1
        else:
            found[style] = None
    if not found:
        raise ImagingError(f"{name} has no style in it: each needs a name and a prompt")
    return tuple(found), others


def _style(row: Mapping[str, object]) -> Style | None:
    inner = row.get("preset_data")
    texts = {**row, **inner} if isinstance(inner, dict) else row
    name = clean(_first(texts, ("name",)), limit=200)
    prompt, negative = (clean_lines(_first(texts, keys)).strip() for keys in (_PROMPTS, _NEGATIVES))
    if isinstance(inner, dict):
        prompt, negative = from_invokeai(prompt), from_invokeai(negative)
    return Style(name, prompt, negative) if name and (prompt or negative) else None


def _first(row: Mapping[str, object], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if isinstance(text := row.get(key), str) and text), "")


def _stripped(row: Mapping[str | None, object]) -> dict[str, object]:
    # What is beyond the last column comes under None.
    return {key.strip(): value for key, value in row.items() if key is not None}
