"""What a loaded model offers where memory runs out, found by looking at it."""

from typing import Any

from tui.domain.recipe import Route
from tui.engine.worker.decoding import decodes_apart
from tui.engine.worker.ladder import Means
from tui.engine.worker.loading import Model
from tui.engine.worker.offloading import offloads_of
from tui.engine.worker.tiling import slices, tiling_effects


def means_of(
    model: Model, pipe: Any, route: Route, *, size: tuple[int, int], part: int, count: int
) -> Means:
    """What can be done.

    Args:
        model: what is loaded.
        pipe: the one of its pipelines that draws.
        route: by which it does.
        size: width and height that it draws.
        part: images that it draws together.
        count: images of the whole batch.
    """
    effects = tiling_effects(model.vae, size, taken_together(pipe, route, part))
    return Means(
        count,
        offloads_of(model.pipe, model.placement.device),
        tiles=bool(effects),
        tiles_before=bool(effects) and route is not Route.TEXT_TO_IMAGE,
        decodes_together=not (decodes_apart(pipe) or slices(model.vae)),
    )


def taken_together(pipe: Any, route: Route, part: int) -> int:
    """How many of the pictures drawn together the autoencoder is given at once."""
    return 1 if decodes_apart(pipe) and route is Route.TEXT_TO_IMAGE else part
