"""Step 4: one element over several values, everything else as it is in the parent."""

from typing import ClassVar

import msgspec

from tui.domain.change import Element, changes
from tui.domain.distilled_guidance import DISTILLED, typed_distilled
from tui.domain.intent import MOST_IMAGES, Intent, InvalidIntentError
from tui.domain.lora import NAMED, lora_names
from tui.domain.prompt import LAYERS, phrases
from tui.domain.schedulers import UnknownSchedulerError, scheduler_class
from tui.domain.step_cache import STEP_CACHE, typed_threshold
from tui.domain.text import clean

WITHOUT = "-"
"""The value that takes a phrase away."""

SWEPT = ("steps", "guidance", DISTILLED, "scheduler", "strength", "size", "model", STEP_CACHE)
"""The settings that can be swept. A seed cannot: the rows are seeds."""


def is_swept(where: str) -> bool:
    """Whether an element takes several values: a phrase, some settings, a LoRA's weight."""
    return where in (*LAYERS, *SWEPT) or where.startswith(NAMED)


LONGEST_NAME = 80
_EXAMPLES = {
    "steps": "give whole numbers such as 10, 20, 30",
    "guidance": "give numbers such as 2, 4, 7.5",
    "strength": "give numbers above 0, up to 1, such as 0.3, 0.6",
    "size": "give width × height such as 128x128, 256x128",
}


class SweepError(ValueError):
    """A sweep that would change nothing, or more than one element; the message names which."""


class Column(msgspec.Struct, frozen=True):
    """One value of a sweep: the wish that it makes, and how that differs from the parent."""

    value: str
    """As it was typed."""
    intent: Intent
    """For the first seed."""
    element: Element


class Sweep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which element takes which values, from which wish, for which seeds."""

    VERSION: ClassVar[int] = 1

    name: str
    where: str
    """The layer whose phrase, or the setting that changes."""
    before: str
    """What stands there in the parent; empty where a phrase is added."""
    place: int
    """Of the phrase in its layer, from 0; -1 for a setting."""
    values: tuple[str, ...]
    seeds: tuple[int, ...]
    """Those of the parent's batch, so that each cell has its twin."""
    base: Intent
    """The parent's own wish: all that a value leaves as it is."""
    parent: str
    """Image id."""
    version: int = VERSION

    @property
    def cells(self) -> int:
        """Images in all."""
        return len(self.values) * len(self.seeds)

    def column(self, value: str) -> Column:
        """What a value makes of the parent's wish.

        Raises:
            SweepError: no such value, or one that changes nothing or more than this element.
        """
        value, intent = clean(value), self._wish(value)
        found = changes(self.base.with_seed(intent.seed), intent)
        if not found:
            raise SweepError(f"“{value}” is what the parent has already: give another value")
        if len(found) > 1 or not self._is_ours(found[0]):
            named = "; ".join(map(str, found))
            raise SweepError(
                f"“{value}” changes something else than one {self.where} ({named}): "
                "a sweep changes one element, so give one phrase for each value"
            )
        return Column(value, intent, found[0])

    def columns(self) -> tuple[Column, ...]:
        """A column for each value, in order.

        Raises:
            SweepError: a value of them; or no seeds, two values that are one, too many images.
        """
        if not is_swept(self.where):
            raise SweepError(f"{self.where} cannot be swept: choose a phrase or another setting")
        if not self.values:
            raise SweepError("there is no value yet: type some, with a comma between them")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise SweepError("the parent's batch has no seeds of its own: choose another parent")
        if self.cells > MOST_IMAGES:
            raise SweepError(
                f"{len(self.values)} values × {len(self.seeds)} seeds are {self.cells} images: "
                f"take values away, {MOST_IMAGES} images are the most"
            )
        found: dict[str, Column] = {}
        for column in map(self.column, self.values):
            other = found.setdefault(column.intent.key, column)
            if other is not column:
                raise SweepError(f"“{other.value}” and “{column.value}” are the same: keep one")
        return tuple(found.values())

    def distinct(self) -> "Sweep":
        """Harmless, and without the values that repeat one before them or are the parent's own.

        Raises:
            SweepError: a value that is none.
        """
        own = self.base.with_seed(self.seeds[0]).key if self.seeds else ""
        kept: dict[str, str] = {}
        for value in map(clean, self.values if self.seeds else ()):
            key = self._wish(value).key
            if key != own:
                kept.setdefault(key, value)
        return msgspec.structs.replace(
            self, values=tuple(kept.values()), name=clean(self.name, limit=LONGEST_NAME)
        )

    def _wish(self, value: str) -> Intent:
        base = self.base.with_seed(self.seeds[0]).cleaned()
        try:
            return _with_value(base, self.where, self.place, clean(value)).checked()
        except (InvalidIntentError, UnknownSchedulerError) as error:
            raise SweepError(f"“{clean(value, limit=40)}”: {error}") from error

    def _is_ours(self, element: Element) -> bool:
        if element.where != self.where:
            return False
        return self.where not in LAYERS or element.before == clean(self.before)


def split_values(where: str, text: str) -> tuple[str, ...]:
    """What was typed, one by one: commas part them, not those inside a phrase's brackets."""
    if where in LAYERS:
        return phrases(text)
    return tuple(filter(None, (clean(part) for part in text.replace(";", ",").split(","))))


def offered(where: str, base: Intent) -> tuple[str, ...]:
    """Values to begin with, for a setting of which some are usual; empty for others."""
    found: list[str] = []
    match where:
        case "steps":
            found = [str(max(1, round(base.steps * by))) for by in (0.5, 0.75, 1.5, 2)]
        case "guidance":
            usual = [base.guidance * by for by in (0.5, 0.75, 1.5, 2)]
            found = [f"{value:g}" for value in usual] if base.guidance >= 0.1 else ["1", "2", "4"]
        case "strength":
            usual = [step / 5 for step in range(1, 6)]
            found = [f"{value:g}" for value in usual if value != base.strength]
        case "scheduler":
            found = ["ddim", "euler", "euler a", "dpm++ 2m", "unipc"]
            found = [name for name in found if scheduler_class(name) != base.scheduler]
        case _ if where == STEP_CACHE:
            found = ["0.05", "0.1", "0.2"]
        case _ if where == DISTILLED:
            found = ["1.5", "2.5", "3.5", "5"]
        case _ if where.startswith(NAMED):
            found = [WITHOUT, "0.25", "0.5", "0.75", "1"]
        case _:
            pass
    return tuple(value for value in dict.fromkeys(found) if _can_be(base, where, value))


def _can_be(base: Intent, where: str, value: str) -> bool:
    try:
        return _with_value(base, where, -1, value).checked().key != base.key
    except (InvalidIntentError, SweepError):
        return False


def shown_value(where: str, value: str) -> str:
    """A value in words: taking a phrase away, and a setting's own default, have some."""
    if where in LAYERS or where.startswith(NAMED):
        return "(without)" if value in ("", WITHOUT) else value
    return value or "the model's own"


def _with_value(base: Intent, where: str, place: int, value: str) -> Intent:
    if where in LAYERS:
        texts = list(phrases(base.layers.get(where)))
        texts[place : place + 1] = [] if value == WITHOUT else [value]
        layers = msgspec.structs.replace(base.layers, **{where: ", ".join(filter(None, texts))})
        return msgspec.structs.replace(base, layers=layers.cleaned())
    if where.startswith(NAMED):
        return _weighed(base, where.removeprefix(NAMED), value)
    if where in (STEP_CACHE, DISTILLED):
        return _typed(base, where, value)
    return msgspec.structs.replace(base, **_setting(where, value))


def _typed(base: Intent, where: str, value: str) -> Intent:
    try:
        if where == DISTILLED:
            return base.with_distilled(typed_distilled(value))
        return base.with_step_cache(typed_threshold(value))
    except ValueError as error:
        raise SweepError(str(error)) from error


def _weighed(base: Intent, name: str, value: str) -> Intent:
    """The wish with another weight of one of its LoRAs, or without it."""
    names = lora_names(lora.reference for lora in base.lora_list)
    if name not in names.values():
        raise SweepError(
            f"the parent has no LoRA {name}: draw with it first, then sweep its weight"
        )
    loras = []
    for lora in base.lora_list:
        if names[lora.reference] != name:
            loras.append(lora)
        elif value != WITHOUT:
            loras.append(msgspec.structs.replace(lora, weight=_weight(value)))
    return base.with_parts(tuple(loras), base.own_vae)


def _weight(value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise SweepError(
            f"“{value}” is no weight: give numbers such as 0.4, 0.8, or - for without"
        ) from error


def _setting(where: str, value: str) -> dict[str, object]:
    try:
        match where:
            case "steps":
                return {where: int(value)}
            case "guidance" | "strength":
                return {where: float(value)}
            case "size":
                width, _, height = value.lower().replace("×", "x").partition("x")
                return {"width": int(width), "height": int(height or width)}
            case "scheduler":
                return {where: scheduler_class(value)}
            case _:
                return {where: value}
    except (ValueError, OverflowError) as error:
        if isinstance(error, UnknownSchedulerError):
            raise
        raise SweepError(f"“{value}” is no {where}: {_EXAMPLES[where]}") from error
