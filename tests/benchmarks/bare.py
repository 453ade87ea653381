"""The bare diffusers script that Keepers is measured beside, and the model that both draw with."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_ENVIRONMENT = {"OMP_WAIT_POLICY": "passive"}

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

_DRAW = """
import sys, time, torch
from diffusers import DiffusionPipeline
pipe = DiffusionPipeline.from_pretrained(sys.argv[1], dtype=torch.float32, use_safetensors=True)
pipe.set_progress_bar_config(disable=True)
for line in sys.stdin:
    seed, words = line.split(maxsplit=1)
    begun = time.monotonic()
    images = pipe(
        prompt=[words.strip()] * 2, negative_prompt=["blurry"] * 2, guidance_scale=4.0,
        num_inference_steps=int(sys.argv[3]), width=int(sys.argv[4]), height=int(sys.argv[4]),
        generator=[torch.Generator().manual_seed(int(seed) + k) for k in range(2)],
    ).images
    for k, image in enumerate(images):
        image.save(f"{sys.argv[2]}/{seed}-{k}.png")
    print(time.monotonic() - begun, flush=True)
"""


def make_model(folder: Path) -> Path:
    """Save a Stable Diffusion 1.5 of full size with random weights."""
    tokenizer = Path(__file__).parents[2] / "tui" / "starter" / "model" / "tokenizer"
    _start(_MAKE, str(folder), str(tokenizer)).communicate()
    return folder


@dataclass(frozen=True)
class Task:
    """What both draw."""

    model: Path
    steps: int
    side: int
    """Pixels."""


class Bare:
    """The script in a process of its own; it loads the model at once, and draws when told."""

    def __init__(self, task: Task, out: Path) -> None:
        told = (task.model, out, task.steps, task.side)
        self._process = _start(_DRAW, *map(str, told))

    def __enter__(self) -> "Bare":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def draw(self, seed: int, words: str) -> float:
        """Draw and save two images; seconds."""
        told, said = self._process.stdin, self._process.stdout
        assert told is not None
        assert said is not None
        told.write(f"{seed} {words}\n")
        told.flush()
        return float(said.readline())

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid


def _start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **_ENVIRONMENT},
    )
