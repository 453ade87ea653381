"""Step 1: what the picture is for, saved as it is typed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from textual import on, work
from textual.widget import Widget

from tui.commands import bindings
from tui.domain.brief import Brief, Kind, Stakes
from tui.screens.writing import WritingScreen
from tui.store.errors import StoreError
from tui.widgets.choice import Choice
from tui.widgets.field import Field
from tui.widgets.frame import CoachLine, TitleLine
from tui.widgets.items_field import ItemsField
from tui.workflow.brief_facts import advice, drawn_size, experience, related_words
from tui.workflow.sizes import SizeError, parse_size, size_in_words

_LABEL = 17
_TEXTS = {
    "purpose": ("What is it for", "the header of our jobs page, a birthday card, …"),
    "place": ("Where it appears", "web page, slide, print, …"),
    "style_context": ("Style context", "brand colours, the pictures beside it, …"),
}
_SIZES = "1200 x 630, square, a4, 10 x 15 cm, …"


class BriefScreen(WritingScreen):
    """A row for each part of the brief."""

    PLACE = "brief"
    BINDINGS = bindings("brief")
    FOOTER = (
        ("open", "type"),
        ("mark", "choose"),
        ("reject", "remove"),
        ("undo", "undo"),
        ("next-step", "next step"),
        ("projects", "projects"),
        ("library", "library"),
    )
    CSS_PATH = Path("brief.tcss")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._no_size = ""
        """Why what stands in the size's row is none."""
        self._rounds: tuple[int, ...] = ()
        self._related = 0

    @property
    def brief(self) -> Brief:
        """The brief as it was typed last."""
        return self.workspace.project.brief

    def body(self) -> Iterable[Widget]:
        """The rows."""
        brief = self.brief
        size = size_in_words(brief.width, brief.height)
        yield self._text_row("purpose")
        yield self._text_row("place")
        yield Field("Size", size, placeholder=_SIZES, id="size")
        yield Choice("Kind of image".ljust(_LABEL), tuple(Kind), brief.kind, id="kind")
        yield Choice("Stakes".ljust(_LABEL), tuple(Stakes), brief.stakes, id="stakes")
        yield ItemsField("Must contain", brief.must_contain, id="must_contain")
        yield ItemsField("Must avoid", brief.must_avoid, id="must_avoid")
        yield self._text_row("style_context")

    def coach(self) -> str:
        """What is wrong, else what to expect."""
        if self.refused:
            return f"Not on the disk yet: {self.refused}. It is kept here and tried again."
        return self._no_size or advice(self.brief, self._rounds, self._related)

    def on_mount(self) -> None:
        """Start on the first row; in a new brief, typing."""
        first = self.query_one("#purpose", Field)
        if self.brief == Brief():
            first.start_typing()
        else:
            first.focus()
        self._show_size()
        self._look_around()

    # What is typed

    @on(Field.Changed)
    def take_text(self, event: Field.Changed) -> None:
        """A line of text; the size is read from it."""
        if event.field.id in _TEXTS:
            self._take(**{event.field.id: event.value})
        elif event.field.id == "size":
            self._take_size(event.value)

    @on(Choice.Changed)
    def take_choice(self, event: Choice.Changed) -> None:
        """Kind or stakes."""
        kinds = {"kind": Kind, "stakes": Stakes}
        if event.choice.id in kinds:
            self._take(**{event.choice.id: kinds[event.choice.id](event.value)})

    @on(ItemsField.Changed)
    def take_items(self, event: ItemsField.Changed) -> None:
        """A list."""
        self._take(**{str(event.items_field.id): event.items})

    @on(Field.Left, "#size")
    def tidy_size(self) -> None:
        """A size that was understood is shown as it was understood."""
        if not self._no_size:
            self.query_one("#size", Field).value = size_in_words(
                self.brief.width, self.brief.height
            )

    def action_reject(self) -> None:
        """Take the item under the cursor out of its list."""
        row = self.focused
        if isinstance(row, Field) and isinstance(row.parent, ItemsField):
            row.parent.remove_item(row)

    def action_left(self) -> None:
        """For remapped keys, as the next two: a choice knows the usual ones itself."""
        self._turn(-1)

    def action_right(self) -> None:
        """Choose the next value."""
        self._turn(1)

    def action_mark(self) -> None:
        """Choose the next value."""
        self._turn(1)

    def action_undo(self) -> None:
        """Bring back the item that was taken out last."""
        for items in sorted(self.query(ItemsField), key=lambda i: i.removed_at, reverse=True):
            if items.put_back():
                return

    def _turn(self, by: int) -> None:
        if isinstance(self.focused, Choice):
            self.focused.step(by)

    def _take_size(self, text: str) -> None:
        try:
            width, height = parse_size(text)
        except SizeError as error:
            self._no_size = f"Size: {error}."
            self._show_size()
            self.refresh_frame()
            return
        self._no_size = ""
        self._take(width=width, height=height)
        self._show_size()

    def _take(self, **fields: Any) -> None:
        self.workspace.note(brief=msgspec.structs.replace(self.brief, **fields))
        self.write_soon()
        # The rest of the frame follows when it is written: this is done for every letter.
        self.query_one(TitleLine).project = self.workspace.project.name
        self.query_one(CoachLine).says = self.coach()

    def written(self) -> None:
        """It is on disk: see what is known of others like it."""
        if not self.refused:
            self._look_around()

    # What is known of others like it

    @work(thread=True, exclusive=True, exit_on_error=False, group="around")
    def _look_around(self) -> None:
        store, brief = self.workspace.store, self.brief
        try:
            rounds = experience(store, brief.kind)
            related = store.library.related(related_words(brief))
        except StoreError:
            # A hint less; what matters is told where it is saved.
            return
        self.app.call_from_thread(self._show_around, rounds, related)

    def _show_around(self, rounds: tuple[int, ...], related: int) -> None:
        self._rounds, self._related = rounds, related
        self.refresh_frame()

    def _show_size(self) -> None:
        note = "no size yet" if self._no_size else drawn_size(self.brief, self.workspace.options)
        self.query_one("#size", Field).note = note

    def _text_row(self, name: str) -> Field:
        label, placeholder = _TEXTS[name]
        return Field(label, getattr(self.brief, name), placeholder=placeholder, id=name)
