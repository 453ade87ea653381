"""The library's entries, a line each."""

from collections.abc import Iterable, Sequence

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.domain.text import clean, model_name
from tui.store.library_entry import LibraryEntry

_MOST_NAMED = 3
"""Keepers named among what came of an entry."""


class EntryList(OptionList):
    """Names with how often each was started from; the highlighted one is shown beside it."""

    DEFAULT_CSS = """
    EntryList { height: 1fr; border: none; padding: 0; background: $background; }
    EntryList:focus { border: none; }
    """

    @property
    def entry_id(self) -> str:
        """The highlighted entry's id; empty where there is none."""
        if self.highlighted is None or not self.option_count:
            return ""
        return self.get_option_at_index(self.highlighted).id or ""

    def go_to(self, entry_id: str) -> None:
        """Put the cursor on an entry, if it is listed."""
        if any(option.id == entry_id for option in self.options):
            self.highlighted = self.get_option_index(entry_id)

    def show(self, entries: Iterable[LibraryEntry], marked: Sequence[str] = ()) -> None:
        """Show these entries; the cursor stays on its entry, or else on its place.

        Those marked have a number, in the order in which they were.
        """
        before, place = self.entry_id, self.highlighted or 0
        found = list(entries)
        self.clear_options()
        self.add_options(Option(_line(entry, marked), id=entry.id) for entry in found)
        if found:
            ids = [entry.id for entry in found]
            kept = ids.index(before) if before in ids else min(place, len(ids) - 1)
            self.highlighted = kept


def _came(projects: int, kept: Sequence[str]) -> str:
    if not projects:
        return ""
    said = f"{projects} project{'s' if projects > 1 else ''}"
    if not kept:
        return f"{said}, nothing kept yet"
    more = f" and {len(kept) - _MOST_NAMED} more" if len(kept) > _MOST_NAMED else ""
    return f"{said}; kept: {', '.join(kept[:_MOST_NAMED])}{more}"


def _line(entry: LibraryEntry, marked: Sequence[str]) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    if entry.id in marked:
        text.append(f"✓{marked.index(entry.id) + 1} ", style="bold")
    text.append(clean(entry.name, limit=200))
    if entry.used_count:
        text.append(f"  used {entry.used_count}×", style="dim")
    tags = ", ".join(entry.tags)
    if tags:
        text.append(f"  {clean(tags, limit=200)}", style="dim")
    return text


def told(entry: LibraryEntry, projects: int = 0, kept: Sequence[str] = ()) -> Text:
    """Everything that is known of an entry, empty parts left out.

    Args:
        entry: the entry.
        projects: how many projects began with it.
        kept: the names of the keepers of these.
    """
    size = f"{entry.width} × {entry.height}" if entry.has_picture else "no picture"
    told = {
        "": entry.name,
        "For": entry.purpose,
        "Prompt": entry.layers.prompt,
        "Not": entry.layers.negative_prompt,
        "Tags": ", ".join(entry.tags),
        "Model": f"{model_name(entry.model) or 'none'}, {size}",
        "Used": f"{entry.used_count}×",
        "Came of it": _came(projects, kept),
        "Trouble": entry.unreadable,
    }
    text = Text()
    for name, value in told.items():
        if value:
            text.append(f"{name}: " if name else "", "dim")
            text.append(f"{clean(value, limit=400)}\n", "" if name else "bold")
    return text
