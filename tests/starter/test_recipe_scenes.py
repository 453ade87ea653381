"""Captions say what was drawn: checked on the pixels."""

from collections import Counter
from functools import cache

import cv2
import pytest
import torch

from tui.starter.recipe import words
from tui.starter.recipe.drawing import Studio
from tui.starter.recipe.icons import Icons
from tui.starter.recipe.measuring import (
    colour_names,
    contrasts,
    edges,
    is_empty,
    placings,
    subjects_of,
)
from tui.starter.recipe.scenes import Composer, Scene
from tui.starter.recipe.words import COLOURS, FRAMES

from .synthetic import SUBJECTS, chance, make_icons

SIZE = 64


@cache
def icons() -> Icons:
    return make_icons()


@cache
def studio() -> Studio:
    return Studio(icons(), SIZE)


@cache
def scenes() -> tuple[Scene, ...]:
    composer, random = Composer(icons(), plain=0.3), chance(5)
    return tuple(composer.any_scene(random) for _ in range(1500))


def clear(scene: Scene) -> bool:
    """Nothing lies over the icon and its background."""
    over = scene.light or scene.shadow or scene.glow or scene.defect or scene.until
    # Black on brown or dark grey on navy stands out too little for the eye of this test.
    return not over and scene.background in ("white", "yellow", "beige", "pink")


def said(scene: Scene, phrases: object) -> list[str]:
    return [phrase for phrase in phrases if phrase in scene.caption.split(", ")]  # type: ignore[attr-defined]


def blobs(picture: torch.Tensor) -> int:
    mask = subjects_of(picture[None])[0].numpy().astype("uint8")
    _count, _labels, stats, _centres = cv2.connectedComponentsWithStats(mask)
    return int((stats[1:, cv2.CC_STAT_AREA] > 6).sum())


def test_every_phrase_is_known_and_stands_in_its_layer() -> None:
    layers = [
        [phrase for names in words.STYLES.values() for phrase in names],
        [*FRAMES, words.TILTED, words.PAIR, words.PATTERN],
        [p.format(colour=c) for p in words.BACKGROUND_PHRASES for c in COLOURS],
        list(words.LIGHTS), [words.SHADOW], [words.GLOW], list(words.DEFECTS),
    ]  # fmt: skip
    for scene in scenes():
        subject, *rest = scene.caption.split(", ")
        named = [icons().entries[scene.icon]]
        named += [icons().entries[scene.second]] if scene.second is not None else []
        for entry, text in zip(named, subject.split(" and "), strict=True):
            assert text in {
                entry.subject, *entry.tags, *(f"{entry.subject} {t}" for t in entry.tags)
            }  # fmt: skip
        places = []
        for phrase in rest:
            gradient = 2 if " to " in phrase and phrase.endswith("gradient background") else None
            places.append(gradient or next(n for n, names in enumerate(layers) if phrase in names))
        assert places == sorted(places)
        assert len(set(places)) == len(places)


def test_what_is_said_is_what_the_scene_holds() -> None:
    for scene in scenes():
        style = icons().entries[scene.icon].style
        assert all(
            phrase in words.STYLES[style] for phrase in said(scene, sum(words.STYLES.values(), ()))
        )
        assert said(scene, words.LIGHTS) in ([], [scene.light])
        assert said(scene, words.DEFECTS) == ([scene.defect] if scene.defect else [])
        assert said(scene, [words.SHADOW]) == [] or scene.shadow
        assert said(scene, [words.GLOW]) == [] or scene.glow
        assert said(scene, [words.PAIR]) == ([words.PAIR] if scene.second is not None else [])
        assert (words.PATTERN in scene.caption) <= (scene.repeat > 1)
    frames = Counter(scene.frame for scene in scenes())
    assert set(frames) == {*FRAMES, words.TILTED, words.PAIR, words.PATTERN}
    silent = sum(" background" not in scene.caption for scene in scenes()) / len(scenes())
    assert 0.1 < silent < 0.2


def test_the_place_that_is_said_is_where_the_icon_stands() -> None:
    chosen = [s for s in scenes() if clear(s) and said(s, FRAMES)][:70]
    frames = list(FRAMES)
    for scene, found in zip(chosen, placings(studio().draw(chosen)), strict=True):
        nearest = torch.cdist(found[None], standing(scene.icon)).argmin()
        assert [frames[int(nearest)]] == said(scene, FRAMES)
    ball = standing(0)
    left, right, top = (
        ball[frames.index(f)] for f in ("on the left", "on the right", "at the top")
    )
    assert left[0] < -0.3 < 0.3 < right[0]
    assert top[1] < -0.3


@cache
def standing(icon: int) -> torch.Tensor:
    """Where the icon is in each frame."""
    entry, composer = icons().entries[icon], Composer(icons(), plain=1.0)
    return placings(
        studio().draw([composer.scene(entry.subject, entry.style, frame) for frame in FRAMES])
    )


def test_the_background_that_is_said_is_the_one_behind() -> None:
    chosen = [s for s in scenes() if not (s.light or s.glow or s.defect or s.until)]
    chosen = [s for s in chosen if " background" in s.caption and s.frame == "centered"][:70]
    for scene, name in zip(chosen, colour_names(studio().draw(chosen)), strict=True):
        assert f"{name} background" in scene.caption or f"on a {name} background" in scene.caption
    gradients = [s for s in scenes() if s.until and not s.light and not s.defect]
    gradients = [s for s in gradients if "gradient" in s.caption][:20]
    assert gradients
    for scene, picture in zip(gradients, studio().draw(gradients), strict=True):
        top, bottom = picture[:, :6], picture[:, -6:]
        first, _, second = scene.caption.split(" gradient")[0].rpartition(", ")[2].partition(" to ")
        for strip, name in ((top, first), (bottom, second)):
            colour = torch.tensor(COLOURS[name]) / 255
            assert (strip.flatten(1).median(1).values - colour).abs().max() < 0.15


@pytest.mark.parametrize("frame", ["centered", words.PAIR, words.PATTERN])
def test_the_number_that_is_said_is_how_many_there_are(frame: str) -> None:
    # The light stripe cuts flat icons in two on light backgrounds: the black ones are whole.
    black = [s for s in scenes() if icons().entries[s.icon].style == "mono"]
    chosen = [s for s in black if clear(s) and s.frame == frame][:12]
    assert chosen
    for scene, picture in zip(chosen, studio().draw(chosen), strict=True):
        number = {"centered": 1, words.PAIR: 2}.get(frame)
        # A pattern goes on over the border: how many are cut there is left to chance.
        assert blobs(picture) == number or (number is None and blobs(picture) >= 4), scene.caption


def test_a_wanted_scene_is_as_wanted() -> None:
    composer = Composer(icons(), 1.0)
    wanted = [("kite", style, f, c) for style in ("flat", "mono") for f in FRAMES for c in COLOURS]
    made = [composer.scene(*words_) for words_ in wanted]
    pictures = studio().draw(made)
    assert colour_names(pictures) == [colour for *_, colour in wanted]
    assert not any(is_empty(pictures))
    for (subject, style, frame, colour), scene in zip(wanted, made, strict=True):
        said_all = f"{subject}, {words.STYLES[style][0]}, {frame}, {colour} background"
        assert scene.caption == said_all


def test_light_and_defects_do_what_they_are_called() -> None:
    from dataclasses import replace

    plain = Composer(icons(), 1.0).scene("ring", "flat", "centered", "grey")

    def drawn(**changes: object) -> torch.Tensor:
        generator = torch.Generator().manual_seed(1)
        return studio().draw([replace(plain, **changes)], generator)  # type: ignore[arg-type]

    usual = drawn()
    warm, cool = drawn(light="warm light"), drawn(light="cool light")
    assert warm[0, 0].mean() > usual[0, 0].mean() > cool[0, 0].mean()
    assert warm[0, 2].mean() < usual[0, 2].mean() < cool[0, 2].mean()
    assert drawn(light="dark moody light").mean() < 0.6 * usual.mean()
    assert drawn(light="bright light").mean() > usual.mean()
    spot = drawn(light="spotlight")[0].mean(0)
    assert spot[:8, :8].mean() < 0.6 * usual[0, :, :8, :8].mean()
    assert edges(drawn(defect="blurry")) < 0.9 * edges(usual)
    assert edges(drawn(defect="noisy")) > 2 * edges(usual)
    assert contrasts(drawn(defect="low contrast")) < 0.5 * contrasts(usual)
    coarse = drawn(defect="pixelated")[0]
    assert (coarse[:, ::8] == coarse[:, 7::8]).all()
    assert drawn(shadow=True).mean() < usual.mean() < drawn(glow=True).mean()


def test_the_same_seed_composes_the_same_scenes() -> None:
    composer = Composer(icons(), plain=0.5)
    one, other = ([composer.any_scene(r) for _ in range(20)] for r in (chance(3), chance(3)))
    assert one == other
    assert {icons().entries[scene.icon].subject for scene in scenes()} == set(SUBJECTS)
