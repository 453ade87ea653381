"""What a scheduler knows in the middle of a drawing, as tensors on the processor and JSON.

Both ways are exact: every number, type, memory format and device comes back as it was.
"""

from typing import Any

import numpy as np
import torch

Tree = dict[str, Any]
"""JSON for one value; tensors are in it by name."""

PACKED = (type(None), bool, int, float, str, list, tuple, dict, np.ndarray, np.generic)
"""What is taken apart, beside tensors."""


class UnpackableError(TypeError):
    """A value that cannot be taken over into another drawing."""


class Packer:
    """Takes values apart, and puts them together again."""

    def __init__(self, tensors: dict[str, torch.Tensor] | None = None) -> None:
        self.tensors: dict[str, torch.Tensor] = {} if tensors is None else tensors
        """By name; on the processor, contiguous."""

    def pack(self, value: Any) -> Tree:
        """The value as JSON; its tensors are copied.

        Raises:
            UnpackableError: it is, or holds, something else than numbers, texts and tensors.
        """
        if isinstance(value, torch.Tensor):
            return self._packed_tensor(value)
        if isinstance(value, np.ndarray | np.generic):
            kind = "array" if isinstance(value, np.ndarray) else "scalar"
            return {"numpy": kind, **self._packed_tensor(torch.from_numpy(np.array(value)))}
        if value is None or type(value) in (bool, int, float, str):
            return {"value": value}
        if type(value) in (list, tuple):
            return {type(value).__name__: [self.pack(item) for item in value]}
        if type(value) is dict and all(type(key) is str for key in value):
            return {"dict": {key: self.pack(item) for key, item in value.items()}}
        raise UnpackableError(type(value).__name__)

    def unpack(self, tree: Tree, device: torch.device) -> Any:
        """The value again.

        Args:
            tree: what `pack` made of it.
            device: where tensors go that were not on the processor.

        Raises:
            KeyError, ValueError: that is no such tree.
        """
        (kind, inner), *_ = tree.items()
        match kind:
            case "value":
                return inner
            case "list":
                return [self.unpack(item, device) for item in inner]
            case "tuple":
                return tuple(self.unpack(item, device) for item in inner)
            case "dict":
                return {key: self.unpack(item, device) for key, item in inner.items()}
            case "numpy":
                array = self.tensors[tree["tensor"]].clone().numpy()
                return array[()] if inner == "scalar" else array
            case "tensor":
                # Cloned: a drawing may compute in place, and another one begin from here too.
                found = self.tensors[inner].clone()
                if tree["last"]:
                    found = found.contiguous(memory_format=torch.channels_last)
                return found if tree["cpu"] else found.to(device)
        raise ValueError(f"no kind of value: {kind}")

    def _packed_tensor(self, tensor: torch.Tensor) -> Tree:
        name = f"t{len(self.tensors)}"
        # Another memory format may have another kernel compute the next step.
        last = (
            tensor.ndim == 4
            and not tensor.is_contiguous()
            and tensor.is_contiguous(memory_format=torch.channels_last)
        )
        copy = tensor.detach().to("cpu", copy=True).contiguous()
        self.tensors[name] = copy
        return {"tensor": name, "cpu": tensor.device.type == "cpu", "last": last}
