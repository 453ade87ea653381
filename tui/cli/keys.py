"""`keepers keys`: every key, what it does, where, and the id to remap it by."""

import click

from tui.cli.output import say


@click.command()
def keys() -> None:
    """List all keys with the ids by which config.toml can remap them."""
    from tui.commands import COMMANDS, checked_keymap, key_names, keys_of
    from tui.store.paths import find_home
    from tui.store.settings import load_settings

    keymap = checked_keymap(load_settings(find_home()).keys)
    for command in COMMANDS:
        where = "everywhere" if "*" in command.places else ", ".join(command.places)
        names = key_names(keys_of(command, keymap))
        say(f"{names:14} {command.id:16} {command.tooltip}  [{where}]")
    say('\nRemap in config.toml:\n\n[keys]\ngenerate = "G"')
