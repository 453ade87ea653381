"""Step 4: parent and child beside each other: twins, blink, tint, a closer look."""

import io
from pathlib import Path

from PIL import Image
from rich.text import Text
from textual import on, work
from textual.widgets import Static

from tui.screens.frame import FrameScreen
from tui.screens.line import LineScreen
from tui.screens.look import LookScreen, Shown, TwoUpScreen
from tui.screens.shown_file import FileScreen
from tui.store.images import ImageRecord
from tui.store.rounds import Round
from tui.widgets.change_text import change_text
from tui.widgets.pair_view import PairView
from tui.workflow.batches_view import batch_of, state_line
from tui.workflow.iterating import Twin, pending
from tui.workflow.marking import Marking


class ComparingScreen(FileScreen, FrameScreen):
    """The commands that look at a pair, and how the pair is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._round: Round | None = None
        self._twins: tuple[Twin, ...] = ()
        self._seed: int | None = None
        self._known: dict[int, str] = {}
        self._doing = ""

    @on(PairView.Measured)
    def show_effect(self) -> None:
        """How much changed, and where."""
        self._show_change()

    def action_left(self) -> None:
        """The twins before."""
        self._go_to_twin(-1)

    def action_right(self) -> None:
        """The next twins."""
        self._go_to_twin(1)

    def action_blink(self) -> None:
        """Both pictures in the same place, in turn."""
        if self._child() is not None:
            self.query_one(PairView).toggle_blink()

    def action_difference(self) -> None:
        """Tint where it changed."""
        if self._child() is not None:
            self.query_one(PairView).toggle_tint()
            self._show_change()

    def action_zoom(self) -> None:
        """Look closely at the child, or the parent before there is one."""
        shown = [picture for picture in self._shown() if picture is not None]
        if shown:
            self.app.push_screen(LookScreen(shown, len(shown) - 1))

    def action_two_up(self) -> None:
        """Both as large as the terminal."""
        left, right = self._shown()
        if self._child() is not None and left is not None and right is not None:
            self.app.push_screen(TwoUpScreen(left, right))

    def shown_file(self) -> Path | None:
        """The child's, or the parent's before there is a child."""
        shown = [picture for picture in self._shown() if picture is not None]
        return shown[-1].path if shown else None

    def action_comment(self) -> None:
        """Write a comment on the child."""
        child = self._child()
        if child is None:
            return
        before = self.workspace.marks(child)

        def take(text: str | None) -> None:
            if text is not None:
                Marking(self.workspace).comment(child, text)

        self.app.push_screen(LineScreen("Comment on the child", before.comment), take)

    def _show_pair(self) -> None:
        left, right = self._shown()
        self.query_one(PairView).show(left, right, self._missing())

    def _missing(self) -> str:
        if self._round is None or self._twin() is None:
            return "no child yet" if self._twin() is not None else ""
        batch = batch_of(self.workspace, self._round.job_id, self._known)
        return state_line(batch, self._doing) if batch is not None else ""

    def _shown(self) -> tuple[Shown | None, Shown | None]:
        twin = self._twin()
        if twin is None:
            return None, None
        file, seed = self.workspace.file, twin.seed
        place = f" · {self._twins.index(twin) + 1}/{len(self._twins)}"
        own = twin.parent.id == self.workspace.position.parent_id
        name = "Parent" if own else "Parent's batch"
        seed_words = f", seed {twin.parent.seed}" if twin.parent.seed is not None else ""
        left = Shown(file(twin.parent), f"{name}{seed_words}{place}")
        if twin.child is None:
            return left, None
        other = "" if twin.is_twin else " (not a twin)"
        return left, Shown(file(twin.child), f"Child, seed {seed}{other}{place}")

    def _show_change(self) -> None:
        waiting = pending(self.workspace, self._round)
        shown = waiting or (self._round.changes if self._round is not None else ())
        title = "Will change" if waiting else "Changed"
        self.query_one("#change", Static).update(change_text(title, shown))
        pair = self.query_one(PairView)
        found = pair.measured
        text = Text(no_wrap=True, overflow="ellipsis")
        if found is not None:
            text.append(f"{found.in_words()} {found.bar()}\n{found.where}")
        self.query_one("#effect", Static).update(text)

    def _twin(self) -> Twin | None:
        return next((twin for twin in self._twins if twin.seed == self._seed), None)

    def _child(self) -> ImageRecord | None:
        twin = self._twin()
        if twin is None or twin.child is None:
            self.notify("There is no child yet: change one thing, and press g.", markup=False)
            return None
        return twin.child

    def _go_to_twin(self, by: int) -> None:
        twin = self._twin()
        if twin is not None:
            place = self._twins.index(twin) + by
            self._seed = self._twins[min(max(place, 0), len(self._twins) - 1)].seed
            self._show_pair()
            self._show_change()

    @work(thread=True, exclusive=True, exit_on_error=False, group="preview")
    def _decode(self, jpeg: bytes, says: str) -> None:
        try:
            picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
        except (OSError, ValueError):
            return
        self.app.call_from_thread(self.query_one(PairView).preview, picture, says)
