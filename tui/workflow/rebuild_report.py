"""What a repair found, counted and named while it looks, and in words afterwards."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec

from tui.domain.text import as_sentence, clean
from tui.store.files import sha256_of
from tui.store.paths import Home

_MOST_NAMED = 12
"""Files named in words; `--json` names all."""


class Condition(StrEnum):
    """How the database was found."""

    SOUND = "sound"
    DAMAGED = "damaged"
    MISSING = "missing"
    NEVER_MADE = "never made"
    """Nothing was ever kept in this home."""


class Named(msgspec.Struct, frozen=True):
    """A file, and what is wrong with it."""

    path: str
    why: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and what was done about it."""

    database: Condition
    problems: tuple[str, ...] = ()
    """Of the database, a sentence each."""
    dry_run: bool = False
    rebuilt: bool = False
    """Whether another database is in its place now."""
    set_aside: str = ""
    """Where the former one is."""
    base: str = ""
    """The database that it was built on; empty where there was none."""
    projects: int = 0
    projects_found_again: int = 0
    """Of those, the ones that the base did not know; the same for images and library entries."""
    images: int = 0
    images_found_again: int = 0
    library: int = 0
    library_found_again: int = 0
    missing: tuple[str, ...] = ()
    """Paths that images or entries should be at."""
    changed: tuple[str, ...] = ()
    """Files that are no longer those that were made."""
    unreadable: tuple[Named, ...] = ()

    @property
    def found_again(self) -> int:
        """All that the base did not know."""
        return self.projects_found_again + self.images_found_again + self.library_found_again

    @property
    def all_is_well(self) -> bool:
        """Whether nothing is left to do, or to know."""
        wrong = bool(self.missing or self.changed or self.unreadable)
        done = self.rebuilt or (
            self.database in (Condition.SOUND, Condition.NEVER_MADE) and not self.found_again
        )
        return done and not wrong


@dataclass
class Findings:
    """The tally of a repair that is under way."""

    home: Home
    projects: int = 0
    """Found again, as in the next two."""
    images: int = 0
    entries: int = 0
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unreadable: list[Named] = field(default_factory=list)
    _digests: dict[Path, str] = field(default_factory=dict)

    def is_missing(self, path: Path) -> None:
        """Name a file that should be there."""
        self._name(self.missing, path)

    def is_changed(self, path: Path) -> None:
        """Name a file that is another than was made."""
        self._name(self.changed, path)

    def is_unreadable(self, path: Path, why: object) -> None:
        """Name a file that cannot be used, and why."""
        self.unreadable.append(Named(self._shown(path), clean(str(why), limit=600)))

    def digest(self, path: Path) -> str:
        """The SHA-256 of a file, computed once.

        Raises:
            StoreError: it cannot be read.
        """
        if path not in self._digests:
            self._digests[path] = sha256_of(path)
        return self._digests[path]

    def _name(self, names: list[str], path: Path) -> None:
        if (shown := self._shown(path)) not in names:
            names.append(shown)

    def _shown(self, path: Path) -> str:
        inside = path.is_relative_to(self.home.data)
        return clean(str(path.relative_to(self.home.data) if inside else path), limit=400)


def in_words(report: Report) -> Iterator[str]:
    """The report as lines for a person."""
    if report.database is Condition.NEVER_MADE:
        yield "Nothing was ever kept in this home, so there is nothing to repair."
        return
    yield f"The database is {report.database.value}."
    yield from _listed(map(as_sentence, report.problems))
    if report.database is not Condition.SOUND:
        yield (
            f"It is rebuilt on {clean(report.base)}, and from the projects' own files."
            if report.base
            else "There is no intact backup: it is rebuilt from the projects' own files."
        )
    for count, again, one, many in (
        (report.projects, report.projects_found_again, "project", "projects"),
        (report.images, report.images_found_again, "image", "images"),
        (report.library, report.library_found_again, "library entry", "library entries"),
    ):
        yield f"{count} {one if count == 1 else many}" + (f", {again} found again" if again else "")
    for what, names in (
        ("missing", report.missing),
        ("changed since they were made", report.changed),
        ("unreadable", [f"{named.path}: {named.why}" for named in report.unreadable]),
    ):
        if names:
            yield f"{len(names)} {what}:"
            yield from _listed(names)
    yield _ending(report)


def _listed(lines: Iterable[str]) -> Iterator[str]:
    known = list(lines)
    yield from (f"  {line}" for line in known[:_MOST_NAMED])
    if len(known) > _MOST_NAMED:
        yield f"  … and {len(known) - _MOST_NAMED} more"


def _ending(report: Report) -> str:
    if report.rebuilt:
        kept = f" The former one is in {clean(report.set_aside)}." if report.set_aside else ""
        return f"The database is rebuilt.{kept}"
    if report.database is not Condition.SOUND:
        return "Nothing was changed: without --dry-run the database is rebuilt so."
    if report.found_again:
        return (
            "Nothing was changed: “keepers repair --rebuild” brings in what the database "
            "does not know."
        )
    return "All is well." if report.all_is_well else "Nothing was changed: the database is whole."
