"""Pictures as latents: the layout and scale that each family's own pipeline decodes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKLQwenImage
from PIL import Image

from tui.engine.models import local_model
from tui.engine.worker.branching import Stepping
from tui.engine.worker.latents import LayoutError, encode, from_grid, pixels_in, to_grid
from tui.engine.worker.loading import Model, load
from tui.engine.worker.placement import Placement
from tui.engine.worker.signatures import accepted_by

from .tiny_models import SIDE
from .tiny_models.families import TINY_FAMILIES

WIDE = SIDE * 3 // 2
PICTURE = Image.fromarray(np.random.default_rng(2).integers(0, 256, (SIDE, WIDE, 3), np.uint8))

pytestmark = pytest.mark.filterwarnings(
    # Chroma's own classes use it, and some schedulers numpy's older ways.
    "ignore:.FluxPosEmbed. is deprecated:FutureWarning",
    "ignore:__array__ implementation:DeprecationWarning",
)


@pytest.fixture(params=TINY_FAMILIES)
def model(tmp_path: Path, request: pytest.FixtureRequest) -> Model:
    folder = TINY_FAMILIES[request.param].save(tmp_path / "model")
    return load(local_model(str(folder)), Placement("cpu", "a processor", "float32"))


def test_a_pipeline_decodes_the_picture_that_was_put_among_its_latents(model: Model) -> None:
    """Its own last lines prove layout, shift, scale and statistics all at once."""
    grid = encode(model.vae, pixels_in(PICTURE))
    seen: list[torch.Tensor] = []
    laid_out: list[torch.Tensor] = []

    def put(step: int, latents: torch.Tensor, timestep: object) -> torch.Tensor:
        laid = from_grid(model.vae, grid, latents)
        laid_out.append(laid)
        seen.append(to_grid(model.vae, laid, PICTURE.size))
        return laid

    wished = {
        "prompt": ["a cat"],
        "width": WIDE,
        "height": SIDE,
        # What its network makes is thrown away, so one step is enough; some make none of one.
        "num_inference_steps": 2,
        "output_type": "np",
        "use_resolution_binning": False,
        "max_area": WIDE * SIDE,
    }
    accepted = accepted_by(type(model.pipe))
    with Stepping(model.scheduler, model.denoiser, [], {}, after=put):
        drawn = model.pipe(**{name: wished[name] for name in accepted & set(wished)}).images[0]
    assert np.abs(drawn - round_trip(model)).max() < 1e-3
    for found in seen:
        assert torch.allclose(found, grid, atol=1e-5)
    with pytest.raises(LayoutError):
        from_grid(model.vae, grid[..., :-2], laid_out[0])


def round_trip(model: Model) -> Any:
    """The picture after its autoencoder's two halves and nothing else, in [0, 1]."""
    vae, given = model.vae, pixels_in(PICTURE)
    film = isinstance(vae, AutoencoderKLQwenImage)
    with torch.no_grad():
        encoded = vae.encode(given[:, :, None] if film else given)
        latents = encoded.latent_dist.mode() if hasattr(encoded, "latent_dist") else encoded.latent
        decoded = vae.decode(latents).sample
    decoded = decoded[:, :, 0] if film else decoded
    return (decoded[0] / 2 + 0.5).clamp(0, 1).permute(1, 2, 0).numpy()
