"""What is drawn beside the words: model, images, seed, steps, guidance, scheduler, size."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.commands import bindings, hints
from tui.domain.text import as_sentence, clean
from tui.engine.client import RefusedError
from tui.engine.messages import ModelFacts
from tui.screens.part_picking import choose_loras, choose_vae
from tui.screens.pick import PickScreen
from tui.store.errors import StoreError
from tui.widgets.field import Field
from tui.workflow.link import NoEngineError
from tui.workflow.option_rows import (
    ROWS,
    OptionError,
    as_usual,
    changed,
    for_model,
    offered,
    random_seed,
    scheduler_choices,
    shown,
    usual,
)
from tui.workflow.options import Options

if TYPE_CHECKING:
    from tui.app import KeepersApp

_LABELS = {
    "count": "Images",
    "distilled_guidance": "Distilled",
    "loras": "LoRAs",
    "vae": "VAE",
    "step_cache": "Step cache",
}
_EMPTY = {"loras": "none: enter adds one", "vae": "the model's own"}
_CHOSEN = ("scheduler", "loras", "vae")
_NARROW = 60
_HINTED = (
    ("open", "type"),
    ("reject", "usual"),
    ("random-seed", "random seed"),
    ("back", "done"),
)


class ChosenField(Field):
    """A row whose value is chosen, never typed."""

    def start_typing(self) -> None:
        """Ask the screen for the choice."""
        screen = self.screen
        assert isinstance(screen, OptionsScreen)
        if self.id == "scheduler":
            screen.choose_scheduler()
        else:
            screen.choose_part(str(self.id))


class OptionsScreen(ModalScreen[None]):
    """A row for each option, kept as soon as it is right."""

    PLACE = "options"
    BINDINGS = bindings("options")
    CSS_PATH = Path("options.tcss")

    def __init__(self) -> None:
        super().__init__()
        self._facts: ModelFacts | None = None
        self._says, self._is_of_model = "", False
        """The sentence that is shown, and whether it is about what is usual for the model."""

    @property
    def keepers(self) -> "KeepersApp":
        """The app, with its own type."""
        return cast("KeepersApp", self.app)

    @property
    def options(self) -> Options:
        """The options as they are kept."""
        return self.keepers.workspace.options

    def compose(self) -> ComposeResult:
        """The rows, what there is to say, and the keys."""
        with Vertical(), VerticalScroll(can_focus=False):
            for row in ROWS:
                make = ChosenField if row in _CHOSEN else Field
                label, hint = _LABELS.get(row, row.capitalize()), _EMPTY.get(row, "")
                field = make(label, shown(self.options, row), placeholder=hint, id=row)
                field.display = offered(self.options, row, None)
                yield field
            yield Static(id="says")
            yield Static(Content(self._keys()), id="keys")

    def on_mount(self) -> None:
        """Start on the first row."""
        self.query_one("#count", Field).focus()

    def on_screen_resume(self) -> None:
        """Ask what is usual; the models' screen may have chosen another one."""
        self._ask_usual()

    # Rows

    @on(Field.Left)
    def take(self, event: Field.Left) -> None:
        """A row was typed: keep it, or say what is wrong with it."""
        event.stop()
        row, text = str(event.field.id), clean(event.field.value)
        if text == shown(self.options, row):
            return
        if row == "model":
            self._take_model(text)
        elif row == "size":
            self._take_size(text)
        else:
            self._take(row, text)

    @on(Field.Changed)
    def keep_quiet(self, event: Field.Changed) -> None:
        """A row is kept when it is left, not at every letter."""
        event.stop()

    def _take(self, row: str, text: str) -> None:
        try:
            self._keep(changed(self.options, row, text), "")
        except OptionError as error:
            self._show(str(error))

    @work(exclusive=True, exit_on_error=False, group="model")
    async def _take_model(self, text: str) -> None:
        self.query_one("#model", Field).note = "looking"
        try:
            facts = await self.keepers.link.model(text)
        except (NoEngineError, RefusedError) as error:
            self._show(str(error))
            return
        self._facts = facts
        says = (
            ""
            if facts.here
            else (
                "it is not on this machine yet and is downloaded for the first batch; "
                "what is usual is guessed from its name"
            )
        )
        self._keep(for_model(self.options, facts), says)

    @work(exclusive=True, exit_on_error=False, group="size")
    async def _take_size(self, text: str) -> None:
        try:
            options = changed(self.options, "size", text)
        except OptionError as error:
            self._show(str(error))
            return
        # Without an engine, whether the model draws it is looked at when it is asked to.
        with contextlib.suppress(NoEngineError):
            try:
                await self.keepers.link.model(options.model, options.width, options.height)
            except RefusedError as error:
                self._show(str(error))
                return
        self._keep(options, "")

    @work(exclusive=True, exit_on_error=False, group="model")
    async def _ask_usual(self) -> None:
        try:
            self._facts = await self.keepers.link.model(self.options.model)
        except NoEngineError as error:
            self._show(f"what is usual is not known: {error}", of_model=True)
        except RefusedError as error:
            self._show(str(error), of_model=True)
        else:
            # What is wrong with a row that was just chosen stays to be read.
            self._show("" if self._is_of_model else self._says)

    @work(exclusive=True, exit_on_error=False, group="parts")
    async def try_parts(self, make: Callable[[], Options]) -> None:
        """Keep options with another LoRA or autoencoder; reading its file may take a moment."""
        try:
            options = await asyncio.to_thread(make)
        except OptionError as error:
            self._show(str(error))
        else:
            self._keep(options, "")

    @work(exclusive=True, exit_on_error=False, group="choices")
    async def choose_part(self, row: str) -> None:
        """A LoRA or a VAE of this machine; looking for them may take a moment."""
        await (choose_loras if row == "loras" else choose_vae)(self)

    def choose_scheduler(self) -> None:
        """One of those that fit the model."""
        if self._facts is None or not self._facts.schedulers:
            self._show("which schedulers fit is known when the engine has seen the model")
            return

        def chosen(name: str | None) -> None:
            if name is not None:
                self._take("scheduler", name)

        rows = scheduler_choices(self._facts)
        self.app.push_screen(PickScreen("Scheduler", rows), chosen)

    def _keep(self, options: Options, says: str) -> None:
        try:
            self.keepers.workspace.save_options(options)
        except StoreError as error:
            says = str(error)
        self._show(says)

    def _show(self, says: str, *, of_model: bool = False) -> None:
        """Rows as they are kept, and a sentence; `of_model` where it is about what is usual."""
        if not self.is_mounted:
            return
        self._is_of_model, self._says = of_model, says
        for row in ROWS:
            field = self.query_one(f"#{row}", Field)
            field.display = offered(self.options, row, self._facts)
            if not field.typing:
                field.value = shown(self.options, row)
            field.note = usual(self._facts, row) if self.size.width >= _NARROW else ""
        sentence = as_sentence(says)
        shown_says = self.query_one("#says", Static)
        shown_says.update(Content(sentence))
        if sentence:
            self.call_after_refresh(shown_says.scroll_visible, animate=False)

    # Commands

    def action_down(self) -> None:
        """To the next row."""
        self.focus_next()

    def action_up(self) -> None:
        """To the row before."""
        self.focus_previous()

    def action_left(self) -> None:
        """Rows have nothing beside them."""

    def action_right(self) -> None:
        """Rows have nothing beside them."""

    def action_mark(self) -> None:
        """Rows are typed."""

    def action_open(self) -> None:
        """Enter on a row is the row's own."""

    def action_reject(self) -> None:
        """Make the row what is usual for the model."""
        if isinstance(self.focused, Field):
            row = str(self.focused.id)
            if row != "model":
                self._keep(as_usual(self.options, row, self._facts), "")

    def action_random_seed(self) -> None:
        """Another seed, by chance."""
        self._take("seed", str(random_seed()))

    def action_back(self) -> None:
        """To the screen below."""
        self.dismiss(None)

    def _keys(self) -> str:
        return "   ".join(hints(self.PLACE, _HINTED, self.keepers.keys))
