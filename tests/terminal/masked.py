"""One picture with a mask that is drawn by keyboard, in a real terminal; arguments as the wall's.

Keys are the mask's own; once it is left, q leaves.
"""

import json
import sys
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from tui.cli.interface import choosing, chosen
from tui.imaging.pixels import open_picture, to_array
from tui.store.settings import Settings
from tui.terminal.choosing import Choice
from tui.terminal.driver import TerminalDriver
from tui.terminal.pictures import Pictures
from tui.widgets.mask_view import MaskView
from tui.workflow.masking import MaskEditor


class Masked(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "quit")]

    def __init__(self, file: Path, choice: Choice) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.pictures = Pictures(choice)
        self._picture = open_picture(file)

    def compose(self) -> ComposeResult:
        yield MaskView({}, id="picture")

    def on_mount(self) -> None:
        self.pictures.connect(self)
        if self.pictures.uploads is not None:
            self.run_worker(self.pictures.uploads.run(), exit_on_error=False)
        view = self.query_one(MaskView)
        view.edit(MaskEditor(to_array(self._picture)))
        view.show(self._picture)
        view.begin()


def main() -> None:
    _log, config, file = sys.argv[1:]
    with choosing(None, Settings(**json.loads(config))) as asked:
        Masked(Path(file), chosen(asked)).run()


if __name__ == "__main__":
    main()
