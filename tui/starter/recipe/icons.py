"""The icons: names, tags and pixels, as `render` leaves them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tui.starter.recipe.errors import RecipeError

Pixels = NDArray[np.uint8]
"""N×S×S×4: red, green, blue, and how solid they are."""
SUBJECTS = Path(__file__).with_name("subjects.txt")


class Icon(msgspec.Struct, frozen=True):
    """One subject in one style; fields as in `icons.json`."""

    hex: str
    """Its code points, as emoji sets name their files."""
    label: str
    """As emojibase writes it."""
    tags: tuple[str, ...]
    group: int
    style: str
    """A key of `words.STYLES`."""
    kind: str = msgspec.field(name="sub")
    """Its group, such as `animal-bird`."""

    @property
    def subject(self) -> str:
        """Its name in captions."""
        return self.label.lower()


@dataclass(frozen=True)
class Icons:
    """A set of icons; pixels and entries go together by their place."""

    entries: tuple[Icon, ...]
    pixels: Pixels

    @cached_property
    def by_subject(self) -> dict[str, dict[str, int]]:
        """For each subject its styles, each with the place of the icon."""
        found: dict[str, dict[str, int]] = {}
        for place, icon in enumerate(self.entries):
            found.setdefault(icon.subject, {})[icon.style] = place
        return found

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """All subjects, in the order of the icons."""
        return tuple(self.by_subject)

    def chosen(self, wanted: Iterable[tuple[str, str]]) -> "Icons":
        """Those with these subjects and styles, in the order in which they stand here."""
        names = set(wanted)
        places = [n for n, icon in enumerate(self.entries) if (icon.subject, icon.style) in names]
        return Icons(
            tuple(self.entries[n] for n in places), np.ascontiguousarray(self.pixels[places])
        )

    def taught(self, subjects: Iterable[str], styles: tuple[str, ...]) -> "Icons":
        """The icons that a model learns: of each of these subjects, one in each of the styles.

        Raises:
            RecipeError: there is none.
        """
        complete = [
            (subject, style)
            for subject in dict.fromkeys(subjects)
            if set(styles) <= set(self.by_subject.get(subject, {}))
            for style in styles
        ]
        if not complete:
            raise RecipeError(
                f"no subject has an icon in each of {', '.join(styles)}: render first"
            )
        return self.chosen(complete)

    def save(self, pixels: Path, entries: Path) -> None:
        """Write both files; the one that names the other's content comes last."""
        _write_array(pixels, self.pixels)
        entries.write_bytes(msgspec.json.encode(self.entries))


def load_icons(pixels: Path, entries: Path) -> Icons:
    """The icons in two files; pixels are read from the disk when they are looked at.

    Raises:
        RecipeError: they are not there.
    """
    try:
        names = msgspec.json.decode(entries.read_bytes(), type=tuple[Icon, ...])
        return Icons(names, np.load(pixels, mmap_mode="r"))
    except FileNotFoundError as error:
        raise RecipeError(
            f"there are no icons in {pixels.parent}: do the step render first"
        ) from error


def read_subjects(file: Path = SUBJECTS) -> tuple[str, ...]:
    """The subjects in a list: `;` or a line's end between them, lines with `#` are remarks."""
    lines = (line for line in file.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    names = (name.strip().lower() for line in lines for name in line.split(";"))
    return tuple(dict.fromkeys(name for name in names if name))


def _write_array(file: Path, array: NDArray[Any]) -> None:
    temporary = file.with_suffix(".tmp.npy")
    np.save(temporary, array)
    temporary.replace(file)
