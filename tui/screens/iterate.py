"""Step 4: one element changes; parent and child stand beside each other with what that did."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from rich.text import Text
from textual import events, on, work
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from tui.commands import bindings
from tui.engine.messages import ImageFinished, JobChanged, JobSays, PreviewMade, StepDone
from tui.messages import EngineSaid
from tui.screens.changing import ChangingScreen
from tui.screens.pick import PickScreen
from tui.store.jobs import ENDED
from tui.store.rounds import Verdict
from tui.widgets.amount_row import AmountRow
from tui.widgets.element_list import ElementList
from tui.widgets.field import Field
from tui.widgets.pair_view import PairView
from tui.workflow.elements import rows
from tui.workflow.iterating import (
    adopt,
    advice,
    current_round,
    ensure_parent,
    expect,
    expectation,
    judge,
    twins,
    verdict_line,
)
from tui.workflow.round_log import log_lines, measured, open_round


class IterateScreen(ChangingScreen):
    """Parent and child, the elements to choose from, expectation, verdict and what was learned."""

    PLACE = "iterate"
    BINDINGS = bindings("iterate")
    FOOTER = (
        ("open", "change"),
        ("generate", "generate"),
        ("better", "better"),
        ("same", "same"),
        ("worse", "worse"),
        ("mark", "next parent"),
        ("sweep", "sweep"),
        ("zoom", "zoom"),
        ("next-step", "next step"),
        ("blink", "blink"),
        ("options", "options"),
    )
    CSS_PATH = Path("iterate.tcss")

    def __init__(self) -> None:
        super().__init__()
        self._drawing = False

    def body(self) -> Iterable[Widget]:
        """The pair with the change between, then the words."""
        yield PairView(
            Vertical(
                Static(id="change"), Static(id="effect"), ElementList(id="elements"), id="between"
            )
        )
        yield Field("Expect", placeholder="what will the change do?", id="expect")
        yield Static(id="verdict")
        yield AmountRow(id="amount")
        yield Field("Learned", placeholder="what did it do?", id="learned")
        yield Static(id="log")

    def coach(self) -> str:
        """What to do in this round."""
        return advice(self.workspace, self._round, drawing=self._drawing)

    @on(events.Mount)
    def open_iteration(self) -> None:
        """The chosen picture is the parent, where there is none yet."""
        ensure_parent(self.workspace)
        self._reload()
        elements = self.query_one(ElementList)
        elements.cursor = min(1, max(0, len(elements.rows) - 1))
        elements.focus()

    @on(events.ScreenResume)
    def see_changes(self) -> None:
        """Options may be others now."""
        if self.query(PairView):
            self._reload()

    def on_resize(self, event: events.Resize) -> None:
        """Narrow: the child alone; low: fewer words; tall: the log of rounds."""
        self.set_class(event.size.width < 64, "-narrow")
        self.set_class(event.size.height < 18, "-low")
        self.set_class(event.size.height >= 34, "-tall")
        if self.has_class("-tall"):
            self._read_log()

    # What happens to the batch

    @on(EngineSaid)
    def follow_job(self, message: EngineSaid) -> None:
        """The children appear as they are made."""
        event = message.event
        if self._round is None or event.job != self._round.job_id:
            return
        match event:
            case PreviewMade(seed=seed, step=step, steps=steps) if seed == self._seed:
                self._decode(message.blob, f"Child, seed {seed}, step {step}/{steps}")
            case StepDone(step=step, steps=steps, seeds=seeds) if self._seed in seeds:
                self._doing = f"step {step}/{steps}"
            case JobSays(text=text):
                self._doing = text
                self._show_pair()
            case ImageFinished(image=image):
                self._known[image.seed] = image.id
                self._reload()
            case JobChanged():
                self._reload()
            case _:
                pass

    # Typing

    @on(Field.Changed, "#expect")
    def keep_expectation(self, event: Field.Changed) -> None:
        """Kept as it is typed."""
        expect(self.workspace, self._round, event.value)

    @on(Field.Changed, "#learned")
    def keep_learned(self, event: Field.Changed) -> None:
        """Kept with the round as it is typed."""
        if self._round is None:
            self.notify("There is no round yet: change one thing, and press g.", markup=False)
            self.query_one("#learned", Field).value = ""
            return
        self.workspace.store.rounds.update(self._round.id, learned=event.value)

    @on(Field.Left)
    def show_typed(self) -> None:
        """What was typed may say more than the fields show."""
        self._reload()

    # Commands

    def action_down(self) -> None:
        """The next element; after the last, the fields."""
        elements = self.query_one(ElementList)
        if self.focused is not elements or not elements.move(1):
            self.focus_next()

    def action_up(self) -> None:
        """The element before."""
        elements = self.query_one(ElementList)
        if self.focused is not elements:
            self.focus_previous()
        else:
            elements.move(-1)

    def action_better(self) -> None:
        """The change made it better."""
        self._judge(Verdict.BETTER)

    def action_same(self) -> None:
        """The change made no difference."""
        self._judge(Verdict.SAME)

    def action_worse(self) -> None:
        """The change made it worse."""
        self._judge(Verdict.WORSE)

    def action_mark(self) -> None:
        """The better child becomes the next parent."""
        child = self._child()
        if child is None or self._round is None:
            return
        if self._round.verdict is not Verdict.BETTER:
            self.notify("Say + first: only a better child becomes the parent.", markup=False)
            return
        adopt(self.workspace, child)
        self._seed = child.seed
        self._reload()
        self.notify("The child is the parent now: change the next thing.", markup=False)

    @work(thread=True, exclusive=True, exit_on_error=False, group="history")
    def action_history(self) -> None:
        """The rounds of this project: change, effect, verdict, what was learned."""
        lines = log_lines(self.workspace)
        self.app.call_from_thread(self._show_history, lines)

    def may_go_on(self) -> bool:
        """On with the better child, or with the parent."""
        twin = self._twin()
        if twin is None:
            self.notify("Choose a picture first: mark the closest in 3.", markup=False)
            return False
        better = self._round is not None and self._round.verdict is Verdict.BETTER
        image = twin.child if better and twin.child is not None else self.workspace.parent()
        self.workspace.choose(image.id if image is not None else None)
        return True

    # How it is shown

    def _reload(self) -> None:
        workspace = self.workspace
        before = self._round
        self._round = current_round(workspace)
        if before is None or self._round is None or before.id != self._round.id:
            self._known, self._doing = {}, ""
        self._twins = twins(workspace, self._round, self._known)
        seeds = [twin.seed for twin in self._twins]
        if self._seed not in seeds:
            parent = workspace.parent()
            own = None if parent is None else parent.seed
            self._seed = own if own in seeds else (seeds[0] if seeds else None)
        job = None if self._round is None else workspace.store.jobs.get(self._round.job_id)
        self._drawing = job is not None and job.state not in ENDED
        self.set_class(self._round is None, "-alone")
        self.query_one(ElementList).show(rows(workspace))
        self._show_pair()
        self._show_change()
        self._show_fields()
        self.refresh_frame()

    def _show_fields(self) -> None:
        expected, learned = self.query_one("#expect", Field), self.query_one("#learned", Field)
        if not expected.typing:
            expected.value = expectation(self.workspace, self._round)
        if not learned.typing:
            learned.value = "" if self._round is None else self._round.learned
        self._show_amount()
        line = verdict_line(self._round, has_child=any(twin.child for twin in self._twins))
        text = Text(f" {'Verdict':<15}{line}", no_wrap=True, overflow="ellipsis")
        self.query_one("#verdict", Static).update(text)
        if self.has_class("-tall"):
            self._read_log()

    @work(thread=True, exclusive=True, exit_on_error=False, group="log")
    def _read_log(self) -> None:
        lines = [f" {line}" for _, line in log_lines(self.workspace, 5)]
        text = Text("\n".join(lines), no_wrap=True, overflow="ellipsis", style="dim")
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self.query_one("#log", Static).update, text)

    def _show_history(self, lines: list[tuple[str, str]]) -> None:
        if not lines:
            self.notify("There is no round yet.", markup=False)
            return

        def go(round_id: str | None) -> None:
            if round_id and not open_round(self.workspace, round_id):
                self.keepers.show_step("batch")
            elif round_id:
                self._reload()

        self.app.push_screen(PickScreen("Rounds of this project", lines[::-1]), go)

    def _judge(self, verdict: Verdict) -> None:
        if self._round is None or self._child() is None:
            return
        if judge(self.workspace, self._round, verdict):
            self.notify("The change is put back.", markup=False)
        # Kept with the verdict, so that the log over all projects reads no picture.
        self.run_worker(
            partial(measured, self.workspace, self._round),
            thread=True,
            group="measure",
            exit_on_error=False,
        )
        self._reload()
