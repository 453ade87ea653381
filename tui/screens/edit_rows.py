"""The rows beside the picture: words, numbers and light edits, kept on disk as they change."""

import asyncio

import msgspec
from textual import on, work
from textual.timer import Timer

from tui.domain.text import as_sentence
from tui.imaging.errors import ImagingError
from tui.screens.edit_masking import MaskingScreen
from tui.screens.pick import PickScreen
from tui.store.errors import StoreError
from tui.store.images import ImageRecord
from tui.widgets.action_row import ActionRow
from tui.widgets.dial import Dial
from tui.widgets.edit_panel import EditPanel, StepRow
from tui.widgets.field import Field
from tui.workflow import editing, light_edits
from tui.workflow.edit_draft import EditDraft
from tui.workflow.edit_session import EditSession

_SAVE_SECONDS = 0.2
_UPSCALE = "upscale"


class EditRowsScreen(MaskingScreen):
    """A screen with an `EditPanel` whose rows do something to the session."""

    def __init__(self) -> None:
        super().__init__()
        self._timer: Timer | None = None

    def on_unmount(self) -> None:
        """Nothing waits for the timer when the screen goes."""
        self.save_now()

    def written(self, image: ImageRecord) -> None:
        """For screens: the light edits are a new image."""

    def upscale(self) -> None:
        """For screens: ask which model is to enlarge the image."""

    def changed(self) -> None:
        """Keep it, in a moment; a timer that runs goes on, for somebody who never pauses."""
        if self._timer is None:
            self._timer = self.set_timer(_SAVE_SECONDS, self._save_soon)

    def save_now(self) -> None:
        """Keep it at once."""
        if self.session is not None:
            try:
                self.session.save()
            except StoreError as error:
                self.say(str(error))

    def _save_soon(self) -> None:
        self._timer = None
        if self.session is not None:
            self._save_off_loop(self.session)

    @work(group="save-edit", exit_on_error=False)
    async def _save_off_loop(self, session: EditSession) -> None:
        try:
            await asyncio.to_thread(session.save)
        except StoreError as error:
            self.say(str(error))

    # Light edits

    def action_add_edit(self) -> None:
        """Choose a light edit; what the brief asks for comes first."""
        if self.session is None:
            self.say("There is no image to edit: choose one in Batch, with 3.")
            return
        found = light_edits.offers(
            self.workspace.project.brief, self.session.image, self.session.editor.mask
        )

        def add(chosen: str | None) -> None:
            if chosen == _UPSCALE:
                self.upscale()
            elif chosen is not None and self.session is not None:
                operation = found[int(chosen)].operation
                self._put(light_edits.added_step(self.session.draft, operation), to=-1)

        rows = [(str(number), offer.line) for number, offer in enumerate(found)]
        rows.append((_UPSCALE, "upscale · larger, by a super-resolution model that you have"))
        self.app.push_screen(PickScreen("Add a light edit", rows), add)

    def action_mark(self) -> None:
        """Put the light edit under the cursor on or off, or the matching of the seam."""
        if self.session is None:
            return
        if (row := self._row()) is not None:
            self._put(light_edits.toggled_step(self.session.draft, row.number))
        elif self.focused is not None and (name := self.focused.id) == "match_seam":
            self._put(light_edits.stepped_setting(self.session.draft, name, 1, 1), seen=False)

    def action_on_mask(self) -> None:
        """Limit the light edit under the cursor to the mask, or free it again."""
        if self.session is None or (row := self._row()) is None:
            self.say("B is for a light edit: move to its row, or add one with E.")
            return
        draft, mask = self.session.draft, self.session.editor.mask
        try:
            self._put(light_edits.limited_step(draft, row.number, mask))
        except ImagingError as error:
            self.say(as_sentence(str(error)))

    def action_reject(self) -> None:
        """Remove the light edit under the cursor."""
        if (row := self._row()) is not None and self.session is not None:
            number = row.number
            self._put(light_edits.removed_step(self.session.draft, number), to=number)

    def action_write(self) -> None:
        """Write the light edits as a new image."""
        if self.session is None:
            self.say("There is no image to edit: choose one in Batch, with 3.")
        else:
            self._write(self.session)

    @work(exclusive=True, group="write-edited", exit_on_error=False)
    async def _write(self, session: EditSession) -> None:
        def write() -> ImageRecord:
            session.save()
            return editing.keep_edited(self.workspace, session.image, session.whole_draft)

        try:
            image = await asyncio.to_thread(write)
        except (ImagingError, StoreError) as error:
            self.say(str(error))
        else:
            self.written(image)

    def _row(self) -> StepRow | None:
        return self.focused if isinstance(self.focused, StepRow) else None

    def _put(self, draft: EditDraft, *, seen: bool = True, to: int | None = None) -> None:
        """Make it the draft; `to` is the row of a light edit that gets the cursor."""
        assert self.session is not None
        self.session.draft = draft
        self.changed()
        self._fill(draft, to)
        if seen:
            self.show_picture()
        self.show_mask()
        self.refresh_frame()

    @work(group="fill-panel", exit_on_error=False)
    async def _fill(self, draft: EditDraft, to: int | None) -> None:
        panel = self.query_one(EditPanel)
        await panel.fill(draft)
        if to is not None:
            rows = list(panel.query(StepRow))
            if rows:
                rows[min(to, len(rows) - 1)].focus()
            else:
                panel.query_one("#add").focus()

    # Rows

    @on(Field.Changed)
    def take_words(self, event: Field.Changed) -> None:
        """What to paint, in which style, and what not."""
        if self.session is not None and event.field.id in ("paint", "style", "detail", "negatives"):
            draft = msgspec.structs.replace(self.session.draft, **{event.field.id: event.value})
            self._put(draft, seen=False)

    @on(Dial.Stepped)
    def take_step(self, event: Dial.Stepped) -> None:
        """A number, or a light edit, a step further."""
        if (session := self.session) is None:
            return
        dial, draft = event.dial, session.draft
        if isinstance(dial, StepRow):
            operation = draft.steps[dial.number].operation.stepped(event.by)
            self._put(light_edits.changed_step(draft, dial.number, operation))
        elif dial.id:
            side = min(session.image.width, session.image.height)
            found = light_edits.stepped_setting(draft, dial.id, event.by, side)
            self._put(found, seen=bool(draft.on_mask))

    @on(Field.Left)
    def take_typed(self, event: Field.Left) -> None:
        """A number, or a light edit's value, that was typed."""
        dial, session = event.field, self.session
        if session is None or not isinstance(dial, Dial):
            return
        draft = session.draft
        try:
            if isinstance(dial, StepRow):
                operation = draft.steps[dial.number].operation.typed(dial.value)
                self._put(light_edits.changed_step(draft, dial.number, operation))
            elif dial.id:
                self._put(light_edits.typed_setting(draft, dial.id, dial.value))
        except ImagingError as error:
            self.say(str(error))
            self._put(draft)

    @on(ActionRow.Pressed, "#add")
    def add_from_row(self) -> None:
        """As the key does."""
        self.action_add_edit()

    @on(ActionRow.Pressed, "#write")
    def write_from_row(self) -> None:
        """As the key does."""
        self.action_write()
