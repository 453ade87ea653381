"""Step 7: put the keeper into the library, with what it was for and what worked."""

import threading
from collections.abc import Iterable
from pathlib import Path

from textual import on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from tui.commands import bindings
from tui.domain.text import clean
from tui.screens.export import ExportScreen
from tui.screens.library import LibraryScreen
from tui.screens.shown_file import FileScreen
from tui.screens.zooming import ZoomScreen
from tui.store.errors import StoreError
from tui.store.images import ImageRecord
from tui.store.library_entry import LibraryEntry
from tui.widgets.field import Field
from tui.widgets.image_view import ImageView
from tui.workflow.checking import open_check
from tui.workflow.library import start_from
from tui.workflow.saving import KeeperDraft, draft_of, keep, numbers, origin, save_draft

_EMPTY = "No picture is chosen yet. Press 3, and space on the one that comes closest."
_DEBOUNCE = 0.2
"""Seconds after a letter until the draft is on disk."""


class SaveScreen(FileScreen, ZoomScreen):
    """Name, purpose, what worked and tags of the keeper; K saves it."""

    PLACE = "save"
    BINDINGS = bindings("save")
    CSS_PATH = Path("save.tcss")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-middle"), (120, "-wide")]  # noqa: RUF012
    FOOTER = (
        ("keep", "keep"),
        ("open", "type"),
        ("start-from", "start from this"),
        ("export", "export"),
        ("zoom", "zoom"),
        ("search", "search"),
        ("library", "library"),
    )
    VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._image: ImageRecord | None = None
        self._entry: LibraryEntry | None = None
        self._trouble = ""
        self._dirty = False
        self._typed: KeeperDraft | None = None
        """What is typed and not on disk yet."""
        self._timer: Timer | None = None
        self._writing = threading.Lock()

    def body(self) -> Iterable[Widget]:
        """The fields, the numbers, the picture."""
        yield Static(Content(_EMPTY), id="empty")
        with Vertical(id="fields"):
            yield Field("Name", placeholder="what you will look for later", id="name")
            yield Field("For", placeholder="where it is used", id="purpose")
            yield Field("What worked", placeholder="which words, which change", id="worked")
            yield Field("Tags", placeholder="between commas", id="tags")
        with Horizontal(id="desk"):
            with VerticalScroll(id="told", can_focus=False):
                yield Static(id="origin")
                yield Static(id="numbers")
                yield Static(id="kept")
            yield ImageView(id="picture")

    def coach(self) -> str:
        """What went wrong, else what to do next."""
        if self._trouble or self._image is None:
            return self._trouble
        if self._entry is None:
            return "K puts it into the library: picture, words, settings and your note."
        if self._dirty:
            return "K saves the changes."
        return "r starts the next picture from this one; e writes it as a file."

    def on_mount(self) -> None:
        """Fill the fields with what was typed, saved, or said in the brief."""
        super().on_mount()
        workspace = self.workspace
        image = self._image = workspace.chosen()
        self.set_class(image is None, "-empty")
        if image is None:
            self.query_one("#fields").disabled = True
            return
        try:
            self._entry = workspace.store.library.for_image(image.id)
            draft = draft_of(workspace, image)
            self.picture.show_path(workspace.file(image))
        except StoreError as error:
            self._trouble, draft = str(error), KeeperDraft()
        for name in KeeperDraft.__struct_fields__:
            self.query_one(f"#{name}", Field).value = getattr(draft, name)
        self.query_one("#name", Field).focus()
        self._show()

    def on_unmount(self) -> None:
        """Nothing that was typed is lost."""
        if self._typed is not None:
            self._store_draft(self._typed)

    @property
    def _draft(self) -> KeeperDraft:
        values = {
            name: self.query_one(f"#{name}", Field).value for name in KeeperDraft.__struct_fields__
        }
        return KeeperDraft(**values)

    def _show(self) -> None:
        if self._image is None:
            return
        entry = self._entry
        made = f" From {origin(self.workspace, self._image)}"
        self.query_one("#origin", Static).update(Content(made))
        spent = numbers(self.workspace, entry.created if entry else None)
        self.query_one("#numbers", Static).update(Content(f" Time {spent}"))
        kept = ""
        if entry is not None:
            count = self.workspace.store.library.count()
            many = f"{count} keeper{'' if count == 1 else 's'}"
            kept = f" In the library: {many}. This one is “{clean(entry.name, limit=60)}”."
        self.query_one("#kept", Static).update(Content(kept))
        self.refresh_frame()

    # Typing

    @on(Field.Changed)
    def note_typed(self) -> None:
        """What is typed is on disk a moment later."""
        self._dirty, self._typed = True, self._draft
        if self._timer is None:
            self._timer = self.set_timer(_DEBOUNCE, self._keep_draft)
        self.refresh_frame()

    def _keep_draft(self) -> None:
        self._timer = None
        if self._typed is not None:
            self._store_draft_later()

    @work(thread=True, group="draft", exit_on_error=False)
    def _store_draft_later(self) -> None:
        # Read when it is written, so that of two writers the later one has the later text.
        with self._writing:
            typed = self._typed
            if typed is None:
                return
            refused = self._store_draft(typed)
            if self._typed is typed and not refused:
                self._typed = None
        if refused:
            # The next letter, K, or leaving tries again.
            self.app.call_from_thread(self._say, refused)

    def _store_draft(self, draft: KeeperDraft) -> str:
        """Keep the draft; returns why the disk does not take it."""
        if self._image is None:
            return ""
        try:
            save_draft(self.workspace.store, self._image, draft)
        except StoreError as error:
            return f"The disk refuses what you typed: {error}."
        return ""

    def _say(self, trouble: str) -> None:
        self._trouble = trouble
        self.refresh_frame()

    # Doing

    def action_keep(self) -> None:
        """Save the keeper, or what changed about it."""
        if self._image is None:
            return
        self._keep(self._image, self._draft)

    @work(thread=True, exclusive=True, exit_on_error=False, group="keep")
    def _keep(self, image: ImageRecord, draft: KeeperDraft) -> None:
        try:
            with self._writing:
                entry = keep(self.workspace, image, draft)
                if self._typed == draft:
                    # The draft is in the library now; writing it again would bring it back.
                    self._typed = None
        except StoreError as error:
            self.app.call_from_thread(self._kept, None, f"Not saved: {error}.")
        else:
            self.app.call_from_thread(self._kept, entry, "")

    def _kept(self, entry: LibraryEntry | None, trouble: str) -> None:
        self._trouble = trouble
        if entry is not None:
            self._entry, self._dirty = entry, False
        self._show()

    def action_start_from(self) -> None:
        """A new project that begins where this one ended."""
        if self._entry is None:
            self._say("Save it first: K. Then r starts the next picture from it.")
            return
        try:
            project = start_from(self.workspace.store, self._entry.id)
        except StoreError as error:
            self._say(f"Not started: {error}.")
            return
        self.keepers.open_project(project.id)

    def action_export(self) -> None:
        """Write a file, if the sign-off allows it or a waiver is written."""
        try:
            check = open_check(self.workspace)
        except StoreError as error:
            self._say(str(error))
            return
        if check is not None:
            self.app.push_screen(ExportScreen(self.workspace, check))

    def shown_file(self) -> Path | None:
        """The chosen picture's."""
        return None if self._image is None else self.workspace.file(self._image)

    def action_search(self) -> None:
        """Search the library."""
        self.app.push_screen(LibraryScreen(searching=True))
