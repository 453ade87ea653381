"""All keepers: search them, look at them, start the next picture from one."""

from collections.abc import Iterable
from pathlib import Path

from textual import on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import OptionList, Static

from tui.commands import bindings
from tui.domain.text import clean
from tui.screens.entry_fields import EntryFieldsScreen
from tui.screens.shown_file import FileScreen
from tui.store.errors import StoreError
from tui.store.library_entry import LibraryEntry
from tui.widgets.entry_grid import EntryGrid
from tui.widgets.entry_list import EntryList, told
from tui.widgets.field import Field
from tui.widgets.image_view import ImageView
from tui.workflow.library import start_from

MOST_SHOWN = 200
"""Entries listed at once; a search narrows them."""
_NONE_YET = (
    "The library is empty. A keeper gets here at step 7: choose a picture, press 7, then K. "
    "It keeps the picture, its words and settings, and your note on what worked."
)


class LibraryScreen(FileScreen, EntryFieldsScreen):
    """The list, or a grid of pictures; picture and words of the entry under the cursor."""

    PLACE = "library"
    BINDINGS = bindings("library")
    CSS_PATH = Path("library.tcss")
    FOOTER = (
        ("open", "large"),
        ("start-from", "start"),
        ("search", "search"),
        ("grid", "grid"),
        ("mark", "mark"),
        ("back", "back"),
        ("comment", "words"),
        ("reject", "archive"),
        ("copy-path", "path"),
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-middle"), (120, "-wide")]  # noqa: RUF012

    def __init__(self, *, searching: bool = False) -> None:
        super().__init__()
        self._searching = searching
        self._entries: dict[str, LibraryEntry] = {}
        self._total = 0
        self._loaded = False
        self._archived = ""
        """The entry archived last, for undo."""

    def body(self) -> Iterable[Widget]:
        """Search, list, picture, words."""
        yield Field(
            "Search", placeholder="/ types; tag: model: kind: style: sort:use narrow", id="search"
        )
        yield Static(id="empty")
        yield EntryGrid(self.workspace.store.library.file)
        with Horizontal(id="desk"):
            yield EntryList()
            with Vertical(id="side"):
                yield ImageView(id="picture")
                with VerticalScroll(id="about", can_focus=False):
                    yield Static(id="told")
        yield from self.entry_fields()

    def footer(self) -> tuple[tuple[str, str], ...]:
        """While entries are marked, merging them takes the place of the grid."""
        if not self._marked:
            return self.FOOTER
        return tuple(
            ("merge", "merge") if name == "grid" else (name, word) for name, word in self.FOOTER
        )

    def coach(self) -> str:
        """What went wrong, or what was just done."""
        return self._trouble

    def on_mount(self) -> None:
        """List the newest, or start with a search."""
        super().on_mount()
        self._find("")
        if self._searching:
            self._search.start_typing()
        else:
            self._list.focus()

    @property
    def _current(self) -> LibraryEntry | None:
        return self._entries.get(self._list.entry_id)

    # Finding

    def action_search(self) -> None:
        """Narrow the list by words."""
        self._leave_large()
        super().action_search()

    @work(thread=True, exclusive=True, exit_on_error=False, group="search")
    def _find(self, words: str) -> None:
        library = self.workspace.store.library
        try:
            found, total = library.search(words, MOST_SHOWN), library.count()
        except StoreError as error:
            self.app.call_from_thread(self._failed, str(error))
        else:
            self.app.call_from_thread(self._show, words, found, total)

    def _show(self, words: str, found: tuple[LibraryEntry, ...], total: int) -> None:
        if not self._is_wanted(words):
            return
        self._entries = {entry.id: entry for entry in found}
        self._total, self._loaded = total, True
        nothing = f"No keeper has “{clean(words, limit=60)}” in it." if words else _NONE_YET
        self._show_empty("" if found else nothing)
        more = ": search to narrow" if len(found) == MOST_SHOWN < total else ""
        self._search.note = f"{len(found)} of {total} shown{more}"
        # What was just done is still to be read: this is no movement of the cursor.
        with self.prevent(OptionList.OptionHighlighted):
            self._list.show(found, self._marked)
        self._show_grid()
        self._show_entry()

    # Showing

    @on(OptionList.OptionHighlighted)
    def follow_cursor(self) -> None:
        """Show the entry under the cursor."""
        self._store_words()
        self._trouble = ""
        self._show_grid()
        self._show_entry()

    def _show_entry(self) -> None:
        entry = self._current
        if entry is None:
            self.refresh_frame()
            return
        view = self.query_one(ImageView)
        try:
            view.show_path(self.workspace.store.library.file(entry))
        except StoreError as error:
            view.show_word(str(error))
        try:
            came = self.workspace.store.library.came_of(entry.id)
        except StoreError as error:
            self._trouble, came = str(error), (0, ())
        self.query_one("#told", Static).update(told(entry, *came))
        self.fill_fields(entry)
        self.refresh_frame()

    def _show_grid(self) -> None:
        if self._in_grid:
            grid, at = self.query_one(EntryGrid), self._list.highlighted or 0
            grid.show(tuple(self._entries.values()), self._marked, at)

    @property
    def _in_grid(self) -> bool:
        return self.has_class("-grid")

    def action_grid(self) -> None:
        """Pictures in a grid, or the list again."""
        self._leave_large()
        self.toggle_class("-grid")
        self.back_to_list()
        self.call_after_refresh(self._show_grid)

    def back_to_list(self) -> None:
        """The list has the keys again; over a grid nothing has but the screen."""
        self.set_focus(None if self._in_grid else self._list)

    def action_down(self) -> None:
        """The next entry, or the one below."""
        self._move(self.query_one(EntryGrid).columns if self._in_grid else 1)

    def action_up(self) -> None:
        """The entry before, or the one above."""
        self._move(-self.query_one(EntryGrid).columns if self._in_grid else -1)

    def action_left(self) -> None:
        """In the grid, the entry to the left."""
        self._move(-1 if self._in_grid else 0)

    def action_right(self) -> None:
        """In the grid, the entry to the right."""
        self._move(1 if self._in_grid else 0)

    def _move(self, by: int) -> None:
        if not self._in_grid:
            self._list.focus()
        target = (self._list.highlighted or 0) + by
        if by and 0 <= target < self._list.option_count:
            self._list.highlighted = target

    @on(OptionList.OptionSelected)
    def open_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on an entry."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Show the picture large, or small again."""
        if self._current is None:
            return
        self.toggle_class("-large")
        self.refresh_keys()

    def action_back(self) -> None:
        """First to the list, then from a search to all, then back where the person was."""
        if self.has_class("-large"):
            self._leave_large()
        else:
            super().action_back()

    def _leave_large(self) -> None:
        self.remove_class("-large")
        self.refresh_keys()

    def legend(self) -> str:
        """The keys of the list, or of the large picture."""
        if self.has_class("-large"):
            return "j k next and before  r start from this  esc back to the list"
        return super().legend()

    # Doing

    def action_merge(self) -> None:
        """Make one of the entries that are marked."""
        self._store_words()
        super().action_merge()

    def action_start_from(self) -> None:
        """A new project that begins where this keeper ended."""
        entry = self._current
        if entry is None:
            return
        self._store_words()
        try:
            project = start_from(self.workspace.store, entry.id)
        except StoreError as error:
            self._failed(f"Not started: {error}.")
        else:
            self.keepers.open_project(project.id)

    def action_reject(self) -> None:
        """Archive the entry: out of the list, with its picture kept."""
        entry = self._current
        if entry is not None and self._archive(entry.id, True):
            self._archived, self._merged = entry.id, None
            if entry.id in self._marked:
                self._marked.remove(entry.id)
            self._failed(f"Archived “{clean(entry.name, limit=60)}”: u brings it back.")

    def action_undo(self) -> None:
        """Bring back what was archived last, or take apart what was merged last."""
        if self._merged is not None:
            self._take_apart()
        elif self._archived and self._archive(self._archived, False):
            self._archived = ""
            self._failed("It is back in the list.")

    def action_comment(self) -> None:
        """Write what worked; tab goes on to name and tags."""
        if self._current is not None:
            self._leave_large()
            self.edit_fields(self._current)
            self.add_class("-typing")
            self.query_one("#worked", Field).start_typing()

    def shown_file(self) -> Path | None:
        """The entry's own picture."""
        if self._current is None:
            return None
        try:
            return self.workspace.store.library.file(self._current)
        except StoreError as error:
            self._failed(str(error))
            return None

    def _archive(self, entry_id: str, archived: bool) -> bool:
        try:
            self.workspace.store.library.archive(entry_id, archived)
        except StoreError as error:
            self._failed(str(error))
            return False
        self._find(self._search.value)
        return True

    # Its words

    def stored(self, entry: LibraryEntry) -> None:
        """The list shows the words from now on."""
        self._entries[entry.id] = entry

    def leave_fields(self) -> None:
        """The list has the keys again, with what was typed in it."""
        if any(field.typing for field in self.query(Field)):
            return  # tab went on to the next field
        self.remove_class("-typing")
        self._find(self._search.value)
        self.back_to_list()
