"""What an evaluation asks for: prompts that no training caption has, and seeds of their own."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tui.starter.recipe.artist import GUIDANCE, Ask
from tui.starter.recipe.icons import Icons
from tui.starter.recipe.references import References
from tui.starter.recipe.scenes import Scene
from tui.starter.recipe.tokenizer import ids_of
from tui.starter.recipe.words import COLOURS, FRAMES, SEPARATOR, STYLES
from tui.starter.recipe.work_folder import number_of

_SEEDS = 1_000_000
"""First of the evaluation's seeds."""
_TRIES = 60
"""After these, a prompt that was seen is taken."""


@dataclass(frozen=True)
class Trial:
    """One prompt, with what a right picture of it looks like."""

    subject: str
    style: str
    """A key of `words.STYLES`."""
    scene: Scene
    seed: int
    second: str = ""
    """The other subject of a pair."""

    def ask(self, *, negative: str = "", guidance: float = GUIDANCE) -> Ask:
        """What the model is asked."""
        return Ask(self.scene.caption, self.seed, negative, guidance)

    def open_ask(self, *, more: str = "", negative: str = "") -> Ask:
        """The same without its background, and perhaps with another phrase."""
        kept = self.scene.caption.split(SEPARATOR)[:-1]
        return Ask(SEPARATOR.join([*kept, more] if more else kept), self.seed, negative)


class Seen:
    """What a model was trained with, as far as that is known.

    Args:
        tokenizer: The model's.
        captions: Its training captions, N×tokens ids; None where they are not known.
        pairs: Subjects that stood together, in the order of the alphabet.
    """

    def __init__(
        self, tokenizer: Any = None, captions: Path | None = None, pairs: Path | None = None
    ) -> None:
        self._tokenizer = tokenizer
        known = captions is not None and captions.exists()
        self._captions = (
            {row.tobytes() for row in np.load(captions)} if captions and known else None
        )
        self._pairs: set[tuple[str, str]] = set()
        if pairs is not None and pairs.exists():
            read = msgspec.json.decode(pairs.read_bytes(), type=list[tuple[str, str]])
            self._pairs = set(read)

    @property
    def is_known(self) -> bool:
        """Whether the training captions are known."""
        return self._captions is not None

    def caption(self, prompt: str) -> bool:
        """Whether a training caption reads like this."""
        if self._captions is None:
            return False
        return ids_of(self._tokenizer, [prompt])[0].tobytes() in self._captions

    def pair(self, first: str, second: str) -> bool:
        """Whether these stood together in a training scene."""
        return tuple(sorted((first, second))) in self._pairs


class Trials:
    """Makes them; the same for the same icons and training captions."""

    def __init__(self, references: References, seen: Seen) -> None:
        self._composer, self._icons = references.composer, references.icons
        self._seen = seen

    def centred(self, count: int, name: str = "subjects") -> list[Trial]:
        """One subject in the middle, half of them on white."""

        def make(chance: random.Random, seed: int) -> Trial:
            subject, style = _icon(self._icons, chance)
            colour = "white" if chance.random() < 0.5 else chance.choice(list(COLOURS))
            scene = self._composer.scene(subject, style, "centered", colour, chance)
            return Trial(subject, style, scene, seed)

        return self._fresh(name, count, make)

    def placed(self, count: int) -> list[Trial]:
        """One subject in any place on any colour, each place as often as the others."""
        frames = list(FRAMES)

        def make(chance: random.Random, seed: int) -> Trial:
            subject, style = _icon(self._icons, chance)
            frame = frames[seed % len(frames)]
            colour = chance.choice(list(COLOURS))
            scene = self._composer.scene(subject, style, frame, colour, chance)
            return Trial(subject, style, scene, seed)

        return self._fresh("places", count, make)

    def pairs(self, count: int) -> list[Trial]:
        """Two subjects that never stood together, on white."""

        def make(chance: random.Random, seed: int) -> Trial:
            style = chance.choice(sorted({icon.style for icon in self._icons.entries}))
            able = [s for s, styles in self._icons.by_subject.items() if style in styles]
            for _ in range(_TRIES):
                first, second = chance.choice(able), chance.choice(able)
                if first != second and not self._seen.pair(first, second):
                    break
            else:
                first, second = able[0], able[-1]
            scene = self._composer.pair((first, second), style)
            return Trial(first, style, scene, seed, second)

        return self._fresh("pairs", count, make)

    def seen_share(self, trials: list[Trial]) -> float | None:
        """Share of prompts that were training captions, word for word; None if unknown."""
        if not self._seen.is_known:
            return None
        return sum(self._seen.caption(trial.scene.caption) for trial in trials) / len(trials)

    def _fresh(
        self, name: str, count: int, make: Callable[[random.Random, int], Trial]
    ) -> list[Trial]:
        chance = random.Random(number_of("evaluate", name))
        first = _SEEDS + number_of(name) % _SEEDS
        found = []
        for seed in range(first, first + count):
            trial = make(chance, seed)
            for _ in range(_TRIES):
                if not self._seen.caption(trial.scene.caption):
                    break
                trial = make(chance, seed)
            found.append(trial)
        return found


def _icon(icons: Icons, chance: random.Random) -> tuple[str, str]:
    subject = chance.choice(icons.subjects)
    return subject, chance.choice([s for s in STYLES if s in icons.by_subject[subject]])
