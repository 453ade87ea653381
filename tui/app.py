"""The application: opens the store, shows screens, carries the engine's words to them."""

import importlib
import signal
from pathlib import Path

from textual import events
from textual.screen import Screen

from tui.commands import STEPS, checked_keymap
from tui.daily_backup import back_up_soon
from tui.domain.lineage import Origin
from tui.domain.text import as_sentence, clean, model_name
from tui.engine.messages import Event, JobSays
from tui.engine.model_messages import FetchChanged
from tui.messages import EngineSaid, LinkChanged
from tui.store.settings import Settings
from tui.store.store import Store
from tui.terminal.choosing import Choice
from tui.terminal.driver import TerminalDriver
from tui.terminal.pictures import Pictures
from tui.tidying import PAUSE, Tidying
from tui.timekeeping import TimeKeeping
from tui.workflow.checking import is_signed_off
from tui.workflow.doing import Doing
from tui.workflow.link import EngineLink, NoEngineError
from tui.workflow.models import fetch_ended
from tui.workflow.saving import is_kept, leave_question, unsaved
from tui.workflow.workspace import Workspace

_SCREENS = {
    "home": "tui.screens.home:HomeScreen",
    "brief": "tui.screens.brief:BriefScreen",
    "prompt": "tui.screens.prompt:PromptScreen",
    "batch": "tui.screens.batch:BatchScreen",
    "iterate": "tui.screens.iterate:IterateScreen",
    "edit": "tui.screens.edit:EditScreen",
    "check": "tui.screens.check:CheckScreen",
    "save": "tui.screens.save:SaveScreen",
    "library": "tui.screens.library:LibraryScreen",
    "lineage": "tui.screens.lineage:LineageScreen",
    "learned": "tui.screens.learned:LearnedScreen",
    "queue": "tui.screens.queue:QueueScreen",
    "models": "tui.screens.models:ModelsScreen",
}
"""Imported when they are first shown, so that the first one is there at once."""


class KeepersApp(TimeKeeping, inherit_bindings=False):
    """Keepers."""

    CSS_PATH = Path("app.tcss")
    TITLE = "Keepers"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        store: Store,
        settings: Settings,
        choice: Choice | None = None,
        tidying: Tidying | None = None,
    ) -> None:
        """`choice` is how pictures are shown: in blocks without; `tidying` is told of keys."""
        super().__init__(driver_class=TerminalDriver)
        self.pictures = Pictures(
            choice, blocks=settings.blocks, bytes_per_second=settings.picture_bytes_per_second
        )
        self.workspace = Workspace(store, settings)
        self.settings = settings
        self.keys: dict[str, str] = checked_keymap(settings.keys)
        self.link = EngineLink(store.home, on_event=self._heard, on_change=self._link_changed)
        self.put_away: set[str] = set()
        """Sentences of the coach that nobody wants to see again."""
        self._doing = Doing()
        self._tidying = tidying

    @property
    def status_text(self) -> str:
        """Model and what is going on, for the right end of the first line."""
        model = self.settings.model
        if self.workspace.is_open:
            model = self.workspace.options.model
        paused = " · queue paused" if self.link.paused else ""
        return f"{model_name(model)} · {clean(self._doing.says)}{paused}"

    @property
    def is_working(self) -> bool:
        """Whether a job runs."""
        return self._doing.is_any

    @property
    def progress(self) -> tuple[int, int] | None:
        """Steps that what runs has behind it, and how many there are."""
        return self._doing.progress

    async def on_mount(self) -> None:
        """Show the first screen; the engine is looked for when it has been painted."""
        self.set_keymap(self.keys)
        self._leave_on_signals()
        if self._tidying is not None:
            self.set_interval(PAUSE / 2, self._tidying.tidy)
        self.pictures.connect(self)
        if self.pictures.uploads is not None:
            self.run_worker(self.pictures.uploads.run(), group="pictures", exit_on_error=False)
        if hint := self.pictures.hint:
            self.notify(hint, markup=False, timeout=12)
        projects = self.workspace.store.projects.list()
        if projects:
            await self.push_screen(self.make_screen("home"))
        else:
            self.workspace.create()
            await self.push_screen(self.make_screen("home"))
            await self.push_screen(self.make_screen("brief"))
        self.call_after_refresh(self._start_link)
        back_up_soon(self, self.workspace.store)

    async def on_event(self, event: events.Event) -> None:
        """Note when the last key came."""
        if self._tidying is not None and isinstance(event, events.Key):
            self._tidying.pressed()
        await super().on_event(event)

    def make_screen(self, name: str) -> Screen[None]:
        """A new screen by its name in the registry."""
        module, _, cls = _SCREENS[name].partition(":")
        screen = getattr(importlib.import_module(module), cls)()
        assert isinstance(screen, Screen)
        return screen

    def show_step(self, step: str) -> None:
        """Go to a step of the open project."""
        if not self.workspace.is_open:
            self.notify("Open a project first: choose one and press enter.", markup=False)
            return
        self._show_over_home(step)

    def show_place(self, name: str) -> None:
        """Lay another screen over this one; `q` comes back."""
        self.push_screen(self.make_screen(name))

    def open_project(self, project_id: str) -> None:
        """Open a project where the person left it."""
        self.workspace.open(project_id)
        self.show_step(STEPS[self.workspace.position.step - 1])

    def go_back(self) -> None:
        """From a screen over another to that one; from home, ask to leave."""
        if len(self.screen_stack) > 2:
            self.pop_screen()
        else:
            self.run_worker(self.action_quit())

    def done_steps(self) -> frozenset[int]:
        """Steps of the open project that have something to show."""
        workspace = self.workspace
        project = workspace.project
        origins = workspace.store.images.origins(project.id)
        done = {
            1: bool(project.brief.purpose or project.brief.must_contain),
            2: bool(project.draft.prompt),
            3: bool(origins),
            4: Origin.ITERATED in origins,
            5: bool({Origin.INPAINTED, Origin.EDITED} & origins),
            6: is_signed_off(workspace),
            7: is_kept(workspace),
        }
        return frozenset(step for step, is_done in done.items() if is_done)

    # Commands that work everywhere

    def action_next_step(self) -> None:
        """The step after this one, unless the screen has a reason against it."""
        ready = getattr(self.screen, "may_go_on", None)
        if ready is None or ready():
            self._step_by(1)

    def action_previous_step(self) -> None:
        """The step before this one."""
        self._step_by(-1)

    def action_step(self, number: int) -> None:
        """Go to a step, from 1 to 7."""
        self.show_step(STEPS[number - 1])

    def action_projects(self) -> None:
        """All projects."""
        while len(self.screen_stack) > 2:
            self.pop_screen()

    def action_place(self, name: str) -> None:
        """Another screen over this one, such as the library, unless it is this one."""
        self._show_once(name)

    def action_lineage(self) -> None:
        """The tree of the open project."""
        if self.workspace.is_open:
            self._show_once("lineage")
        else:
            self.notify("Open a project first: choose one and press enter.", markup=False)

    def action_help(self) -> None:
        """The keys that work here."""
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(getattr(self.screen, "PLACE", ""), self.keys))

    def action_palette(self) -> None:
        """Choose a command by name."""
        from tui.screens.palette import PaletteScreen

        screen = self.screen
        place = getattr(screen, "PLACE", "")

        def run(command: str | None) -> None:
            if command:
                self.call_later(self.run_action, command, screen)

        self.push_screen(PaletteScreen(place, self.keys), run)

    def action_redraw(self) -> None:
        """Draw all of it again, also what the terminal has lost."""
        self.pictures.draw_again()
        self.screen.refresh(layout=True)

    def on_app_focus(self) -> None:
        """Another terminal may be attached to tmux than before: it has no pictures yet."""
        if self.pictures.uploads is not None:
            self.run_worker(self.pictures.uploads.check(), group="look", exit_on_error=False)

    async def action_stop(self) -> None:
        """Cancel what runs, else ask to leave."""
        own = getattr(self.screen, "stop_running", None)
        if own is not None and await own():
            return
        if self._doing.is_any:
            shown = self.workspace.position.job_id if self.workspace.is_open else None
            job = self._doing.meant(shown)
            if not job:
                self.notify("Several jobs run: Q lists them, x there cancels one.", markup=False)
                return
            try:
                await self.link.cancel(job)
            except NoEngineError as error:
                self.notify(str(error), markup=False)
            return
        self._ask_to_leave()

    async def action_quit(self) -> None:
        """Leave; a chosen picture that is in no library is asked about once."""
        if unsaved(self.workspace):
            self._ask_to_leave()
        else:
            self.exit()

    def _ask_to_leave(self) -> None:
        from tui.screens.ask import AskScreen

        def answered(leave: bool | None) -> None:
            if leave:
                self.exit()

        self.push_screen(AskScreen(leave_question(self.workspace)), answered)

    # The engine

    def _start_link(self) -> None:
        self.run_worker(self.link.run(), exit_on_error=False)

    def _heard(self, event: Event, blob: bytes) -> None:
        if self._doing.hear(event) and not self.app_focus:
            self.bell()
        match event:
            case JobSays(text=text, is_trouble=True):
                self.notify(as_sentence(text), severity="warning", markup=False)
            case FetchChanged(fetch=fetch):
                if ended := fetch_ended(fetch):
                    self.notify(ended, markup=False, timeout=12)
            case _:
                pass
        for screen in self.screen_stack:
            screen.post_message(EngineSaid(event, blob))

    def _link_changed(self, connected: bool, says: str) -> None:
        self._doing.link_changed(connected, says)
        if connected and self.link.difference:
            self.notify(self.link.difference, severity="warning", markup=False, timeout=12)
        for screen in self.screen_stack:
            screen.post_message(LinkChanged(connected, says))

    def _show_over_home(self, name: str) -> None:
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self.push_screen(self.make_screen(name))

    def _show_once(self, name: str) -> None:
        if getattr(self.screen, "PLACE", "") != name:
            self.show_place(name)

    def _step_by(self, by: int) -> None:
        place = getattr(self.screen, "PLACE", "")
        if place in STEPS and 0 <= STEPS.index(place) + by < len(STEPS):
            self.show_step(STEPS[STEPS.index(place) + by])

    def _leave_on_signals(self) -> None:
        import asyncio

        # A hang-up would end the program without putting the terminal back in order.
        for number in (signal.SIGHUP, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self.exit)
