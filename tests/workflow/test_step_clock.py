"""Time at each step: told by keys, without pauses, on disk soon, and gone with its project."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.store.paths import find_home
from tui.store.store import Store, open_store
from tui.workflow.effort import effort
from tui.workflow.pace import Taken, lines
from tui.workflow.step_clock import AWAY, StepClock, by_step


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(find_home({"KEEPERS_HOME": str(tmp_path / "keepers")})) as opened:
        opened.projects.ensure("p1", "One")
        opened.projects.ensure("p2", "Two")
        yield opened


def test_pauses_and_other_places_do_not_count(store: Store) -> None:
    clock = StepClock(store)
    for at, where in (
        (0, ("p1", 1)),
        (20, ("p1", 1)),
        (50, ("p1", 2)),  # 30 s at the prompt before its first key
        (60, ("p1", 2)),
        (60 + AWAY + 1, ("p1", 2)),  # away
        (60 + AWAY + 6, ("p1", 2)),
        (60 + AWAY + 16, None),  # 10 s among the projects
        (60 + AWAY + 20, ("p2", 2)),
        (40, ("p2", 2)),  # the clock was set back
        (44, ("p2", 2)),
    ):
        clock.pressed(where, 1000.0 + at)
    clock.keep()
    assert by_step(store.stays.list("p1")) == (20, 45, 0, 0, 0, 0, 0)
    assert by_step(store.stays.list("p2")) == (0, 8, 0, 0, 0, 0, 0)
    assert by_step(store.stays.list("p1"), until=1010.0) == (20, 0, 0, 0, 0, 0, 0)
    assert effort(store, "p1") == (("Time", "▄█▁▁▁▁▁ 1 min, most at Prompt"),)
    assert len(store.stays.list("p1")) == 2


def test_it_is_on_disk_soon_and_nothing_stands_in_the_way(store: Store) -> None:
    clock = StepClock(store)
    for second in range(0, 45, 5):
        clock.pressed(("p1", 3), 1000.0 + second)
    assert by_step(store.stays.list("p1"))[2] >= 30
    clock.pressed(("nobody", 3), 1060.0)
    clock.pressed(("nobody", 3), 1100.0)
    clock.keep()
    store.projects.trash("p1")
    store.projects.delete_for_good("p1")
    assert store.stays.list("p1") == store.stays.list("nobody") == ()


def test_plots_stand_beside_the_others() -> None:
    old = Taken(8, 32, 60.0, (2, 12, 3, 9, 1, 0, 4))
    new = Taken(4, 16, 15.0, (1, 3, 2, 3, 0, 0, 1))
    told = lines((Taken(9, 30, 70.0), old, new))
    assert told == (
        "Rounds to a keeper  █▇▄  9 → 4     Prompt min   █▃  12 → 3",
        "Images              ██▅  30 → 16   Batch min    █▆  3 → 2",
        "Minutes at work     █▇▃  70 → 15   Iterate min  █▃  9 → 3",
    )
    assert max(map(len, told)) < 78
    assert lines((Taken(8, 32, 60.0), new))[0] == "Rounds to a keeper  █▅  8 → 4"
    longest = lines([Taken(88, 3200, 6000.0, (100.0,) * 7)] * 12)
    assert max(map(len, longest)) <= 78
