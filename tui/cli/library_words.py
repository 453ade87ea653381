"""Library entries and what came of an import, as lines for people and as JSON for programs."""

from collections.abc import Iterable, Iterator

import msgspec

from tui.cli.output import harmless
from tui.domain.prompt import Layers
from tui.domain.text import clean, model_name
from tui.store.library_entry import LibraryEntry
from tui.workflow.brought import Brought, Outcome
from tui.workflow.library_file import portable

_MOST_NAMED = 200
"""New entries of one file that are printed with their layers."""


def entry_lines(entry: LibraryEntry) -> Iterator[str]:
    """Two lines: id and name with the tags, and the prompt."""
    tags = f"  [{', '.join(entry.tags)}]" if entry.tags else ""
    yield f"{entry.id}  {harmless(entry.name)}{harmless(tags)}"
    yield f"    {clean(entry.layers.prompt or entry.layers.negative_prompt, limit=160)}"


def full_lines(entry: LibraryEntry, picture: str) -> Iterator[str]:
    """Everything of an entry that a person reads, empty parts left out."""
    yield f"{entry.id}  {harmless(entry.name)}"
    told = {
        "for": entry.purpose,
        "what worked": entry.worked,
        "tags": ", ".join(entry.tags),
        **dict(entry.layers.items()),
        "model": model_name(entry.model),
        "size": f"{entry.width} × {entry.height}" if picture else "",
        "used": f"{entry.used_count}×" if entry.used_count else "",
        "picture": picture or "none",
        "archived": "yes" if entry.archived is not None else "",
        "trouble": entry.unreadable,
    }
    for name, text in told.items():
        if text:
            yield f"{name:12} {harmless(text)}"


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """What came of a file: a line, and for each new entry where its words went."""
    counted = [
        f"{len(outcome.added)} added" if outcome.added else "",
        f"{outcome.known} there already" if outcome.known else "",
        f"{outcome.passed_over} without a style" if outcome.passed_over else "",
    ]
    if says := ", ".join(filter(None, counted)):
        yield f"{outcome.file}: {says}"
    elif not outcome.troubles:
        yield f"{outcome.file}: nothing in it"
    for trouble in outcome.troubles:
        told = clean(trouble)
        yield told if told.startswith(outcome.file) else f"{outcome.file}: {told}"
    for brought in outcome.added[:_MOST_NAMED]:
        yield from _brought_lines(brought)
    if len(outcome.added) > _MOST_NAMED:
        more = len(outcome.added) - _MOST_NAMED
        yield f"  and {more} more: see them with “keepers library search”"


def outcomes_json(outcomes: Iterable[Outcome]) -> str:
    """One object: what came of each file."""
    files = [
        {
            "file": outcome.file,
            "added": [_brought(brought) for brought in outcome.added],
            "known": outcome.known,
            "passed_over": outcome.passed_over,
            "troubles": outcome.troubles,
        }
        for outcome in outcomes
    ]
    return _json({"files": files})


def found_json(entries: Iterable[LibraryEntry], total: int) -> str:
    """One object: the entries found, and how many there are in all."""
    return _json({"entries": [portable(entry) for entry in entries], "total": total})


def entry_json(entry: LibraryEntry, picture: str) -> str:
    """One object: the entry, its picture with its whole path."""
    return _json(portable(entry, picture))


def _brought_lines(brought: Brought) -> Iterator[str]:
    entry = brought.entry
    program = f" ({brought.program})" if brought.program else ""
    yield f"  {entry.id}  {harmless(entry.name)}{program}"
    for layer, text in entry.layers.items():
        if text:
            yield f"    {layer:12} {clean(text)}"
    if brought.marked:
        yield f"    kept as is   {clean(', '.join(brought.marked))}"
    if brought.settings:
        settings = ", ".join(f"{name} {value}" for name, value in brought.settings)
        yield f"    settings     {clean(settings, limit=300)}"
    for note in brought.notes:
        yield f"    note         {clean(note)}"


def _brought(brought: Brought) -> dict[str, object]:
    entry = brought.entry
    layers: Layers = entry.layers
    return {
        "id": entry.id,
        "name": entry.name,
        "program": brought.program,
        "layers": dict(layers.items()),
        "marked": brought.marked,
        "model": entry.model,
        "settings": dict(brought.settings),
        "notes": brought.notes,
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
