"""The words of a library entry, typed where it is shown: what worked, its name, its tags."""

from collections.abc import Iterable

from textual import on
from textual.timer import Timer

from tui.screens.merging import MergingScreen
from tui.store.errors import StoreError
from tui.store.library_entry import LibraryEntry
from tui.widgets.field import Field

_DEBOUNCE = 0.2
"""Seconds after a letter until it is stored."""


class EntryFieldsScreen(MergingScreen):
    """A screen with three fields for the entry under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: tuple[str, dict[str, str]] | None = None
        """Entry and words that are not stored yet."""
        self._timer: Timer | None = None
        self._edited = ""
        """The entry whose words are in the fields while they are typed in."""

    def on_unmount(self) -> None:
        """Nothing that was typed is lost."""
        self._store_words()

    def entry_fields(self) -> Iterable[Field]:
        """The fields, in the order in which tab goes through them."""
        yield Field("What worked", id="worked")
        yield Field("Name", id="name")
        yield Field("Tags", id="tags", placeholder="divided by commas")

    def fill_fields(self, entry: LibraryEntry) -> None:
        """Show an entry's words, but not over what is being typed."""
        words = {"worked": entry.worked, "name": entry.name, "tags": ", ".join(entry.tags)}
        for which, text in words.items():
            field = self.query_one(f"#{which}", Field)
            if not field.typing:
                field.value = text

    def edit_fields(self, entry: LibraryEntry) -> None:
        """Typing begins: the words are this entry's until it ends, wherever the cursor goes."""
        self._store_words()
        self._edited = entry.id

    def stored(self, entry: LibraryEntry) -> None:
        """For screens: an entry's words are on disk."""

    def leave_fields(self) -> None:
        """For screens: typing has ended."""

    @on(Field.Changed, "#worked, #name, #tags")
    def words_typed(self, event: Field.Changed) -> None:
        """What is typed is on disk a moment later."""
        entry_id, which = self._edited, event.field.id or ""
        if not entry_id:
            return
        words = self._typed[1] if self._typed is not None else {}
        self._typed = entry_id, words | {which: event.value}
        if self._timer is None:
            self._timer = self.set_timer(_DEBOUNCE, self._store_words)

    @on(Field.Left, "#worked, #name, #tags")
    def end_typing_words(self) -> None:
        """What was typed is stored at once."""
        self._store_words()
        self.leave_fields()

    def _store_words(self) -> None:
        self._timer = None
        typed, self._typed = self._typed, None
        if typed is None:
            return
        entry_id, words = typed
        try:
            entry = self.workspace.store.library.update(
                entry_id,
                worked=words.get("worked"),
                name=words.get("name"),
                tags=words["tags"].split(",") if "tags" in words else None,
            )
        except StoreError as error:
            self._typed = typed
            self._failed(f"Not stored: {error}.")
        else:
            self.stored(entry)
