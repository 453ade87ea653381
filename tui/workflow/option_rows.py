"""The rows of the options panel: what each shows, what is usual, and what a typed text makes."""

import secrets

import msgspec

from tui.domain.change import vae_in_words
from tui.domain.distilled_guidance import distilled_in_words, typed_distilled
from tui.domain.intent import Intent, InvalidIntentError, seeds_from
from tui.domain.lora import in_words
from tui.domain.prompt import Layers
from tui.domain.schedulers import SCHEDULERS, UnknownSchedulerError, scheduler_class
from tui.domain.step_cache import EFFECT, threshold_in_words, typed_threshold
from tui.domain.text import clean
from tui.engine.messages import ModelFacts
from tui.workflow.options import Options

ROWS = (
    "model", "count", "seed", "steps", "guidance", "distilled_guidance", "scheduler", "size",
    "loras", "vae", "step_cache",
)  # fmt: skip
"""In the order in which they are shown."""

_SOME_HAVE = ("distilled_guidance", "step_cache")
"""Rows that are shown only for models that have such a thing, as the facts say by that name."""
_NONE_HERE = "this model has none"
_RANDOM = ("random", "any", "?")
_SHORT = {name: short for short, name in SCHEDULERS.items()}
_WANTED = {
    "count": "a whole number of images such as 4",
    "seed": "a whole number such as 7, or “random”",
    "steps": "a whole number such as 20",
    "guidance": "a number such as 4.5",
    "size": "width × height such as 128 x 128",
}


_TWICE = "; above 1, half as fast"
"""What true guidance does to models that have the distilled kind."""


class OptionError(ValueError):
    """A text that is no such option; the message says what would be."""


def shown(options: Options, row: str) -> str:
    """The text of a row, as it is typed."""
    match row:
        case "size":
            return f"{options.width} × {options.height}"
        case "guidance":
            return f"{options.guidance:g}"
        case "scheduler":
            return scheduler_name(options.scheduler) if options.scheduler else "the model's own"
        case "loras":
            return in_words(options.loras)
        case "vae":
            return vae_in_words(options.vae) if options.vae else ""
        case "distilled_guidance":
            return distilled_in_words(options.distilled_guidance)
        case "step_cache":
            return threshold_in_words(options.step_cache)
        case _:
            return str(getattr(options, row))


def offered(options: Options, row: str, facts: ModelFacts | None) -> bool:
    """Whether a row is shown: not what a model has none of, unless it is set."""
    if row not in _SOME_HAVE or getattr(options, row):
        return True
    return facts is not None and bool(getattr(facts, row))


def usual(facts: ModelFacts | None, row: str) -> str:
    """What is usual for the model, for the right end of a row; empty where nothing is."""
    if facts is None:
        return ""
    texts = {
        "model": facts.family if facts.here else "not here yet",
        "steps": f"usual {facts.steps}",
        "guidance": f"usual {facts.guidance:g}{_TWICE if facts.distilled_guidance else ''}",
        "distilled_guidance": "" if facts.distilled_guidance else _NONE_HERE,
        "scheduler": f"own {scheduler_name(facts.scheduler)}" if facts.scheduler else "",
        "size": f"usual {facts.side} × {facts.side}",
        "step_cache": EFFECT if facts.step_cache else _NONE_HERE,
    }
    return texts.get(row, "")


def changed(options: Options, row: str, text: str) -> Options:
    """The options with one of them as it was typed; the model is not among them.

    Raises:
        OptionError: it is none.
    """
    text = clean(text)
    try:
        new = msgspec.structs.replace(options, **_fields(row, text))
        seeds_from(new.seed, new.count)
        _as_intent(new).checked()
    except (InvalidIntentError, UnknownSchedulerError) as error:
        raise OptionError(str(error)) from error
    except (ValueError, OverflowError) as error:
        if row not in _WANTED:
            raise OptionError(str(error)) from error
        raise OptionError(f"“{text[:40]}” is no {row}: give {_WANTED[row]}") from error
    return new


def for_model(options: Options, facts: ModelFacts) -> Options:
    """The options with a model, and with what is usual for it."""
    return msgspec.structs.replace(
        options,
        model=facts.model,
        steps=facts.steps,
        guidance=facts.guidance,
        strength=facts.strength,
        width=facts.side,
        height=facts.side,
        distilled_guidance=0.0,
        scheduler="",
        step_cache=options.step_cache if facts.step_cache else 0.0,
    )


def as_usual(options: Options, row: str, facts: ModelFacts | None) -> Options:
    """The options with one of them as is usual for the model."""
    # To have no LoRA, no cache, and the model's own autoencoder, is usual for all.
    known = Options() if row in ("loras", "vae", *_SOME_HAVE) else options
    default = for_model(Options(), facts) if facts is not None else known
    names = ("width", "height") if row == "size" else (row,)
    return msgspec.structs.replace(options, **{name: getattr(default, name) for name in names})


def random_seed() -> int:
    """A seed by chance, short enough to be read aloud."""
    return secrets.randbelow(10**6)


def scheduler_choices(facts: ModelFacts) -> list[tuple[str, str]]:
    """Class and line of each scheduler that fits; an empty class for the model's own."""
    own = [("", f"the model's own ({scheduler_name(facts.scheduler)})")]
    others = [name for name in facts.schedulers if name != facts.scheduler]
    return own + [(name, f"{scheduler_name(name):14} {name}") for name in others]


def scheduler_name(name: str) -> str:
    """The short name of a scheduler's class."""
    return _SHORT.get(name, name.removesuffix("Scheduler"))


def _fields(row: str, text: str) -> dict[str, object]:
    match row:
        case "seed" if text.lower() in _RANDOM:
            return {"seed": random_seed()}
        case "count" | "seed" | "steps":
            return {row: int(text)}
        case "guidance":
            return {"guidance": float(text.replace(",", "."))}
        case "scheduler":
            return {"scheduler": scheduler_class(text)}
        case "distilled_guidance":
            return {row: typed_distilled(text)}
        case "step_cache":
            return {row: typed_threshold(text)}
        case "size":
            sides = text.lower().replace("×", " ").replace("x", " ").replace(",", " ").split()
            width, height = map(int, sides * 2 if len(sides) == 1 else sides)
            return {"width": width, "height": height}
        case _:
            raise OptionError(f"there is no option {row}")


def _as_intent(options: Options) -> Intent:
    return Intent(
        model=options.model,
        layers=Layers(),
        seed=options.seed,
        steps=options.steps,
        guidance=options.guidance,
        width=options.width,
        height=options.height,
        scheduler=options.scheduler,
        step_cache=options.step_cache,
        distilled_guidance=options.distilled_guidance,
    ).with_parts(options.loras, options.vae)
