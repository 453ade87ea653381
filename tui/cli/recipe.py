"""`keepers recipe`: how an image was made, read from its file."""

from pathlib import Path

import click

from tui.cli.output import say, tell

CHANGED = "the recipe was changed after it was written"


@click.command()
@click.argument("image", type=click.Path(path_type=Path))
def recipe(image: Path) -> None:
    """Print the recipe inside IMAGE as JSON."""
    import msgspec

    from tui.imaging.metadata import read_provenance

    provenance = read_provenance(image)
    say(msgspec.json.format(msgspec.json.encode(provenance), indent=2).decode())
    if not provenance.intact:
        tell(CHANGED)
