"""One line to be typed: a comment, a phrase, a reason."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.domain.text import clean
from tui.widgets.field import FieldInput


class LineScreen(ModalScreen[str | None]):
    """Enter takes the text, an empty one too; escape leaves everything as it was."""

    DEFAULT_CSS = """
    LineScreen FieldInput { display: block; height: 1; }
    LineScreen .hint { color: $text-muted; }
    """

    def __init__(
        self,
        title: str,
        value: str = "",
        hint: str = "enter take · esc leave",
        *,
        weighs: bool = False,
    ) -> None:
        """`weighs` for a phrase of a prompt: ctrl and an arrow change its weight."""
        super().__init__()
        self._title, self._value, self._hint, self._weighs = title, value, hint, weighs

    def compose(self) -> ComposeResult:
        """Title, the text, and what the keys do."""
        with Vertical():
            yield Static(Content(clean(self._title, limit=300)))
            yield FieldInput(self._value)
            yield Static(Content(clean(self._hint, limit=300)), classes="hint")

    def on_mount(self) -> None:
        """Ready to type, behind what is there."""
        field = self.query_one(FieldInput)
        field.weighs = self._weighs
        field.focus()
        field.cursor_position = len(self._value)

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        """The text, harmless."""
        event.stop()
        self.dismiss(clean(event.value))

    def on_key(self, event: events.Key) -> None:
        """Escape leaves."""
        if event.key in ("escape", "ctrl+c"):
            event.stop()
            self.dismiss(None)
