"""`keepers generate`: a batch from layers."""

import time
from pathlib import Path

import click

from tui.cli.drawing import draw, print_result
from tui.cli.home import look_home, make_home
from tui.cli.layers import layer_options, layers_from
from tui.cli.parts import lora_list, vae_reference
from tui.cli.places import copies, model_reference, out_folder
from tui.cli.sampling import sampling_options
from tui.domain.intent import Intent, seeds_from
from tui.domain.schedulers import scheduler_class
from tui.engine.jobs import JobRequest


@click.command()
@layer_options
@click.option("--count", default=4, show_default=True, help="Images to make.")
@sampling_options
@click.option("--width", type=int, help="Pixels; default: the model's own.")
@click.option("--height", type=int, help="Pixels; default: the model's own.")
def generate(
    prompt: str,
    count: int,
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
    width: int | None,
    height: int | None,
    **options: str,
) -> None:
    """Make a batch of images; seeds are SEED, SEED+1, and so on."""
    from tui.engine.resolving import check_request

    begun = time.monotonic()
    layers, seeds = layers_from(options, prompt), seeds_from(seed, count)
    home, settings = look_home()
    reference = model_reference(model, settings.model)
    if width is None or height is None:
        native = _native(reference)
        width = native if width is None else width
        height = native if height is None else height
    intent = Intent(
        model=reference,
        layers=layers,
        seed=seed,
        steps=steps,
        guidance=guidance,
        width=width,
        height=height,
        scheduler=scheduler_class(scheduler),
    )
    intent = intent.with_step_cache(step_cache).with_distilled(distilled_guidance)
    intent = intent.with_parts(lora_list(loras, home.loras), vae_reference(vae))
    request = JobRequest(intent=intent, seeds=seeds, again=again)
    check_request(request)
    with out_folder(out) as folder:
        make_home(home)
        images = copies(draw(home, request).images, folder)
    print_result(images, reference, begun, as_json=as_json)


def _native(reference: str) -> int:
    """The model's own side in pixels; 1024 where only a download would tell."""
    from tui.engine.models import native_side
    from tui.engine.resolving import known_place

    place = known_place(reference)
    return (native_side(Path(place.folder)) if place else None) or 1024
