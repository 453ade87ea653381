"""Drawing a mask on the screen's picture, with the keys that work then in the last line."""

from collections.abc import Callable

from textual import events, on

from tui.commands import MASKING
from tui.domain.text import as_sentence, clean
from tui.imaging.errors import ImagingError
from tui.screens.help import HelpScreen
from tui.screens.line import LineScreen
from tui.screens.pick import PickScreen
from tui.screens.zooming import ZoomScreen
from tui.store.errors import StoreError
from tui.widgets.edit_panel import EditPanel
from tui.widgets.field import Field
from tui.widgets.frame import KeyLine
from tui.widgets.mask_view import MaskView
from tui.workflow.edit_session import EditSession
from tui.workflow.mask_files import keep_mask, named_masks, take_mask
from tui.workflow.masking import MaskEditor

_BOXES = (
    ("0% 0% 50% 100%", "left half"),
    ("50% 0% 100% 100%", "right half"),
    ("0% 0% 100% 50%", "upper half"),
    ("0% 50% 100% 100%", "lower half"),
    ("25% 25% 75% 75%", "middle"),
    ("0% 0% 100% 100%", "everything"),
)
"""Offered where a box is typed; their names hold no digit, so that numbers are always a box."""


class MaskingScreen(ZoomScreen):
    """A screen with a `MaskView` and an `EditPanel` for one image."""

    def __init__(self) -> None:
        super().__init__()
        self.session: EditSession | None = None
        """The image that is edited; None until it is read, or where there is none."""
        self.reading = False
        """Whether an image is being read."""
        self._mask_soon = False

    @property
    def view(self) -> MaskView:
        """The picture."""
        return self.query_one("#picture", MaskView)

    @property
    def masking(self) -> bool:
        """Whether keys draw."""
        return self.view.masking

    def changed(self) -> None:
        """For screens: the mask, or what goes with it, is another one."""

    def show_picture(self) -> None:
        """For screens: show what is to be seen now."""

    def action_mask(self) -> None:
        """Give the keys to the picture, or as soon as it is read."""
        if self.reading:
            self._mask_soon = True
            return
        self._mask_soon = False
        if self.session is None:
            self.say("There is no image to mask: choose one in Batch, with 3.")
            return
        self.add_class("-masking")
        self.show_picture()
        self.view.begin()
        self.show_mask()
        self.refresh_frame()

    def mask_if_wanted(self) -> None:
        """The image is read: do what was asked for before it was."""
        self.reading = False
        if self._mask_soon:
            self.action_mask()

    def say(self, sentence: str) -> None:
        """One sentence about what was pressed."""
        self.notify(clean(sentence, limit=300), markup=False, severity="warning", timeout=6)

    def show_mask(self) -> None:
        """Mask and keys in words."""
        editor = self.session.editor if self.session else None
        self.query_one(EditPanel).show_mask(editor, masking=self.masking)
        self.refresh_keys()

    def refresh_keys(self) -> None:
        """The third state: masking."""
        super().refresh_keys()
        if self.masking:
            self.query_one(KeyLine).state = "masking"

    def legend(self) -> str:
        """The keys of the mask while it is drawn."""
        return self.view.legend if self.masking else super().legend()

    @on(MaskView.Pressed)
    def follow_mask(self, message: MaskView.Pressed) -> None:
        """Say what the key did."""
        if message.says:
            self.say(message.says)
        if self.session is not None:
            self.query_one(EditPanel).show_settings(self.session.draft)
        self.show_mask()
        self.changed()

    @on(MaskView.Left)
    def leave_mask(self) -> None:
        """Commands again; what to paint comes next."""
        self.remove_class("-masking")
        self.query_one("#paint", Field).focus()
        self.show_picture()
        self.show_mask()
        self.refresh_frame()

    @on(MaskView.BoxWanted)
    def ask_box(self) -> None:
        """Numbers, or a part of the picture by its name."""
        title = "Box: left top right bottom, in px or %, as 10% 20% 50% 60%; or a part"
        self.app.push_screen(PickScreen(title, _BOXES, free=True), self._take_box)

    @on(MaskView.KeepWanted)
    def ask_name(self) -> None:
        """A name for the mask."""
        if self.session is None or self.session.editor.is_empty:
            self.say("The mask is empty, so there is nothing to keep: v starts a rectangle.")
            return
        self.app.push_screen(LineScreen("Keep this mask as"), self._keep)

    @on(MaskView.TakeWanted)
    def ask_mask(self) -> None:
        """One that was kept, or a path."""
        try:
            kept = named_masks(self.workspace)
        except StoreError as error:
            self.say(str(error))
            return
        title = "Mask: one that was kept, or the path of a greyscale PNG"
        rows = [(name, name) for name in kept]
        self.app.push_screen(PickScreen(title, rows, free=True), self._take_mask)

    @on(MaskView.HelpWanted)
    def show_help(self) -> None:
        """All keys of this state."""
        self.app.push_screen(HelpScreen(MASKING, self.keepers.keys))

    @on(events.ScreenResume)
    def draw_on(self) -> None:
        """Back from a question the keys still belong to the picture."""
        if self.masking:
            self.view.focus()

    def _take_box(self, text: str | None) -> None:
        if text is not None:
            self._put_in(lambda editor: editor.take_box(text))

    def _keep(self, name: str | None) -> None:
        if not name or self.session is None:
            return
        try:
            kept = keep_mask(self.workspace, name, self.session.editor.mask)
        except (ImagingError, StoreError) as error:
            self.say(str(error))
        else:
            self.notify(f"Kept as “{kept}”: ' puts it in again.", markup=False, timeout=6)

    def _take_mask(self, named: str | None) -> None:
        if named is not None:
            self._put_in(
                lambda editor: editor.take_mask(take_mask(self.workspace, named, editor.size))
            )

    def _put_in(self, put: Callable[[MaskEditor], None]) -> None:
        if self.session is None:
            return
        try:
            put(self.session.editor)
        except (ImagingError, StoreError) as error:
            self.say(as_sentence(str(error)))
            return
        self.view.redraw()
        self.show_mask()
        self.changed()
