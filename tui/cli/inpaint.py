"""`keepers inpaint`: draw inside a mask, leave the rest of the picture alone."""

import time
from pathlib import Path

import click
import msgspec

from tui.cli.drawing import draw, print_result
from tui.cli.home import look_home, make_home
from tui.cli.layers import layer_options, layers_from
from tui.cli.parts import lora_list, vae_reference
from tui.cli.places import copies, model_reference, out_folder
from tui.cli.sampling import sampling_options
from tui.domain.intent import Intent, seeds_from
from tui.domain.lineage import Origin
from tui.domain.schedulers import scheduler_class
from tui.engine.jobs import JobRequest
from tui.store import inputs
from tui.store.errors import NotFoundError
from tui.store.paths import Home
from tui.store.store import open_store


@click.command()
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--mask", required=True, type=click.Path(path_type=Path), help="White where to draw.")
@layer_options
@click.option("--count", default=1, show_default=True, help="Results to choose from.")
@click.option("--strength", default=0.9, show_default=True, help="How much may change, up to 1.")
@click.option(
    "--context", type=int, help="Pixels seen around the mask: 16, for the starter 0 without."
)
@click.option("--feather", default=4, show_default=True, help="Pixels of fading, inward.")
@click.option("--match-seam", is_flag=True, help="Meet the picture's colours at the mask's edge.")
@sampling_options
def inpaint(
    image: Path,
    mask: Path,
    prompt: str,
    count: int,
    strength: float,
    context: int | None,
    feather: int,
    match_seam: bool,
    seed: int,
    steps: int,
    guidance: float,
    distilled_guidance: float,
    scheduler: str,
    model: str | None,
    loras: tuple[str, ...],
    vae: str,
    step_cache: float,
    out: str | None,
    as_json: bool,
    again: bool,
    **options: str,
) -> None:
    """Draw anew where MASK is white; every pixel where it is black stays identical."""
    from tui.engine.models import usual_context
    from tui.engine.resolving import check_request
    from tui.imaging.masks import open_mask
    from tui.imaging.pixels import open_picture, pixel_hash, png_bytes

    begun = time.monotonic()
    layers, seeds = layers_from(options, prompt), seeds_from(seed, count)
    home, settings = look_home()
    reference = model_reference(model, settings.model)
    picture = open_picture(image)
    levels = open_mask(mask, picture.size)
    intent = Intent(
        model=reference,
        layers=layers,
        seed=seed,
        steps=steps,
        guidance=guidance,
        width=picture.width,
        height=picture.height,
        scheduler=scheduler_class(scheduler),
        strength=strength,
        init_image=pixel_hash(picture),
        mask=pixel_hash(levels),
        context=usual_context(reference) if context is None else context,
        feather=feather,
        match_seam=match_seam,
    )
    intent = intent.with_step_cache(step_cache).with_distilled(distilled_guidance)
    intent = intent.with_parts(lora_list(loras, home.loras), vae_reference(vae))
    request = JobRequest(intent=intent, seeds=seeds, again=again, origin=Origin.INPAINTED)
    check_request(request)
    with out_folder(out) as folder:
        make_home(home)
        for working_copy in (picture, levels):
            inputs.put(home, pixel_hash(working_copy), png_bytes(working_copy))
        request = msgspec.structs.replace(request, parent=_parent(home, image))
        images = copies(draw(home, request).images, folder)
    print_result(images, reference, begun, as_json=as_json)


def _parent(home: Home, image: Path) -> str | None:
    """The image this one is made from, if it is one of ours."""
    from tui.imaging.errors import ImagingError
    from tui.imaging.metadata import read_edited, read_provenance

    for read in (read_provenance, read_edited):
        try:
            known = read(image).image
            with open_store(home) as store:
                return store.images.get(known).id
        except (ImagingError, NotFoundError):
            continue
    return None
