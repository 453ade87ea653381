"""Step 5: repair an area, edit lightly; each result is a new image, nothing is replaced."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from textual import events, on, work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.commands import bindings
from tui.domain.text import as_sentence
from tui.imaging.errors import ImagingError
from tui.screens.edit_repairs import RepairsScreen
from tui.screens.line import LineScreen
from tui.screens.options import OptionsScreen
from tui.screens.pick import PickScreen
from tui.screens.shown_file import FileScreen
from tui.store.errors import StoreError
from tui.store.images import ImageRecord
from tui.widgets.edit_panel import EditPanel
from tui.widgets.field import Field
from tui.widgets.mask_view import MaskView
from tui.widgets.results_row import ResultsRow
from tui.workflow import editing
from tui.workflow.edit_scene import scene
from tui.workflow.edit_session import EditSession
from tui.workflow.importing import import_picture, what_came
from tui.workflow.repairing import Repair

_LEAST_PREVIEW = 256
"""Pixels of a preview's longer side."""
_WIDE, _LARGE = 70, 120
"""Columns from which there is room for the panel beside the picture, and for a wider one."""
_LOW = 16
"""Rows from which a panel below the picture can be as high as the picture."""


class EditScreen(FileScreen, RepairsScreen):
    """The chosen image at the left; mask, words, numbers and light edits at the right."""

    PLACE = "edit"
    BINDINGS = bindings("edit")
    FOOTER = (
        ("mask", "mask"),
        ("generate", "generate"),
        ("add-edit", "light edit"),
        ("write", "write"),
        ("undo", "undo"),
        ("zoom", "zoom"),
        ("next-step", "next step"),
        ("blink", "blink"),
    )
    CSS_PATH = Path("edit.tcss")

    def body(self) -> Iterable[Widget]:
        """Picture and results; the panel."""
        with Horizontal(id="edit"):
            with Vertical(id="left"):
                yield MaskView(self.keepers.keys, id="picture")
                yield Static(id="caption")
                yield ResultsRow(id="results")
            yield EditPanel(id="panel")

    def coach(self) -> str:
        """What the process suggests now."""
        if self.masking:
            return ""
        if self.results.places:
            return "h l compares with before, enter takes one as a new image, x puts them away."
        return editing.coach(self.workspace, self.session)

    # What is open

    @on(events.Mount)
    def open_chosen(self) -> None:
        """Read the chosen image."""
        self.reading = True
        self._open()

    def reopen(self) -> None:
        """Read the image that was chosen here."""
        self.reading = True
        self._open()

    def on_resize(self, event: events.Resize) -> None:
        """One column where there is no room for two."""
        self.set_class(event.size.width < _WIDE, "-narrow")
        self.set_class(event.size.width >= _LARGE, "-large")
        self.set_class(event.size.height < _LOW, "-low")

    @work(exclusive=True, group="open-image", exit_on_error=False)
    async def _open(self) -> None:
        chosen = self.workspace.chosen()
        self.save_now()
        self.session, self._repair, self._before = None, None, False
        if chosen is not None:
            try:
                self.session = await asyncio.to_thread(EditSession.open, self.workspace, chosen)
                self._repair = Repair.latest(self.workspace, chosen)
            except (ImagingError, StoreError) as error:
                self.view.show(None, str(error))
        else:
            self.view.show(None, "No image is chosen: press 3 and mark the closest with space.")
        self.view.edit(self.session.editor if self.session else None)
        if self.session is not None:
            await self.query_one(EditPanel).fill(self.session.draft)
            self._look_at(0)
        self.show_mask()
        self.refresh_frame()
        if self.focused is None:
            self.query_one("#paint", Field).focus()
        self.mask_if_wanted()

    # What is shown

    def show_picture(self) -> None:
        """The image, its light edits, a result, or how far it is."""
        self._show()

    @work(exclusive=True, group="show-picture", exit_on_error=False)
    async def _show(self) -> None:
        if (session := self.session) is None:
            return
        side = max(_LEAST_PREVIEW, self.view.pixels_across)
        try:
            seen = await asyncio.to_thread(
                scene,
                session,
                self._repair,
                at=self.results.at,
                before=self._before,
                masking=self.masking,
                side=side,
            )
        except (ImagingError, StoreError) as error:
            self.say(str(error))
            return
        self.view.fits = seen.fits
        self.view.show(seen.picture)
        self.query_one(EditPanel).show_levels(seen.levels)
        caption = self.query_one("#caption", Static)
        caption.update(Content(f" {seen.caption}"))
        caption.display = bool(seen.caption)

    # Commands

    def action_left(self) -> None:
        """Look further left, or at the result before."""
        self._move(-1)

    def action_right(self) -> None:
        """Look further right, or at the next result."""
        self._move(1)

    def action_back(self) -> None:
        """Out of the close look, from a result to the image, or out of the screen."""
        if self.results.at and not self.zoomed:
            self._look_at(0)
        else:
            super().action_back()

    def action_zoom(self) -> None:
        """Closer, in as many pixels as that takes."""
        super().action_zoom()
        self.show_picture()

    def action_blink(self) -> None:
        """Before, and after again."""
        self._before = not self._before
        self.show_picture()

    def action_undo(self) -> None:
        """Back to the image that this one was made from; this one stays in the lineage."""
        if self.session is None:
            return
        parent = editing.parent_of(self.workspace, self.session.image)
        if parent is None:
            self.say("There is nothing to go back to: this image is the first of its line.")
            return
        self._go_to(parent.id)
        self.notify("Back at the image before; ctrl+r shows what was made from it.", markup=False)

    def action_history(self) -> None:
        """Choose among the images that were made from this one."""
        if self.session is None:
            return
        made = editing.made_from(self.workspace, self.session.image)
        if not made:
            self.say("Nothing was made from this image yet: w masks, E adds a light edit.")
            return
        self.app.push_screen(PickScreen("Made from this image", made), self._go_to)

    def action_options(self) -> None:
        """Seed, steps, guidance and the rest."""
        self.app.push_screen(OptionsScreen())

    def shown_file(self) -> Path | None:
        """The file that is edited."""
        return None if self.session is None else self.workspace.file(self.session.image)

    def action_import(self) -> None:
        """A picture from elsewhere: what came of this one, or a start."""
        what = "Path of the picture to take in"
        if self.session is not None:
            what = "Path of what another program made of this image"
        self.app.push_screen(LineScreen(what), self._take_in)

    def _take_in(self, path: str | None) -> None:
        if path:
            self._import(Path(path).expanduser())

    @work(exclusive=True, group="import", exit_on_error=False)
    async def _import(self, path: Path) -> None:
        store, project = self.workspace.store, self.workspace.project
        parent = None if self.session is None else self.session.image
        try:
            image = await asyncio.to_thread(import_picture, store, project, path, parent)
            says = ""
            if parent is not None:
                says = await asyncio.to_thread(what_came, store, parent, image)
        except (ImagingError, StoreError) as error:
            self.say(as_sentence(str(error)))
            return
        self.save_now()
        self.workspace.choose(image.id)
        self.notify(f"Taken in. {as_sentence(says)}" if says else "Taken in.", markup=False)
        self.reopen()

    def written(self, image: ImageRecord) -> None:
        """Go on with the image that was written."""
        size = f"{image.width} × {image.height}"
        self.notify(f"Written as a new image, {size}; u goes back.", markup=False)
        self.reopen()

    def _go_to(self, image_id: str | None) -> None:
        if image_id is not None:
            self.save_now()
            self.workspace.choose(image_id)
            self.reopen()

    def _move(self, by: int) -> None:
        if self.zoomed:
            self._pan(by, 0)
        elif self.results.places:
            at = self.results.at + by
            if 0 <= at <= len(self.results.places):
                self._look_at(at)
