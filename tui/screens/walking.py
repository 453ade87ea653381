"""The tree of the open project on the screen: how it is read, shown, and walked over."""

from collections.abc import Iterable

from rich.text import Text
from textual import on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from tui.domain.text import clean
from tui.screens.listing import ListingScreen
from tui.store.errors import StoreError
from tui.store.images import ImageRecord
from tui.widgets.image_view import ImageView
from tui.widgets.line_list import LineList
from tui.workflow.lineage_tree import Line, Tree, tree_of
from tui.workflow.lineage_words import compared, told

_REST = 0.06
"""Seconds that the cursor rests before a picture is read: holding j down reads none between."""
_NOTHING = "No image yet: write the layers in 2, and press g there. Each batch is a round here."


class TreeScreen(ListingScreen):
    """Rounds and images at the left; the picture under the cursor and its words at the right."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-middle"), (120, "-wide")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._tree: Tree | None = None
        self._lines: list[Line] = []
        self._folded: set[str] = set()
        self._marked = ""
        self._here: str | None = None
        self._trouble = ""
        self._timer: Timer | None = None

    def body(self) -> Iterable[Widget]:
        """The tree, and beside it what is under the cursor."""
        with Horizontal(id="desk"):
            yield LineList(id="tree")
            with Vertical(id="side"):
                yield ImageView(id="picture")
                with VerticalScroll(id="about", can_focus=False):
                    yield Static(id="told")

    def coach(self) -> str:
        """What the sign before a line means, and what two marked images are for."""
        if self._trouble or self._tree is None:
            return self._trouble
        if not self._tree.groups:
            return _NOTHING
        if self._marked:
            return f"{self._tree.names[self._marked]} is marked: v compares it with another image."
        way = f"┃ leads to the {self._tree.goal} · " if self._tree.goal else ""
        return f"{way}h folds, l unfolds · enter makes an image the parent, and step 4 opens"

    def on_mount(self) -> None:
        """Read the tree."""
        super().on_mount()
        self._list.focus()
        self._read()

    @property
    def _line(self) -> Line | None:
        place = self._list.cursor
        return self._lines[place] if place < len(self._lines) else None

    # Reading

    @work(thread=True, exclusive=True, exit_on_error=False, group="tree")
    def _read(self) -> None:
        try:
            tree, here = tree_of(self.workspace), self.workspace.position
        except StoreError as error:
            self.app.call_from_thread(self._failed, str(error))
            return
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._take, tree, here.parent_id, here.image_id)

    def _take(self, tree: Tree, parent: str | None, chosen: str | None) -> None:
        if not self.is_mounted:
            return
        self._tree, self._here, self._folded = tree, parent, tree.first_folds()
        start = next((i for i in (parent, chosen) if i in tree.placed), None)
        if start is not None:
            self._folded.discard(tree.placed[start].id)
        self._show(start or "")
        self.refresh_frame()

    def _failed(self, trouble: str) -> None:
        self._trouble = trouble
        self.refresh_frame()

    # Showing

    def _show(self, on: str) -> None:
        """Show the lines, the cursor on an image or group with that id, else at the end."""
        assert self._tree is not None
        self._lines = self._tree.lines(self._folded)
        ids = [line.image.id if line.image is not None else line.group.id for line in self._lines]
        cursor = ids.index(on) if on in ids else len(ids) - 1
        self._list.show(len(self._lines), self._drawn, cursor)
        self._rest()

    def _drawn(self, place: int) -> Text:
        assert self._tree is not None
        line = self._lines[place]
        words = self._tree.words(
            line, folded=line.group.id in self._folded, here=self._here, marked=self._marked
        )
        return Text(words, style="bold" if self._tree.on_path(line) else "")

    @on(LineList.Moved)
    def follow_cursor(self) -> None:
        """Show what is under the cursor once it rests."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_REST, self._rest)

    def _rest(self) -> None:
        line, view = self._line, self.query_one("#picture", ImageView)
        image = self._image(line)
        if image is None:
            view.show(None)
            self.query_one("#told", Static).update(self._round_words(line))
            return
        view.show_path(self.workspace.file(image))
        self._describe(image)

    @work(thread=True, exclusive=True, exit_on_error=False, group="words")
    def _describe(self, image: ImageRecord) -> None:
        marked = self._record(self._marked)
        pairs = list(told(self.workspace, image))
        if marked is not None and marked.id != image.id:
            assert self._tree is not None
            against = f"against {self._tree.names[marked.id]}"
            differences = compared(self.workspace, marked, image)
            pairs = [("", against), *(("≠", phrase) for phrase in differences), *pairs]
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self.query_one("#told", Static).update, _paragraphs(pairs))

    def _round_words(self, line: Line | None) -> Text:
        if line is None or not line.group.round_id:
            return Text("")
        round_ = self.workspace.store.rounds.get(line.group.round_id)
        pairs = [("", change) for change in map(str, round_.changes)] or [("", round_.kind.value)]
        effect = None if round_.amount is None else f"{round_.amount:.2f}, {round_.region}"
        more = {
            "expected": round_.expectation,
            "effect": effect,
            "verdict": round_.verdict.value,
            "learned": round_.learned,
        }
        return _paragraphs([*pairs, *((name, text) for name, text in more.items() if text)])

    def _image(self, line: Line | None) -> ImageRecord | None:
        return None if line is None or line.image is None else self._record(line.image.id)

    def _record(self, image_id: str) -> ImageRecord | None:
        if not image_id:
            return None
        try:
            return self.workspace.store.images.get(image_id)
        except StoreError as error:
            self._trouble = str(error)
            return None

    # Walking

    def action_left(self) -> None:
        """From an image to its round; an unfolded round folds; a folded one leads to its parent."""
        line = self._line
        if line is None or self._tree is None:
            return
        group = line.group
        if line.image is not None and not group.single:
            self._show(group.id)
        elif not group.single and group.id not in self._folded:
            self._folded.add(group.id)
            self._show(group.id)
        elif group.parent in self._tree.placed:
            assert group.parent is not None
            self._folded.discard(self._tree.placed[group.parent].id)
            self._show(group.parent)

    def action_right(self) -> None:
        """A folded round unfolds; else on to what was made from here."""
        line = self._line
        if line is None or self._tree is None:
            return
        if line.image is None and line.group.id in self._folded:
            self._folded.discard(line.group.id)
            self._show(line.group.id)
        elif line.image is None:
            self._list.move(1)
        else:
            image_id = line.image.id
            below = (g for g, _ in self._tree.groups if g.parent == image_id)
            if (group := next(below, None)) is not None:
                self._show(group.images[0].id if group.single else group.id)


def _paragraphs(pairs: Iterable[tuple[str, str]]) -> Text:
    text = Text(overflow="fold")
    for name, words in pairs:
        text.append(f"{name} " if name else "", "dim")
        text.append(f"{clean(words, limit=600)}\n")
    text.rstrip()
    return text
