"""The lines that stay: title with status, the rail of steps, the coach, the keys."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.commands import STEPS
from tui.domain.text import clean

_BAR = 12
_COACH_LINES = 2
_TYPING = "esc leave  tab next  ctrl+n next step  ctrl+e editor"
_WEIGHING = "  ctrl+↑↓ weight"


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
    hints: reactive[tuple[str, ...]] = reactive(())
    """Keys with their words; the last is there on any width."""
    legend: reactive[str] = reactive("")
    """What stands in their place for a while: the keys of a mask, or of a close look."""

    def render(self) -> Text:
        """As many keys as fit; the sign … says that there are more, under ?."""
        text = Text(f" {self.state} ", style="bold reverse", no_wrap=True)
        text.append(" ")
        words = _TYPING + _WEIGHING * self.weighs if self.state == "typing" else self.legend
        text.append(words or self._hints_that_fit(text.cell_len), style="not bold not reverse")
        text.truncate(self.size.width, overflow="ellipsis")
        return text

    def _hints_that_fit(self, taken: int) -> str:
        *first, last = self.hints or ("",)
        room = self.size.width - taken - len(last)
        fits = []
        for number, hint in enumerate(first, 1):
            room -= len(hint) + 2
            if room < (3 if number < len(first) else 0):
                fits.append("…")
                break
            fits.append(hint)
        return "  ".join([*fits, last])
