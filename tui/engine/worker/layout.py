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
_LINE = 64
"""Bytes of a processor's cache line, at which torch lets memory begin."""


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
    if device == "cpu" and size > _MOST_COPIED:
        return
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if device == "cpu":
        _let_go_of_file(network)


def is_in_file(network: nn.Module) -> bool:
    """Whether all of its weights are read from their file as they lie there."""
    return all(_lies_in_file(weight) for weight in network.parameters())


def _let_go_of_file(network: nn.Module) -> None:
    """Copy what still lies in the file that was read, for its last tensor holds all of it.

    The file is mapped into memory as a whole, and what has been read of it counts as ours: all that
    was copied from it would be held twice.
    """
    for tensor in (*network.parameters(), *network.buffers()):
        if _lies_in_file(tensor):
            tensor.data = _copied(tensor.data)


def _lies_in_file(tensor: torch.Tensor) -> bool:
    # Memory that torch has not taken itself it cannot make larger.
    return not tensor.untyped_storage().resizable()


def _copied(tensor: torch.Tensor) -> torch.Tensor:
    """The same numbers in memory of their own.

    They begin as far from a cache line as before: kernels may add up in an order that follows from
    that, and pixels are to stay the same.
    """
    memory = torch.empty(tensor.nbytes + _LINE, dtype=torch.uint8)
    begin = (tensor.data_ptr() - memory.data_ptr()) % _LINE
    if begin % tensor.element_size():
        return tensor.clone()
    own = memory[begin : begin + tensor.nbytes].view(tensor.dtype)
    return own.as_strided(tensor.shape, tensor.stride(), own.storage_offset()).copy_(tensor)
