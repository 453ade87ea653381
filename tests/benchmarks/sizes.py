"""The models that are measured: the starter, and random ones as large as those people use."""

from dataclasses import dataclass

STARTER = "starter"


@dataclass(frozen=True)
class Size:
    """How a model of one family is asked, and how much of it is drawn."""

    name: str
    """As `--size` has it."""
    title: str
    guidance: float
    """As an intent has it; 1 for a model whose guidance is an input of its network."""
    negatives: str
    side: int
    """Pixels that the real one draws best; drawn on a GPU."""
    steps: int
    """Drawn on a GPU."""
    guidance_scale: float
    """What the bare script asks for to get the same."""


SIZES = {
    size.name: size
    for size in (
        Size(STARTER, "the starter", 4.0, "blurry", 128, 20, 4.0),
        Size("sd15", "a Stable Diffusion 1.5", 4.0, "blurry", 512, 20, 4.0),
        Size("sdxl", "an SDXL", 4.0, "blurry", 1024, 20, 4.0),
        # 3.5 is what its pipeline takes unless told, and so what Keepers takes.
        Size("flux", "a Flux", 1.0, "", 1024, 20, 3.5),
    )
}
CPU_SIDE, CPU_STEPS = 128, 2
"""Of all but the starter on a processor, which would take minutes for a picture of their own."""
