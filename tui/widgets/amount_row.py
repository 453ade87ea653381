"""How much of the parent may change: all  most [some] little, and what that means."""

from rich.text import Text
from textual import events
from textual.reactive import reactive

from tui.domain.branch import Amount
from tui.domain.text import clean
from tui.widgets.choice import Choice


class AmountRow(Choice):
    """H and l choose; space marks a picture here as on the whole screen."""

    note: reactive[str] = reactive("")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("How much may change", tuple(Amount), Amount.ALL, id=id)

    def show(self, amount: Amount, note: str) -> None:
        """Another amount, chosen elsewhere, and what it means now."""
        self.value, self.note = amount, note

    def render(self) -> Text:
        """Label, amounts with the chosen one in brackets, and the note."""
        narrow = self.size.width < 60
        label = " May change " if narrow else f" {self.label} "
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(label, style="bold reverse" if self.has_focus else "dim")
        for value in self.values:
            chosen = value == self.value
            text.append(f"[{value}]" if chosen else f" {value} ", style="bold" if chosen else "")
        if not narrow and self.note:
            text.append(f"  {clean(self.note, limit=80)}", style="dim")
        return text

    def on_key(self, event: events.Key) -> None:
        """All keys of a choice but space."""
        if event.key == "space":
            event.prevent_default()
