"""What `keepers doctor` says of pictures: how they are shown, why, and what would be better."""

import os
import sys

import click

from tui.cli.findings import Finding
from tui.store.errors import StoreError
from tui.store.paths import find_home
from tui.store.settings import load_settings

_WORDS = {
    "kitty": "pixel by pixel, by kitty's graphics",
    "sixel": "pixel by pixel, by sixels",
    "blocks": "in blocks",
    "none": "not at all",
}


def picture_findings() -> list[Finding]:
    """How the interface would show pictures if it were opened here."""
    from tui.terminal.choosing import KINDS, Choosing, wanted

    try:
        setting = load_settings(find_home()).images
    except StoreError:
        setting = "auto"  # what is wrong with home and settings is said below, once
    ctx = click.get_current_context(silent=True)
    option = ctx.find_root().params.get("images") if ctx is not None else None
    try:
        images = wanted(option, os.environ, setting)
    except ValueError as error:
        return [Finding("bad", str(error))]
    choosing = Choosing(images)
    known = images in KINDS or choosing.asks_terminal or os.environ.get("TMUX")
    if not known and not sys.stdout.isatty():
        says = "how pictures are shown is found out in the terminal: call this there"
        return [Finding("note", says)]
    choice = choosing.choice()
    width, height = choice.cell
    says = f"pictures are shown {_WORDS[choice.kind]}: {choice.why}"
    result = [Finding("note" if choice.do else "good", says, choice.do)]
    if choice.kind in ("kitty", "sixel"):
        result.append(Finding("good", f"a cell has {width} × {height} pixels"))
    if choice.kind == "kitty" and choice.in_tmux:
        result += _focus_findings()
    return result


def _focus_findings() -> list[Finding]:
    from tui.terminal.tmux import run_tmux

    if run_tmux("show-options", "-gv", "focus-events") == "on":
        return []
    says = "tmux does not say when another terminal is attached: there ctrl+l draws pictures again"
    return [Finding("note", says, "tmux set -g focus-events on")]
