"""Choosing a layer's text: from what was written before, and from the keepers of the library."""

from collections.abc import Callable

import msgspec
from textual.screen import Screen

from tui.domain.prompt import Layers
from tui.screens.pick import PickScreen
from tui.store.store import Store
from tui.workflow.prompt_start import from_library, library_rows


def pick_before(
    screen: Screen[None], store: Store, layer: str, draft: Layers, take: Callable[[Layers], None]
) -> None:
    """Offer what was written into a layer before; `take` is told the layers with it."""
    texts = store.layer_history.list(layer, 200)
    if not texts:
        screen.notify(
            f"No {layer} layer was drawn with yet: what you generate is kept here.", markup=False
        )
        return

    def chosen(number: str | None) -> None:
        if number is not None:
            take(msgspec.structs.replace(draft, **{layer: texts[int(number)]}))

    rows = [(str(number), text) for number, text in enumerate(texts)]
    screen.app.push_screen(PickScreen(f"Written before: {layer}", rows), chosen)


def pick_keeper(
    screen: Screen[None], store: Store, layer: str, draft: Layers, take: Callable[[Layers], None]
) -> None:
    """Offer that layer of each keeper, and all its layers; `take` is told the new layers."""
    rows = library_rows(store, layer)
    if not rows:
        screen.notify("The library is empty: keepers are saved in step 7, Save.", markup=False)
        return

    def chosen(value: str | None) -> None:
        if value is not None:
            take(from_library(store, value, layer, draft))

    screen.app.push_screen(PickScreen(f"From the library: {layer}", rows), chosen)
