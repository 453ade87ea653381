"""`keepers rerun`: make an image again from its recipe, and measure whether it is the same."""

import shutil
from pathlib import Path

import click

from tui.cli.drawing import draw, open_home
from tui.domain.intent import MAX_SEED
from tui.domain.recipe import Recipe, circumstances
from tui.engine.jobs import JobRequest


@click.command()
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.pass_context
def rerun(ctx: click.Context, image: Path, as_json: bool) -> None:
    """Make IMAGE again: identical or close is exit code 0, different is 1."""
    import json

    from tui.imaging.compare import compare
    from tui.imaging.metadata import read_provenance
    from tui.imaging.pixels import open_picture, to_array

    provenance = read_provenance(image)
    home, _settings = open_home()
    view = draw(home, _request(provenance.recipe))
    made = Path(view.images[0].path)
    try:
        difference = compare(to_array(open_picture(image)), to_array(open_picture(made)))
        changed = circumstances(provenance.recipe, read_provenance(made).recipe)
    finally:
        shutil.rmtree(made.parent, ignore_errors=True)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "verdict": difference.verdict,
                    "mean_level": difference.mean_level,
                    "max_level": difference.max_level,
                    "changed": changed,
                }
            )
        )
    else:
        click.echo(difference.in_words())
        for line in changed:
            click.echo(f"  {line}")
    ctx.exit(1 if difference.verdict == "different" else 0)


def _request(recipe: Recipe) -> JobRequest:
    """The batch that the image came from, with its slot alone wanted.

    Neighbours do not change a slot's pixels, but their number does, so any seeds will do for them.
    """
    seeds = tuple(
        (recipe.intent.seed + slot - recipe.slot) % MAX_SEED
        if slot != recipe.slot
        else recipe.intent.seed
        for slot in range(recipe.batch_size)
    )
    return JobRequest(
        intent=recipe.intent,
        seeds=seeds,
        batch_size=recipe.batch_size,
        wanted=(recipe.slot,),
        again=True,
        keep=False,
        precision=recipe.precision,
        threads=recipe.threads,
    )
