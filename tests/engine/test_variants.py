"""Models that come in one variant only: what is listed as fitting is also loaded."""

import shutil
from pathlib import Path

from tui.store.jobs import JobState
from tui.store.paths import Home

from .helpers import request, run


async def test_a_model_of_half_precision_files_alone_is_drawn_with(
    warm: Home, tiny_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "half"
    shutil.copytree(tiny_model, folder)
    for file in list(folder.rglob("*.safetensors")):
        file.rename(file.with_name(f"{file.stem}.fp16.safetensors"))
    view, _ = await run(warm, request(1301, model=str(folder), width=64, height=64, steps=2))
    assert view.state is JobState.DONE, view.error
    # One component with plain files beside it is no reason to fail.
    plain = folder / "unet" / "diffusion_pytorch_model.safetensors"
    shutil.copy(plain.with_name("diffusion_pytorch_model.fp16.safetensors"), plain)
    plain.with_name("diffusion_pytorch_model.fp16.safetensors").unlink()
    view, _ = await run(warm, request(1302, model=str(folder), width=64, height=64, steps=2))
    assert view.state is JobState.DONE, view.error
