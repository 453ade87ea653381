"""The models, LoRAs and VAEs of this machine: what each is, what fits, and what is on its way."""

import asyncio
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any

from rich.text import Text
from textual import events, on, work
from textual.containers import Container, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from tui.commands import bindings
from tui.domain.text import as_sentence, clean
from tui.engine.client import RefusedError
from tui.engine.model_messages import (
    Fetch,
    FetchChanged,
    FetchState,
    ListedModel,
    Models,
    Role,
)
from tui.messages import EngineSaid, LinkChanged
from tui.screens.line import LineScreen
from tui.screens.listing import ListingScreen
from tui.screens.searching import SearchingScreen
from tui.store.errors import StoreError
from tui.widgets.field import Field
from tui.widgets.line_list import LineList
from tui.widgets.model_row import fetch_row, model_row
from tui.workflow.link import NoEngineError
from tui.workflow.models import (
    NOTHING,
    advice,
    choose,
    choose_part,
    chosen_words,
    conversion_question,
    fetch_words,
    folders_of,
    gpu_lines,
    is_chosen,
    is_half_here,
    matching,
    told,
    with_fetch,
)
from tui.workflow.option_rows import OptionError

Row = ListedModel | Fetch


class ModelsScreen(ListingScreen, SearchingScreen):
    """Downloads and models, a row each; all that is known of the one under the cursor."""

    PLACE = "models"
    BINDINGS = bindings("models")
    CSS_PATH = Path("models.tcss")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._models = Models()
        self._rows: list[Row] = []
        self._loading = False

    def body(self) -> Iterable[Widget]:
        """Search, list, and what is known of the row under the cursor."""
        yield Field("Search", placeholder="/ types: a name, a family, a licence", id="search")
        yield Static(id="empty")
        with Container(id="desk"):
            yield LineList(id="models")
            with VerticalScroll(id="about", can_focus=False):
                yield Static(id="details")

    def coach(self) -> str:
        """What went wrong, or what can be done."""
        return self._trouble or advice(self._models, self._current)

    def footer(self) -> tuple[tuple[str, str], ...]:
        """What can be done with the row under the cursor comes first."""
        last = (("new", "download"), ("search", "search"), ("back", "back"))
        row = self._current
        if isinstance(row, Fetch):
            if row.state is FetchState.RUNNING:
                return (("reject", "stop"), *last)
            return (("restore", "go on"), ("reject", "take away"), *last)
        if row is None:
            return last
        if row.converts:
            return (("open", "make a folder of it"), ("copy-path", "path"), *last)
        if row.trouble:
            again = (("restore", "download again"),) if is_half_here(row) else ()
            return (*again, ("copy-path", "path"), *last)
        takes = "add it" if row.role is Role.LORA else "draw with it"
        return (("open", takes), ("copy-path", "path"), *last)

    def on_mount(self) -> None:
        """Ask the engine."""
        super().on_mount()
        self._list.focus()
        self._load()

    def on_resize(self, event: events.Resize) -> None:
        """Low terminals have no room for more than the rows."""
        self.set_class(event.size.height < 16, "-low")

    # What the engine says

    @on(EngineSaid)
    def follow(self, message: EngineSaid) -> None:
        """A download goes on; when one is done there is another model."""
        event = message.event
        if isinstance(event, FetchChanged):
            self._models = with_fetch(self._models, event.fetch)
            self._find(self._search.value)
            if event.fetch.state is FetchState.DONE:
                self._load()

    @on(LinkChanged)
    def ask_again(self, message: LinkChanged) -> None:
        """With an engine there again, look again."""
        if message.connected:
            self._load()
        else:
            self._failed(clean(message.says, limit=400))

    @work(exclusive=True, exit_on_error=False, group="models")
    async def _load(self) -> None:
        self._loading = True
        self._search.note = "looking at the models"
        try:
            self._models = await self.link.models(self._folders)
        except (NoEngineError, RefusedError) as error:
            self._loading, self._search.note = False, ""
            self._failed(clean(str(error), limit=400))
            return
        self._loading, self._trouble = False, ""
        self._find(self._search.value)

    @property
    def _folders(self) -> tuple[str, ...]:
        return folders_of(self.keepers.settings, self.workspace.store.home)

    # How it is shown

    @property
    def _current(self) -> Row | None:
        place = self._list.cursor if self.query(LineList) else 0
        return self._rows[place] if place < len(self._rows) else None

    def _find(self, words: str) -> None:
        if not self.query(LineList):
            return
        before, found = self._current, matching(self._models, words)
        self._rows = [*self._models.fetches, *found]
        total = len(self._models.models)
        if not self._loading:
            self._search.note = f"{len(found)} of {total} models"
        self._show_empty("" if self._rows or self._loading else NOTHING)
        names = [row.model for row in self._rows]
        place = names.index(before.model) if before and before.model in names else 0
        self._list.show(len(self._rows), self._drawn, place)
        self._tell()

    def _drawn(self, place: int) -> Text:
        row, width = self._rows[place], self._list.scrollable_content_region.width
        if isinstance(row, Fetch):
            return fetch_row(row, width)
        chosen = self.workspace.is_open and is_chosen(self.workspace.options, row)
        return model_row(row, width, chosen=chosen)

    @on(LineList.Moved)
    def follow_cursor(self) -> None:
        """Tell of another row."""
        self._trouble = ""
        self._tell()

    def _tell(self) -> None:
        row, text = self._current, Text()
        if row is not None:
            text.append(f"{clean(row.model, limit=200)}\n", "bold")
            lines = (fetch_words(row),) if isinstance(row, Fetch) else told(row)
            text.append("\n".join((*lines, *gpu_lines(self._models.gpus))))
        self.query_one("#details", Static).update(text)
        self.refresh_frame()

    # Doing

    def action_open(self) -> None:
        """Draw with it from now on, in the open project."""
        row = self._current
        if isinstance(row, Fetch):
            self._failed("It is not here yet: R goes on with a download that ended.")
        elif row is not None and row.converts:
            self._convert(row)
        elif row is not None and row.trouble:
            self._failed(as_sentence(row.trouble, limit=500))
        elif row is not None and not self.workspace.is_open:
            self._failed(f"Open a project first: a {row.role} is chosen for a project.")
        elif row is not None and row.role is Role.MODEL:
            self._choose(row)
        elif row is not None:
            self._choose_part(row)

    @work(exclusive=True, exit_on_error=False, group="choose")
    async def _choose(self, row: ListedModel) -> None:
        try:
            choose(self.workspace, await self.link.model(row.model))
        except (NoEngineError, RefusedError, StoreError) as error:
            self._failed(as_sentence(str(error), limit=500))
            return
        options = self.workspace.options
        self._list.refresh()
        self._failed(
            f"This project draws with {clean(row.name)} now: {options.steps} steps, "
            f"guidance {options.guidance:g}, {options.width} × {options.height}."
        )

    @work(exclusive=True, exit_on_error=False, group="choose")
    async def _choose_part(self, row: ListedModel) -> None:
        try:
            # Its file is hashed and held against the model.
            options = await asyncio.to_thread(choose_part, self.workspace.options, row)
            self.workspace.save_options(options)
        except (OptionError, StoreError) as error:
            self._failed(as_sentence(str(error), limit=500))
            return
        self._list.refresh()
        self._failed(chosen_words(row))

    def action_new(self) -> None:
        """Ask for an id, and download it."""

        def given(model: str | None) -> None:
            if model:
                self._do(self.link.fetch(model))

        hint = (
            "owner/name, with @revision or a LoRA's /file if you wish · enter download · esc leave"
        )
        title = "Which model, LoRA or VAE of the hub?"
        self.app.push_screen(LineScreen(title, hint=hint), given)

    def _convert(self, row: ListedModel, like: str = "") -> None:
        """Ask what the file lacks, and make a folder of it."""

        def given(like: str | None) -> None:
            if like is not None:
                self._do(self.link.convert(row.folder, like))

        title, hint = conversion_question(row)
        self.app.push_screen(LineScreen(title, like, hint), given)

    def action_restore(self) -> None:
        """Go on with a download that ended, or that left a model half here."""
        row = self._current
        if isinstance(row, Fetch) and row.converts:
            file = next((m for m in self._models.models if m.folder == row.model), None)
            if file is None:
                self._failed("The file is gone: x takes this line away.")
            else:
                self._convert(file, row.like)
        elif isinstance(row, Fetch) or (row is not None and is_half_here(row)):
            self._do(self.link.fetch(row.model))

    def action_reject(self) -> None:
        """Stop a download, or take one that ended off the list."""
        row = self._current
        if isinstance(row, Fetch):
            self._do(self.link.stop_fetch(row.model))
        elif row is not None:
            self.notify("Keepers deletes no models: y copies where it lies.", markup=False)

    def action_copy_path(self) -> None:
        """Copy where the model lies."""
        if isinstance(row := self._current, ListedModel):
            self.app.copy_to_clipboard(row.folder)
            self._failed(f"Copied {clean(row.folder, limit=300)}.")

    def _do(self, ask: Coroutine[Any, Any, None]) -> None:
        self.run_worker(self._done(ask), group="do", exit_on_error=False)

    async def _done(self, ask: Coroutine[Any, Any, None]) -> None:
        try:
            await ask
        except (NoEngineError, RefusedError) as error:
            self._failed(as_sentence(str(error), limit=500))
        else:
            self._load()
