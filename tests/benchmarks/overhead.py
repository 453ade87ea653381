"""Keepers beside the bare diffusers call: same model, same settings, previews on.

The model is a Stable Diffusion 1.5 of full size with random weights, so that the work of one step
hides no constant cost and no noise.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tui.domain.intent import Intent
from tui.domain.prompt import Layers
from tui.engine.following import run_job
from tui.engine.jobs import JobRequest
from tui.engine.messages import Submit
from tui.engine.supervisor import stop_engine
from tui.store.paths import Home, find_home
from tui.store.store import open_store

STEPS, SIDE = 4, 256
ROUNDS = 3

_MAKE = """
import sys, torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer
torch.manual_seed(0)
unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
vae = AutoencoderKL(
    block_out_channels=(128, 256, 512, 512), layers_per_block=2,
    down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
)
text = CLIPTextModel(CLIPTextConfig(
    vocab_size=4096, hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
    num_attention_heads=12, max_position_embeddings=40, bos_token_id=0, eos_token_id=1,
    pad_token_id=1,
))
pipe = StableDiffusionPipeline(
    vae=vae, text_encoder=text, tokenizer=CLIPTokenizer.from_pretrained(sys.argv[2]), unet=unet,
    scheduler=DDIMScheduler(clip_sample=False, steps_offset=1), safety_checker=None,
    feature_extractor=None, requires_safety_checker=False,
)
pipe.save_pretrained(sys.argv[1])
"""

_BARE = f"""
import sys, time, torch
from diffusers import DiffusionPipeline
pipe = DiffusionPipeline.from_pretrained(sys.argv[1], dtype=torch.float32, use_safetensors=True)
pipe.set_progress_bar_config(disable=True)
for seed in range({ROUNDS}):
    begun = time.monotonic()
    images = pipe(
        prompt=["owl"] * 2, negative_prompt=[""] * 2, num_inference_steps={STEPS},
        guidance_scale=4.0, width={SIDE}, height={SIDE},
        generator=[torch.Generator().manual_seed(100 * seed + k) for k in range(2)],
    ).images
    for k, image in enumerate(images):
        image.save(f"{{sys.argv[2]}}/{{seed}}-{{k}}.png")
    print(time.monotonic() - begun, flush=True)
"""


def run() -> None:
    """Print the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        model = make_model(Path(folder) / "model")
        bare = [float(line) for line in _python(_BARE, str(model), folder).split()]
        os.environ["KEEPERS_HOME"] = str(Path(folder) / "home")
        home = find_home()
        home.create()
        home.settings_file.write_text('precision = "float32"\n')
        with open_store(home) as store:
            store.projects.ensure("bench", "Benchmark")
        try:
            ours = [asyncio.run(_batch(home, model, seed)) for seed in range(ROUNDS)]
        finally:
            asyncio.run(stop_engine(home))
    # The first round of both pays for loading or for first touches.
    best = min(bare[1:]), min(ours[1:])
    print(f"bare diffusers {best[0]:.2f} s, Keepers {best[1]:.2f} s, ratio {best[1] / best[0]:.3f}")


def make_model(folder: Path) -> Path:
    """Save a Stable Diffusion 1.5 of full size with random weights."""
    tokenizer = Path(__file__).parents[2] / "tui" / "starter" / "model" / "tokenizer"
    _python(_MAKE, str(folder), str(tokenizer))
    return folder


def _python(code: str, *arguments: str) -> str:
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_WAIT_POLICY": "passive"},
    )
    return process.stdout


async def _batch(home: Home, model: Path, seed: int) -> float:
    intent = Intent(
        model=str(model),
        layers=Layers(subject="owl"),
        seed=100 * seed,
        steps=STEPS,
        guidance=4.0,
        width=SIDE,
        height=SIDE,
    )
    request = JobRequest(intent=intent, seeds=(100 * seed, 100 * seed + 1))
    begun = time.monotonic()
    view = await run_job(
        home, Submit(project="bench", job=request), lambda _event, _blob: None, previews=True
    )
    assert len(view.images) == 2, view.error
    return time.monotonic() - begun
