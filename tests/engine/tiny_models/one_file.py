"""Writes a Stable Diffusion folder as the one file that other programs keep models in.

The names are those of the original code (CompVis' latent-diffusion), which diffusers reads back.
"""

import re
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_ATTENTION = {"to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out", "group_norm": "norm"}


def write_one_file(
    model: Path,
    file: Path,
    parts: tuple[str, ...] = ("unet", "vae", "text_encoder"),
    more: tuple[str, ...] = (),
) -> None:
    """Write parts of a model into a file.

    Args:
        model: the diffusers folder.
        file: a `.safetensors` file.
        parts: folders in it.
        more: tensors that only say something by being there.
    """
    found = {name: torch.zeros(()) for name in more}
    for part in parts:
        weights = {
            name: tensor
            for path in sorted((model / part).glob("*.safetensors"))
            for name, tensor in load_file(path).items()
        }
        for name, tensor in weights.items():
            original = _named(part, name, set(weights))
            is_kernel = re.search(r"attn_1\.(q|k|v|proj_out)\.weight", original)
            found[original] = tensor[:, :, None, None] if is_kernel else tensor
    save_file({name: tensor.contiguous() for name, tensor in found.items()}, file)


def _named(part: str, name: str, names: set[str]) -> str:
    if part == "text_encoder":
        return f"cond_stage_model.transformer.text_model.{name.removeprefix('text_model.')}"
    if part == "unet":
        return f"model.diffusion_model.{_unet(name, names)}"
    return f"first_stage_model.{_autoencoder(name, names)}"


def _unet(name: str, names: set[str]) -> str:
    layers = len(
        {each for each in names if re.search(r"^down_blocks\.0.resnets.\d+.conv1.b", each)}
    )
    for own, original in _ENDS.items():
        if name.startswith(f"{own}."):
            return name.replace(own, original, 1)
    found = re.fullmatch(r"(down|up|mid)_block(?:s\.(\d+))?\.(\w+)\.(\d+)\.(.+)", name)
    assert found, name
    where, level, kind, number, rest = found.groups()
    place = int(number)
    if kind == "resnets":
        inner, _, leaf = rest.rpartition(".")
        rest = f"{_RESNET[inner]}.{leaf}"
    if where == "mid":
        return f"middle_block.{1 if kind == 'attentions' else 2 * place}.{rest}"
    first = int(level) * (layers + 1)
    if where == "down":
        if kind == "downsamplers":
            return f"input_blocks.{first + layers + 1}.0.op.{rest.removeprefix('conv.')}"
        return f"input_blocks.{first + place + 1}.{int(kind == 'attentions')}.{rest}"
    if kind == "upsamplers":
        attends = any(each.startswith(f"up_blocks.{level}.attentions") for each in names)
        return f"output_blocks.{first + layers}.{1 + attends}.{rest}"
    return f"output_blocks.{first + place}.{int(kind == 'attentions')}.{rest}"


def _autoencoder(name: str, names: set[str]) -> str:
    levels = len({each.split(".")[2] for each in names if each.startswith("decoder.up_blocks.")})
    name = re.sub(r"conv_norm_out", "norm_out", name).replace("conv_shortcut", "nin_shortcut")
    name = name.replace("mid_block.attentions.0.", "mid.attn_1.")
    for own, original in _ATTENTION.items():
        name = re.sub(rf"(attn_1\.){re.escape(own)}\.", rf"\1{original}.", name)
    for number in (0, 1):
        name = name.replace(f"mid_block.resnets.{number}.", f"mid.block_{number + 1}.")
    name = re.sub(r"down_blocks\.(\d+)\.resnets\.", r"down.\1.block.", name)
    name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0\.", r"down.\1.downsample.", name)

    def mirrored(found: re.Match[str]) -> str:
        return f"up.{levels - 1 - int(found[1])}.{found[2]}"

    name = re.sub(r"up_blocks\.(\d+)\.(resnets)\.", mirrored, name).replace("resnets", "block.")
    name = re.sub(r"up_blocks\.(\d+)\.(upsamplers)\.0\.", mirrored, name)
    return name.replace("upsamplers", "upsample.")
