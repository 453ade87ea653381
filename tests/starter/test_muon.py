"""Muon: equal steps in all directions, for any shape of weight, and the same after a restart."""

import copy

import pytest
import torch
from torch import nn

from tui.starter.recipe.muon import Muon, hidden, whitened


@pytest.mark.parametrize("shape", [(8, 8), (8, 72), (72, 8), (192, 256)])
def test_all_directions_become_about_as_strong(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    found = whitened(matrix)
    assert found.shape == matrix.shape
    strengths = torch.linalg.svdvals(found)
    assert float(strengths.min()) > 0.4
    assert float(strengths.max()) < 1.4
    # Only their strengths change: the directions stay.
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    turned = left.T @ found @ right.T
    assert torch.allclose(turned, torch.diag(turned.diagonal()), atol=1e-3)


def test_a_network_is_parted_into_hidden_weights_and_others() -> None:
    network = nn.ModuleDict(
        {
            "conv_in": nn.Conv2d(3, 4, 3),
            "middle": nn.Conv2d(4, 4, 3),
            "norm": nn.GroupNorm(2, 4),
            "embedding": nn.Embedding(5, 4),
        }
    )
    inner, others = hidden(network)
    assert [tuple(weight.shape) for weight in inner] == [(4, 4, 3, 3)]
    assert len(inner) + len(others) == len(list(network.parameters()))


def _run(network: nn.Module, optimiser: Muon, steps: range) -> float:
    loss = torch.tensor(0.0)
    for number in steps:
        chance = torch.Generator().manual_seed(number)
        pictures = torch.randn((16, 4, 6, 6), generator=chance)
        # A blur is to be learned.
        wanted = nn.functional.avg_pool2d(pictures, 3, 1, 1)
        for group in optimiser.param_groups:
            group["lr"] = 0.01
        loss = nn.functional.mse_loss(network(pictures), wanted)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        optimiser.zero_grad()
    return loss.item()


def test_it_learns_and_goes_on_as_if_nothing_had_been() -> None:
    torch.manual_seed(0)
    network = nn.Conv2d(4, 4, 3, padding=1, bias=False)
    other = copy.deepcopy(network)
    whole = Muon([{"params": list(network.parameters())}])
    first = _run(network, whole, range(1))
    last = _run(network, whole, range(1, 120))
    assert last < first / 20

    part = Muon([{"params": list(other.parameters())}])
    _run(other, part, range(50))
    again = Muon([{"params": list(other.parameters())}])
    again.load_state_dict(copy.deepcopy(part.state_dict()))
    assert _run(other, again, range(50, 120)) == last
