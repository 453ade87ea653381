"""Where a signed-off image goes as a file, and how it gets from there to the person's machine."""

from pathlib import Path
from typing import cast

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.commands import bindings
from tui.domain.text import clean
from tui.imaging.errors import ImagingError
from tui.screens.shown_file import FileScreen
from tui.store.errors import StoreError
from tui.widgets.choice import Choice
from tui.widgets.field import Field
from tui.workflow.checking import Check
from tui.workflow.exporting import Format, export
from tui.workflow.fetching import fetch_line, short, suggested_target, with_suffix
from tui.workflow.workspace import Workspace

SUFFIXES: dict[str, str] = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
_KNOWN = (*SUFFIXES.values(), ".jpeg")
_KEYS = "enter types   space chooses   e writes the file   q back"


class ExportScreen(FileScreen, ModalScreen[None]):
    """Asks for format, recipe and path; while items are open, for a waiver too."""

    PLACE = "export"
    BINDINGS = bindings("export")
    DEFAULT_CSS = """
    ExportScreen #written { display: none; }
    ExportScreen.-written #written { display: block; }
    ExportScreen.-written .asked { display: none; }
    ExportScreen > Vertical { overflow-y: auto; }
    ExportScreen Static { height: auto; }
    ExportScreen #trouble { text-style: bold; }
    """

    def __init__(self, workspace: Workspace, check: Check) -> None:
        super().__init__()
        self._workspace, self._check = workspace, check
        self._written: Path | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        """What is asked, then where the file is."""
        target = suggested_target(self._workspace.project, SUFFIXES["png"])
        with Vertical():
            yield Static(Content(f"Export: {self._check.in_words()}"))
            yield Choice("Format", tuple(SUFFIXES), "png", id="format").add_class("asked")
            yield Choice("Recipe", ("keep", "strip"), "keep", id="recipe").add_class("asked")
            yield Field("To", target, id="target", classes="asked")
            if not self._check.sign_off.complete:
                waiver = self._check.sign_off.waiver
                why = "why it may leave although items are open"
                yield Field("Waiver", waiver, placeholder=why, id="waiver", classes="asked")
            yield Static(id="written")
            yield Static(id="trouble")
            yield Static(Content(_KEYS), id="keys")

    def on_mount(self) -> None:
        """The first thing to answer: a missing waiver, else the format."""
        waiting = self.query("#waiver").results(Field)
        first = next((field for field in waiting if not field.value), None)
        (first or self.query_one("#format")).focus()

    @on(Choice.Changed, "#format")
    def follow_format(self, event: Choice.Changed) -> None:
        """The name ends as its format does."""
        target = self.query_one("#target", Field)
        target.value = with_suffix(target.value, SUFFIXES[event.value], _KNOWN)

    @on(Field.Left, "#target")
    def follow_name(self, event: Field.Left) -> None:
        """The format is what the name ends in, if that is one of them."""
        suffix = Path(event.field.value).suffix.lower()
        kind = {**{suffix: kind for kind, suffix in SUFFIXES.items()}, ".jpeg": "jpeg"}.get(suffix)
        if kind is not None:
            self.query_one("#format", Choice).value = kind

    def action_down(self) -> None:
        """To the next row."""
        self.focus_next()

    def action_up(self) -> None:
        """To the row before."""
        self.focus_previous()

    def action_back(self) -> None:
        """Leave; nothing is written, or it is written already."""
        self.dismiss(None)

    def action_open(self) -> None:
        """Enter leaves once the file is written."""
        if self._written is not None:
            self.dismiss(None)

    def shown_file(self) -> Path | None:
        """What was written."""
        return self._written

    def action_export(self) -> None:
        """Write the file, if all that is needed has been said."""
        if self._written is not None or self._busy:
            return
        target = clean(self.query_one("#target", Field).value)
        waiver = "".join(clean(field.value) for field in self.query("#waiver").results(Field))
        if not target:
            self._say("There is no path: press enter on To and give one, such as ~/picture.png.")
        elif not self._check.sign_off.complete and not waiver:
            self._say("Items are open: answer them, or write in one line why it may leave anyway.")
            self.query_one("#waiver", Field).focus()
        else:
            self._busy = True
            self._say("writing …")
            kind = cast("Format", self.query_one("#format", Choice).value)
            keep = self.query_one("#recipe", Choice).value == "keep"
            self._write(Path(target), kind, keep, waiver)

    @work(thread=True, exclusive=True, exit_on_error=False, group="export")
    def _write(self, target: Path, kind: Format, keep_recipe: bool, waiver: str) -> None:
        try:
            path = export(
                self._workspace.store,
                self._check.image,
                self._check.sign_off,
                target=target,
                kind=kind,
                keep_recipe=keep_recipe,
                waiver=waiver,
            )
        except (StoreError, ImagingError) as error:
            self.app.call_from_thread(self._failed, str(error))
        else:
            self.app.call_from_thread(self._done, path)

    def _failed(self, why: str) -> None:
        self._busy = False
        self._say(f"Not exported: {why}.")

    def _done(self, path: Path) -> None:
        self._written = path
        self.add_class("-written")
        lines = f"Written to {short(path)}\n\nOn your own machine:\n{clean(fetch_line(path))}"
        self.query_one("#written", Static).update(Content(lines))
        self._say("")
        keys = "The path is in your clipboard.   y copies it again   enter or q goes back"
        self.query_one("#keys", Static).update(Content(keys))
        self.app.copy_to_clipboard(str(path))

    def _say(self, text: str) -> None:
        self.query_one("#trouble", Static).update(Content(clean(text)))
