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
from tui.domain.text import as_sentence, clean
from tui.imaging.errors import ImagingError
from tui.imaging.fitting import Fit
from tui.screens.shown_file import FileScreen
from tui.store.errors import StoreError
from tui.widgets.choice import Choice
from tui.widgets.field import Field
from tui.workflow.alt_text import alt_text_of
from tui.workflow.checking import Check
from tui.workflow.export_files import Form, Format, Handling
from tui.workflow.exporting import Exported, export
from tui.workflow.fetching import fetch_line, short, suggested_target, with_suffix
from tui.workflow.sizes import SizeError, parse_size, size_hint
from tui.workflow.workspace import Workspace

SUFFIXES: dict[str, str] = {"png": ".png", "jpeg": ".jpg", "webp": ".webp", "svg": ".svg"}
_KNOWN = (*SUFFIXES.values(), ".jpeg")
_DRAWN = ("as it is", "from traced shapes")
_CHOICES = ("format", "recipe", "fit", "drawn")
_KEYS = "enter types   space chooses   e writes the file   q back"


class ExportScreen(FileScreen, ModalScreen[None]):
    """Asks for format, recipe, size and path; while items are open, for a waiver too."""

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
            handlings = ("embed", "strip", "sidecar")
            yield Choice("Recipe", handlings, "embed", id="recipe").add_class("asked")
            hint = size_hint(self._workspace.project.brief)
            yield Field("Size", placeholder=hint, id="size", classes="asked")
            yield Choice("Other shape", ("crop", "extend"), "crop", id="fit").add_class("asked")
            yield Choice("Drawn", _DRAWN, _DRAWN[0], id="drawn").add_class("asked")
            alt = alt_text_of(self._workspace, self._check.image)
            yield Field("Alt text", alt, id="alt", classes="asked")
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
            self._start(Path(target), waiver)

    def _start(self, target: Path, waiver: str) -> None:
        try:
            width, height = parse_size(self.query_one("#size", Field).value)
        except SizeError as error:
            self._say(f"Size: {error}.")
            self.query_one("#size", Field).focus()
            return
        chosen = {name: self.query_one(f"#{name}", Choice).value for name in _CHOICES}
        form = Form(
            kind=cast("Format", chosen["format"]),
            recipe=cast("Handling", chosen["recipe"]),
            size=(width, height) if width else None,
            fit=cast("Fit", chosen["fit"]),
            redraw=chosen["drawn"] == _DRAWN[1],
            title=self._workspace.project.name,
            alt=self.query_one("#alt", Field).value,
        )
        self._busy = True
        self._say("writing …")
        self._write(target, form, waiver)

    @work(thread=True, exclusive=True, exit_on_error=False, group="export")
    def _write(self, target: Path, form: Form, waiver: str) -> None:
        check, store = self._check, self._workspace.store
        try:
            done = export(
                store, check.image, check.sign_off, target=target, form=form, waiver=waiver
            )
        except (StoreError, ImagingError) as error:
            self.app.call_from_thread(self._failed, str(error))
        else:
            self.app.call_from_thread(self._done, done)

    def _failed(self, why: str) -> None:
        self._busy = False
        self._say(f"Not exported: {why}.")

    def _done(self, done: Exported) -> None:
        self._written = path = done.path
        self.add_class("-written")
        beside = f"\nIts recipe: {short(done.sidecar)}" if done.sidecar else ""
        lines = f"Written to {short(path)}{beside}\n\nOn your own machine:\n"
        lines += "\n".join(clean(fetch_line(part)) for part in (path, done.sidecar) if part)
        if alt := clean(self.query_one("#alt", Field).value):
            # An SVG says it itself; a page takes it beside any other picture.
            lines += f"\n\nAlt text: {alt}"
        self.query_one("#written", Static).update(Content(lines))
        self._say(as_sentence(done.note))
        keys = "The path is in your clipboard.   y copies it again   enter or q goes back"
        self.query_one("#keys", Static).update(Content(keys))
        self.app.copy_to_clipboard(str(path))

    def _say(self, text: str) -> None:
        self.query_one("#trouble", Static).update(Content(clean(text)))
