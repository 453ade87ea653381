"""Marking entries of the library, and making one of those that are marked."""

from tui.domain.text import clean
from tui.screens.searching import SearchingScreen
from tui.store.errors import StoreError
from tui.widgets.entry_list import EntryList
from tui.workflow.merging import Merged, merge_entries, undo_merge


class MergingScreen(SearchingScreen):
    """A search whose entries can be marked and merged."""

    def __init__(self) -> None:
        super().__init__()
        self._marked: list[str] = []
        """Ids, in the order in which they were marked."""
        self._merged: Merged | None = None
        """The last merge, for undo."""

    @property
    def _list(self) -> EntryList:
        return self.query_one(EntryList)

    def action_mark(self) -> None:
        """Mark the entry, or take the mark away."""
        entry_id = self._list.entry_id
        if not entry_id:
            return
        if entry_id in self._marked:
            self._marked.remove(entry_id)
        else:
            self._marked.append(entry_id)
        self._find(self._search.value)
        count = len(self._marked)
        says = {0: "", 1: "Marked as the first: mark others that are the same, then J merges them."}
        self._failed(says.get(count, f"{count} marked: J merges them into the first."))

    def action_merge(self) -> None:
        """The first marked entry stands for all that are marked."""
        try:
            merged = merge_entries(self.workspace.store, self._marked)
        except StoreError as error:
            self._failed(f"Not merged: {error}.")
            return
        self._merged = merged
        self._marked.clear()
        with self.prevent(EntryList.OptionHighlighted):
            self._list.go_to(merged.entry.id)
        self._find(self._search.value)
        count, name = len(merged.before), clean(merged.entry.name, limit=60)
        self._failed(f"{count} entries are one now, “{name}”: u takes them apart again.")

    def _take_apart(self) -> None:
        """Undo the last merge."""
        merged, self._merged = self._merged, None
        if merged is None:
            return
        try:
            undo_merge(self.workspace.store, merged)
        except StoreError as error:
            self._failed(f"Not undone: {error}.")
            return
        self._find(self._search.value)
        self._failed(f"They are {len(merged.before)} entries again.")
