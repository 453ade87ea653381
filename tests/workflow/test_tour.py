"""The tour's script fits the program it presses."""

import pytest
from textual.keys import Keys

from tui.commands import COMMANDS, MASKING_COMMANDS, STEPS
from tui.workflow.tour import FAREWELL, STOPS, WAIT_FOR_IMAGES, YOURS, Stop

_NAMED = {key.value for key in Keys} | {"space", "plus", "greater_than_sign"}


def test_it_goes_through_the_seven_steps_in_order() -> None:
    assert tuple(stop.place for stop in STOPS) == STEPS


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.place)
def test_each_stop_presses_keys_that_there_are(stop: Stop) -> None:
    bound = {key for command in (*COMMANDS, *MASKING_COMMANDS) for key in command.keys.split(",")}
    for key in stop.keys:
        assert key == WAIT_FOR_IMAGES or key.startswith("type ") or key in bound | _NAMED


def test_what_is_said_fits_two_lines_of_a_small_terminal() -> None:
    for says in (FAREWELL, YOURS, *(stop.says for stop in STOPS)):
        assert len(says) + len("Tour 1/7    Any key: it is yours.") <= 2 * 78
