"""What an image view shows through kitty's placeholders."""

import time
from functools import partial
from typing import TYPE_CHECKING

from rich.style import Style
from textual.strip import Strip
from textual.worker import get_current_worker

from tui.terminal import kitty
from tui.terminal.strips import text_strips
from tui.terminal.uploads import Upload
from tui.widgets.seen import Seen

if TYPE_CHECKING:
    from tui.widgets.image_view import ImageView

_PATIENCE = 0.25
"""Seconds after which a picture that is still on its way is drawn in blocks."""


class Placeholders:
    """The upload that one view shows, and the one it waits for."""

    def __init__(self, view: "ImageView") -> None:
        self._view = view
        self._upload: Upload | None = None
        self._key: object = None
        """What the upload shows, or will show."""
        self._preparing: object = None
        self._since = 0.0
        self._lines: tuple[object, list[Strip]] | None = None

    def lines(self, key: object, seen: Seen) -> list[Strip] | None:
        """The view's lines; None while the picture is on its way.

        Args:
            key: changes with everything that changes the picture or its cells.
            seen: what the view shows.
        """
        upload = self._upload
        if upload is None or not upload.alive or self._key != key:
            upload = self._find(key, seen)
        if upload is None or not upload.arrived:
            return None
        shown = (upload, self._view.size)
        if self._lines is None or self._lines[0] != shown:
            width, height = self._view.size
            top = (height - upload.rows) // 2
            texts = kitty.cells(upload.number & kitty.LAST_NUMBER, upload.columns, upload.rows)
            lines = text_strips(texts, upload.columns, width, top, height, Style())
            self._lines = shown, lines
        return self._lines[1]

    @property
    def is_late(self) -> bool:
        """Whether the picture has been on its way for so long that something should be shown."""
        return time.monotonic() - self._since > _PATIENCE

    def let_go(self) -> None:
        """Show nothing any more."""
        uploads = self._view.pictures.uploads
        if self._upload is not None and uploads is not None:
            uploads.release(self._upload, self._view)
        self._upload = self._key = self._preparing = None

    def _find(self, key: object, seen: Seen) -> Upload | None:
        view, pictures = self._view, self._view.pictures
        cells = self._cells(seen)
        known = pictures.remembered.get(seen.picture, (seen.box, cells))
        if known is not None and seen.overlay is None:
            known.holders.add(view)
            self._hold(known, key)
            return known
        if self._preparing != key:
            self._preparing, self._since = key, time.monotonic()
            view.set_timer(_PATIENCE + 0.01, view.refresh)
            # Not now: the view is just being drawn.
            view.call_later(
                view.run_worker,
                partial(self._encode, key, seen, cells),
                group="encode",
                thread=True,
                exclusive=True,
                exit_on_error=False,
            )
        return None

    def _cells(self, seen: Seen) -> tuple[int, int]:
        return self._view.pictures.cells_of(seen.size, *self._view.size)

    def _encode(self, key: object, seen: Seen, cells: tuple[int, int]) -> None:
        worker = get_current_worker()
        part = seen.part()
        size = self._view.pictures.pixels_of(cells)
        data = kitty.png(part, size)
        if not worker.is_cancelled:
            pixels = min(size[0], part.width), min(size[1], part.height)
            self._view.app.call_from_thread(self._offer, key, seen, data, pixels, cells)

    def _offer(
        self,
        key: object,
        seen: Seen,
        png: bytes,
        size: tuple[int, int],
        cells: tuple[int, int],
    ) -> None:
        view, uploads = self._view, self._view.pictures.uploads
        if key != self._preparing or uploads is None or not view.is_mounted:
            return
        upload = uploads.offer(png, size, cells, view)
        if seen.overlay is None:
            view.pictures.remembered.add(seen.picture, (seen.box, cells), upload)
        self._hold(upload, key)
        if upload.arrived:
            view.picture_changed()

    def _hold(self, upload: Upload, key: object) -> None:
        before, self._upload, self._key = self._upload, upload, key
        self._preparing = None
        uploads = self._view.pictures.uploads
        if before is not None and before is not upload and uploads is not None:
            uploads.release(before, self._view)
