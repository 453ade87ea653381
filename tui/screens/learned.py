"""What I learned: change → effect → verdict over all projects, searched as one types."""

from collections.abc import Iterable
from pathlib import Path

from rich.text import Text
from textual import on, work
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from tui.commands import bindings
from tui.domain.text import clean
from tui.screens.listing import ListingScreen
from tui.screens.searching import SearchingScreen
from tui.store.errors import StoreError
from tui.widgets.field import Field
from tui.widgets.line_list import LineList
from tui.workflow.learned import Evidence, Row, evidence, grouped, with_phrase
from tui.workflow.round_log import open_round

_NONE_YET = (
    "Nothing yet. Each change that you judge with + = or - in step 4 is kept here: what changed, "
    "how much it did, and what you wrote of it. The next prompt is written with that."
)


class LearnedScreen(ListingScreen, SearchingScreen):
    """Elements with their phrases below them, each with how often it made things better."""

    PLACE = "learned"
    BINDINGS = bindings("learned")
    CSS_PATH = Path("learned.tcss")
    FOOTER = (
        ("open", "into the layer"),
        ("start-from", "go to its round"),
        ("search", "search"),
        ("back", "back"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._here = False
        """Whether only the open project's changes are shown."""

    def body(self) -> Iterable[Widget]:
        """Search, and what was found."""
        yield Field("Search", placeholder="/ types: an element, a phrase, a model", id="search")
        yield Static(id="empty")
        yield LineList(id="lessons")

    def coach(self) -> str:
        """What went wrong, else what the line under the cursor came from."""
        found = self._current
        if self._trouble or found is None:
            return self._trouble
        return found.told()

    def on_mount(self) -> None:
        """Everything, the layers first."""
        super().on_mount()
        self._list.focus()
        self._find("")

    @property
    def _current(self) -> Evidence | None:
        place = self._list.cursor if self.query(LineList) else 0
        row = self._rows[place] if place < len(self._rows) else None
        return row if isinstance(row, Evidence) else None

    # Finding

    @work(thread=True, exclusive=True, exit_on_error=False, group="lessons")
    def _find(self, words: str) -> None:
        lessons = self.workspace.store.lessons
        project = self.workspace.project.id if self._here else None
        try:
            found = evidence(lessons.search(words, project_id=project))
            total = lessons.count(project_id=project)
        except StoreError as error:
            self.app.call_from_thread(self._failed, str(error))
            return
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._show, words, found, total)

    def _show(self, words: str, found: tuple[Evidence, ...], total: int) -> None:
        if not self._is_wanted(words):
            return
        self._rows, self._trouble = grouped(found), ""
        nothing = f"No change has “{clean(words, limit=60)}” in it." if words else _NONE_YET
        self._show_empty("" if found else nothing)
        tries = sum(each.tries for each in found)
        self._search.note = f"{tries} of {total} verdicts · {self._scope()}"
        self._list.show(len(self._rows), self._drawn, 0, self._stands)
        self.refresh_frame()

    def _scope(self) -> str:
        if not self.workspace.is_open:
            return "all projects"
        return "all projects [this one]" if self._here else "[all projects] this one"

    def _drawn(self, place: int) -> Text:
        row = self._rows[place]
        if isinstance(row, str):
            return Text(row, style="bold")
        effect = "" if row.amount is None else f" · effect {row.amount:.2f}"
        return Text(f"   {clean(str(row), limit=400)}{effect}")

    def _stands(self, place: int) -> bool:
        return isinstance(self._rows[place], Evidence)

    @on(LineList.Moved)
    def follow_cursor(self) -> None:
        """Say where the line comes from."""
        self._trouble = ""
        self.refresh_coach()

    # Doing

    def action_left(self) -> None:
        """The changes of all projects."""
        self._look_at(here=False)

    def action_right(self) -> None:
        """Those of the open project only."""
        self._look_at(here=self.workspace.is_open)

    def _look_at(self, *, here: bool) -> None:
        if here is not self._here:
            self._here = here
            self._find(self._search.value)

    def action_open(self) -> None:
        """Write the phrase into its layer; what is no phrase leads to its round."""
        found = self._current
        if found is None:
            return
        layers = None
        if self.workspace.is_open:
            layers = with_phrase(self.workspace.project.draft, found)
        if layers is None:
            self.action_start_from()
            return
        try:
            self.workspace.store.layer_history.add(self.workspace.project.draft)
            self.workspace.save_draft(layers)
        except StoreError as error:
            self._failed(f"Not written: {error}.")
            return
        self.keepers.show_step("prompt")
        self.keepers.notify(
            f"{clean(found.element)}: {clean(found.phrase, limit=200)} is in the prompt; "
            "ctrl+r has the layer as it was.",
            markup=False,
        )

    def action_start_from(self) -> None:
        """Go to the newest round behind this line: its project, its batch and its parent."""
        found = self._current
        if found is None:
            return
        try:
            round_ = self.workspace.store.rounds.get(found.round_id)
            self.workspace.open(round_.project_id)
            with_parent = open_round(self.workspace, round_.id)
        except StoreError as error:
            self._failed(str(error))
            return
        self.keepers.show_step("iterate" if with_parent else "batch")
