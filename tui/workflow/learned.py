"""What was learned: the changes that were judged, put together by what they were."""

from collections.abc import Iterable
from itertools import groupby
from statistics import fmean

import msgspec

from tui.domain.change import Element
from tui.domain.prompt import LAYERS, Layers, phrases
from tui.domain.round import Verdict
from tui.domain.text import model_name
from tui.store.lessons import Lesson
from tui.store.store import Store


class Evidence(msgspec.Struct, frozen=True):
    """One change of one element with one model, and what came of it each time."""

    element: str
    before: str
    """Of the newest time."""
    after: str
    model: str
    """Its name, without folders; empty where nobody knows."""
    better: int
    tries: int
    """How often it was judged."""
    learned: str
    """What it did, in the person's newest words, else where it showed."""
    amount: float | None
    """Mean effect of those that were measured."""
    round_id: str
    """The newest."""

    @property
    def phrase(self) -> str:
        """The change in a word: what came, or what went."""
        return f"“{self.after}”" if self.after else f"without “{self.before}”"

    def __str__(self) -> str:
        learned = f"{self.learned}, " if self.learned else ""
        model = f" ({self.model})" if self.model else ""
        return f"{self.phrase} → {learned}better {self.better} of {self.tries}{model}"

    def told(self) -> str:
        """All that is known, in a sentence: the change in full, and how much it did."""
        change = Element(self.element, self.before, self.after)
        effect = "" if self.amount is None else f", effect {self.amount:.2f} on average"
        return f"{change}{effect}. Enter writes a phrase into its layer, r goes to its round."


def evidence(lessons: Iterable[Lesson]) -> tuple[Evidence, ...]:
    """Lessons put together by element, phrase and model; layers first, the most tried first.

    Args:
        lessons: newest first.
    """
    found: dict[tuple[str, str, str, str], list[Lesson]] = {}
    for lesson in lessons:
        # What went counts by what it was; what came, by what it is now.
        gone = "" if lesson.after else lesson.before.casefold()
        key = (lesson.element, lesson.after.casefold(), gone, lesson.model)
        found.setdefault(key, []).append(lesson)
    places = {layer: place for place, layer in enumerate(LAYERS)}
    together = map(_evidence, found.values())
    return tuple(
        sorted(
            together,
            key=lambda e: (places.get(e.element, len(places)), e.element, -e.tries, -e.better),
        )
    )


Row = Evidence | str
"""A line of the log: a heading, or what is said of one change."""


def grouped(found: Iterable[Evidence]) -> list[Row]:
    """What `evidence` gave with a heading over each element: its name, and its verdicts."""
    rows: list[Row] = []
    for element, of_it in groupby(found, key=lambda each: each.element):
        lines = list(of_it)
        better, tries = (sum(getattr(e, name) for e in lines) for name in ("better", "tries"))
        rows += [f"{element} · better {better} of {tries}", *lines]
    return rows


def learned_of(lessons: Iterable[Lesson], layers: Layers, most: int = 2) -> tuple[str, ...]:
    """Sentences such as `“on the right” → room for text, better 3 of 3 (starter)`.

    Args:
        lessons: newest first.
        layers: as they are now; only what is said of their phrases is told.
        most: sentences at most; the most tried come first.
    """
    there = {(layer, phrase) for layer, phrase in _phrases(layers)}
    wanted = [lesson for lesson in lessons if (lesson.element, lesson.after.casefold()) in there]
    by_use = sorted(evidence(wanted), key=lambda e: -e.tries)
    return tuple(map(str, by_use[:most]))


def lessons_for(store: Store, layers: Layers) -> tuple[Lesson, ...]:
    """The lessons about the phrases that are in the layers, from all projects, newest first."""
    after = [phrase for _, phrase in _phrases(layers)]
    return store.lessons.about(after) if after else ()


def with_phrase(layers: Layers, found: Evidence) -> Layers | None:
    """The layers with a phrase that was learned of; None where it is no phrase, or there already.

    It takes the place of what it took the place of before, if that is there, else the last place.
    """
    if found.element not in LAYERS:
        return None
    texts = list(phrases(layers.get(found.element)))
    folded = [text.casefold() for text in texts]
    before, after = found.before.casefold(), found.after.casefold()
    if after in folded or (not after and before not in folded):
        return None
    if before in folded:
        place = folded.index(before)
        texts[place : place + 1] = [found.after] if found.after else []
    else:
        texts.append(found.after)
    return msgspec.structs.replace(layers, **{found.element: ", ".join(texts)})


def _phrases(layers: Layers) -> Iterable[tuple[str, str]]:
    return (
        (layer, phrase.casefold()) for layer, text in layers.items() for phrase in phrases(text)
    )


def _evidence(lessons: list[Lesson]) -> Evidence:
    newest = lessons[0]
    learned = next((lesson.learned for lesson in lessons if lesson.learned), "")
    measured = [lesson.amount for lesson in lessons if lesson.amount is not None]
    return Evidence(
        element=newest.element,
        before=newest.before,
        after=newest.after,
        model=model_name(newest.model),
        better=sum(lesson.verdict is Verdict.BETTER for lesson in lessons),
        tries=len(lessons),
        learned=learned or (f"changed {newest.region}" if newest.region else ""),
        amount=fmean(measured) if measured else None,
        round_id=newest.round_id,
    )
