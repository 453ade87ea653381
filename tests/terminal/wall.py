"""A wall of the program's own image views, in a real terminal: what the tests look at.

`python -m tests.terminal.wall LOG CONFIG PICTURE…`: a line in LOG for every key that arrives.
Keys: tab moves the cursor, s changes the status, m opens and closes a modal screen, n shows the
next picture in the first view, r refreshes all, f leaves for a moment as for an editor,
z looks closer at the first view, q leaves.
"""

import json
import sys
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.cli.interface import choosing, chosen
from tui.imaging.pixels import open_picture
from tui.store.settings import Settings
from tui.terminal.choosing import Choice
from tui.terminal.driver import TerminalDriver
from tui.terminal.pictures import Pictures
from tui.widgets.image_view import ImageView


class Pane(Vertical, can_focus=True):
    """A picture in a frame that shows where the cursor is."""

    DEFAULT_CSS = "Pane { border: round gray; } Pane:focus { border: double white; }"


class Question(ModalScreen[None]):
    """Lies over the wall, and dims it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("m", "dismiss")]

    def compose(self) -> ComposeResult:
        yield Static("a question")


class Wall(App[None]):
    CSS = "#wall { grid-size: 3; } #wall.-one { grid-size: 1; } Static { height: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "status"),
        Binding("m", "ask"),
        Binding("n", "next"),
        Binding("r", "again"),
        Binding("f", "away"),
        Binding("p", "preview"),
        Binding("z", "zoom"),
        Binding("ctrl+l", "redraw"),
        Binding("q", "quit"),
    ]

    def __init__(self, log: Path, settings: Settings, files: list[Path], choice: Choice) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.pictures = Pictures(
            choice, blocks=settings.blocks, bytes_per_second=settings.picture_bytes_per_second
        )
        self._log_file, self._files, self._count, self._shown = log, files, 0, 0

    def compose(self) -> ComposeResult:
        yield Static("status 0", id="status")
        with Grid(id="wall", classes="-one" if len(self._files) == 1 else ""):
            for file in self._files[:9]:
                with Pane():
                    yield ImageView(file)

    def on_mount(self) -> None:
        self.pictures.connect(self)
        if self.pictures.uploads is not None:
            self.run_worker(self.pictures.uploads.run(), exit_on_error=False)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            with self._log_file.open("a") as log:
                log.write(f"{event.key}\n")
        await super().on_event(event)

    def on_app_focus(self) -> None:
        if self.pictures.uploads is not None:
            self.run_worker(self.pictures.uploads.check(), exit_on_error=False)

    def action_status(self) -> None:
        self._count += 1
        self.query_one("#status", Static).update(f"status {self._count}")

    def action_ask(self) -> None:
        self.push_screen(Question())

    def action_next(self) -> None:
        self._shown += 1
        self.query(ImageView).first().show_path(self._files[self._shown % len(self._files)])

    def action_again(self) -> None:
        for view in self.query(ImageView):
            view.refresh()

    def action_away(self) -> None:
        with self.suspend():
            print("away", flush=True)

    def action_preview(self) -> None:
        self.query(ImageView).first().show(open_picture(self._files[0]), live=True)

    def action_zoom(self) -> None:
        self.query(ImageView).first().zoom_in()

    def action_redraw(self) -> None:
        self.pictures.draw_again()
        self.screen.refresh(layout=True)


def main() -> None:
    log, config, *files = sys.argv[1:]
    settings = Settings(**json.loads(config))
    with choosing(None, settings) as asked:
        Wall(Path(log), settings, [Path(file) for file in files], chosen(asked)).run()


if __name__ == "__main__":
    main()
