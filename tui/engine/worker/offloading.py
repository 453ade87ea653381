"""Models of which only a part, or a layer, is on the device at a time."""

from typing import Any

import torch
from diffusers import ModelMixin, hooks

from tui.engine.worker.ladder import Offload


def offloads_of(pipe: Any, device: str) -> tuple[Offload, ...]:
    """What this pipeline can do there; on the processor there is nowhere else to put it.

    Args:
        pipe: a pipeline; None before it is loaded.
        device: as torch names it.
    """
    if device == "cpu":
        return ()
    if pipe is None:
        # Part by part nothing is on the device while loading; that is all that loading needs.
        return (Offload.PARTS,)
    found = []
    if _takes_parts(pipe):
        found.append(Offload.PARTS)
    if _takes_layers(pipe):
        found.append(Offload.LAYERS)
    return tuple(found)


def apply_offload(pipe: Any, device: str, offload: Offload) -> None:
    """Have less of a pipeline on its device; never more than before.

    Args:
        pipe: on the device, offloaded less, or not placed yet.
        device: where it computes, as torch names it.
        offload: how; not `NONE`. Where the pipeline has no order of parts, they are layers, and
            where its layers cannot be moved, parts.
    """
    if _goes_by_parts(pipe, offload):
        pipe.enable_model_cpu_offload(device=device)
        return
    # What was hooked part by part would move whole parts again.
    pipe.remove_all_hooks()
    pipe.to("cpu", silence_dtype_warnings=True)
    for part in pipe.components.values():
        if isinstance(part, torch.nn.Module):
            _go_by_layers(part, device)


def offload_part(pipe: Any, name: str, device: str, offload: Offload) -> None:
    """Offload a part that has come into an offloaded pipeline, as the others are.

    Args:
        pipe: offloaded that way already, but for this part.
        name: of the part among its components.
        device: where it computes, as torch names it.
        offload: how; not `NONE`.
    """
    if _goes_by_parts(pipe, offload):
        # Each part makes room for the next one, so all are hooked anew.
        pipe.enable_model_cpu_offload(device=device)
        return
    part = getattr(pipe, name)
    if is_by_layers(part):
        return  # it was here before, and has kept its hooks
    pipe.remove_all_hooks()
    part.to("cpu")
    _go_by_layers(part, device)


def is_by_layers(part: torch.nn.Module) -> bool:
    """Whether its layers are moved to the device one by one."""
    return any(hasattr(layer, "_diffusers_hook") for layer in part.modules())


def _go_by_layers(part: torch.nn.Module, device: str) -> None:
    """Have its layers moved one by one, ahead of their turn where that is right.

    What is moved ahead comes from copies in the type of this moment, and some pipelines make an
    autoencoder more precise while they use it: the next layer would have the old type. Nor would
    it gain anything, for it is asked to decode and not called, so that its order is never learned.
    """
    target = torch.device(device)
    ahead = target.type == "cuda" and not hasattr(part, "decode")
    # By leaves, because of those that are not called. Memory is pinned only for what is on its
    # way: a model that does not fit a GPU may fill the machine as well.
    how: dict[str, Any] = {"offload_type": "leaf_level", "low_cpu_mem_usage": ahead}
    if isinstance(part, ModelMixin):
        part.enable_group_offload(target, use_stream=ahead, **how)
    else:
        hooks.apply_group_offloading(part, target, use_stream=ahead, **how)


def computes_on(module: Any) -> torch.device:
    """Where a module computes, which is not where its weights wait."""
    for part in module.modules():
        device = getattr(getattr(part, "_hf_hook", None), "execution_device", None)
        if device is not None:
            return torch.device(device)
    found: torch.device = module.device
    return found


def _goes_by_parts(pipe: Any, offload: Offload) -> bool:
    return _takes_parts(pipe) and (offload is Offload.PARTS or not _takes_layers(pipe))


def _takes_parts(pipe: Any) -> bool:
    """Whether it says in which order its parts compute."""
    return bool(getattr(pipe, "model_cpu_offload_seq", None))


def _takes_layers(pipe: Any) -> bool:
    """Whether each of its networks lets its layers be moved ahead of their turn.

    diffusers has an older way for those that do not, accelerate's; with the versions used here it
    breaks on text encoders, so that it is not taken.
    """
    return hasattr(pipe, "enable_group_offload") and all(
        getattr(part, "_supports_group_offloading", True) for part in pipe.components.values()
    )
