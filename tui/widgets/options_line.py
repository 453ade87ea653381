"""The options in one sentence, as a row that Enter opens."""

from rich.text import Text
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.domain.text import clean


class OptionsLine(Widget, can_focus=True):
    """What would be drawn: images, seeds, steps, size."""

    DEFAULT_CSS = """
    OptionsLine { height: auto; padding: 0 1; }
    OptionsLine:focus { text-style: bold reverse; }
    """

    says: reactive[str] = reactive("", layout=True)

    class Opened(Message):
        """The person wants to change them."""

    def render(self) -> Text:
        """The sentence, and the key that changes it."""
        text = Text(clean(self.says))
        text.append("   o\N{NO-BREAK SPACE}change", style="dim")
        return text

    def key_enter(self) -> None:
        """Change them."""
        self.post_message(self.Opened())
