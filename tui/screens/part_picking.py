"""The LoRAs and the VAE of the options: add, weigh, take away; by name, path or hub id."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from tui.domain.lora import short_name
from tui.screens.line import LineScreen
from tui.screens.pick import PickScreen
from tui.workflow.part_options import lora_choices, vae_choices, with_lora, with_vae, with_weight

if TYPE_CHECKING:
    from tui.screens.options import OptionsScreen

_LORAS = "LoRAs: choose one to weigh it or take it away, or type a path, with :0.8 for its weight"
_VAES = "VAE: choose one that fits the model, or type a folder or a hub id"


async def choose_loras(screen: "OptionsScreen") -> None:
    """Ask which one, and then for its weight where it is in the list already."""
    folder = screen.keepers.workspace.store.home.loras
    choices = await asyncio.to_thread(lora_choices, screen.options, folder)

    def chosen(value: str | None) -> None:
        if value is None:
            return
        known = [lora.reference for lora in screen.options.loras]
        reference = value.removeprefix("=")
        if value.startswith("=") and reference in known:
            _weigh(screen, reference, f"{screen.options.loras[known.index(reference)].weight:g}")
        else:
            screen.try_parts(partial(with_lora, screen.options, value, folder))

    screen.app.push_screen(PickScreen(_LORAS, choices, free=True), chosen)


async def choose_vae(screen: "OptionsScreen") -> None:
    """Ask which one; those of the hub's cache are offered, and any may be typed."""
    choices = await asyncio.to_thread(vae_choices, screen.options)

    def chosen(value: str | None) -> None:
        if value is not None:
            screen.try_parts(partial(with_vae, screen.options, value))

    screen.app.push_screen(PickScreen(_VAES, choices, free=True), chosen)


def _weigh(screen: "OptionsScreen", reference: str, weight: str) -> None:
    def take(text: str | None) -> None:
        if text is not None:
            screen.try_parts(partial(with_weight, screen.options, reference, text))

    hint = "enter take · empty takes it away · esc leave"
    screen.app.push_screen(LineScreen(f"Weight of {short_name(reference)}", weight, hint), take)
