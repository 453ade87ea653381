"""How the weights of convolutions lie in memory: channels last, as fast kernels read them.

Measured on two CPU cores: a batch of the starter is 12 % faster, a Stable Diffusion 1.5 decodes a
fifth faster and denoises 5 % faster; pixels differ in the last bits. On GPUs, tensor cores want it:
https://docs.pytorch.org/tutorials/intermediate/memory_format_tutorial.html
"""

import torch
from torch import nn

_MOST_COPIED = 512 * 2**20
"""Bytes of weights above which the processor reads them from the file as they lie there: another
layout is a copy, and takes its memory once more."""


def lay_out(network: object, device: str) -> None:
    """Put the weights of a network's convolutions channels last, where that is worth it.

    What computes on a GPU is laid out whole, wherever its weights wait, so that offloading changes
    no pixels. Networks for films or without convolutions stay as they are.

    Args:
        network: a part of a pipeline.
        device: where it computes, as torch names it.
    """
    if not isinstance(network, nn.Module):
        return
    sides = {weight.ndim for weight in network.parameters()}
    if 4 not in sides or 5 in sides:
        return
    size = sum(weight.numel() * weight.element_size() for weight in network.parameters())
    if device != "cpu" or size <= _MOST_COPIED:
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
