"""What earlier rounds taught about the phrases that are in the layers now."""

from collections.abc import Iterable

from tui.domain.prompt import LAYERS, Layers, phrases
from tui.store.rounds import Round, Verdict


def learned_of(rounds: Iterable[Round], layers: Layers, most: int = 2) -> tuple[str, ...]:
    """Sentences such as `“on the right” → room for text, better 3 of 3`; most tried first.

    Args:
        rounds: with a verdict, newest first.
        layers: as they are now.
        most: sentences at most.
    """
    there = {
        (layer, phrase.casefold()): phrase
        for layer, text in layers.items()
        for phrase in phrases(text)
    }
    tried: dict[tuple[str, str], list[Round]] = {}
    for found in rounds:
        # A round with several changes teaches nothing about cause.
        if len(found.changes) == 1 and found.changes[0].where in LAYERS:
            key = (found.changes[0].where, found.changes[0].after.casefold())
            if key in there:
                tried.setdefault(key, []).append(found)
    by_use = sorted(tried.items(), key=lambda item: -len(item[1]))
    return tuple(_sentence(there[key], of_it) for key, of_it in by_use[:most])


def _sentence(phrase: str, rounds: list[Round]) -> str:
    better = sum(found.verdict is Verdict.BETTER for found in rounds)
    learned = next((found.learned for found in rounds if found.learned), "")
    said = f"{learned}, " if learned else ""
    return f"“{phrase}” → {said}better {better} of {len(rounds)}"
