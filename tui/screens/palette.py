"""All commands of a screen by name; `q` then enter leaves the program, as `:q` does."""

from collections.abc import Mapping

from tui.commands import commands_in, key_names, keys_of
from tui.screens.pick import PickScreen


class PaletteScreen(PickScreen):
    """Returns the action of the chosen command."""

    def __init__(self, place: str, keymap: Mapping[str, str]) -> None:
        rows = [
            (
                command.action,
                f"{command.name:16} {key_names(keys_of(command, keymap)):16} {command.tooltip}",
            )
            for command in commands_in(place)
            if command.id not in ("palette", "up", "down", "left", "right")
        ]
        super().__init__("Commands", [("app.quit", "quit (q)  Leave Keepers."), *rows])
