"""Step 3: ranking the pictures of a batch two at a time, with few questions.

Each picture finds its place by binary insertion: it is held against the middle of the places that
it can still take. Nothing is remembered but the answers, and the next question follows from them.
So an answer can be taken back, and pictures may come and go in between: what was said of one that
has gone still tells how the others stand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Closer(StrEnum):
    """Which of two pictures is closer to what the brief asks."""

    LEFT = "left"
    RIGHT = "right"
    SAME = "same"


class Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer: two pictures by their ids, and which is closer."""

    left: str
    right: str
    closer: Closer


@dataclass(frozen=True)
class Standing:
    """How far a tournament is."""

    ranking: tuple[tuple[str, ...], ...]
    """Those that have their place, the closest first; those that are as good stand together."""
    pair: tuple[str, str] | None
    """What is asked next, left and right; None when all have their place."""
    asked: int
    """Answers so far."""
    at_most: int
    """Answers when all have their place, at the worst. In a tournament of the same pictures from
    its beginning it never grows; where others were compared before, it is an estimate."""

    @property
    def places(self) -> dict[str, int]:
        """The place of each in the ranking, from 1: after two first ones comes the third."""
        places: dict[str, int] = {}
        for together in self.ranking:
            place = len(places) + 1
            places |= dict.fromkeys(together, place)
        return places


def standing(candidates: Iterable[str], comparisons: Sequence[Comparison]) -> Standing:
    """How the candidates stand after these answers, and what to ask next.

    Args:
        candidates: ids, in the order in which they come up.
        comparisons: the answers, oldest first; also those about others than the candidates. One
            that says again, or against, what follows from earlier ones counts for nothing.
    """
    known = _Known(comparisons)
    views = {one: known.of(one) for one in candidates}
    # Those of whom most is known come first, so that no answer is asked for in vain.
    waiting = sorted(views, key=lambda one: -views[one].knows(views))
    ranking: list[list[str]] = []
    while waiting:
        rooms: list[_Room] = []
        for one in waiting:
            rooms.append(views[one].room(ranking))
            if not rooms[-1].width:
                break
        at = min(range(len(rooms)), key=lambda place: rooms[place].width)
        room = rooms[at]
        if room.width:
            widths = sorted(each.width for each in rooms)
            # A picture takes as many answers as halvings; each that goes in before adds a place.
            left = sum((width + before).bit_length() for before, width in enumerate(widths))
            pair = ranking[room.middle][0], waiting[at]
            return _standing(ranking, pair, len(comparisons), left)
        one = waiting.pop(at)
        if room.same is None:
            ranking.insert(room.first, [one])
        else:
            ranking[room.same].append(one)
    return _standing(ranking, None, len(comparisons), 0)


def _standing(
    ranking: list[list[str]], pair: tuple[str, str] | None, asked: int, left: int
) -> Standing:
    return Standing(tuple(map(tuple, ranking)), pair, asked, asked + left)


@dataclass(frozen=True)
class _Room:
    """The places that one picture can still take in a ranking."""

    first: int
    """Those before are closer than it."""
    end: int
    """Those from here on are less close."""
    same: int | None = None
    """The place of those that are as good, where there are some."""

    @property
    def width(self) -> int:
        """How many it could be held against; 0 where its place is known."""
        return 0 if self.same is not None else self.end - self.first

    @property
    def middle(self) -> int:
        """The one that tells most."""
        return (self.first + self.end) // 2


@dataclass(frozen=True)
class _View:
    """The others, as one picture stands to them."""

    same: set[str]
    closer: set[str]
    less: set[str]

    def knows(self, others: Mapping[str, object]) -> int:
        """To how many of the others it stands in a known way."""
        return len(others.keys() & (self.same | self.closer | self.less))

    def room(self, ranking: list[list[str]]) -> _Room:
        """Where it can go in a ranking of others."""
        same = next((at for at, group in enumerate(ranking) if group[0] in self.same), None)
        closer = sum(group[0] in self.closer for group in ranking)
        less = sum(group[0] in self.less for group in ranking)
        return _Room(closer, len(ranking) - less, same)


_Steps = dict[str, set[str]]


class _Known:
    """What follows from answers; they never contradict each other, because the first one counts."""

    def __init__(self, comparisons: Iterable[Comparison]) -> None:
        self._same: _Steps = {}
        self._closer: _Steps = {}
        self._less: _Steps = {}
        for each in comparisons:
            view = self.of(each.left)
            if each.right not in view.same | view.closer | view.less:
                self._learn(each)

    def of(self, one: str) -> _View:
        """How one stands to all others."""
        same = _reached({one}, self._same)
        return _View(same, self._beyond(same, self._closer), self._beyond(same, self._less))

    def _beyond(self, same: set[str], steps: _Steps) -> set[str]:
        first = {to for one in same for to in steps.get(one, ())}
        return _reached(first, self._same, steps)

    def _learn(self, answer: Comparison) -> None:
        left, right = answer.left, answer.right
        if answer.closer is Closer.SAME:
            self._same.setdefault(left, set()).add(right)
            self._same.setdefault(right, set()).add(left)
            return
        closer, less = (left, right) if answer.closer is Closer.LEFT else (right, left)
        self._less.setdefault(closer, set()).add(less)
        self._closer.setdefault(less, set()).add(closer)


def _reached(start: set[str], *steps: _Steps) -> set[str]:
    """Where one comes from there, by any number of steps."""
    found, new = set(start), list(start)
    while new:
        one = new.pop()
        further = {to for each in steps for to in each.get(one, ())} - found
        found |= further
        new += further
    return found
