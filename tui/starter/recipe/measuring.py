"""What can be said of pictures by arithmetic: background, place, likeness."""

import torch
import torch.nn.functional as functional
from torch import Tensor

from tui.starter.recipe.words import COLOURS

SMALL = 32
"""Side at which pictures are compared: what they show counts, not each pixel."""
_BORDER = 4
_STANDS_OUT = 0.12
"""Difference from the background, in any colour, from which on a pixel is the subject's."""
_NOTHING = 0.005
"""Share of the picture under which nothing stands on it."""


def backgrounds(pictures: Tensor) -> Tensor:
    """The median colour of each border, N×3, of pictures N×3×S×S from 0 to 1."""
    sides = (
        pictures[:, :, :_BORDER].flatten(2),
        pictures[:, :, -_BORDER:].flatten(2),
        pictures[:, :, :, :_BORDER].flatten(2),
        pictures[:, :, :, -_BORDER:].flatten(2),
    )
    return torch.cat(sides, 2).median(2).values


def colour_names(pictures: Tensor) -> list[str]:
    """The colour of the vocabulary that each background, of N×3×S×S, is nearest to."""
    known = torch.tensor(list(COLOURS.values())) / 255
    nearest = torch.cdist(backgrounds(pictures), known).argmin(1)
    names = list(COLOURS)
    return [names[int(place)] for place in nearest]


def subjects_of(pictures: Tensor) -> Tensor:
    """Where something stands before the background: N×S×S of 0 and 1."""
    plain = backgrounds(pictures)[:, :, None, None]
    return ((pictures - plain).abs().amax(1) > _STANDS_OUT).float()


def is_empty(pictures: Tensor) -> list[bool]:
    """Whether hardly anything stands on the background of each of N×3×S×S."""
    return [bool(share < _NOTHING) for share in subjects_of(pictures).mean((1, 2))]


def placings(pictures: Tensor) -> Tensor:
    """Where the subject of each stands: N×3, its centre across and down, and its spread.

    The picture reaches from -1 to 1 both ways. The spread is the root of the mean square of the
    distances from the centre. Nothing is in the middle with no spread.
    """
    there = subjects_of(pictures)
    line = torch.linspace(-1, 1, pictures.shape[-1])
    amount = there.sum((1, 2)).clamp(min=1)
    across = (there * line).sum((1, 2)) / amount
    down = (there * line[:, None]).sum((1, 2)) / amount
    squares = (line - across[:, None, None]) ** 2 + (line[:, None] - down[:, None, None]) ** 2
    spread = ((there * squares).sum((1, 2)) / amount).sqrt()
    return torch.stack([across, down, spread], 1)


def small(pictures: Tensor) -> Tensor:
    """Pictures N×C×S×S at the size in which they are compared."""
    return functional.adaptive_avg_pool2d(pictures, SMALL)


def distances(pictures: Tensor, references: Tensor) -> Tensor:
    """Mean square differences, N×M, of small pictures N×C×H×W and M×C×H×W."""
    width = pictures[0].numel()
    return torch.cdist(pictures.flatten(1), references.flatten(1)) ** 2 / width


def ranks(between: Tensor, right: list[int]) -> list[int]:
    """How many references, of N×M distances, are nearer to each picture than the right one."""
    own = between[torch.arange(len(right)), torch.tensor(right)]
    return [int(rank) for rank in (between < own[:, None]).sum(1)]


def edges(pictures: Tensor) -> Tensor:
    """Mean difference of neighbouring pixels, N, of pictures N×3×S×S: blur lowers, noise raises."""
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]).abs().mean((1, 2, 3))
    across = (pictures[..., 1:] - pictures[..., :-1]).abs().mean((1, 2, 3))
    return (down + across) / 2


def contrasts(pictures: Tensor) -> Tensor:
    """Spread of the pixels' values, N, of pictures N×3×S×S."""
    return pictures.flatten(1).std(1)
