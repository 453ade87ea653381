"""Sixels over the blocks of an image view, once nothing moves.

Text that is written over a sixel destroys it, and Textual writes text wherever something changes.
So the view is always drawn in blocks, and whenever its cells have been written, the sixels are
laid over them again, unless something else is in front.
"""

from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.worker import get_current_worker

from tui.terminal.sixel import at, sixels
from tui.widgets.seen import Seen

if TYPE_CHECKING:
    from tui.widgets.image_view import ImageView

_IDLE = 0.08
"""Seconds without a change, after which they are drawn."""


class SixelLayer:
    """The sixels of one view."""

    def __init__(self, view: "ImageView") -> None:
        self._view = view
        self._timer: Timer | None = None
        self._made: tuple[object, str] | None = None
        """For which key, and the sequence."""

    def touched(self) -> None:
        """The cells of the view have been written."""
        if self._timer is None:
            self._timer = self._view.set_timer(_IDLE, self._draw)
        else:
            self._timer.reset()

    def _draw(self) -> None:
        self._timer = None
        view = self._view
        seen = view.seen
        if seen is None or not view.wants_sharp or not self._is_in_front():
            return
        if not view.pictures.pace.has_room:
            self.touched()
            return
        columns, rows = view.pictures.cells_of(seen.size, *view.size)
        key = (view.look, columns, rows)
        if self._made is None or self._made[0] != key:
            view.run_worker(
                partial(self._encode, key, seen, columns, rows),
                group="encode",
                thread=True,
                exclusive=True,
                exit_on_error=False,
            )
            return
        region = view.content_region
        left = region.x + (region.width - columns) // 2
        top = region.y + (region.height - rows) // 2
        view.pictures.write(at(self._made[1], left, top))

    def _is_in_front(self) -> bool:
        """Whether all of the view is seen, and no notice lies over it."""
        view = self._view
        app = view.app
        if not view.is_mounted or not view.display or view.screen is not app.screen:
            return False
        if app._notifications and view.screen.query("Toast"):
            # As soon as the notice goes, the cells under it are written, and this asked again.
            return False
        return view.screen.find_widget(view).visible_region == view.region

    def _encode(self, key: object, seen: Seen, columns: int, rows: int) -> None:
        worker = get_current_worker()
        made = sixels(seen.part(), columns, rows, self._view.pictures.choice.cell)
        if not worker.is_cancelled:
            self._view.app.call_from_thread(self._take, key, made)

    def _take(self, key: object, made: str) -> None:
        if self._view.is_mounted:
            self._made = (key, made)
            self._draw()
