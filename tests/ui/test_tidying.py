"""Full collections come in pauses between key presses, and not otherwise."""

import gc
import weakref

from tui.tidying import PAUSE, Tidying, tidying


class _Ring:
    """Only a full collection finds it once it is old."""

    def __init__(self) -> None:
        self.itself = self


def _old_ring() -> "weakref.ref[_Ring]":
    ring = _Ring()
    gc.collect(1)
    gc.collect(1)
    return weakref.ref(ring)


def _make_it_due() -> None:
    for _ in range(10):
        gc.collect(1)


def test_nothing_is_collected_while_keys_come_and_all_of_it_in_a_pause() -> None:
    now = 100.0
    tidy = Tidying(lambda: now)
    tidy.start()
    try:
        ring = _old_ring()
        _make_it_due()
        tidy.pressed()
        now += PAUSE / 2
        assert not tidy.tidy()
        assert ring() is not None
        now += PAUSE
        assert tidy.tidy()
        assert ring() is None
        assert not tidy.tidy(), "it is due again only after more was made"
    finally:
        tidy.end()


def test_collections_come_as_before_afterwards() -> None:
    before = gc.get_threshold()
    with tidying():
        assert gc.get_threshold() != before
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
