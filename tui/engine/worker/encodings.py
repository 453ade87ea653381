"""What a model's text encoders answered, so that unchanged words are not read a second time.

Families differ in how they read a prompt: templates, several encoders, masks, lengths. All of them
ask their encoders in the end, once for each text, so that is where answers are kept: whatever the
pipeline does with an answer, it does with the very same numbers. Where it is not plain that an
answer depends only on what is looked at here, the encoder is asked.
"""

import json
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils import _pytree as pytree
from transformers import Cache
from transformers.utils import ModelOutput

from tui.engine.worker.kept_latents import digest
from tui.engine.worker.packing import Packer, Tree, UnpackableError
from tui.engine.worker.replacing import replaced_forward

_MOST_BYTES = 256 << 20
_MOST_SHARE = 4
"""Part of all the bytes that one answer may have. Some encoders tell all that they thought, some
hundred megabytes of it: these would drive out everything else, and cost time to copy."""
_OWN_HOOKS = "transformers.utils.output_capturing"
"""Those by which transformers collects hidden states: they are part of the encoder."""


@dataclass(frozen=True)
class _Answer:
    """One answer; its tensors are in the processor's memory, where there is more of it."""

    kind: type
    """A `ModelOutput`, or a plain tuple or tensor."""
    tree: Tree
    tensors: dict[str, torch.Tensor]
    size: int
    """Bytes."""
    device: torch.device
    """Where the encoder answered."""

    def given(self) -> Any:
        """A copy, as the encoder would answer."""
        value = Packer(self.tensors).unpack(self.tree, self.device)
        return self.kind(**value) if issubclass(self.kind, ModelOutput) else value


class Encodings:
    """Answers by all that was asked; the least used go where there are too many bytes of them."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._weights: dict[str, list[tuple[weakref.ref[torch.Tensor], int]]] = {}

    @property
    def size(self) -> int:
        """Bytes of all answers."""
        return sum(answer.size for answer in self._answers.values())

    @contextmanager
    def remembering(self, pipe: Any) -> Iterator[None]:
        """While it lasts the text encoders of a pipeline are asked only what is not known."""
        with ExitStack() as stack:
            for name, module in pipe.components.items():
                if "text_encoder" in name and isinstance(module, torch.nn.Module):
                    ask = self._asking(name, module, module.forward)
                    stack.enter_context(replaced_forward(module, ask))
            yield

    def _asking(
        self, name: str, module: torch.nn.Module, forward: Callable[..., Any]
    ) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            self._forget_other_weights(name, module)
            key = _key(name, module, args, kwargs)
            if not key:
                return forward(*args, **kwargs)
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key].given()
            answer = forward(*args, **kwargs)
            self._keep(key, _taken(answer, kwargs, self._most_bytes // _MOST_SHARE))
            return answer

        return ask

    def _keep(self, key: str, answer: _Answer | None) -> None:
        if answer is None:
            return
        self._answers[key] = answer
        while self.size > self._most_bytes:
            self._answers.popitem(last=False)

    def _forget_other_weights(self, name: str, module: torch.nn.Module) -> None:
        """An adapter, another precision, a new word: what was answered before is no longer true."""
        # Not buffers: these are tables that nobody learns, and offloading makes them anew.
        weights, known = list(module.parameters()), self._weights.get(name)
        if known is not None and (
            len(weights) != len(known)
            or any(
                ref() is not weight or version != weight._version
                for weight, (ref, version) in zip(weights, known, strict=True)
            )
        ):
            # Those of other encoders do not depend on these weights.
            for key in [key for key in self._answers if key.startswith(f"{name} ")]:
                del self._answers[key]
            known = None
        if known is None:
            self._weights[name] = [(weakref.ref(weight), weight._version) for weight in weights]


def _key(name: str, module: torch.nn.Module, args: Any, kwargs: Any) -> str:
    """All that an answer depends on, as one name; empty where that is not plain."""
    if torch.is_grad_enabled() or kwargs.get("use_cache") or _is_meddled_with(module):
        return ""
    packer = Packer()
    try:
        asked = packer.pack({"args": list(args), "kwargs": kwargs})
    except UnpackableError:
        return ""
    # How strongly adapters count is no weight of theirs.
    adapters = [
        [str(getattr(part, word, "")) for word in ("scaling", "active_adapters", "merged_adapters")]
        for part in module.modules()
        if hasattr(part, "scaling")
    ]
    told = json.dumps([asked, torch.get_num_threads(), adapters], sort_keys=True)
    return f"{name} {digest(name, told, packer.tensors)}"


def _is_meddled_with(module: torch.nn.Module) -> bool:
    """Whether somebody listens to its parts, or would have it answer at random."""
    return any(
        part.training
        or (
            part is not module
            and any(
                getattr(hook, "__module__", "") != _OWN_HOOKS
                for hook in (*part._forward_hooks.values(), *part._forward_pre_hooks.values())
            )
        )
        for part in module.modules()
    )


def _taken(answer: Any, asked: dict[str, Any], most_bytes: int) -> _Answer | None:
    """The answer to keep; None where it cannot be given again to the bit, or is too large."""
    value = answer
    if isinstance(answer, ModelOutput):
        # Who does not ask for the memory of a language model does not have it go on, and who asks
        # for hidden states reads those and not the next word.
        value = {
            name: part
            for name, part in answer.items()
            if not isinstance(part, Cache)
            and not (name == "logits" and asked.get("output_hidden_states"))
        }
    leaves = [x for x in pytree.tree_leaves(value) if isinstance(x, torch.Tensor)]
    size = sum(leaf.nbytes for leaf in leaves)
    if size > most_bytes or not all(leaf.is_contiguous() for leaf in leaves):
        return None
    packer = Packer()
    try:
        device = leaves[0].device if leaves else torch.device("cpu")
        return _Answer(type(answer), packer.pack(value), packer.tensors, size, device)
    except UnpackableError:
        return None
