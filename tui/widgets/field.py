"""A labelled row that is typed in only after Enter, so that letters stay commands before it."""

import os
import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult, SuspendNotSupported
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.domain.text import clean
from tui.domain.weights import nudged
from tui.terminal.outside import run_outside

ESCAPED_DIGITS = dict(zip("¡™£¢∞§¶", "1234567", strict=True))
"""What `ESC 1` … `ESC 7`, sent close together, come out of Textual as."""

_NUDGES = {"ctrl+up": 0.1, "ctrl+down": -0.1}


class FieldInput(Input):
    """The input inside a field: Esc, Tab and what tmux makes of them are handled here."""

    weighs = False
    """Whether ctrl and an arrow give the phrase at the cursor more weight, or less."""

    def __init__(self, value: str, suggester: Suggester | None = None, joins: str = " ") -> None:
        super().__init__(value, compact=True, select_on_focus=False, suggester=suggester)
        self._joins = joins

    async def _on_key(self, event: events.Key) -> None:
        escaped = ESCAPED_DIGITS.get(event.character or "")
        if event.key.startswith("alt+") and len(event.key) == len("alt+x"):
            # A terminal sends Esc and a letter typed soon after it as one alt+letter.
            escaped = event.key[-1]
        if escaped is not None:
            event.stop()
            event.prevent_default()
            self._leave()
            self.app.simulate_key(escaped)
            return
        if self.weighs and event.key in _NUDGES:
            event.stop()
            event.prevent_default()
            text, cursor = nudged(self.value, self.cursor_position, _NUDGES[event.key])
            self.value = text
            self.cursor_position = cursor
            return
        await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        # Pasted lines are joined, never dropped, and nothing in them reaches the terminal.
        event.stop()
        event.prevent_default()
        self.take_pasted(event.text)

    def take_pasted(self, text: str) -> None:
        """Put a text in at the cursor, its lines joined."""
        self.insert_text_at_cursor(clean(self._joins.join(text.splitlines())))

    def _leave(self) -> None:
        field = self.parent
        while field is not None and not isinstance(field, Field):
            field = field.parent
        if field is not None:
            field.stop_typing()


class Field(Widget, can_focus=True):
    """One row: a label and a text. Enter types, Esc commands again, ctrl+e opens an editor."""

    DEFAULT_CSS = """
    Field { height: 1; }
    Field Horizontal { height: 1; }
    Field .label { width: 16; color: $text-muted; }
    Field .value { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    Field .note { width: auto; color: $text-muted; padding: 0 1; }
    Field FieldInput { width: 1fr; display: none; background: $boost; }
    Field.-typing FieldInput { display: block; }
    Field.-typing .value { display: none; }
    Field:focus .label, Field.-typing .label { text-style: bold reverse; color: $text; }
    """

    value: reactive[str] = reactive("", init=False)
    note: reactive[str] = reactive("", init=False)
    """A short remark at the right end."""

    @dataclass
    class Changed(Message):
        """Another text stands in the field."""

        field: "Field"
        value: str

        @property
        def control(self) -> "Field":
            """For selectors."""
            return self.field

    @dataclass
    class Left(Message):
        """Typing ended."""

        field: "Field"
        submitted: bool
        """Whether by Enter."""

        @property
        def control(self) -> "Field":
            """For selectors."""
            return self.field

    def __init__(
        self,
        label: str,
        value: str = "",
        *,
        placeholder: str = "",
        suggester: Suggester | None = None,
        joins: str = " ",
        id: str | None = None,
        classes: str = "",
    ) -> None:
        """`joins` comes between pasted lines, which make one."""
        super().__init__(id=id, classes=classes)
        self.label, self._placeholder = label, placeholder
        self._suggester, self._joins = suggester, joins
        self.set_reactive(Field.value, value)

    def compose(self) -> ComposeResult:
        """Label, text, the input in its place while typing, and the note."""
        with Horizontal():
            yield Static(Content(f" {self.label}"), classes="label")
            yield Static(self._shown(), classes="value")
            yield FieldInput(self.value, self._suggester, self._joins)
            yield Static(Content(self.note), classes="note")

    @property
    def typing(self) -> bool:
        """Whether keys go into the text."""
        return self.has_class("-typing")

    def start_typing(self) -> None:
        """Give the keys to the text."""
        if not self.children:
            # Mounted a moment ago: as soon as there is something to type into.
            self.call_after_refresh(self.start_typing)
            return
        field = self.query_one(FieldInput)
        field.value = self.value
        self.add_class("-typing")
        field.focus()
        field.cursor_position = len(self.value)

    def stop_typing(self, *, submitted: bool = False) -> None:
        """Give the keys back to commands."""
        if self.typing:
            # At once, not after the next message: Tab goes on from here.
            self.screen.set_focus(self)
            self._take(clean(self.query_one(FieldInput).value))
            self.remove_class("-typing")
            self.post_message(self.Left(self, submitted))

    def edit_outside(self) -> None:
        """Open the text in `$EDITOR`; its lines come back as one."""
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "keepers.txt"
            file.write_text(self.value + "\n", encoding="utf-8")
            try:
                run_outside(self.app, [*shlex.split(editor), str(file)])
                text = clean(file.read_text(encoding="utf-8", errors="replace"))
            except (OSError, ValueError, SuspendNotSupported) as error:
                self.notify(
                    f"{clean(editor)} could not be opened: set EDITOR. {clean(str(error))}",
                    markup=False,
                )
                return
        self._take(text)
        self.query_one(FieldInput).value = text

    def retitle(self, label: str) -> None:
        """Show another label."""
        self.label = label
        for shown in self.query(".label").results(Static):
            shown.update(Content(f" {label}"))

    def watch_value(self) -> None:
        """Show another text."""
        if self.is_mounted:
            self.query_one(".value", Static).update(self._shown())

    def watch_note(self) -> None:
        """Show another note."""
        if self.is_mounted:
            self.query_one(".note", Static).update(Content(self.note))

    def on_key(self, event: events.Key) -> None:
        """Enter begins and ends typing; Esc ends it; Tab goes on to the next field."""
        if not self.typing:
            if event.key == "enter":
                event.stop()
                self.start_typing()
            elif event.key == "ctrl+e":
                event.stop()
                self.edit_outside()
            return
        if event.key in ("escape", "enter"):
            event.stop()
            self.stop_typing(submitted=event.key == "enter")
        elif event.key == "ctrl+e":
            event.stop()
            self.edit_outside()
        elif event.key in ("tab", "shift+tab", "down", "up"):
            event.stop()
            event.prevent_default()
            self.stop_typing()
            self._next(-1 if event.key in ("shift+tab", "up") else 1)

    def on_paste(self, event: events.Paste) -> None:
        """A paste on the row types into it."""
        event.stop()
        if not self.typing:
            self.start_typing()
            self.query_one(FieldInput).take_pasted(event.text)

    @on(Input.Changed)
    def take_typed(self, event: Input.Changed) -> None:
        """Every letter is a change; whoever listens keeps it."""
        event.stop()
        if self.typing:
            self._take(clean(event.value))

    @on(Input.Submitted)
    def end_typing(self, event: Input.Submitted) -> None:
        """Enter ends typing."""
        event.stop()
        self.stop_typing(submitted=True)

    def _take(self, text: str) -> None:
        if text != self.value:
            self.value = text
            self.post_message(self.Changed(self, text))

    def _next(self, direction: int) -> None:
        move = self.screen.focus_next if direction > 0 else self.screen.focus_previous
        following = move()
        if isinstance(following, Field):
            following.start_typing()

    def _shown(self) -> Text:
        if self.value:
            return Text(clean(self.value), no_wrap=True, overflow="ellipsis")
        return Text(self._placeholder or "–", style="dim", no_wrap=True, overflow="ellipsis")
