"""A network's repeated blocks, compiled: faster after a slow beginning, and rounded otherwise.

What repeats is what diffusers compiles “by region”. Here each block's own `forward` is compiled and
not its call, so that what stands around a block, such as the step cache, comes and goes without
anything being compiled again.
"""

import os
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import torch

from tui.domain.text import clean
from tui.engine.worker.compiled_files import remove_broken
from tui.store.errors import StoreError
from tui.store.files import make_private_folder

COMPILER = "inductor"
"""torch's own; it wants a C++ compiler on the processor, and Triton on a GPU."""

_COMPILERS = ("torch._dynamo", "torch._inductor", "triton")
"""Where the errors are from that mean that something cannot be compiled: they share no class."""

_MOST_SHAPES = 64
"""Sizes, numbers of images and weights of LoRAs that are compiled for, one loaded model long."""


class Compiled:
    """The blocks of one loaded network; they are compiled once, and put on where it is wished."""

    def __init__(self) -> None:
        self._blocks: list[tuple[Any, Callable[..., Any]]] = []
        self._known: set[Hashable] = set()
        self._has_failed = False
        self.by = ""
        """The compiler whose work is on; empty for none."""

    def wear(self, network: Any, folder: str, *, by_layers: bool, shape: Hashable) -> str:
        """Have them compiled, or as they are, whatever was before.

        Args:
            network: the one that runs once a step.
            folder: for what the compiler makes; empty to have the blocks as they are.
            by_layers: whether only a layer of the model is on the device at a time.
            shape: what it is compiled for.

        Returns:
            What is slow now, or why it is not done, in words; empty where there is nothing to say.
        """
        self.take_off()
        if not folder:
            return ""
        if self._has_failed:
            return "drawing without compiling, which failed before"
        if by_layers:
            return "drawing without compiling: only a layer of the model is on the device at a time"
        try:
            self._blocks = self._blocks or _compiled(network, Path(folder))
        except StoreError as error:
            return self.give_up(str(error))
        if not self._blocks:
            return "drawing without compiling: this network names no blocks that repeat"
        for block, forward in self._blocks:
            block.forward = forward
        self.by = COMPILER
        if shape in self._known:
            return ""
        self._known.add(shape)
        return "compiling: the first batch is slower"

    def give_up(self, why: str) -> str:
        """Have no blocks compiled from now on; that, and what would do, in words."""
        self.take_off()
        self._blocks, self._has_failed = [], True
        return (
            f"compiling failed ({why}): going on without, which is slower; "
            "compile = false in config.toml leaves it out"
        )

    def take_off(self) -> None:
        """Have the blocks as they are."""
        if self.by:
            for block, _ in self._blocks:
                del block.forward
        self.by = ""


def why_not_compiled(error: BaseException | None) -> str:
    """What the compiler said, where an error, or one that led to it, is its own; else empty."""
    while error is not None:
        if type(error).__module__.startswith(_COMPILERS):
            # What follows is how to get torch to say more.
            said = str(error).strip().partition("\n\n")[0]
            return clean(said, limit=200) or type(error).__name__
        error = error.__cause__ or error.__context__
    return ""


def _compiled(network: Any, folder: Path) -> list[tuple[Any, Callable[..., Any]]]:
    repeated = getattr(network, "_repeated_blocks", None) or ()
    blocks = [block for block in network.modules() if type(block).__name__ in repeated]
    if not blocks:
        return []
    from torch._dynamo import config

    # What lies there is run. The compiler's own place is one in /tmp that others can foresee.
    make_private_folder(folder)
    remove_broken(folder)
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder)
    os.environ["TRITON_CACHE_DIR"] = str(folder / "triton")
    limits: Any = config
    limits.recompile_limit = _MOST_SHAPES
    # Else it would go on without, and nobody would know by what a picture was made.
    limits.fail_on_recompile_limit_hit = True
    # A compiler that learns which sizes vary would round by what was drawn before.
    return [
        (block, torch.compile(block.forward, dynamic=False, backend=COMPILER)) for block in blocks
    ]
