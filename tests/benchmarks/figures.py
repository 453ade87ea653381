"""What is drawn beside each other, and what it cost each side."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.sizes import Size


@dataclass(frozen=True)
class Task:
    """What both draw, two at once."""

    size: Size
    model: Path
    device: str
    """`cpu` or `cuda:N`."""
    precision: str
    steps: int
    side: int
    """Pixels."""


class Cost(NamedTuple):
    """Seconds that a drawing took."""

    wall: float
    processor: float
    """Of all processors; it tells less of what else the machine does."""


@dataclass
class Figures:
    """What one side cost."""

    loads: list[Cost] = field(default_factory=list)
    """From nothing to two images."""
    same: list[Cost] = field(default_factory=list)
    """Words that were drawn before."""
    changed: list[Cost] = field(default_factory=list)
    """One layer that was not drawn before."""
    memory: int = 0
    """Most bytes that were resident at once."""
    on_gpu: int = 0
    """Most bytes of the GPU at once."""
