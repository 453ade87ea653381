"""An autoencoder that takes pictures one by one and in tiles, and what that does to them."""

from typing import Any

from tui.domain.adjustments import SLICED, TILED


def set_tiling(vae: Any, *, on: bool) -> None:
    """Slices and tiles, where this autoencoder knows them."""
    for name in ("slicing", "tiling"):
        if _knows(vae, name):
            getattr(vae, f"enable_{name}" if on else f"disable_{name}")()


def tiling_effects(vae: Any, size: tuple[int, int], together: int) -> tuple[str, ...]:
    """Names of what slices and tiles would do to such pictures; empty where they do nothing.

    Args:
        vae: the autoencoder.
        size: width and height in pixels.
        together: pictures that it is given at once.
    """
    found = []
    if together > 1 and _knows(vae, "slicing"):
        found.append(SLICED)
    if _knows(vae, "tiling") and any(
        side > tile for side, tile in zip(size, _tile(vae), strict=True)
    ):
        found.append(TILED)
    return tuple(found)


def adjustments_of(vae: Any, size: tuple[int, int], together: int) -> tuple[str, ...]:
    """Those that are in force, as the recipe names them."""
    on = {SLICED: "use_slicing", TILED: "use_tiling"}
    return tuple(
        name for name in tiling_effects(vae, size, together) if getattr(vae, on[name], False)
    )


def slices(vae: Any) -> bool:
    """Whether it can take pictures one by one."""
    return _knows(vae, "slicing")


def _knows(vae: Any, name: str) -> bool:
    # All have the method; those that can have the switch. Where pixels are drawn there is none.
    return hasattr(vae, f"use_{name}") and hasattr(vae, f"enable_{name}")


def _tile(vae: Any) -> tuple[float, float]:
    """Width and height of a tile in pixels; 0 where it does not say, so that all is larger."""
    side = getattr(vae, "tile_sample_min_size", 0)
    return (
        getattr(vae, "tile_sample_min_width", side),
        getattr(vae, "tile_sample_min_height", side),
    )
