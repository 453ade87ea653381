"""Step 4: what a sweep tries: the values of one element, how many images that makes, its name."""

from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Static
from textual.worker import get_current_worker

from tui.commands import bindings, hints
from tui.domain.intent import InvalidIntentError
from tui.domain.prompt import LAYERS
from tui.domain.schedulers import scheduler_class
from tui.domain.sweep import Sweep, SweepError, shown_value
from tui.domain.text import clean
from tui.engine.client import RefusedError
from tui.screens.pick import PickScreen
from tui.store.errors import StoreError
from tui.widgets.field import Field
from tui.workflow.link import NoEngineError
from tui.workflow.option_rows import scheduler_name
from tui.workflow.sweep_draft import count_line, listed, typed
from tui.workflow.vocabulary import completed, has_vocabulary

if TYPE_CHECKING:
    from tui.app import KeepersApp

_HINTED = (("open", "type"), ("generate", "start"), ("history", "sweeps"), ("back", "leave"))
_MOST_OFFERED = 6


class PhraseSuggester(Suggester):
    """Completes the last phrase of a layer from the words that the starter model knows."""

    def __init__(self, layer: str) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._layer = layer

    async def get_suggestion(self, value: str) -> str | None:
        """The whole line with its last phrase completed."""
        return completed(self._layer, value)


class SweepFormScreen(ModalScreen[Sweep | str | None]):
    """Gives a sweep to start, or a row of `listed` that was chosen instead, or nothing."""

    PLACE = "sweep-form"
    BINDINGS = bindings("sweep-form")
    DEFAULT_CSS = """
    SweepFormScreen Field .label { width: 9; }
    SweepFormScreen #says { height: auto; max-height: 5; padding: 1 0; }
    SweepFormScreen .hint { color: $text-muted; height: auto; }
    """

    def __init__(self, sweep: Sweep) -> None:
        super().__init__()
        self._sweep = sweep
        self._offered = ", ".join(sweep.values)

    @property
    def keepers(self) -> "KeepersApp":
        """The app, with its own type."""
        return cast("KeepersApp", self.app)

    def compose(self) -> ComposeResult:
        """Element, values, name, what that makes, and the keys."""
        sweep = self._sweep
        now = shown_value(sweep.where, sweep.before) if sweep.before else "another phrase"
        knows = sweep.where in LAYERS and has_vocabulary(sweep.base.model)
        with Vertical():
            yield Static(Content(clean(f"Sweep the {sweep.where}: {now}", limit=300)))
            yield Field(
                "Values",
                self._offered,
                placeholder="with a comma between them; - is without, ×1.2 its weight"
                if sweep.where in LAYERS and sweep.before
                else "with a comma between them",
                suggester=PhraseSuggester(sweep.where) if knows else None,
                joins=", ",
                id="values",
            )
            yield Field("Name", sweep.name, placeholder="after its values", id="name")
            yield Static(id="says")
            yield Static(Content(self._keys()), classes="hint")

    def on_mount(self) -> None:
        """Ready to start with what is offered, or to type."""
        self.query_one("#values", Field).focus()
        self._count()
        if self._sweep.where == "scheduler":
            self.run_worker(self._offer_fitting(), group="facts", exit_on_error=False)

    @on(Field.Changed)
    def count_typed(self, event: Field.Changed) -> None:
        """Say what the values make, as they are typed."""
        event.stop()
        self._count()

    @on(Field.Left)
    def keep_cursor(self, event: Field.Left) -> None:
        """Typing ended; g starts."""
        event.stop()

    def action_generate(self) -> None:
        """Start, or say why not."""
        try:
            self.dismiss(self._typed())
        except (SweepError, InvalidIntentError) as error:
            self._say(str(error), wrong=True)

    def action_history(self) -> None:
        """The sweeps there are: to open, or to run again from this parent."""
        rows = listed(self.keepers.workspace)
        if not rows:
            self._say("there is no sweep yet", wrong=True)
            return

        def take(chosen: str | None) -> None:
            if chosen is not None:
                self.dismiss(chosen)

        self.app.push_screen(PickScreen("Sweeps", rows), take)

    def action_open(self) -> None:
        """A field takes enter itself."""

    def action_down(self) -> None:
        """The next field."""
        self.focus_next()

    def action_up(self) -> None:
        """The field before."""
        self.focus_previous()

    def action_back(self) -> None:
        """Leave; nothing is made."""
        self.dismiss(None)

    def _typed(self) -> Sweep:
        values, name = (self.query_one(f"#{row}", Field).value for row in ("values", "name"))
        return typed(self._sweep, values, name)

    @work(thread=True, exclusive=True, exit_on_error=False, group="count")
    def _count(self) -> None:
        try:
            says, wrong = count_line(self.keepers.workspace, self._typed()), False
        except (SweepError, InvalidIntentError, StoreError) as error:
            says, wrong = str(error), True
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._say, says, wrong=wrong)

    def _say(self, says: str, *, wrong: bool) -> None:
        if self.is_mounted:
            sentence = clean(says, limit=600)
            text = Text(f"{'! ' if wrong else ''}{sentence[:1].upper()}{sentence[1:]}")
            self.query_one("#says", Static).update(text)

    async def _offer_fitting(self) -> None:
        """Offer the schedulers that fit the model, unless something was typed meanwhile."""
        base = self._sweep.base
        try:
            facts = await self.keepers.link.model(base.model)
        except (NoEngineError, RefusedError):
            return  # those that usually fit are offered already
        own = base.scheduler or facts.scheduler
        fits = [name for name in facts.schedulers if name != own]
        usual = [scheduler_class(name) for name in self._sweep.values]
        best = [*(name for name in usual if name in fits), *fits]
        names = [scheduler_name(name) for name in dict.fromkeys(best)][:_MOST_OFFERED]
        values = self.query_one("#values", Field)
        if names and values.value == self._offered and not values.typing and not self._sweep.name:
            values.value = self._offered = ", ".join(names)
            self._count()

    def _keys(self) -> str:
        return " · ".join(hints(self.PLACE, _HINTED, self.keepers.keys))
