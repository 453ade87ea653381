"""Super-resolution models for tests: one whose answer is known, and random ones."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from tui.domain.intent import Intent
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.engine.jobs import JobRequest
from tui.engine.worker.esrgan import Esrgan
from tui.store.paths import Home
from tui.store.store import open_store
from tui.workflow.importing import import_picture

from .helpers import PROJECT, Pixels, put_picture


def nearest(*, features: int = 8, doublings: int = 1) -> Esrgan:
    """A network that repeats every pixel, exactly; in its blocks it computes for nothing."""
    network = Esrgan(features=features, growth=4, blocks=2, doublings=doublings, unshuffle=1)
    with torch.no_grad():
        for layer in (network.first, network.trunk, *network.ups, network.wide, network.last):
            layer.weight.zero_()
            layer.bias.zero_()
            if layer is not network.trunk:
                for channel in range(3):
                    layer.weight[channel, channel, 1, 1] = 1
    return network


def save(network: Esrgan, file: Path) -> Path:
    """Its weights under Real-ESRGAN's names."""
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({real_name(name): tensor for name, tensor in network.state_dict().items()}, file)
    return file


def real_name(name: str) -> str:
    """A tensor's name in a file of Real-ESRGAN."""
    layer, kind = name.rsplit(".", 1)
    head, *numbers = layer.split(".")
    if head == "blocks":
        block, dense, conv = map(int, numbers)
        return f"body.{block}.rdb{dense + 1}.conv{conv + 1}.{kind}"
    if head == "ups":
        return f"conv_up{int(numbers[0]) + 1}.{kind}"
    return {"trunk": "conv_body", "wide": "conv_hr"}.get(head, f"conv_{head}") + f".{kind}"


def save_swin(folder: Path) -> Any:
    """A tiny random Swin2SR for 2×, which is returned, too."""
    from transformers import Swin2SRConfig, Swin2SRForImageSuperResolution

    torch.manual_seed(3)
    config = Swin2SRConfig(
        image_size=16, embed_dim=16, depths=[1, 1], num_heads=[2, 2], window_size=4, upscale=2
    )
    model = Swin2SRForImageSuperResolution(config).eval()
    model.save_pretrained(folder)
    return model


def imported(home: Home, picture: Pixels, folder: Path) -> str:
    """A picture as an image of the tests' project; its id."""
    file = folder / "picture.png"
    Image.fromarray(picture).save(file)
    with open_store(home) as store:
        return import_picture(store, store.projects.get(PROJECT), file).id


def enlarging(home: Home, model: Path, picture: Pixels, parent: str) -> JobRequest:
    """The job that enlarges a picture."""
    height, width = picture.shape[:2]
    intent = Intent(
        str(model), Layers(), 0, 1, 0.0, width, height,
        strength=1.0, init_image=put_picture(home, picture),
    )  # fmt: skip
    return JobRequest(intent=intent, seeds=(0,), parent=parent, origin=Origin.EDITED)


def noise(height: int, width: int) -> Pixels:
    """A picture without two pixels alike."""
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), np.uint8)


def repeated(picture: Pixels, scale: int) -> Pixels:
    """Every pixel so many times in both directions."""
    return picture.repeat(scale, 0).repeat(scale, 1)


def renamed(names: Iterable[str], real: bool) -> dict[str, str]:
    """Our names to those of the first (`real` false: numbered) or second program's files."""
    ours = list(names)
    ups = sum(name.startswith("ups.") for name in ours) // 2
    blocks = {name.split(".")[1] for name in ours if name.startswith("blocks.")}
    places = {
        "first": "0", "trunk": f"1.sub.{len(blocks)}",
        "wide": str(3 * ups + 2), "last": str(3 * ups + 4),
    }  # fmt: skip
    words = {"first": "conv_first", "trunk": "trunk_conv", "wide": "HRconv", "last": "conv_last"}
    found = {}
    for name in ours:
        layer, kind = name.rsplit(".", 1)
        head, *numbers = layer.split(".")
        if head == "blocks":
            dense, conv = int(numbers[1]) + 1, int(numbers[2]) + 1
            inner = f"{numbers[0]}.RDB{dense}.conv{conv}"
            new = f"RRDB_trunk.{inner}" if real else f"model.1.sub.{inner}.0"
        elif head == "ups":
            number = int(numbers[0]) + 1
            new = f"upconv{number}" if real else f"model.{3 * number}"
        else:
            new = words[head] if real else f"model.{places[head]}"
        found[name] = f"{new}.{kind}"
    return found
