"""Pictures as latents: the layout and scale that each family's own pipeline decodes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKLQwenImage, VQModel
from diffusers.pipelines.deprecated.wuerstchen import PaellaVQModel
from PIL import Image

from tui.engine.models import local_model
from tui.engine.worker.branching import Stepping
from tui.engine.worker.latents import LayoutError, encode, from_grid, pixels_in, to_grid
from tui.engine.worker.loading import Model, load
from tui.engine.worker.placement import Placement
from tui.engine.worker.signatures import accepted_by

from .tiny_models.families import TINY_FAMILIES

pytestmark = pytest.mark.filterwarnings(
    # Chroma's own classes use it, and some schedulers numpy's older ways.
    "ignore:.FluxPosEmbed. is deprecated:FutureWarning",
    "ignore:__array__ implementation:DeprecationWarning",
    "ignore:.callback_steps. is deprecated:FutureWarning",
)


def picture_of(width: int, height: int) -> Image.Image:
    levels = np.random.default_rng(2).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(levels)


@pytest.mark.parametrize("name", TINY_FAMILIES)
def test_a_pipeline_decodes_the_picture_that_was_put_among_its_latents(
    tmp_path: Path, name: str
) -> None:
    """Its own last lines prove layout, shift, scale and statistics all at once."""
    family = TINY_FAMILIES[name]
    folder = family.save(tmp_path / "model")
    model = load(local_model(str(folder)), Placement("cpu", "a processor", "float32"))
    picture = picture_of(family.width, family.height)
    grid = encode(model.vae, pixels_in(picture))
    seen: list[torch.Tensor] = []
    laid_out: list[torch.Tensor] = []

    def put(step: int, latents: torch.Tensor, timestep: object) -> torch.Tensor:
        laid = from_grid(model.vae, grid, latents)
        laid_out.append(laid)
        seen.append(to_grid(model.vae, laid, picture.size))
        return laid

    wished = {
        "prompt": ["a cat"],
        "width": family.width,
        "height": family.height,
        # What its network makes is thrown away, so one step is enough; some make none of one.
        "num_inference_steps": 2,
        "output_type": "np",
        "use_resolution_binning": False,
        "max_area": family.width * family.height,
    }
    accepted = accepted_by(type(model.pipe))
    with Stepping(model.scheduler, model.denoiser, [], {}, after=put):
        drawn = model.pipe(**{name: wished[name] for name in accepted & set(wished)}).images[0]
    assert np.abs(drawn - round_trip(model, picture)).max() < 1e-3
    for found in seen:
        assert torch.allclose(found, grid, atol=1e-5)
    with pytest.raises(LayoutError):
        from_grid(model.vae, grid[..., :-2], laid_out[0])


def round_trip(model: Model, picture: Image.Image) -> Any:
    """The picture after its autoencoder's two halves and nothing else, in [0, 1]."""
    vae, given = model.vae, pixels_in(picture)
    if vae is None:
        return (given[0] / 2 + 0.5).permute(1, 2, 0).numpy()
    film, plain = isinstance(vae, AutoencoderKLQwenImage), isinstance(vae, PaellaVQModel)
    given = given / 2 + 0.5 if plain else given
    # Those with a code book are asked to leave it out.
    exactly = {"force_not_quantize": True} if isinstance(vae, VQModel | PaellaVQModel) else {}
    with torch.no_grad():
        encoded = vae.encode(given[:, :, None] if film else given)
        if hasattr(encoded, "latent_dist"):
            latents = encoded.latent_dist.mode()
        else:
            latents = encoded.latents if exactly else encoded.latent
        decoded = vae.decode(latents, **exactly).sample
    decoded = decoded[:, :, 0] if film else decoded
    decoded = decoded if plain else decoded / 2 + 0.5
    return decoded[0].clamp(0, 1).permute(1, 2, 0).numpy()
