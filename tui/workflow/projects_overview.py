"""All projects at a glance: how far each is, and what may be done with it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tui.domain.brief import Brief
from tui.domain.prompt import Layers
from tui.domain.text import clean
from tui.store.projects import Project
from tui.store.store import Store
from tui.store.summaries import Summary, summaries
from tui.workflow.pace import Taken, pace
from tui.workflow.sizes import size_in_words
from tui.workflow.step_names import STEP_NAMES

_RECENT = 5
_DAY = 86_400.0
_SPANS = ((_DAY, 3600, "h"), (3600.0, 60, "min"))


class Shelf(StrEnum):
    """Where projects lie."""

    PROJECTS = "projects"
    ARCHIVED = "archived"
    TRASH = "trash"


@dataclass(frozen=True)
class Row:
    """One project in the list."""

    project: Project
    step: int
    """Where the person left it, from 1 to 7."""
    images: int
    used: float
    """Seconds since 1970."""

    def matches(self, words: str) -> bool:
        """Whether every word is in the name or the brief."""
        brief = self.project.brief
        told = (self.project.name, brief.purpose, brief.place, *brief.must_contain)
        text = " ".join(told).casefold()
        return all(word in text for word in clean(words).casefold().split())


@dataclass(frozen=True)
class Overview:
    """What the home screen shows."""

    shelves: dict[Shelf, tuple[Row, ...]]
    recent_rounds: tuple[int, ...] = ()
    """Rounds that the latest keepers took, newest first."""
    pace: tuple[Taken, ...] = ()
    """What the keepers took, oldest first."""

    def count(self, shelf: Shelf) -> int:
        """How many projects lie there."""
        return len(self.shelves.get(shelf, ()))


def overview(store: Store) -> Overview:
    """Every project on its shelf, last used first.

    Raises:
        StoreError: the database cannot be read.
    """
    found = summaries(store.database)
    listed = store.projects.list(archived=True)
    return Overview(
        {
            Shelf.PROJECTS: _rows((p for p in listed if p.archived is None), found),
            Shelf.ARCHIVED: _rows((p for p in listed if p.archived is not None), found),
            Shelf.TRASH: _rows(store.projects.list(trashed=True), found),
        },
        _recent_rounds(store),
        pace(store),
    )


def advice(seen: Overview) -> str:
    """What to say on the home screen; empty where there is nothing to say."""
    rounds = seen.recent_rounds
    if not rounds:
        return ""
    if len(rounds) == 1:
        return f"Your last keeper took {in_rounds(rounds[0])}."
    numbers = ", ".join(map(str, rounds[:-1]))
    return f"Your last {len(rounds)} keepers took {numbers} and {in_rounds(rounds[-1])}."


def in_rounds(number: int) -> str:
    """`1 round`, `3 rounds`."""
    return f"{number} round" if number == 1 else f"{number} rounds"


def blank_project(store: Store) -> Project | None:
    """A project in which nothing was ever written, to start in instead of adding another."""
    found = summaries(store.database)
    for project in store.projects.list():
        untouched = (project.brief, project.draft) == (Brief(), Layers())
        if untouched and not project.unreadable and project.id in found:
            summary = found[project.id]
            if (summary.images, summary.step) == (0, 1):
                return project
    return None


def cells(row: Row, size: int | None) -> dict[str, str]:
    """What the columns say of a project; `size` in bytes, or None while it is not known."""
    step = f"{row.step} {STEP_NAMES[row.step - 1]}"
    return {
        "name": clean(row.project.name, limit=200),
        "step": "unreadable" if row.project.unreadable else step,
        "images": str(row.images),
        "used": ago(row.used),
        "disk": "…" if size is None else in_bytes(size),
    }


def facts(project: Project) -> list[tuple[str, str]]:
    """What a panel beside the list tells of a project: name and value, without the empty ones."""
    brief = project.brief
    told = (
        ("Where", brief.place),
        ("Size", size_in_words(brief.width, brief.height)),
        ("Kind", f"{brief.kind.value}, {brief.stakes.value}"),
        ("Contains", "; ".join(brief.must_contain)),
        ("Avoids", "; ".join(brief.must_avoid)),
        ("Prompt", project.draft.prompt),
        ("Trouble", project.unreadable),
    )
    return [(name, clean(value, limit=300)) for name, value in told if value]


def newest_picture(store: Store, project: Project) -> Path | None:
    """The file of the image that was made last in a project.

    Raises:
        StoreError: the database cannot be read.
    """
    images = store.images.list(project.id)
    return store.images.file(images[-1]) if images else None


def put_away(store: Store, project: Project, shelf: Shelf) -> None:
    """Move a project to a shelf; from the trash it comes back as it was.

    Raises:
        StoreError: there is no such project, or the disk refuses.
    """
    if shelf is Shelf.TRASH:
        store.projects.trash(project.id)
        return
    if project.trashed is not None:
        store.projects.restore(project.id)
    else:
        store.projects.update(project.id, archived=shelf is Shelf.ARCHIVED)


def ago(then: float, now: float | None = None) -> str:
    """How long ago that was: `just now`, `5 min ago`, `yesterday`, `3 days ago`, a date."""
    passed = (time.time() if now is None else now) - then
    if passed < 60:
        return "just now"
    for limit, unit, name in reversed(_SPANS):
        if passed < limit:
            return f"{passed // unit:.0f} {name} ago"
    days = int(passed // _DAY)
    if days < 30:
        return "yesterday" if days == 1 else f"{days} days ago"
    return time.strftime("%Y-%m-%d", time.localtime(then))


def in_bytes(number: int) -> str:
    """`0 kB`, `640 kB`, `3.2 MB`, `1.4 GB`."""
    size = number / 1000
    for unit in ("kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "kB" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _rows(projects: Iterable[Project], found: dict[str, Summary]) -> tuple[Row, ...]:
    rows = []
    for project in projects:
        # A project that another window added in this moment has no summary yet.
        summary = found.get(project.id, Summary(project.id, 1, 0, project.updated))
        rows.append(Row(project, summary.step, summary.images, summary.used))
    return tuple(sorted(rows, key=lambda row: row.used, reverse=True))


def _recent_rounds(store: Store) -> tuple[int, ...]:
    projects = [entry.project_id for entry in store.library.of_projects(_RECENT)]
    counts = (len(store.rounds.list(project)) for project in projects if project is not None)
    return tuple(count for count in counts if count)
