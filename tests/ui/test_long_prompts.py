"""Step 2 with more words than the reader takes at once, read in parts or cut off; weights."""

import asyncio

import msgspec
import pytest

from tests.ui.conftest import OpenApp, shown, until
from tests.ui.test_prompt import ROBOT, begin, prompt, row, workspace_of
from tui.engine.supervisor import stop_engine
from tui.store.paths import Home

MANY = msgspec.structs.replace(ROBOT, detail=", ".join(["paper texture"] * 12), negatives="blurry")


@pytest.fixture
def cutting(home: Home) -> None:
    """A home whose person wants the old way; its engine starts anew."""
    asyncio.run(stop_engine(home))
    home.settings_file.write_text('long_prompts = "cut"\nprompt_weights = "words"\n')


async def test_a_long_prompt_is_read_in_chunks_and_nothing_falls_off(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await begin(pilot, MANY)
        await until(pilot, lambda: "tokens, read in 3 chunks of 38" in shown(pilot))
        assert "not read: " not in shown(pilot)
        assert "falls off" not in prompt(pilot).coach()
        assert "cut off" not in row(pilot, "detail").note


WEIGHTED = msgspec.structs.replace(ROBOT, detail="(soft, warm light:1.2)")


async def test_weights_that_are_obeyed_are_shown(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await begin(pilot, WEIGHTED)
        await until(pilot, lambda: "weights: soft, warm light × 1.2" in shown(pilot))
        assert "is read as words" not in prompt(pilot).coach()


async def test_a_phrase_gets_more_weight_by_a_key(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await begin(pilot, ROBOT)
        await pilot.press("enter", "ctrl+up", "ctrl+up")
        await until(pilot, lambda: "weights: robot × 1.2" in shown(pilot))
        assert workspace_of(pilot).project.draft.subject == "(robot:1.2)"
        await pilot.press("ctrl+down", "ctrl+down", "escape")
        await until(pilot, lambda: "weights:" not in shown(pilot))
        assert workspace_of(pilot).project.draft.subject == "robot"


@pytest.mark.usefixtures("cutting")
async def test_weights_that_are_not_are_said_to_be_read_as_words(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await begin(pilot, WEIGHTED)
        await until(pilot, lambda: "is read as words, brackets and num" in prompt(pilot).coach())
        assert "weights:" not in shown(pilot)


@pytest.mark.usefixtures("cutting")
async def test_what_falls_off_the_end_is_seen_and_said(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await begin(pilot, MANY)
        await until(pilot, lambda: "falls off the end" in prompt(pilot).coach())
        assert "┃ not read: " in shown(pilot)
        assert "cut off" in row(pilot, "detail").note
        assert "shorten the detail layer" in prompt(pilot).coach()
