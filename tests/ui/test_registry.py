"""One registry of commands: no key with two meanings, and nothing in it that does not exist."""

import importlib

import pytest

from tests.ui.conftest import OpenApp, shown
from tui.app import _SCREENS, KeepersApp
from tui.commands import (
    COMMANDS,
    MASKING,
    Command,
    KeymapError,
    checked_keymap,
    commands_in,
    doubled_keys,
    key_names,
)

PLACES = sorted({place for command in COMMANDS for place in command.places} - {"*", MASKING})


def test_no_key_has_two_meanings_anywhere_outside_masking() -> None:
    outside = [command for command in COMMANDS if MASKING not in command.places]
    assert doubled_keys(outside, {}) == []


def test_ids_are_unique_and_every_command_explains_itself() -> None:
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)
    assert [c.id for c in COMMANDS if not c.tooltip.endswith(".") or not c.name] == []


@pytest.mark.parametrize("place", sorted(_SCREENS))
def test_every_key_of_a_screen_does_something(place: str) -> None:
    module, _, name = _SCREENS[place].partition(":")
    screen = getattr(importlib.import_module(module), name)
    missing = [command.id for command in commands_in(place) if not _exists(command, screen)]
    assert missing == []


def _exists(command: Command, screen: type) -> bool:
    owner, _, action = command.action.rpartition(".")
    name = f"action_{action.partition('(')[0]}"
    return hasattr(KeepersApp if owner else screen, name)


@pytest.mark.parametrize(
    ("keymap", "said"),
    [
        ({"generat": "G"}, "did you mean generate"),
        ({"generate": "x"}, "would mean both"),
        ({"qqqqq": "x"}, "keepers keys"),
    ],
)
def test_a_keymap_that_cannot_be_is_refused_in_words(keymap: dict[str, str], said: str) -> None:
    with pytest.raises(KeymapError, match=said):
        checked_keymap(keymap)


@pytest.mark.parametrize("place", sorted(_SCREENS))
def test_the_last_line_names_keys_that_work_on_the_screen(place: str) -> None:
    module, _, name = _SCREENS[place].partition(":")
    screen = getattr(importlib.import_module(module), name)
    known = {command.id for command in commands_in(place)}
    assert [named for named, _ in screen.FOOTER if named not in known] == []


@pytest.mark.parametrize("width", [40, 80, 200])
async def test_the_last_line_ends_in_help_however_narrow_it_is(
    open_app: OpenApp, width: int
) -> None:
    async with open_app((width, 24)) as pilot:
        if getattr(pilot.app.screen, "PLACE", "") == "brief":
            await pilot.press("escape")
        await pilot.pause()
        last = shown(pilot).splitlines()[-1]
        assert last.rstrip().endswith("? help")
        assert ("…" in last) == (width < 120)


async def test_help_shows_what_works_here(open_app: OpenApp) -> None:
    async with open_app((120, 60)) as pilot:
        await pilot.app.run_action("app.help")
        await pilot.pause()
        screen, under = shown(pilot), pilot.app.screen_stack[-2]
        for command in commands_in(getattr(under, "PLACE", "")):
            assert key_names(command.keys).split()[0] in screen
            assert command.tooltip[:20] in screen
