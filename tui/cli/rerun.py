"""`keepers rerun`: make an image again from its recipe, and measure whether it is the same."""

import json
import shutil
from pathlib import Path

import click
from msgspec import UNSET

from tui.cli.drawing import draw
from tui.cli.errors import Sentence
from tui.cli.home import look_home, make_home
from tui.cli.output import harmless, say, tell
from tui.cli.recipe import CHANGED
from tui.domain.adjustments import ADJUSTMENTS
from tui.domain.intent import MAX_SEED, MOST_IMAGES
from tui.domain.recipe import Recipe, changed_loras, circumstances
from tui.domain.text import clean
from tui.engine.jobs import JobRequest

_MOST_THREADS = 4_096
_PRECISIONS = ("float32", "bfloat16", "float16", "float8")


@click.command()
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def rerun(image: Path, as_json: bool) -> None:
    """Make IMAGE again: identical or close is exit code 0, different is 1.

    A picture that was changed after it was written is different, however little it differs.
    """
    from tui.engine.resolving import check_request
    from tui.imaging.compare import compare
    from tui.imaging.metadata import read_provenance
    from tui.imaging.pixels import open_picture, pixel_hash, to_array

    provenance = read_provenance(image)
    before = open_picture(image)
    altered = pixel_hash(before) != provenance.pixels
    if not provenance.intact:
        tell(CHANGED)
    home, _settings = look_home()
    request = _request(provenance.recipe)
    check_request(request)
    make_home(home)
    made = Path(draw(home, request).images[0].path)
    try:
        difference = compare(to_array(before), to_array(open_picture(made)))
        now_made = read_provenance(made).recipe
        changed = circumstances(provenance.recipe, now_made)
    finally:
        shutil.rmtree(made.parent, ignore_errors=True)
    _tell_missing(provenance.recipe, now_made)
    verdict = "different" if altered else difference.verdict
    if as_json:
        result = {
            "verdict": verdict,
            "mean_level": difference.mean_level,
            "max_level": difference.max_level,
            "altered": altered,
            "changed": changed,
        }
        say(json.dumps(result))
    else:
        words = difference.in_words()
        now = f"different: the picture was changed after it was written; as it is now, {words}"
        say(now if altered else words)
        for line in changed:
            say(f"  {harmless(line)}")
    raise click.exceptions.Exit(1 if verdict == "different" else 0)


def _tell_missing(before: Recipe, after: Recipe) -> None:
    """Say how the LoRAs of the hub come back that were drawn with in another revision."""
    from tui.engine.hub_reference import hub_reference

    for name in changed_loras(before, after):
        if (lora := hub_reference(name)) is not None:
            tell(
                f"the hub's cache has no revision of {lora} with the recipe's file: get the one of "
                f"then with “keepers models fetch {lora.name}@COMMIT/{lora.file}”, and try again"
            )


def _request(recipe: Recipe) -> JobRequest:
    """The batch that the image came from, with its slot alone wanted.

    Neighbours do not change a slot's pixels, but their number does, so any seeds will do for them.

    Raises:
        Sentence: nobody could have drawn such a batch, or its model is not here.
        ModelError: its model cannot be used.
    """
    from tui.engine.resolving import known_place

    if not (
        0 <= recipe.slot < recipe.batch_size <= MOST_IMAGES
        and 0 <= recipe.threads <= _MOST_THREADS
        and recipe.precision in _PRECISIONS
    ):
        raise Sentence(
            "the recipe names a batch, threads or numbers that cannot be: use the original file"
        )
    # An image may come from anybody; nothing is downloaded because it says so.
    if known_place(recipe.intent.model, recipe.model_revision) is None:
        raise Sentence(
            f"the model {clean(recipe.intent.model, limit=200)} is not on this machine: "
            "draw something with it first, and try again"
        )
    seed, slot = recipe.intent.seed, recipe.slot
    return JobRequest(
        intent=recipe.intent,
        seeds=tuple(
            seed if index == slot else (seed + index - slot) % MAX_SEED
            for index in range(recipe.batch_size)
        ),
        batch_size=recipe.batch_size,
        wanted=(slot,),
        again=True,
        keep=False,
        precision=recipe.precision,
        threads=recipe.threads,
        long_prompts="cut" if recipe.chunks is UNSET else "chunks",
        prompt_weights="words" if recipe.prompt_weights is UNSET else "obey",
        revision=recipe.model_revision,
        compiled=recipe.compiled is not UNSET,
        lora_hashes=() if recipe.lora_hashes is UNSET else recipe.lora_hashes,
        adjustments=tuple(name for name in ADJUSTMENTS if name in recipe.adjustments),
    )
