"""An evaluation finds the icons themselves perfect, and noise not."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from tui.starter.recipe.artist import Ask, Draws, Remembering
from tui.starter.recipe.evaluation import Evaluation
from tui.starter.recipe.figures import Figures, Speed
from tui.starter.recipe.golden import below, choose, margins, read_golden, score, write_golden
from tui.starter.recipe.references import References
from tui.starter.recipe.sheet import write_sheet
from tui.starter.recipe.tokenizer import ids_of, load_tokenizer
from tui.starter.recipe.trials import Seen, Trials
from tui.starter.vocabulary import model_folder

from .synthetic import SUBJECTS, NoiseArtist, PerfectArtist, make_icons

SIZE, COUNT = 64, 28


@cache
def references() -> References:
    return References(make_icons(), SIZE)


@cache
def perfect() -> PerfectArtist:
    return PerfectArtist(make_icons(), SIZE)


def evaluation(artist: Draws, count: int = COUNT) -> Evaluation:
    return Evaluation(artist, references(), Seen(), count)


def figures(artist: Draws) -> Figures:
    named = {"model": "m", "machine": "here", "precision": "float32"}
    return evaluation(artist).figures(**named, speed=Speed(0.1, 1.0))


def test_the_icons_themselves_are_perfect() -> None:
    found = figures(perfect())
    assert (found.subject.top1, found.subject.top5, found.subject.pictures) == (1, 1, COUNT)
    assert {name for name, one in found.by_style.items() if one.top1 == 1} == {
        "flat illustration", "black and white icon"
    }  # fmt: skip
    assert (found.style, found.background, found.place) == (1, 1, 1)
    assert set(found.by_frame.values()) == {1}
    assert found.small.top1 == 1
    assert 0 < found.small.pictures < found.subject.pictures
    assert (found.pair_one, found.pair_both) == (1, 1)
    assert (found.white_asked_not, found.white_refused) == (1, 0)
    assert found.failures == ()
    assert all(kind.missed == 0 for kind in found.kinds)
    assert found.seen_before is None


def test_noise_is_not() -> None:
    found = figures(NoiseArtist())
    assert found.subject.top1 < 0.5
    assert found.background < 0.4
    assert found.place < 0.5
    assert found.pair_both < 0.5
    missed = round(COUNT * (1 - found.subject.top1))
    assert len(found.failures) == missed > 0


class Wrong:
    """Draws what was asked, but for one thing."""

    def __init__(self, thing: str) -> None:
        self._thing = thing

    def draw(self, asks: Sequence[Ask]) -> Tensor:
        prompts = []
        for ask in asks:
            subject, style, *rest = ask.prompt.split(", ")
            if self._thing == "style":
                flat = style in ("flat illustration", "flat vector art", "flat design")
                style = "ink drawing" if flat else "flat design"
            prompts.append(", ".join((subject, style, *rest)))
        drawn = perfect().draw([Ask(prompt, 0) for prompt in prompts])
        return drawn[..., :1, :1].expand_as(drawn) if self._thing == "empty" else drawn


@pytest.mark.parametrize("why", ["style", "empty"])
def test_failures_are_told_apart(why: str) -> None:
    judge = evaluation(Wrong(why))
    judged = judge.recognise(judge.trials.centred(24))
    found = [failure.why for failure in judge.failures(judged)]
    assert found
    # In the wrong style a shape may still be near enough to its like.
    assert set(found) <= ({why} if why == "empty" else {why, "near"})
    assert why in found
    if why == "style":
        assert not any(judge.styles_right(judged))


def test_prompts_that_were_training_captions_are_not_asked(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(model_folder() / "tokenizer", 40)
    before = Trials(references(), Seen()).centred(30)
    captions = [trial.scene.caption for trial in before]
    np.save(tmp_path / "captions.npy", ids_of(tokenizer, captions))
    (tmp_path / "pairs.json").write_text('[["ball", "box"]]')
    seen = Seen(tokenizer, tmp_path / "captions.npy", tmp_path / "pairs.json")
    trials = Trials(references(), seen)
    asked = trials.centred(30)
    assert not set(captions) & {trial.scene.caption for trial in asked}
    assert trials.seen_share(asked) == 0
    assert trials.seen_share(before) == 1
    pairs = [{trial.subject, trial.second} for trial in trials.pairs(40)]
    assert {"ball", "box"} not in pairs
    assert all(len(pair) == 2 for pair in pairs)
    assert len({trial.seed for trial in asked}) == 30


def test_a_killed_evaluation_draws_nothing_twice(tmp_path: Path) -> None:
    drawn: list[Ask] = []

    class Counting(PerfectArtist):
        def draw(self, asks: Sequence[Ask]) -> Tensor:
            drawn.extend(asks)
            return super().draw(asks)

    asks = [Ask(t.scene.caption, t.seed) for t in Trials(references(), Seen()).centred(6)]
    artist = Counting(make_icons(), SIZE)
    first = Remembering(artist, tmp_path).draw(asks[:4])
    both = Remembering(artist, tmp_path).draw(asks)
    assert drawn == asks
    torch.testing.assert_close(first, both[:4])
    torch.testing.assert_close(both, perfect().draw(asks), atol=1 / 255, rtol=0)


def test_a_golden_set_scores_the_same_from_its_files(tmp_path: Path) -> None:
    golden = write_golden(tmp_path, references(), perfect(), date="d", machine="m")
    assert golden.scores.subject == golden.scores.background == golden.scores.place == 1
    assert [prompt.subject for prompt in golden.prompts] == sorted(SUBJECTS)
    read, wanted = read_golden(tmp_path)
    assert read == golden
    again = score(read, wanted, perfect().draw(read.asks()))
    assert (again.subject, again.background, again.place) == (1, 1, 1)
    limits = margins(golden.scores, 1, len(golden.prompts))
    assert below(again, limits) == []
    noise = score(read, wanted, NoiseArtist().draw(read.asks()))
    assert set(below(noise, limits)) == {"subject", "background", "place", "distance"}
    torch.testing.assert_close(wanted, choose(references())[1], atol=1 / 255, rtol=0)


def test_the_sheet_shows_each_picture_beside_its_icon(tmp_path: Path) -> None:
    trials = Trials(references(), Seen()).centred(9)
    icons = references().studio.draw([trial.scene for trial in trials])
    noise = NoiseArtist().draw([trial.ask() for trial in trials])
    write_sheet(tmp_path / "s.png", noise, icons, [trial.scene.caption for trial in trials])
    with Image.open(tmp_path / "s.png") as sheet:
        assert sheet.width > 8 * 2 * SIZE
        assert sheet.height > 2 * SIZE
        pair = torch.from_numpy(np.array(sheet.crop((8, 8, 8 + 2 * SIZE, 8 + SIZE))))
    assert (pair[:, :SIZE].permute(2, 0, 1) / 255 - noise[0]).abs().max() < 0.01
    assert (pair[:, SIZE:].permute(2, 0, 1) / 255 - icons[0]).abs().max() < 0.01
