"""What is done where memory runs out, in order: tiles, fewer at once, less of the model at once.

Each rung costs more than the one before. Only a rung that can help where it ran out is taken:
tiles make decoding smaller, fewer images make denoising smaller, and only a model that lies
elsewhere makes loading smaller.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import msgspec
from msgspec.structs import replace


class Stage(StrEnum):
    """Where a batch is; its words are read after “memory ran out”."""

    LOAD = "while loading the model"
    ENCODE = "before the first step"
    DENOISE = "while drawing"
    DECODE = "while decoding"


class Offload(IntEnum):
    """How much of a model is on the device; the rest waits in the machine's own memory."""

    NONE = 0
    """All of it."""
    PARTS = 1
    """The part that computes."""
    LAYERS = 2
    """The layer that computes."""


class Thrift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How sparingly a batch is drawn."""

    tiled: bool = False
    """Whether the autoencoder takes pictures one by one and in tiles."""
    at_once: int = 0
    """Most images drawn together; 0 for all of the batch."""
    offload: Offload = Offload.NONE


@dataclass(frozen=True)
class Means:
    """What can be done about one batch, by one model, on one device."""

    count: int
    """Images that were to be drawn together."""
    offloads: tuple[Offload, ...] = ()
    """Those there are, without `NONE`."""
    tiles: bool = False
    """Whether slices or tiles would make decoding smaller."""
    tiles_before: bool = False
    """Whether they would make smaller what comes before the drawing: a picture is encoded too."""
    decodes_together: bool = False
    """Whether all images are decoded at once, whatever the autoencoder is told."""


def step_down(thrift: Thrift, stage: Stage, means: Means) -> Thrift | None:
    """One rung that can help at this stage; None at the ladder's end."""
    tiling = means.tiles if stage is Stage.DECODE else means.tiles_before
    if tiling and not thrift.tiled and stage in (Stage.ENCODE, Stage.DECODE):
        return replace(thrift, tiled=True)
    now = min(thrift.at_once or means.count, means.count)
    halving = stage in (Stage.ENCODE, Stage.DENOISE)
    if now > 1 and (halving or (stage is Stage.DECODE and means.decodes_together)):
        return replace(thrift, at_once=(now + 1) // 2)
    deeper = [offload for offload in means.offloads if offload > thrift.offload]
    return replace(thrift, offload=min(deeper)) if deeper else None


def step_up(thrift: Thrift, count: int) -> Thrift:
    """One rung back, the dearest first.

    Args:
        thrift: what was needed at some time.
        count: images of the batch.
    """
    if thrift.offload:
        return replace(thrift, offload=Offload(thrift.offload - 1))
    if thrift.at_once:
        more = thrift.at_once * 2
        return replace(thrift, at_once=0 if more >= count else more)
    return Thrift()


def step_in_words(before: Thrift, after: Thrift, stage: Stage) -> str:
    """What a step down means to the person, and what it costs."""
    ran_out = f"memory ran out {stage}: "
    if after.tiled and not before.tiled:
        return ran_out + "going on in tiles, which is slower and changes the pixels a little"
    if after.at_once != before.at_once:
        at_a_time = "one image" if after.at_once == 1 else f"{after.at_once} images"
        return ran_out + f"going on with {at_a_time} at a time, which takes longer"
    part, much = ("part", "slower") if after.offload is Offload.PARTS else ("layer", "much slower")
    return ran_out + f"only the {part} of the model that computes is on the device now: {much}"


def too_large_in_words(device: str, offload: Offload) -> str:
    """That it is not tried to have all of a model on its device, and what that costs.

    Args:
        device: as its maker names it.
        offload: how much of it there is.
    """
    what, part, much = "the model", "part", "slower"
    if offload is Offload.LAYERS:
        what, part, much = "a part of the model alone", "layer", "much slower"
    return (
        f"{what} is larger than the memory that is free on {device}: "
        f"only the {part} of it that computes is on the device: {much}"
    )


def end_in_words(
    reference: str, size: tuple[int, int], stage: Stage, *, together: int, keeps_all: bool
) -> str:
    """That nothing is left to be stepped down, and what the person can do.

    Args:
        reference: the model, as the person named it.
        size: width and height.
        stage: where memory ran out.
        together: images that were drawn at once at the end.
        keeps_all: whether all of the model is on the device.
    """
    if stage is Stage.LOAD:
        return (
            f"{reference} does not fit into the device's memory: end what else uses that, "
            "or choose a smaller model"
        )
    count = "one image" if together == 1 else f"{together} images"
    how = "" if keeps_all else ", not even layer by layer"
    return (
        f"there is no memory for {count} of {size[0]} × {size[1]} by {reference}{how}; it ran out "
        f"{stage}: draw smaller ones, end what else uses the device, or choose a smaller model"
    )
