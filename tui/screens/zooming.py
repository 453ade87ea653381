"""Screens that look closely at one picture."""

from tui.screens.frame import FrameScreen
from tui.widgets.image_view import ImageView


class ZoomScreen(FrameScreen):
    """A screen with one picture: z looks closer, h j k l move, escape leaves.

    While `-zoomed`, the stylesheet of the screen hides all of its body but the picture.
    """

    @property
    def picture(self) -> ImageView:
        """The picture that is looked at."""
        return self.query_one("#picture", ImageView)

    @property
    def zoomed(self) -> bool:
        """Whether the picture fills the body."""
        return self.has_class("-zoomed")

    def action_zoom(self) -> None:
        """Closer; after the closest look, back."""
        if self.picture.picture is None:
            return
        self.add_class("-zoomed")
        self.picture.zoom_in()
        if self.picture.zoom == 1:
            self.leave_zoom()
        self.refresh_keys()

    def leave_zoom(self) -> None:
        """Show everything again."""
        self.picture.zoom = 1
        self.remove_class("-zoomed")
        self.refresh_keys()

    def action_left(self) -> None:
        """Look further left."""
        self._pan(-1, 0)

    def action_right(self) -> None:
        """Look further right."""
        self._pan(1, 0)

    def action_down(self) -> None:
        """Look further down, or go to the next row."""
        if self.zoomed:
            self._pan(0, 1)
        else:
            super().action_down()

    def action_up(self) -> None:
        """Look further up, or go to the row before."""
        if self.zoomed:
            self._pan(0, -1)
        else:
            super().action_up()

    def action_back(self) -> None:
        """Out of the close look, or of the screen."""
        if self.zoomed:
            self.leave_zoom()
        else:
            super().action_back()

    def _pan(self, right: int, down: int) -> None:
        if self.zoomed:
            self.picture.pan(right, down)

    def legend(self) -> str:
        """The keys of the close look while there is one."""
        if self.zoomed:
            return f"{self.picture.zoom_words}  h j k l move  z closer  esc leave"
        return super().legend()
