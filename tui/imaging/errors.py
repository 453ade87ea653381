"""What goes wrong with pictures, masks and the metadata in their files."""

from pathlib import Path

from tui.domain.text import clean


class ImagingError(ValueError):
    """Something a person can put right; the message is one sentence that says what to do next."""


def name_of(path: Path | str) -> str:
    """The file's name as a message may show it: one harmless line, not too long."""
    return clean(Path(path).name, limit=80) or "the file"


def size_in_words(size: tuple[int, int]) -> str:
    """Width and height in pixels, e.g. `1024 × 768`."""
    return f"{size[0]} × {size[1]}"
