"""The LoRAs of the options: add one by name or path, weigh one, take one away."""

from functools import partial
from typing import TYPE_CHECKING

from tui.domain.lora import short_name
from tui.screens.line import LineScreen
from tui.screens.pick import PickScreen
from tui.workflow.part_options import lora_choices, with_lora, with_weight

if TYPE_CHECKING:
    from tui.screens.options import OptionsScreen

_TITLE = "LoRAs: choose one to weigh it or take it away, or type a path, with :0.8 for its weight"


def choose_loras(screen: "OptionsScreen") -> None:
    """Ask which one, and then for its weight where it is in the list already."""
    folder = screen.keepers.workspace.store.home.loras
    choices = lora_choices(screen.options, folder)

    def chosen(value: str | None) -> None:
        if value is None:
            return
        known = [lora.reference for lora in screen.options.loras]
        reference = value.removeprefix("=")
        if value.startswith("=") and reference in known:
            _weigh(screen, reference, f"{screen.options.loras[known.index(reference)].weight:g}")
        else:
            screen.try_parts(partial(with_lora, screen.options, value, folder))

    screen.app.push_screen(PickScreen(_TITLE, choices, free=True), chosen)


def _weigh(screen: "OptionsScreen", reference: str, weight: str) -> None:
    def take(text: str | None) -> None:
        if text is not None:
            screen.try_parts(partial(with_weight, screen.options, reference, text))

    hint = "enter take · empty takes it away · esc leave"
    screen.app.push_screen(LineScreen(f"Weight of {short_name(reference)}", weight, hint), take)
