"""ESRGAN's network (Wang et al. 2018, arXiv 1809.00219), with Real-ESRGAN's way to 1× and 2×."""

from pathlib import Path

import torch
import torch.nn.functional as functional
from safetensors.torch import load_file
from torch import Tensor, nn

from tui.engine.upscalers import esrgan_sizes, named_as_ours

_SHARE = 0.2
"""How much of what a block found is added to what it was given."""
_SLOPE = 0.2
"""Of activations below 0."""


class Esrgan(nn.Module):
    """Makes a picture larger.

    Args:
        features: channels between the blocks.
        growth: channels that each layer within a block adds.
        blocks: residual-in-residual dense blocks.
        doublings: times that the sides double behind them.
        unshuffle: pixels a side that become channels before them.
    """

    def __init__(
        self, *, features: int, growth: int, blocks: int, doublings: int, unshuffle: int
    ) -> None:
        super().__init__()
        self._unshuffle = unshuffle
        self.first = _layer(3 * unshuffle**2, features)
        self.blocks = nn.Sequential(*(_block(features, growth) for _ in range(blocks)))
        self.trunk = _layer(features, features)
        self.ups = nn.ModuleList(_layer(features, features) for _ in range(doublings))
        self.wide = _layer(features, features)
        self.last = _layer(features, 3)

    def forward(self, picture: Tensor) -> Tensor:
        """N × 3 × H × W from 0 to 1, larger; H and W are multiples of `unshuffle`."""
        found = self.first(functional.pixel_unshuffle(picture, self._unshuffle))
        found = found + self.trunk(self.blocks(found))
        for up in self.ups:
            found = _leaky(up(functional.interpolate(found, scale_factor=2.0, mode="nearest")))
        larger: Tensor = self.last(_leaky(self.wide(found)))
        return larger


class _Dense(nn.Sequential):
    """Five layers, each of which sees what all before it found."""

    def forward(self, given: Tensor) -> Tensor:
        *inner, last = self
        found = given
        for layer in inner:
            found = torch.cat((found, _leaky(layer(found))), 1)
        result: Tensor = given + _SHARE * last(found)
        return result


class _Block(nn.Sequential):
    """Three dense blocks in a row, around which the picture goes, too."""

    def forward(self, given: Tensor) -> Tensor:
        found = given
        for dense in self:
            found = dense(found)
        return given + _SHARE * found


def load_esrgan(file: Path) -> Esrgan:
    """The network of a safetensors file that `upscalers.upscaler_at` knows.

    Raises:
        RuntimeError: its tensors do not fit together.
    """
    tensors = load_file(file)
    ours = named_as_ours(tensors)
    named = {} if ours is None else {name: tensors[theirs] for name, theirs in ours.items()}
    sizes = esrgan_sizes({name: tuple(tensor.shape) for name, tensor in named.items()})
    if sizes is None:
        raise RuntimeError("it has changed since it was chosen")
    network = Esrgan(**sizes)
    network.load_state_dict(named)
    return network


def _leaky(found: Tensor) -> Tensor:
    """In place: it is always given what nobody else needs."""
    return functional.leaky_relu(found, _SLOPE, inplace=True)


def _layer(given: int, made: int) -> nn.Conv2d:
    return nn.Conv2d(given, made, 3, padding=1)


def _block(features: int, growth: int) -> _Block:
    dense = (
        _Dense(
            *(_layer(features + number * growth, growth) for number in range(4)),
            _layer(features + 4 * growth, features),
        )
        for _ in range(3)
    )
    return _Block(*dense)
