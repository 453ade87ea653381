"""A screen that shows a picture's file: its path is copied, or other programs open it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.app import SuspendNotSupported
from textual.screen import Screen

from tui.domain.text import clean
from tui.terminal.outside import run_outside, start_beside
from tui.workflow.fetching import fetch_line
from tui.workflow.viewer import ViewerError, not_opened, viewer_for

if TYPE_CHECKING:
    from tui.app import KeepersApp


class FileScreen(Screen[None]):
    """A screen on which one picture is the one that is looked at."""

    def shown_file(self) -> Path | None:
        """For screens: the file of the picture that is looked at, if there is one."""
        raise NotImplementedError

    def action_copy_path(self) -> None:
        """Copy the path by OSC 52, and say how to fetch the file from another machine."""
        path = self.shown_file()
        if path is None:
            return
        self.app.copy_to_clipboard(str(path))
        self.notify(
            f"Copied {clean(str(path), limit=500)}\n{clean(fetch_line(path), limit=600)}",
            markup=False,
            timeout=15,
        )

    def action_open_outside(self) -> None:
        """Open the picture in a program of the person's own."""
        path = self.shown_file()
        if path is None:
            return
        try:
            viewer = viewer_for(cast("KeepersApp", self.app).settings.viewer, os.environ, path)
        except ViewerError as error:
            self._say_refused(str(error))
            return
        try:
            if viewer.in_terminal:
                run_outside(self.app, viewer.command, wait=True)
            else:
                start_beside(viewer.command)
        except OSError as error:
            self._say_refused(not_opened(viewer, error))
        except SuspendNotSupported:
            self._say_refused("This terminal cannot be lent to another program: y copies the path.")

    def _say_refused(self, sentence: str) -> None:
        self.notify(sentence, severity="warning", markup=False, timeout=10)
