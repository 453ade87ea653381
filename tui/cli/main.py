"""The command itself. Subcommands are imported when they are called, so that help is instant."""

import importlib

import click

import tui
from tui.cli.errors import SentenceGroup

_COMMANDS = {
    "doctor": "tui.cli.doctor:doctor",
    "engine": "tui.cli.engine:engine",
    "export": "tui.cli.export:export",
    "generate": "tui.cli.generate:generate",
    "import": "tui.cli.import_picture:import_picture",
    "inpaint": "tui.cli.inpaint:inpaint",
    "keys": "tui.cli.keys:keys",
    "library": "tui.cli.library:library",
    "models": "tui.cli.models:models",
    "recipe": "tui.cli.recipe:recipe",
    "repair": "tui.cli.repair:repair",
    "rerun": "tui.cli.rerun:rerun",
    "tour": "tui.cli.tour:tour",
}


class _LazyGroup(SentenceGroup):
    """Knows its subcommands by name and imports one when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Their names, without importing any."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """One of them, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--images",
    type=click.Choice(["auto", "kitty", "sixel", "blocks", "none"]),
    help="How pictures are shown; found out by itself otherwise.",
)
@click.version_option(tui.__version__, prog_name="keepers", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context, images: str | None) -> None:
    """From an idea to a usable image in seven steps, by keyboard; alone it opens the interface."""
    from tui.cli.home import pin_home

    pin_home()
    if ctx.invoked_subcommand is None:
        from tui.cli.interface import open_interface

        open_interface(images)
