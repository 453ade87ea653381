"""What an evaluation finds, as `figures.json` holds it. Shares are from 0 to 1."""

import msgspec


class Recognition(msgspec.Struct, frozen=True):
    """How often the subject is recognised among all icons of its style."""

    pictures: int
    top1: float
    """It is the nearest."""
    top5: float
    """It is among the nearest five."""


class Failure(msgspec.Struct, frozen=True):
    """A picture whose subject is not the nearest."""

    prompt: str
    seed: int
    nearest: str
    """The subject that it is nearest to."""
    why: str
    """`near`: the right one is among the five; `style`: it is the nearest in another style;
    `empty`: nothing stands on the background; `unlike`: none of these."""


class OfKind(msgspec.Struct, frozen=True):
    """The subjects of one kind, such as `animal-bird`."""

    kind: str
    asked: int
    missed: int
    """Not among the nearest five."""


class DefectEffect(msgspec.Struct, frozen=True):
    """What naming a defect does, beside saying nothing: 1 is no difference.

    Contrast is measured for `low contrast`, differences of neighbouring pixels for the others.
    """

    defect: str
    said: float
    """In the prompt."""
    refused: float
    """As a negative."""


class Speed(msgspec.Struct, frozen=True):
    """Seconds on the machine that is named."""

    unet_pass: float
    """One bare pass of the UNet over two latents, as one picture with guidance needs it."""
    batch_of_4: float
    """A batch of 4, with all its steps."""


class Figures(msgspec.Struct, frozen=True):
    """The whole evaluation."""

    date: str
    """Of the day it was made, such as 2026-11-24."""
    machine: str
    model: str
    """First digits of the SHA-256 of the UNet's file."""
    steps: int
    guidance: float
    precision: str
    seen_before: float | None
    """Share of the prompts that a training caption has word for word; None if unknown."""
    subject: Recognition
    by_style: dict[str, Recognition]
    style: float
    """Nearest in pixels among the subject's styles."""
    background: float
    place: float
    small: Recognition
    """Of half the size, away from the middle or alone in it."""
    by_frame: dict[str, float]
    """Place right, by the frame that was asked."""
    pairs: int
    """Pictures of two subjects, drawn from pairs never seen together where that is known."""
    pair_one: float
    """At least one of them is the nearest on its side."""
    pair_both: float
    by_guidance: dict[str, Recognition]
    white_asked_not: float
    """Share of white backgrounds where the prompt names none."""
    white_refused: float
    """The same prompts and seeds with `white background` as a negative."""
    defects: tuple[DefectEffect, ...]
    kinds: tuple[OfKind, ...]
    failures: tuple[Failure, ...]
    speed: Speed
