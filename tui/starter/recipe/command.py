"""The command: does the steps that are named, or those that are missing."""

import os
import sys
from pathlib import Path

import click
import msgspec

from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.settings import Settings, read_settings
from tui.starter.recipe.steps import EVERY_TIME, STEPS, TRAININGS, Wish, later_than

_HELP = "Steps, in their order:\n\n\b\n" + "\n".join(
    f"{step.name:<12} {step.does}" for step in STEPS.values()
)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_MODEL = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, epilog=_HELP)
@click.argument("names", metavar="[STEP]…", nargs=-1, type=click.Choice(tuple(STEPS)))
@click.option("--work", type=_FOLDER, help="Work folder; by default in the user's cache folder.")
@click.option(
    "--minutes",
    multiple=True,
    metavar="STEP=N",
    help="Training time over all runs, for autoencoder, text or denoiser; kept for later runs.",
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N.")
@click.option("--threads", type=click.IntRange(1), help="For the CPU; its cores without.")
@click.option("--from", "start", type=_MODEL, help="A model whose networks training begins with.")
@click.option("--model", type=_MODEL, help="A model to evaluate or to describe, not the own one.")
@click.option("--results", type=_FOLDER, help="Where evaluate and card write.")
@click.option(
    "--count",
    type=click.IntRange(8),
    default=256,
    show_default=True,
    help="Pictures of the evaluation's largest part.",
)
def main(
    names: tuple[str, ...],
    work: Path | None,
    minutes: tuple[str, ...],
    device: str,
    threads: int | None,
    start: Path | None,
    model: Path | None,
    results: Path | None,
    count: int,
) -> None:
    """Make the starter model, from icon packages to a diffusers folder with its card.

    Named steps are done, again if need be; a training goes on where it was, up to its minutes.
    Without a name, everything that is missing is done. A kill costs minutes at most.
    """
    folder = (work or _default_folder()).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        settings = _timed(read_settings(folder / "settings.json"), minutes)
        (folder / "settings.json").write_bytes(
            msgspec.json.format(msgspec.json.encode(settings), indent=1) + b"\n"
        )
        _do(names, folder, settings, device, threads, start, Wish(model, results, count))
    except RecipeError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.strerror}: {error.filename or folder}") from error


def _do(
    names: tuple[str, ...],
    folder: Path,
    settings: Settings,
    device: str,
    threads: int | None,
    start: Path | None,
    wish: Wish,
) -> None:
    # Before torch comes: one busy neighbour slows threads that wait by spinning tenfold.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch

    from tui.starter.recipe.progress import quieten, say
    from tui.starter.recipe.training import StoppedError
    from tui.starter.recipe.work_folder import WorkFolder, find_machine

    quieten()
    if threads is not None:
        torch.set_num_threads(threads)
    place = WorkFolder(folder, settings, find_machine(device), start)
    for name, step in STEPS.items():
        if name not in names if names else place.is_done(name):
            continue
        say(f"{name}: {step.does}")
        try:
            step.do(place, wish)
        except StoppedError as stopped:
            say(str(stopped))
            sys.exit(130)
        if name not in EVERY_TIME:
            place.set_done(name, later_than(name))


def _timed(settings: Settings, minutes: tuple[str, ...]) -> Settings:
    """The settings with other times for some trainings."""
    for wish in minutes:
        name, _, number = wish.partition("=")
        try:
            plan = getattr(settings, name) if name in TRAININGS else None
            time = float(number)
        except ValueError:
            plan, time = None, 0.0
        if plan is None or time < 0:
            raise RecipeError(
                f"--minutes {wish} is not understood: say {', '.join(TRAININGS)}, =, and minutes"
            )
        replaced = {name: msgspec.structs.replace(plan, minutes=time)}
        settings = msgspec.structs.replace(settings, **replaced)
    return settings


def _default_folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("keepers") / "recipe"
