"""How good a model is, in figures: each part draws its own trials and measures them."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tui.starter.recipe import words
from tui.starter.recipe.artist import GUIDANCE, STEPS, Draws
from tui.starter.recipe.figures import (
    DefectEffect,
    Failure,
    Figures,
    OfKind,
    Recognition,
    Speed,
)
from tui.starter.recipe.measuring import (
    SMALL,
    colour_names,
    contrasts,
    distances,
    edges,
    is_empty,
    placings,
    ranks,
    small,
)
from tui.starter.recipe.references import References
from tui.starter.recipe.trials import Seen, Trial, Trials
from tui.starter.recipe.words import FRAMES

GUIDANCES = (1.0, 2.5, GUIDANCE, 7.0)
_TOP = 5
_HALF_SIZE = 0.6
"""Scale under which a subject is small."""


@dataclass(frozen=True)
class Judged:
    """What each picture of a part came to."""

    trials: list[Trial]
    ranks: list[int]
    """Subjects that are nearer than the right one."""
    nearest: list[str]
    pictures: Tensor = field(repr=False)

    def recognition(self, style: str = "", frames: Collection[str] = FRAMES) -> Recognition:
        """The shares, of all or of one style, and of some places in the picture."""
        pairs = zip(self.trials, self.ranks, strict=True)
        found = [
            rank
            for trial, rank in pairs
            if style in ("", trial.style) and trial.scene.frame in frames
        ]
        return Recognition(
            len(found), share([rank == 0 for rank in found]), share([rank < _TOP for rank in found])
        )


def share(answers: Sequence[bool]) -> float:
    """How many are true, of 1; 0 where nothing was asked."""
    return round(sum(answers) / len(answers), 3) if answers else 0.0


class Evaluation:
    """All parts, for one model.

    Args:
        artist: Draws with the model.
        references: Of the icons that it was shown.
        seen: What it was trained with.
        count: Pictures of the largest part; the others have a share of it.
    """

    def __init__(self, artist: Draws, references: References, seen: Seen, count: int) -> None:
        self._artist, self._references, self._count = artist, references, count
        self.trials = Trials(references, seen)

    def figures(self, *, model: str, machine: str, precision: str, speed: Speed) -> Figures:
        """Everything, with what it was measured on."""
        judged = self.recognise(self.trials.centred(self._count))
        by_frame, background, small_ones = self.places_and_backgrounds()
        one, both, pairs = self.pairs()
        plain, refused = self.refused_white()
        styles = dict.fromkeys(trial.style for trial in judged.trials)
        frames = [right for answers in by_frame.values() for right in answers]
        return Figures(
            date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
            machine=machine,
            model=model,
            steps=STEPS,
            guidance=GUIDANCE,
            precision=precision,
            seen_before=self.trials.seen_share(judged.trials),
            subject=judged.recognition(),
            by_style={words.STYLES[s][0]: judged.recognition(s) for s in styles},
            style=share(self.styles_right(judged)),
            background=background,
            place=share(frames),
            small=small_ones,
            by_frame={frame: share(answers) for frame, answers in by_frame.items()},
            pairs=pairs,
            pair_one=one,
            pair_both=both,
            by_guidance=self.by_guidance(),
            white_asked_not=plain,
            white_refused=refused,
            defects=self.defects(),
            kinds=self.kinds(judged),
            failures=self.failures(judged),
            speed=speed,
        )

    def recognise(self, trials: list[Trial], guidance: float = GUIDANCE) -> Judged:
        """Draw trials of one subject, and find each among its style's icons in the same place."""
        pictures = self._artist.draw([trial.ask(guidance=guidance) for trial in trials])
        found, nearest = [], []
        for trial, picture in zip(trials, small(pictures), strict=True):
            subjects = self._references.subjects[trial.style]
            against = self._references.of_style(
                trial.style, trial.scene.frame, trial.scene.background
            )
            between = distances(picture[None], against)
            found += ranks(between, [subjects.index(trial.subject)])
            nearest.append(subjects[int(between.argmin())])
        return Judged(trials, found, nearest, pictures)

    def styles_right(self, judged: Judged) -> list[bool]:
        """Whether each picture is nearest to its subject in its own style."""
        answers = []
        for trial, picture in zip(judged.trials, small(judged.pictures), strict=True):
            styles = list(self._references.icons.by_subject[trial.subject])
            against = self._references.of_subject(trial.subject, trial.scene.background, styles)
            between = distances(picture[None], against)
            answers.append(styles[int(between.argmin())] == trial.style)
        return answers

    def places_and_backgrounds(self) -> tuple[dict[str, list[bool]], float, Recognition]:
        """Whether each place is right, by frame; the share of right backgrounds; small subjects.

        A close-up may cover the border, so its background does not count.
        """
        judged = self.recognise(self.trials.placed(self._count))
        trials, pictures = judged.trials, judged.pictures
        by_frame: dict[str, list[bool]] = {frame: [] for frame in FRAMES}
        frames = list(FRAMES)
        for trial, placing in zip(trials, placings(pictures), strict=True):
            wanted = self._references.placings(trial.subject, trial.style)
            nearest = frames[int(torch.cdist(placing[None], wanted).argmin())]
            by_frame[trial.scene.frame].append(nearest == trial.scene.frame)
        coloured = [
            name == trial.scene.background
            for trial, name in zip(trials, colour_names(pictures), strict=True)
            if trial.scene.frame != "close-up"
        ]
        small_frames = {name for name, frame in FRAMES.items() if frame.scale < _HALF_SIZE}
        return by_frame, share(coloured), judged.recognition(frames=small_frames)

    def pairs(self) -> tuple[float, float, int]:
        """Shares of pairs with one and with both subjects nearest on their side; how many."""
        trials = self.trials.pairs(self._part(4))
        pictures = small(self._artist.draw([trial.ask() for trial in trials]))
        halves = {style: self._references.halves(style) for style in {t.style for t in trials}}
        right = []
        for trial, picture in zip(trials, pictures, strict=True):
            subjects = self._references.subjects[trial.style]
            sides = (picture[None, ..., : SMALL // 2], picture[None, ..., SMALL // 2 :])
            found = [
                subjects[int(distances(side, against).argmin())]
                for side, against in zip(sides, halves[trial.style], strict=True)
            ]
            right.append((found[0] == trial.subject) + (found[1] == trial.second))
        return share([n > 0 for n in right]), share([n == 2 for n in right]), len(right)

    def by_guidance(self) -> dict[str, Recognition]:
        """The same prompts and seeds under several guidances."""
        trials = self.trials.centred(self._part(2), "guidance")
        return {f"{g:g}": self.recognise(trials, g).recognition() for g in GUIDANCES}

    def refused_white(self) -> tuple[float, float]:
        """Share of white backgrounds where none is asked: without and with that negative."""
        trials = self.trials.centred(self._part(4), "negatives")
        plain = colour_names(self._artist.draw([trial.open_ask() for trial in trials]))
        asks = [trial.open_ask(negative="white background") for trial in trials]
        refused = colour_names(self._artist.draw(asks))
        return share([name == "white" for name in plain]), share(
            [name == "white" for name in refused]
        )

    def defects(self) -> tuple[DefectEffect, ...]:
        """What each defect does in the prompt and as a negative."""
        trials = self.trials.centred(self._part(8), "defects")
        plain = self._artist.draw([trial.open_ask() for trial in trials])
        effects = []
        for defect in words.DEFECTS:
            measure = contrasts if defect == "low contrast" else edges
            said = self._artist.draw([trial.open_ask(more=defect) for trial in trials])
            refused = self._artist.draw([trial.open_ask(negative=defect) for trial in trials])
            usual = float(measure(plain).mean()) or 1.0
            against = [round(float(measure(p).mean()) / usual, 2) for p in (said, refused)]
            effects.append(DefectEffect(defect, *against))
        return tuple(effects)

    def kinds(self, judged: Judged) -> tuple[OfKind, ...]:
        """Asked and missed by the subjects' kinds, most missed first."""
        asked: Counter[str] = Counter()
        missed: Counter[str] = Counter()
        for trial, rank in zip(judged.trials, judged.ranks, strict=True):
            kind = self._references.icons.entries[trial.scene.icon].kind
            asked[kind] += 1
            missed[kind] += rank >= _TOP
        order = sorted(asked, key=lambda kind: (-missed[kind] / asked[kind], kind))
        return tuple(OfKind(kind, asked[kind], missed[kind]) for kind in order)

    def failures(self, judged: Judged) -> tuple[Failure, ...]:
        """Every picture whose subject is not the nearest, grouped by what is wrong."""
        empty = is_empty(judged.pictures)
        by_reason: dict[str, list[Failure]] = defaultdict(list)
        for number, (trial, rank) in enumerate(zip(judged.trials, judged.ranks, strict=True)):
            if rank == 0:
                continue
            if empty[number]:
                why = "empty"
            elif rank < _TOP:
                why = "near"
            else:
                why = (
                    "style" if self._in_another_style(trial, judged.pictures[number]) else "unlike"
                )
            by_reason[why].append(
                Failure(trial.scene.caption, trial.seed, judged.nearest[number], why)
            )
        order = ("empty", "unlike", "style", "near")
        return tuple(failure for why in order for failure in by_reason[why])

    def _in_another_style(self, trial: Trial, picture: Tensor) -> bool:
        for style, subjects in self._references.subjects.items():
            if style == trial.style or trial.subject not in subjects:
                continue
            against = self._references.of_style(style, "centered", trial.scene.background)
            between = distances(small(picture[None]), against)
            if ranks(between, [subjects.index(trial.subject)])[0] == 0:
                return True
        return False

    def _part(self, of: int) -> int:
        return max(1, self._count // of)
