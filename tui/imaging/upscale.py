"""What a super-resolution model did to a picture, as the picture's file says it."""

import msgspec


class Upscale(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="upscale"
):
    """A picture that a model enlarged; no light edit can do that again."""

    model: str
    """Name of its file or folder."""
    revision: str
    """A hash over that."""
    scale: int
    """How many times longer both sides became."""
    tile: int
    """Pixels a side of the parts that it was given one after the other."""
    device: str
    """Name of the GPU, or of the processor."""
