"""All projects: go on with one, start one, put one away."""

from collections.abc import Iterable
from pathlib import Path

from rich.text import Text
from textual import events, on, work
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from tui.commands import bindings
from tui.domain.text import clean
from tui.screens.shelving import ShelvingScreen
from tui.store.errors import StoreError
from tui.store.projects import Project
from tui.widgets.field import Field
from tui.widgets.project_list import ProjectList
from tui.widgets.project_panel import ProjectPanel
from tui.workflow.effort import effort
from tui.workflow.pace import lines
from tui.workflow.projects_overview import (
    Overview,
    Shelf,
    advice,
    blank_project,
    newest_picture,
    overview,
)
from tui.workflow.saving import leave_question

_EMPTY = {
    Shelf.PROJECTS: "No project yet: press N and say what the picture is for.",
    Shelf.ARCHIVED: "Nothing is archived: A puts a project here, out of the way.",
    Shelf.TRASH: "The trash is empty: x puts a project here, and nothing of it is lost.",
}


class HomeScreen(ShelvingScreen):
    """The projects, the archived ones, and the trash."""

    PLACE = "home"
    BINDINGS = bindings("home")
    CSS_PATH = Path("home.tcss")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-tall")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._seen = Overview({})
        self._sizes: dict[str, int] = {}
        self._shelf = Shelf.PROJECTS
        self.says = ""

    def body(self) -> Iterable[Widget]:
        """Shelves, search and projects, on a wide screen with what each is for; then the pace."""
        yield Static(id="shelves")
        yield Field("Find", id="find")
        yield Horizontal(ProjectList(), ProjectPanel())
        yield Static(id="pace")

    def coach(self) -> str:
        """What went wrong, else how many rounds recent keepers took."""
        return self.says or advice(self._seen)

    def footer(self) -> tuple[tuple[str, str], ...]:
        """What can be done with the project under the cursor; in the trash, x is for good."""
        away = ("reject", "delete" if self._shelf is Shelf.TRASH else "trash")
        move = ("archive", "archive") if self._shelf is Shelf.PROJECTS else ("restore", "put back")
        return (
            ("open", "open"),
            ("new", "new"),
            ("search", "search"),
            move,
            away,
            ("library", "library"),
            ("models", "models"),
            ("queue", "queue"),
        )

    def on_mount(self) -> None:
        """Ready to choose."""
        self._list.take_keys()

    def on_resize(self, _event: events.Resize) -> None:
        """The panel comes and goes with the width."""
        self.call_after_refresh(self.show_panel)

    def on_screen_resume(self) -> None:
        """Read again: another screen, or another window, may have changed something."""
        self._came_from = self.workspace.project.id if self.workspace.is_open else ""
        self.load()

    # Reading, off the event loop

    @work(thread=True, exclusive=True, exit_on_error=False, group="overview")
    def load(self) -> None:
        """Read the projects, then what each takes on the disk."""
        store, worker = self.workspace.store, get_current_worker()
        try:
            seen = overview(store)
            # A thread cannot be stopped: what an older one read must not replace newer news.
            if worker.is_cancelled:
                return
            self.app.call_from_thread(self._take, seen)
            rows = [row for shelf in Shelf for row in seen.shelves[shelf]]
            sizes = {row.project.id: store.projects.disk_use(row.project) for row in rows}
            if not worker.is_cancelled:
                self.app.call_from_thread(self._measured, sizes)
        except StoreError as error:
            self.app.call_from_thread(self.say, str(error))

    def _take(self, seen: Overview) -> None:
        self._seen = seen
        self._show()
        self._came_from = ""

    def _measured(self, sizes: dict[str, int]) -> None:
        self._sizes = sizes
        self._show()

    def say(self, says: str) -> None:
        """A sentence in the place of the coach's."""
        self.says = says
        self.refresh_frame()

    # Showing

    @property
    def _list(self) -> ProjectList:
        return self.query_one(ProjectList)

    @property
    def _find(self) -> Field:
        return self.query_one("#find", Field)

    @property
    def _project(self) -> Project | None:
        row = self._list.current
        return None if row is None else row.project

    def _show(self) -> None:
        if not self.is_mounted:
            return
        words = self._find.value
        rows = [row for row in self._seen.shelves.get(self._shelf, ()) if row.matches(words)]
        empty = f"No project here has “{words}” in it: q shows all." if words else ""
        self._list.show(rows, self._sizes, empty or _EMPTY[self._shelf], self._came_from)
        self._find.set_class(bool(words), "-used")
        line = Text(no_wrap=True, overflow="ellipsis")
        for shelf in Shelf:
            here = shelf is self._shelf
            name = f"{shelf.value.capitalize()} {self._seen.count(shelf)}"
            line.append(f"[{name}] " if here else f" {name}  ", "bold" if here else "dim")
        self.query_one("#shelves", Static).update(line)
        told, pace = lines(self._seen.pace), self.query_one("#pace", Static)
        pace.set_class(not told, "-empty")
        pace.update(Text("\n".join(told), no_wrap=True))
        self.refresh_frame()

    @on(ProjectList.Moved)
    def show_panel(self) -> None:
        """Tell of the project under the cursor."""
        if self.has_class("-wide"):
            self.query_one(ProjectPanel).show(self._project)
            self._find_picture(self._project)

    @work(thread=True, exclusive=True, exit_on_error=False, group="panel")
    def _find_picture(self, project: Project | None) -> None:
        try:
            store = self.workspace.store
            file = None if project is None else newest_picture(store, project)
            took = () if project is None else effort(store, project.id)
        except StoreError as error:
            self.app.call_from_thread(self.say, str(error))
        else:
            self.app.call_from_thread(self._show_found, project, took, file)

    def _show_found(
        self, project: Project | None, took: tuple[tuple[str, str], ...], file: Path | None
    ) -> None:
        if self.is_mounted and project == self._project:
            panel = self.query_one(ProjectPanel)
            panel.show(project, took)
            panel.show_picture(project, file)

    # Moving and looking for

    def action_down(self) -> None:
        """The next project."""
        self._list.move(1)

    def action_up(self) -> None:
        """The project before."""
        self._list.move(-1)

    def action_left(self) -> None:
        """The shelf before."""
        self._turn(-1)

    def action_right(self) -> None:
        """The next shelf."""
        self._turn(1)

    def action_search(self) -> None:
        """Narrow the list by words."""
        self._find.add_class("-used")
        self._find.start_typing()

    @on(Field.Changed, "#find")
    def narrow(self) -> None:
        """Every letter narrows the list."""
        self._show()

    @on(Field.Left, "#find")
    def back_to_list(self) -> None:
        """The list has the keys again; what was typed goes on narrowing it."""
        self._find.set_class(bool(self._find.value), "-used")
        self._list.take_keys()

    def action_back(self) -> None:
        """First show all projects again, then ask to leave."""
        if self._find.value:
            self._find.value = ""
            self._show()
        elif self._shelf is not Shelf.PROJECTS:
            self._turn(-list(Shelf).index(self._shelf))
        else:
            self.ask(leave_question(self.workspace), self.app.exit)

    # Doing

    @on(ProjectList.Opened)
    def open_chosen(self) -> None:
        """Enter on a row."""
        self.action_open()

    def action_open(self) -> None:
        """Go on where the person left the project."""
        project = self._project
        if project is None:
            return
        if project.unreadable:
            self.say(project.unreadable)
        elif project.trashed is not None:
            self.say("This project is in the trash: R puts it back, then it can be opened.")
        else:
            self._open(project.id)

    def action_new(self) -> None:
        """A new project, at its brief."""
        try:
            project = blank_project(self.workspace.store) or self.workspace.create()
        except StoreError as error:
            self.say(str(error))
        else:
            self._open(project.id)

    def action_archive(self) -> None:
        """Out of the way, or back from there."""
        project = self._project
        if project is not None and project.trashed is None:
            away = project.archived is None
            self.put(project, Shelf.ARCHIVED if away else Shelf.PROJECTS)

    def action_restore(self) -> None:
        """Back out of the archive or the trash."""
        project = self._project
        if project is not None and self._shelf is not Shelf.PROJECTS:
            self.put(project, Shelf.PROJECTS)

    def action_reject(self) -> None:
        """Into the trash after a yes; from the trash for good after another."""
        row = self._list.current
        if row is None:
            return
        project, name = row.project, clean(row.project.name, limit=80)
        if project.trashed is None:
            question = f"Put “{name}” into the trash? It can be put back from there."
            self.ask(question, lambda: self.put(project, Shelf.TRASH))
        else:
            question = (
                f"Delete “{name}” and its {row.images} images for good? This cannot be undone. "
                "Keepers in the library stay."
            )
            self.ask(question, lambda: self.delete(project))

    def _open(self, project_id: str) -> None:
        try:
            self.keepers.open_project(project_id)
        except StoreError as error:
            self.say(str(error))
            self.load()

    def _turn(self, by: int) -> None:
        shelves = list(Shelf)
        place = shelves.index(self._shelf) + by
        if 0 <= place < len(shelves):
            self._shelf, self.says = shelves[place], ""
            self._show()
