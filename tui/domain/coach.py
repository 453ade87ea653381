"""What the process suggests now, and why: rules, each by itself.

A rule looks at what there is and either has something to say or nothing. Whoever asks several of
them takes the first answer. None of them knows of screens; keys are named, since those are what a
person does next.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from tui.domain.brief import EXPECTED_ROUNDS, Brief, Stakes
from tui.domain.candidate import Closeness, Marks, recurring
from tui.domain.change import Element
from tui.domain.flaw_memory import FlawMemory
from tui.domain.layering import has_other_marks, is_marked
from tui.domain.prompt import Layers, phrases
from tui.domain.round import Round, RoundKind, Verdict
from tui.domain.vague import aspects, speaks_of_light, speaks_of_mood, vaguest
from tui.domain.weights import bare_phrases

STALL = 3
"""Rounds in a row without progress, or without a verdict, before anything is said of it."""
_LONGEST_QUOTE = 60


class Advice(msgspec.Struct, frozen=True):
    """One suggestion."""

    rule: str
    """The rule's name."""
    why: str
    """What was seen, without a full stop."""
    do: str
    """What to do about it."""
    layer: str = ""
    """The layer that it is about, if it is about one."""

    def __str__(self) -> str:
        return f"{self.why[:1].upper()}{self.why[1:]}: {self.do}."


# The words


def several_changes(found: Sequence[Element]) -> Advice | None:
    """More than one thing differs from the parent: nobody would know which did it."""
    if len(found) < 2:
        return None
    return Advice(
        "several changes",
        f"{len(found)} things differ from the parent",
        "u puts the last one back, G records all as a rewrite",
    )


def falls_off(lost: Sequence[tuple[str, str]]) -> Advice | None:
    """Words beyond the model's limit are not read; `lost` holds layers with such words."""
    if not lost:
        return None
    layer, words = lost[-1]
    do = f"shorten the {layer} layer or one above"
    return Advice("falls off", f"{_quoted(words)} falls off the end", do, layer)


def unread_negatives(layers: Layers, *, read: bool, at_guidance: float | None) -> Advice | None:
    """Negatives that the model does not read; `at_guidance` where a higher guidance would do."""
    if read or not phrases(layers.negatives):
        return None
    how = "" if at_guidance is None else f" at guidance {at_guidance:g}"
    why = f"this model does not read negatives{how}"
    return Advice("unread negatives", why, "say what you want to see instead", "negatives")


def unmet_must(missing: Sequence[str]) -> Advice | None:
    """Something that the brief wants is in no layer."""
    if not missing:
        return None
    why = f"no layer speaks of {_quoted(missing[0])}, which the brief wants"
    return Advice("unmet must", why, "write it into one")


def unknown_words(model: str, words: Sequence[tuple[str, Sequence[str]]]) -> Advice | None:
    """Words that the model never read, each with known ones spelt much like it."""
    if not words:
        return None
    said = [
        _quoted(word) + (f" (near it: {', '.join(near)})" if near else "") for word, near in words
    ]
    return Advice("unknown words", f"the {model} never read {', '.join(said)}", "it would guess")


def unread_weights(layers: Layers, *, obeyed: bool) -> Advice | None:
    """A weight or tag, such as `(red hat:1.2)` or `<lora:fox:1>`, which this model does not obey.

    Args:
        layers: that are there.
        obeyed: whether it obeys weights; tags are never obeyed.
    """
    is_unread = has_other_marks if obeyed else is_marked
    for layer, text in layers.items():
        for phrase in filter(is_unread, phrases(text)):
            why = f"{_quoted(phrase)} is read as words, brackets and numbers too"
            return Advice("unread weights", why, "put first what matters most", layer)
    return None


def vague_layer(layers: Layers) -> Advice | None:
    """The layer that leaves most for the model to guess."""
    layer, sentence = vaguest(layers)
    why, _, do = sentence.rpartition(": ")
    return Advice("vague layer", why, do, layer) if layer else None


def none_close(layers: Layers, tried: Iterable[Element]) -> Advice:
    """No result is close: the vaguest layer, then composition, lighting and mood, one at a time.

    Args:
        layers: as they are now.
        tried: what was changed since nothing was close.
    """
    if (vague := vague_layer(layers)) is not None:
        return msgspec.structs.replace(vague, rule="none close")
    done = frozenset[str]().union(*map(aspects, tried))
    lit, felt = speaks_of_light(layers.detail), speaks_of_mood(layers.detail)
    for name, layer, is_said, do in (
        ("composition", "composition", True, "say where things stand, and how near"),
        ("lighting", "detail", lit, "say where the light comes from, and how hard it is"),
        ("mood", "detail", felt, "say how the picture should feel"),
    ):
        if name not in done:
            why = f"the {name} was not tried yet" if is_said else f"nothing speaks of the {name}"
            return Advice("none close", f"none is close, and {why}", do, layer)
    return Advice(
        "none close",
        "none is close after composition, lighting and mood",
        "say the subject another way, try another model (o), or start from a keeper (L)",
        "subject",
    )


# A batch


def recurring_flaw(marks: Sequence[Marks], layers: Layers | None = None) -> Advice | None:
    """What to do about the flaw that recurs most: a negative first, then an edit."""
    flaws = recurring(marks, "flaws")
    if not flaws:
        return None
    word, number = flaws[0]
    why = f"{number} of {len(marks)} show {word}"
    remedy, negative = _remedy(word, "fix it in Edit")
    if layers is not None and _is_refused(negative, layers):
        why += f" although {_quoted(negative)} is among the negatives"
        remedy = "fix it in Edit, or say what should be there instead"
    return Advice("recurring flaw", why, remedy, "negatives" if negative else "")


def remembered_flaw(found: Sequence[FlawMemory], layers: Layers) -> Advice | None:
    """What went wrong before with the same words: a negative, or what to look at first."""
    for memory in found:
        remedy, negative = _remedy(memory.flaw, "look there first")
        if not _is_refused(negative, layers):
            layer = "negatives" if negative else ""
            return Advice("remembered flaw", str(memory), remedy, layer)
    return None


def look_first(found: Sequence[FlawMemory]) -> Advice | None:
    """Where to look in a new batch: what went wrong before with the same words."""
    if not found:
        return None
    return Advice("look first", str(found[0]), "look there first, and name it with f")


def all_rejected(marks: Sequence[Marks]) -> Advice | None:
    """Nothing of the batch is left."""
    if not marks or any(mark.closeness is not Closeness.REJECTED for mark in marks):
        return None
    return Advice("all rejected", "all are rejected", "n leads back to the words, layer by layer")


# Rounds


def expected_rounds(brief: Brief) -> tuple[int, int]:
    """Rounds that pictures of this kind usually take for these stakes: from, to."""
    low, high = EXPECTED_ROUNDS[brief.kind]
    return (low + 1, high + 2) if brief.stakes is Stakes.CAMPAIGN else (low, high)


def stalled(rounds: Sequence[Round]) -> Advice | None:
    """The last rounds were no better, one after the other: the other ways are named."""
    run = _last_run(rounds, lambda round_: round_.verdict in (Verdict.SAME, Verdict.WORSE))
    if len(run) < STALL:
        return None
    tried = dict.fromkeys(change.where for round_ in run for change in round_.changes)
    what = f"only the {next(iter(tried))}" if len(tried) == 1 else ", ".join(tried)
    return Advice(
        "stalled",
        f"{len(run)} rounds in a row were no better ({what})",
        "change another element, sweep one, repair the best (5), or rewrite the words (3, then n)",
    )


def unjudged(rounds: Sequence[Round]) -> Advice | None:
    """The last rounds have no verdict: nothing is learned from them."""
    run = _last_run(rounds, lambda round_: round_.verdict is Verdict.OPEN)
    if len(run) < STALL:
        return None
    return Advice(
        "unjudged",
        f"the last {len(run)} rounds have no verdict, so nothing is learned from them",
        "say + better, = same or - worse (ctrl+r goes back to one)",
    )


def overdue(rounds: Sequence[Round], brief: Brief) -> Advice | None:
    """More rounds than pictures of this kind usually take."""
    low, high = expected_rounds(brief)
    count = sum(round_.kind is not RoundKind.INPAINT for round_ in rounds)
    if count <= high:
        return None
    return Advice(
        "overdue",
        f"round {count}; {brief.kind.value} pictures usually take {low}–{high}",
        "ask whether this one does its job: small things are repaired in 5, > goes on",
    )


def first_of(*found: Advice | None) -> str:
    """The first answer in words; empty where no rule has one."""
    return next((str(advice) for advice in found if advice is not None), "")


def _last_run(rounds: Sequence[Round], fits: Callable[[Round], bool]) -> list[Round]:
    """The last rounds that changed one thing and fit, newest first."""
    run: list[Round] = []
    for round_ in reversed(rounds):
        if round_.kind is RoundKind.CHANGE:
            if not fits(round_):
                break
            run.append(round_)
    return run


def _remedy(flaw: str, otherwise: str) -> tuple[str, str]:
    """What to do about a flaw, and the negative that names it, if one does."""
    remedy, negative = _REMEDIES.get(flaw, ("", flaw))
    return remedy or f"add {_quoted(negative)} to the negatives, or {otherwise}", negative


def _is_refused(negative: str, layers: Layers) -> bool:
    """Whether all of a negative is among the negatives."""
    wanted = bare_phrases(negative)
    return bool(wanted) and wanted <= bare_phrases(layers.negatives)


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= _LONGEST_QUOTE else f'{text[: _LONGEST_QUOTE - 1]}…'}”"


_REMEDIES = {
    "text": ("", "text, letters"),
    "hands": ("add “bad hands” to the negatives, or repair them in Edit", "bad hands"),
    "face": ("repair the face of the best one in Edit", ""),
    "anatomy": ("add “deformed” to the negatives, or repair it in Edit", "deformed"),
    "composition": ("say in the composition layer where things stand", ""),
    "cut off": ("say “whole figure, centred” in the composition layer", ""),
    "clutter": ("name a plain background in the detail layer", ""),
    "colour": ("name the colours in the detail layer, or set them in Edit", ""),
    "light": ("name the light in the detail layer", ""),
    "style": ("name one style, not two, in the style layer", ""),
    "blurry": ("raise the steps (o), or add “blurry” to the negatives", "blurry"),
    "off-brief": ("say in the subject layer what is missing", ""),
}
"""For the shared flaws: what usually helps, and the negative that names them, if one does."""
