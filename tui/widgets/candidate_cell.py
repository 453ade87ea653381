"""One candidate of a batch: its picture, or the live preview, framed by what was said of it."""

import io
from pathlib import Path

from PIL import Image
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.widget import Widget

from tui.domain.text import clean
from tui.widgets.image_view import ImageView
from tui.workflow.batches_view import Slot, slot_title, slot_words

_PREVIEW_SIDE = 128
"""Pixels; smaller previews are enlarged to it, so that they are smooth."""


class CandidateCell(Widget):
    """A frame with number and marks above, flaws below; doubled, with ▶, under the cursor."""

    DEFAULT_CSS = """
    CandidateCell { border: round $surface-lighten-2; border-subtitle-align: left; }
    CandidateCell { border-title-color: $text-muted; border-subtitle-color: $text-muted; }
    CandidateCell.-current { border: double $accent; border-title-color: $accent; }
    CandidateCell.-rejected ImageView { opacity: 60%; }
    """

    def __init__(self, slot: Slot, number: int) -> None:
        super().__init__()
        self.slot, self.number = slot, number
        self._shown: Path | None = None
        self.doing = ""
        self._seen = False

    def compose(self) -> ComposeResult:
        """The picture."""
        yield ImageView()

    def on_mount(self) -> None:
        """Title and marks."""
        self.refresh_words()

    def show_slot(self, slot: Slot) -> None:
        """Show what is known of the candidate now; its file is read once, when it is in sight."""
        self.slot = slot
        if slot.image is not None:
            self.doing = ""
        self.set_class(slot_title(slot, 0).endswith("rejected"), "-rejected")
        self.refresh_words()
        self._load()

    def come_into_sight(self) -> None:
        """The cell is on the page that is shown."""
        self._seen = True
        self._load()

    def set_current(self, current: bool) -> None:
        """Whether the cursor is here."""
        self.set_class(current, "-current")
        self.refresh_words()

    def set_doing(self, doing: str) -> None:
        """What happens to it, while there is no image."""
        if self.slot.image is None and doing != self.doing:
            self.doing = doing
            self.refresh_words()

    def preview(self, jpeg: bytes, step: int, steps: int) -> None:
        """Show how it looks while it is being drawn."""
        if self.slot.image is None:
            self.set_doing(f"step {step}/{steps}")
            # On a slow line the next one says more than all that would have to wait before it.
            if self.query_one(ImageView).pictures.pace.has_room:
                self._decode(jpeg)

    def refresh_words(self) -> None:
        """Title and subtitle of the frame."""
        pointer = "▶" if self.has_class("-current") else ""
        title = slot_title(self.slot, self.number)
        if self.slot.image is None and self.doing:
            title = f"{title} {self.doing}"
        self.border_title = Text(f"{pointer}{clean(title, limit=60)}")
        self.border_subtitle = Text(clean(slot_words(self.slot), limit=60))

    def _load(self) -> None:
        path = self.slot.path
        if self._seen and path is not None and path != self._shown and self.is_mounted:
            self._shown = path
            self.query_one(ImageView).show_path(path)

    @work(thread=True, exclusive=True, exit_on_error=False, group="preview")
    def _decode(self, jpeg: bytes) -> None:
        try:
            picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
        except (OSError, ValueError):
            return
        scale = _PREVIEW_SIDE / max(picture.size)
        if scale > 1:
            size = (round(picture.width * scale), round(picture.height * scale))
            picture = picture.resize(size, Image.Resampling.BICUBIC)
        self.app.call_from_thread(self._show_preview, picture)

    def _show_preview(self, picture: Image.Image) -> None:
        # A preview that comes late must not cover the image.
        if self.slot.image is None and self.is_mounted:
            self.query_one(ImageView).show(picture, live=True)
