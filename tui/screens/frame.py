"""What every screen has: title, rail, coach, keys; and how it reaches the open project."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget

from tui.commands import STEPS, hints
from tui.messages import EngineSaid, LinkChanged
from tui.widgets.field import FieldInput
from tui.widgets.frame import CoachLine, KeyLine, Rail, TitleLine
from tui.workflow.link import EngineLink
from tui.workflow.workspace import Workspace

if TYPE_CHECKING:
    from tui.app import KeepersApp


class FrameScreen(Screen[None]):
    """A full screen with the program's frame around its `body`."""

    PLACE = ""
    """Name in the command registry; for a step, one of `STEPS`."""
    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What the last line names before help: ids of commands, each with the word that fits here."""

    @property
    def keepers(self) -> "KeepersApp":
        """The app, with its own type."""
        return cast("KeepersApp", self.app)

    @property
    def workspace(self) -> Workspace:
        """The open project."""
        return self.keepers.workspace

    @property
    def link(self) -> EngineLink:
        """The line to the engine."""
        return self.keepers.link

    def body(self) -> Iterable[Widget]:
        """The widgets between rail and coach."""
        return ()

    def coach(self) -> str:
        """What the process suggests now, and why; empty for nothing."""
        return ""

    def footer(self) -> tuple[tuple[str, str], ...]:
        """Those of `FOOTER` that matter now."""
        return self.FOOTER

    def legend(self) -> str:
        """What the last line says in their place; empty for nothing."""
        return ""

    def may_go_on(self) -> bool:
        """Get ready for the step after this one; False stays here, and has said why."""
        return True

    def compose(self) -> ComposeResult:
        """The frame around the body."""
        yield TitleLine()
        yield Rail()
        with Vertical(id="body"):
            yield from self.body()
        yield CoachLine()
        yield KeyLine()

    def on_mount(self) -> None:
        """Fill the frame; a step is where the person is from now on."""
        if self.PLACE in STEPS:
            self.workspace.go(STEPS.index(self.PLACE) + 1)
        self.refresh_frame()

    def on_screen_resume(self) -> None:
        """Show what changed while another screen was in front."""
        self.refresh_frame()

    def refresh_frame(self) -> None:
        """Bring title, rail, coach and keys up to date."""
        if not self.is_mounted or not self.query(KeyLine):
            return  # It is coming or going.
        title, rail = self.query_one(TitleLine), self.query_one(Rail)
        title.status, title.progress = self.keepers.status_text, self.keepers.progress
        if self.workspace.is_open:
            title.project = self.workspace.project.name
            rail.done = self.keepers.done_steps()
        rail.current = STEPS.index(self.PLACE) + 1 if self.PLACE in STEPS else 0
        self.refresh_coach()
        self.refresh_keys()

    def refresh_coach(self) -> None:
        """Say what the coach has to say now, unless it was put away."""
        says = self.coach()
        self.query_one(CoachLine).says = "" if says in self.keepers.put_away else says

    def refresh_keys(self) -> None:
        """Show the state, typing while a field has the cursor; and the keys that matter now."""
        line = self.query_one(KeyLine)
        words = (*self.footer(), ("help", "help"))
        line.hints, line.legend = hints(self.PLACE, words, self.keepers.keys), self.legend()
        field = self.focused
        line.state = "typing" if isinstance(field, FieldInput) else "commanding"
        line.weighs = isinstance(field, FieldInput) and field.weighs

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Another widget has the cursor: the keys may mean something else."""
        self.call_after_refresh(self.refresh_keys)

    @on(EngineSaid)
    def show_progress(self, _message: EngineSaid) -> None:
        """The status line follows whatever runs."""
        self.refresh_frame()

    @on(LinkChanged)
    def show_link(self, _message: LinkChanged) -> None:
        """The status line says whether there is an engine."""
        self.refresh_frame()

    def action_down(self) -> None:
        """To the next row."""
        self.focus_next()

    def action_up(self) -> None:
        """To the row before."""
        self.focus_previous()

    def action_open(self) -> None:
        """Nothing to open here."""

    def action_coach(self) -> None:
        """Put away what the coach says; what was put away comes back."""
        self.keepers.put_away ^= {self.coach()} - {""}
        self.refresh_frame()

    def action_back(self) -> None:
        """Leave a screen that lies over another; a step leads back to the projects."""
        self.keepers.go_back()
