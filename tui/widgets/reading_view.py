"""What the model reads: the composed prompt and the negatives, with the words that fall off."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.domain.text import clean
from tui.workflow.layers_view import Reading, weights_in_words

_MOST_ROWS = 4


class ReadingView(Widget, can_focus=True):
    """Title, prompt and negatives, as many rows as they need; the cursor brings it into view."""

    DEFAULT_CSS = """
    ReadingView { height: auto; padding: 0 1; }
    """

    readings: reactive[tuple[Reading, Reading]] = reactive((Reading(""), Reading("")), layout=True)
    """Of the prompt, and of the negatives."""
    trouble: reactive[str] = reactive("", layout=True)
    """Why the tokens are not counted."""

    _last_count = ""

    def render(self) -> Text:
        """Title, the prompt, and what it shall not be."""
        positive, negative = self.readings
        about = self._about(positive)
        title = f"What the model reads ({about})"
        text = Text()
        text.append(title, style="bold reverse" if self.has_focus else "dim")
        text.append("\n")
        if positive.text:
            self._append(text, positive)
        else:
            text.append("nothing yet", style="dim")
        if negative.text:
            text.append("\nnot: ", style="dim")
            self._append(text, negative)
        if weights := weights_in_words(self.readings):
            text.append("\nweights: ", style="dim")
            text.append(clean(_middle(weights, self._room)))
        return text

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the cursor is elsewhere."""
        self.refresh()

    def _about(self, positive: Reading) -> str:
        if self.trouble:
            self._last_count = ""
            return f"tokens not counted: {clean(self.trouble)}"
        if positive.tokens is not None or not self._last_count:
            self._last_count = positive.in_words()
        # While the next count comes, the last one stays.
        return self._last_count

    @property
    def _room(self) -> int:
        """Characters that one text may take."""
        return max(20, (self.size.width or 80) - 2) * _MOST_ROWS

    def _append(self, text: Text, reading: Reading) -> None:
        whole = reading.text
        room = self._room
        read = whole[: reading.cut].rstrip(" ,")
        lost = whole[reading.cut :].strip(" ,")
        text.append(clean(_middle(read, room)), style="")
        if lost:
            text.append(" ┃ not read: ", style="bold")
            text.append(clean(_middle(lost, room)), style="strike")


def _middle(text: str, most: int) -> str:
    """The text, or both of its ends with … for what is between."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]} … {text[-most // 2 :]}"
