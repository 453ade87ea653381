"""The lines that stay: title with status, the rail of steps, the coach, the keys."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.commands import STEPS, Command, key_names
from tui.domain.text import clean

_BAR = 12
_COACH_LINES = 2


class TitleLine(Widget):
    """Program and project at the left, status or progress at the right."""

    DEFAULT_CSS = """
    TitleLine { height: 1; background: $boost; }
    """

    project: reactive[str] = reactive("")
    status: reactive[str] = reactive("")
    progress: reactive[tuple[int, int] | None] = reactive(None)
    """Steps done and steps in all, while something runs."""

    def render(self) -> Text:
        """One line as wide as the screen."""
        right = self.status
        if self.progress is not None:
            done, total = self.progress
            filled = _BAR * done // max(total, 1)
            right = f"{self.status} {'█' * filled}{'░' * (_BAR - filled)}"
        left = f" Keepers   {clean(self.project, limit=60)}"
        width = self.size.width
        room = max(0, width - len(right) - 2)
        text = Text(left[:room].ljust(room), style="bold", no_wrap=True, overflow="ellipsis")
        text.append(f" {right} ", style="not bold")
        return text


class Rail(Widget):
    """The seven steps: done ✓, the current one in brackets, a dot where something waits."""

    DEFAULT_CSS = """
    Rail { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    current: reactive[int] = reactive(0)
    """From 1; 0 where no step is shown."""
    done: reactive[frozenset[int]] = reactive(frozenset())
    waiting: reactive[frozenset[int]] = reactive(frozenset())

    def render(self) -> Text:
        """One line."""
        text = Text(no_wrap=True, overflow="ellipsis")
        narrow = self.size.width < 76
        for number, step in enumerate(STEPS, 1):
            name = step[:4].capitalize() if narrow else step.capitalize()
            label = f"{number} {name}"
            if number == self.current:
                text.append(f"[{label}]", style="bold reverse")
            else:
                text.append(f" {label}", style="" if number in self.done else "dim")
                text.append("✓" if number in self.done else " ")
            text.append("•" if number in self.waiting else " ")
        return text


class CoachLine(Widget):
    """What the process suggests now, and why; empty when there is nothing to say."""

    DEFAULT_CSS = """
    CoachLine { height: auto; max-height: 2; color: $text-muted; }
    """

    says: reactive[str] = reactive("", layout=True)

    def render(self) -> Text:
        """At most two lines; the sign … says that there is more."""
        text = Text(f" {clean(self.says, limit=400)}" if self.says else "")
        lines = text.wrap(self.app.console, max(self.size.width, 2))
        if len(lines) <= _COACH_LINES:
            return text
        last = lines[_COACH_LINES - 1]
        last.append(" …")
        last.truncate(self.size.width, overflow="ellipsis")
        return Text("\n").join(lines[:_COACH_LINES])


class KeyLine(Widget):
    """The state, and the keys that work now."""

    DEFAULT_CSS = """
    KeyLine { height: 1; background: $boost; }
    """

    state: reactive[str] = reactive("commanding")
    """`commanding`, `typing` or `masking`."""
    weighs: reactive[bool] = reactive(False)
    """Whether what is typed is a prompt, whose phrases have weights."""
    legend: reactive[str] = reactive("")
    """Keys in words, where they are not those of the registry."""

    def __init__(self, commands: list[Command], keymap: dict[str, str]) -> None:
        super().__init__()
        self._commands, self._keymap = commands, keymap

    def render(self) -> Text:
        """As many keys as fit; the sign … says that there are more, under ?."""
        text = Text(f" {self.state} ", style="bold reverse", no_wrap=True)
        text.append(" ")
        if self.legend or self.state == "typing":
            typing = "esc leave  tab next  ctrl+n next step  ctrl+e editor"
            typing += "  ctrl+↑↓ weight" * self.weighs
            text.append(self.legend or typing, style="not bold not reverse")
            text.truncate(self.size.width, overflow="ellipsis")
            return text
        hints = [
            f"{key_names(self._keymap.get(c.id, c.keys)).split()[0]} {c.name}"
            for c in sorted(self._commands, key=_generality)
            if c.footer
        ]
        for number, hint in enumerate(hints):
            more = 2 if number < len(hints) - 1 else 0
            if text.cell_len + len(hint) + 2 + more > self.size.width:
                text.append("…", style="not bold not reverse")
                break
            text.append(f"{hint}  ", style="not bold not reverse")
        return text


def _generality(command: Command) -> int:
    """What only few screens have comes first: it is what the person is here for."""
    if "*" in command.places:
        return 2
    return 1 if set(STEPS) <= set(command.places) else 0
