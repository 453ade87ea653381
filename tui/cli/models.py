"""`keepers models`: what is on this machine, whether it fits, and more from the hub."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
import msgspec

from tui.cli.errors import CANCELLED, Sentence
from tui.cli.home import look_home
from tui.cli.output import harmless, say, tell
from tui.cli.progress import LineProgress

if TYPE_CHECKING:
    from tui.engine.hub import Arrived
    from tui.engine.telling import Counts, Says

_Made = TypeVar("_Made")

_as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")


@click.group(invoke_without_command=True)
@_as_json
@click.pass_context
def models(ctx: click.Context, as_json: bool) -> None:
    """List the models of this machine, and whether they fit; “fetch” downloads one.

    Looked into are the hub's cache and the folders that model_folders in config.toml names.
    """
    if ctx.invoked_subcommand is None:
        _list(as_json=as_json)


@models.command()
@click.argument("id")
@click.option("--revision", default="", help="Branch, tag or commit instead of the newest.")
@_as_json
def fetch(id: str, revision: str, as_json: bool) -> None:
    """Download ID from the hub: a model, a LoRA or a VAE; ctrl+c stops, and again goes on.

    ID is owner/name, or owner/name/file.safetensors for one LoRA of several. If it is gated, accept
    its terms on the hub, and set HF_TOKEN or run “hf auth login”.
    """
    from tui.engine.hub_choice import check_reference
    from tui.engine.hub_reference import hub_reference

    reference, given = id, hub_reference(id)
    if given is not None and revision:
        if "/" in revision:
            raise Sentence(
                "this is no id of a model on the hub: give owner/name, and as --revision a tag, a "
                "commit, or a branch without a slash"
            )
        reference = str(replace(given, revision=revision))
    check_reference(reference)
    arrived = _fetched(reference)
    if as_json:
        say(msgspec.json.encode(arrived).decode())
    else:
        say(f"{harmless(arrived.reference)} {arrived.revision}")


@models.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--like", default="", metavar="MODEL", help="A whole model of its family, here.")
@_as_json
def convert(file: Path, like: str, as_json: bool) -> None:
    """Make a diffusers folder of a model in one safetensors FILE, which stays as it is.

    Its configuration is that of its family's first model, from the hub if it is not here; --like
    names another one, from which components that the file lacks are taken too. The folder is
    listed, and drawn with by its path.
    """
    from tui.engine.converting import converted
    from tui.store.paths import private_umask

    home, _settings = look_home()
    private_umask()
    path = _in_progress(
        lambda says, counts: converted(str(file.absolute()), like, home.models, says, counts),
        stopped="stopped; nothing of it stays",
    )
    say(msgspec.json.encode({"folder": str(path)}).decode() if as_json else harmless(str(path)))


def _list(*, as_json: bool) -> None:
    from tui.engine.model_messages import Models
    from tui.engine.room import room_for
    from tui.engine.shelf import Shelf, troubles
    from tui.workflow.models import fit_words, folders_of, gpu_lines, size_words

    home, settings = look_home()
    folders = folders_of(settings, home)
    room, gpus = room_for(settings)
    found = Shelf().listed(folders, room)
    if as_json:
        answer = Models(models=found, gpus=gpus, troubles=troubles(folders))
        say(msgspec.json.encode(answer).decode())
        return
    for model in found:
        facts = (
            model.family, size_words(model.size), model.precision, model.licence,
            model.place.value, fit_words(model),
        )  # fmt: skip
        say(harmless(model.model))
        say("  " + " · ".join(harmless(fact) for fact in facts if fact))
        if model.trouble:
            say(f"  {harmless(model.trouble)}")
    for line in gpu_lines(gpus):
        say(harmless(line))
    for trouble in troubles(folders):
        tell(trouble)


def _fetched(reference: str) -> "Arrived":
    from tui.engine.hub import downloaded

    return _in_progress(
        lambda says, counts: downloaded(reference, says, counts),
        stopped="stopped; the same command goes on with it",
    )


def _in_progress(
    work: "Callable[[Says, Counts], Coroutine[None, None, _Made]]", stopped: str
) -> _Made:
    """Do something long, with a line that says how far it is; ctrl+c stops it."""
    from tui.workflow.models import size_words

    line = LineProgress()

    def counts(done: int, total: int) -> None:
        line.show(f"{size_words(done)} of {size_words(total)}", lasting=False)

    def says(text: str) -> None:
        line.show(text, lasting=not line.is_terminal)

    try:
        return asyncio.run(work(says, counts))
    except (KeyboardInterrupt, asyncio.CancelledError):
        line.close()
        tell(stopped)
        raise click.exceptions.Exit(CANCELLED) from None
    finally:
        line.close()
