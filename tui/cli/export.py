"""`keepers export`: a signed-off image leaves as a file for its place."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from tui.cli.errors import Sentence
from tui.cli.home import look_home
from tui.cli.output import harmless, say, say_path, tell

if TYPE_CHECKING:
    from tui.store.images import ImageRecord
    from tui.store.store import Store
    from tui.workflow.export_files import Form, Format

_ENDINGS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".svg": "svg"}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@click.command()
@click.argument("image")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--size", help="Such as 1200x630, square, a4; the picture's own without.")
@click.option(
    "--fit",
    type=click.Choice(["crop", "extend"]),
    default="crop",
    show_default=True,
    help="What happens where the size has another shape; nothing is ever stretched.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["png", "jpeg", "webp", "svg"]),
    help="What the name of OUT ends in, or png, without.",
)
@click.option(
    "--recipe",
    type=click.Choice(["embed", "strip", "sidecar"]),
    default="embed",
    show_default=True,
    help="Prompt and settings: in the file, nowhere, or in OUT.json beside it.",
)
@click.option("--redraw", is_flag=True, help="Draw flat pictures anew from shapes, crisp.")
@click.option("--quality", default=92, show_default=True, help="Of a JPEG or WebP, 1 to 100.")
@click.option("--alt", help="What the picture says to those who do not see it.")
@click.option("--because", default="", help="Why it leaves although its check is not complete.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def export(
    image: str,
    out: Path,
    size: str | None,
    fit: str,
    kind: str | None,
    recipe: str,
    redraw: bool,
    quality: int,
    alt: str | None,
    because: str,
    as_json: bool,
) -> None:
    """Write IMAGE, an id or a file of Keepers, to OUT, a file or a folder.

    It leaves when its check is signed off, or with --because. Nothing is overwritten.
    """
    import msgspec

    from tui.store.paths import private_umask
    from tui.store.store import open_store
    from tui.workflow.checking import check_of
    from tui.workflow.export_files import Form
    from tui.workflow.exporting import export as leave
    from tui.workflow.sizes import SizeError, parse_size

    try:
        wanted = parse_size(size or "")
    except SizeError as error:
        raise Sentence(f"--size: {error}") from error
    home, _settings = look_home()
    private_umask()
    form = Form(
        kind=cast("Format", kind or _ENDINGS.get(out.suffix.lower(), "png")),
        recipe=recipe,  # type: ignore[arg-type]
        quality=quality,
        size=wanted if any(wanted) else None,
        fit=fit,  # type: ignore[arg-type]
        redraw=redraw,
    )
    with open_store(home) as store:
        found = _image(store, image)
        brief = store.projects.get(found.project_id).brief
        check = check_of(store, brief, found)
        form = _titled(store, found, form, alt)
        done = leave(store, found, check.sign_off, target=out, form=form, waiver=because)
    if done.note:
        tell(done.note)
    if as_json:
        sidecar = str(done.sidecar) if done.sidecar else None
        told = {"id": found.id, "path": str(done.path), "sidecar": sidecar, "note": done.note}
        told["alt"] = form.alt
        say(msgspec.json.encode(told).decode())
        return
    say_path(str(done.path))
    if done.sidecar:
        say_path(str(done.sidecar))
    if form.alt:
        tell(f"alt text: {harmless(form.alt)}")


def _titled(store: "Store", image: "ImageRecord", form: "Form", alt: str | None) -> "Form":
    """The form with the words of an SVG; a stripped one never has any from the prompt."""
    import msgspec

    from tui.domain.prompt import Layers
    from tui.workflow.alt_text import alt_text

    project = store.projects.get(image.project_id)
    recipe = image.recipe if form.recipe == "embed" else None
    layers = recipe.intent.layers if recipe else Layers()
    says = alt_text(project.brief, layers) if alt is None else alt
    return msgspec.structs.replace(form, title=project.name, alt=says)


def _image(store: "Store", given: str) -> "ImageRecord":
    """The image that is meant.

    Raises:
        Sentence: the file is none that Keepers keeps, or not as it is kept.
        StoreError: there is no image with this id.
        ImagingError: the file carries no recipe.
    """
    from tui.imaging.metadata import read_either
    from tui.store.files import sha256_of

    path = Path(given)
    if _ID.fullmatch(given) and not path.is_file():
        return store.images.get(given)
    image = store.images.get(read_either(path).image)
    if sha256_of(path) != image.sha256:
        raise Sentence(
            f"this file is not the one Keepers keeps as {image.id}: give that id, or take the file "
            "in with keepers import"
        )
    return image
