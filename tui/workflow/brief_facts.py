"""What follows from a brief: sizes in words, what to expect, and how its points meet the prompt."""

import re
from collections.abc import Iterable

import msgspec

from tui.domain.brief import Brief, Kind
from tui.domain.check import check_items
from tui.domain.coach import expected_rounds
from tui.domain.prompt import POSITIVE_LAYERS, Layers, phrases
from tui.domain.text import model_name
from tui.store.store import Store
from tui.workflow.options import Options

_EDITING: dict[Kind, str] = {
    Kind.SIMPLE: "hardly any editing",
    Kind.STYLISED: "little editing",
    Kind.COMPLEX: "some editing",
    Kind.PHOTOREAL: "careful editing",
}
"""How much editing pictures of each kind usually need."""

_NEGATIONS = re.compile(r"^(?:(?:no|not|any|without|avoid|never)\s+)+", re.IGNORECASE)
_WEIGHT = re.compile(r":\s*[\d.]+\s*(?=\)|$)|[()\[\]{}<>]")
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_IDLE = frozenset({
    "a", "an", "and", "any", "are", "as", "at", "be", "but", "by", "for", "from", "has", "have",
    "in", "into", "is", "it", "its", "no", "not", "of", "on", "or", "our", "some", "that", "the",
    "their", "there", "this", "to", "with", "your",
})  # fmt: skip
"""Words that say nothing about what is in a picture."""


def with_avoided(layers: Layers, brief: Brief) -> Layers:
    """The layers with what the brief avoids among the negatives, each phrase at most once.

    An item written as “no weapons” counts as “weapons”: in the negatives a “no” would be read as a
    wish. Nothing is taken away; layers that avoid all of it already come back unchanged.
    """
    there = {_bare(piece) for piece in layers.negatives.split(",")}
    missing: list[str] = []
    for item in brief.must_avoid:
        for phrase in phrases(_NEGATIONS.sub("", item)):
            pieces = {_bare(piece) for piece in phrase.split(",")}
            if not pieces <= there:
                missing.append(phrase)
                there |= pieces
    if not missing:
        return layers
    whole = ", ".join([*phrases(layers.negatives), *missing])
    return msgspec.structs.replace(layers, negatives=", ".join(phrases(whole)))


def covered(item: str, layers: Layers) -> str:
    """The layer that speaks to an item the picture must contain; empty where none does.

    A layer does when it has at least half of the item's telling words, in any order, singular or
    plural. It is a hint for the eye, not a proof.
    """
    wanted = _telling(item)
    best, most = "", 0
    for layer in POSITIVE_LAYERS:
        found = len(wanted & _telling(layers.get(layer)))
        if found > most and found * 2 >= len(wanted):
            best, most = layer, found
    return best


def expectation(brief: Brief) -> str:
    """What pictures of this kind, for these stakes, usually take."""
    low, high = expected_rounds(brief)
    return (
        f"{brief.kind.value.capitalize()} pictures usually take {low}–{high} rounds and "
        f"{_EDITING[brief.kind]}; {brief.stakes.value}: {len(check_items(brief))} points to check."
    )


def drawn_size(brief: Brief, options: Options) -> str:
    """What the model draws for a brief's size, and what becomes of it."""
    draws = f"{model_name(options.model)} draws {options.width} × {options.height}"
    if brief.aspect is None:
        return draws
    if (brief.width, brief.height) == (options.width, options.height):
        return draws
    factor = max(brief.width / options.width, brief.height / options.height)
    cropped = abs(brief.aspect - options.width / options.height) > 0.01
    return f"{draws}, {'cropped and ' if cropped else ''}scaled {factor:.1f} × for export"


def experience(store: Store, kind: Kind) -> tuple[int, ...]:
    """Rounds that this person's latest keepers of a kind took, newest first.

    Raises:
        StoreError: the database cannot be read.
    """
    keepers = [entry for entry in store.library.of_projects() if entry.kind is kind]
    projects = dict.fromkeys(entry.project_id for entry in keepers if entry.project_id)
    counts = (len(store.rounds.list(project)) for project in [*projects][:3])
    return tuple(count for count in counts if count)


def advice(brief: Brief, rounds: tuple[int, ...], related: int) -> str:
    """What to expect, from the kind and from experience, and what the library has on it."""
    told = [expectation(brief)]
    if rounds:
        told.append(f"Yours took {', '.join(map(str, rounds))}.")
    if related:
        keepers = "1 keeper looks" if related == 1 else f"{related} keepers look"
        told.append(f"Library: {keepers} related, L opens.")
    return " ".join(told)


def related_words(brief: Brief) -> str:
    """The words by which keepers in the library are related to a brief."""
    return " ".join((brief.purpose, *brief.must_contain, brief.style_context))


def _telling(text: str) -> set[str]:
    return {_singular(word) for word in _words(text)} - _IDLE


def _words(text: str) -> Iterable[str]:
    for word in _WORD.findall(text.casefold()):
        # Scripts without spaces between words are compared sign by sign.
        yield from word if _UNSPACED.search(word) else (word,)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _bare(piece: str) -> str:
    """A phrase without brackets and weight, for comparison."""
    folded = " ".join(piece.casefold().split())
    return " ".join(_WEIGHT.sub("", folded).split()) or folded
