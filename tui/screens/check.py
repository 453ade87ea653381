"""Step 6: go through hands, text, faces, the brief and the questions of law, and sign off."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from rich.text import Text
from textual import events, on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from tui.commands import bindings
from tui.domain.check import Answer
from tui.domain.text import clean
from tui.screens.check_looking import LookingScreen
from tui.screens.export import ExportScreen
from tui.screens.shown_file import FileScreen
from tui.store.errors import StoreError
from tui.widgets.check_row import CheckRow
from tui.widgets.field import Field
from tui.widgets.image_view import ImageView
from tui.workflow.checking import answer, is_to_fix, open_check, send_to_fix, settle
from tui.workflow.evidence import facts_of
from tui.workflow.fixing import mask_for_fix

_EMPTY = "No picture is chosen yet. Press 3, and space on the one that comes closest."
_DEBOUNCE = 0.2
"""Seconds after a letter of a comment until it is stored."""


class CheckScreen(FileScreen, LookingScreen):
    """The items of the check, the evidence for each, and the picture beside them."""

    PLACE = "check"
    BINDINGS = bindings("check")
    CSS_PATH = Path("check.tcss")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-middle"), (120, "-wide")]  # noqa: RUF012
    FOOTER = (
        ("mark", "clean"),
        ("accept", "accept because"),
        ("flaw", "fix"),
        ("comment", "comment"),
        ("reject", "reopen"),
        ("zoom", "zoom"),
        ("export", "export"),
    )
    VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._accepting = ""
        """The item that is accepted once its reason is written."""
        self._typed: tuple[str, str] | None = None
        """Item and comment that are not stored yet."""
        self._timer: Timer | None = None

    def body(self) -> Iterable[Widget]:
        """Items and picture; what is known of the item under the cursor; where it stands."""
        yield Static(Content(_EMPTY), id="empty")
        with Horizontal(id="desk"):
            yield VerticalScroll(id="rows", can_focus=False)
            with Vertical(id="side"):
                yield ImageView(id="picture")
                yield Static(id="measured")
        yield Static(id="detail")
        yield Field("Comment", id="reason")
        yield Static(id="standing")

    def coach(self) -> str:
        """What went wrong, what changed, or what to do next."""
        check = self._check
        if self._trouble or check is None:
            return self._trouble
        if check.news:
            return check.news
        if check.sign_off.complete:
            return "Signed off: e writes the file, > saves it to the library."
        if self.places():
            return "enter looks at each place in turn, space if all is well, f fixes it in Edit."
        return "space if it is as it should be, a accepts it with a reason, f fixes it in Edit."

    def on_mount(self) -> None:
        """Show the items, the cursor on the first that is open."""
        super().on_mount()
        self.run_worker(self._load(), exit_on_error=False)

    def on_unmount(self) -> None:
        """Nothing that was typed is lost."""
        self._store_typed()

    async def _load(self) -> None:
        try:
            self._check = open_check(self.workspace)
        except StoreError as error:
            self._trouble = str(error)
        check = self._check
        self.set_class(check is None, "-empty")
        if check is None:
            self.query_one("#reason").disabled = True
            self.refresh_frame()
            return
        await self.query_one("#rows").mount(*(CheckRow(item) for item in check.items))
        try:
            self.picture.show_path(self.workspace.file(check.image))
            project = self.workspace.project
            store, names = self.workspace.store, self.keepers.settings.names
            facts = facts_of(store, check.image, project.brief, project.draft, names)
        except StoreError as error:
            self._trouble = str(error)
        else:
            self.gather(facts, check)
        self._go_to(check.next_open() or check.items[0].id)
        self.show_all()

    # Showing

    def _rows(self) -> list[CheckRow]:
        return list(self.query(CheckRow))

    def show_all(self) -> None:
        """Items, evidence and where the sign-off stands."""
        if self._check is None or not self.is_mounted:
            return
        for row in self._rows():
            row.item = self._check.item(row.item.id)
            row.evidence = self._evidence.get(row.item.id)
        self.query_one("#measured", Static).update(Content(self.measured()))
        standing = Text(f" {clean(self._check.in_words())}", no_wrap=True, overflow="ellipsis")
        self.query_one("#standing", Static).update(standing)
        self.show_current()
        self.refresh_frame()

    def show_current(self) -> None:
        """What is known of the item under the cursor."""
        if self._check is None or not self._current:
            return
        item = self._check.item(self._current)
        found = self._evidence.get(item.id)
        earlier = self._check.earlier(item)
        text = Text(clean(item.question))
        if found is not None:
            text.append(f"\n{clean(found.line)}", "dim")
        if earlier is not None:
            said = "to be fixed" if is_to_fix(earlier) else earlier.answer.value
            text.append(f"  (the image before: {said})", "dim")
        self.query_one("#detail", Static).update(text)
        field = self.query_one("#reason", Field)
        if not field.typing:
            field.retitle("Because" if item.answer is Answer.ACCEPTED else "Comment")
            field.value = item.reason

    @on(events.DescendantFocus)
    def follow_cursor(self, event: events.DescendantFocus) -> None:
        """The item under the cursor is the one that is told of and answered."""
        # While the rows are hidden the cursor is moved by the framework, not by a person.
        if isinstance(event.widget, CheckRow) and not self.zoomed:
            self._current = event.widget.item.id
            self.show_current()
            self.refresh_coach()

    def _go_to(self, item_id: str) -> None:
        for row in self._rows():
            if row.item.id == item_id:
                self._current = item_id
                row.focus()
        self.show_current()

    def leave_zoom(self) -> None:
        """Show everything again, the cursor where it was."""
        super().leave_zoom()
        self.call_after_refresh(self._go_to, self._current)

    # Answering

    def _advance(self) -> None:
        if self._check is not None:
            self._go_to(self._check.next_open(self._current) or self._current)

    def action_mark(self) -> None:
        """The item is as it should be; on to the next open one."""
        if self._check is None:
            return
        try:
            self.take(settle(self.workspace.store, self._check, self._current))
        except StoreError as error:
            self.refused(error)
        else:
            self._advance()

    def action_reject(self) -> None:
        """Take the answer back."""
        self._answer(Answer.OPEN)

    def action_accept(self) -> None:
        """Accept the item as it is, once a reason is written."""
        if self._check is not None:
            self._accepting = self._current
            self._type("Because")

    def action_comment(self) -> None:
        """Write a comment on the item."""
        if self._check is not None:
            self._type("Comment")

    async def action_flaw(self) -> None:
        """Note that the item is to be fixed, mask what it is about, and go to Edit."""
        if self._check is None:
            return
        image, areas = self._check.image, self.to_fix()
        try:
            self.take(send_to_fix(self.workspace.store, self._check, self._current))
            # A mask of a large picture takes more than a frame to draw and to write.
            kept = await asyncio.to_thread(mask_for_fix, self.workspace, image, areas)
        except StoreError as error:
            self.refused(error)
            return
        if kept:
            says = f"The mask that was drawn there is kept as “{kept}”: w, then ', puts it in."
            self.app.notify(says, markup=False, timeout=6)
        self.keepers.show_step("edit")

    def action_export(self) -> None:
        """Write a file, if the sign-off allows it or a waiver is written."""
        if self._check is None:
            return
        self._store_typed()

        async def back(_result: None) -> None:
            # The export may have put a waiver on record.
            self._check = open_check(self.workspace)
            self.show_all()

        self.app.push_screen(ExportScreen(self.workspace, self._check), back)

    def shown_file(self) -> Path | None:
        """The file that is checked."""
        return None if self._check is None else self.workspace.file(self._check.image)

    def _answer(self, given: Answer, reason: str | None = None) -> None:
        if self._check is None:
            return
        try:
            self.take(answer(self.workspace.store, self._check, self._current, given, reason))
        except StoreError as error:
            self.refused(error)

    # Comments and reasons

    def _type(self, label: str) -> None:
        if self.zoomed:
            self.leave_zoom()
        field = self.query_one("#reason", Field)
        field.retitle(label)
        field.start_typing()

    @on(Field.Changed, "#reason")
    def note_typed(self, event: Field.Changed) -> None:
        """What is typed is on disk a moment later."""
        self._typed = (self._current, event.value)
        if self._timer is None:
            self._timer = self.set_timer(_DEBOUNCE, self._store_typed)

    @on(Field.Left, "#reason")
    def end_typing(self, event: Field.Left) -> None:
        """Enter accepts, if that was asked for; the cursor goes back to the items."""
        accepting, self._accepting = self._accepting, ""
        if accepting:
            self._current = accepting
        self._store_typed()
        self._go_to(self._current)
        if self._check is None or not (accepting and event.submitted):
            self.show_all()
            return
        if not event.field.value:
            self._trouble = "Accepting needs a reason: press a, write one line, then enter."
            self.refresh_frame()
            return
        self._answer(Answer.ACCEPTED, event.field.value)
        self._advance()

    def _store_typed(self) -> None:
        self._timer = None
        typed, self._typed = self._typed, None
        if typed is None or self._check is None:
            return
        item = self._check.item(typed[0])
        # An accepted item whose reason is emptied is open again.
        given = item.answer
        if given is Answer.ACCEPTED and not typed[1]:
            given = Answer.OPEN
        try:
            self._check = answer(self.workspace.store, self._check, item.id, given, typed[1])
        except StoreError as error:
            self._typed = typed
            self.refused(error)
