"""`keepers inpaint`: draw inside a mask, leave the rest of the picture alone."""

import time
from pathlib import Path

import click

from tui.cli.drawing import (
    checked_out,
    copies,
    draw,
    model_reference,
    open_home,
    print_result,
)
from tui.cli.layers import layer_options, layers_from
from tui.cli.sampling import sampling_options
from tui.domain.intent import Intent, seeds_from
from tui.domain.lineage import Origin
from tui.domain.schedulers import scheduler_class
from tui.engine.jobs import JobRequest
from tui.store.paths import Home


@click.command()
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--mask", required=True, type=click.Path(path_type=Path), help="White where to draw.")
@layer_options
@click.option("--count", default=1, show_default=True, help="Results to choose from.")
@click.option("--strength", default=0.9, show_default=True, help="How much may change, up to 1.")
@click.option("--context", default=16, show_default=True, help="Pixels seen around the mask.")
@click.option("--feather", default=4, show_default=True, help="Pixels of fading, inward.")
@sampling_options
def inpaint(
    image: Path,
    mask: Path,
    prompt: str,
    count: int,
    strength: float,
    context: int,
    feather: int,
    seed: int,
    steps: int,
    guidance: float,
    scheduler: str,
    model: str | None,
    out: Path | None,
    as_json: bool,
    again: bool,
    **options: str,
) -> None:
    """Draw anew where MASK is white; every pixel where it is black stays identical."""
    begun = time.monotonic()
    layers = layers_from(options, prompt)
    seeds = seeds_from(seed, count)
    home, settings = open_home()
    reference = model_reference(model or settings.model)
    picture, mask_hash, size = _kept_inputs(home, image, mask)
    intent = Intent(
        model=reference,
        layers=layers,
        seed=seed,
        steps=steps,
        guidance=guidance,
        width=size[0],
        height=size[1],
        scheduler=scheduler_class(scheduler),
        strength=strength,
        init_image=picture,
        mask=mask_hash,
        context=context,
        feather=feather,
    ).checked()
    out = checked_out(out)
    request = JobRequest(
        intent=intent,
        seeds=seeds,
        again=again,
        origin=Origin.INPAINTED,
        parent=_parent(home, image),
    )
    view = draw(home, request)
    print_result(copies(view.images, out), reference, begun, as_json=as_json)


def _kept_inputs(home: Home, image: Path, mask: Path) -> tuple[str, str, tuple[int, int]]:
    """Both pictures as working copies in the home, by hash, and the size they share."""
    from tui.imaging.masks import open_mask
    from tui.imaging.pixels import open_picture, pixel_hash, png_bytes
    from tui.store import inputs

    picture = open_picture(image)
    levels = open_mask(mask, picture.size)
    hashes = pixel_hash(picture), pixel_hash(levels)
    inputs.put(home, hashes[0], png_bytes(picture))
    inputs.put(home, hashes[1], png_bytes(levels))
    return *hashes, picture.size


def _parent(home: Home, image: Path) -> str | None:
    """The image this one is made from, if it is one of ours."""
    from tui.imaging.errors import ImagingError
    from tui.imaging.metadata import read_provenance
    from tui.store.errors import NotFoundError
    from tui.store.store import open_store

    try:
        known = read_provenance(image).image
        with open_store(home) as store:
            return store.images.get(known).id
    except (ImagingError, NotFoundError):
        return None
