"""The effect of a change: nothing for the same picture, more for more, and where."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tui.workflow.effect import SIDE, effect


def picture(size: tuple[int, int] = (256, 256), box: str = "red") -> Image.Image:
    made = Image.new("RGB", size, "white")
    width, height = size
    ImageDraw.Draw(made).rectangle(
        (width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill=box
    )
    return made


def test_identical_pictures_have_no_effect() -> None:
    found = effect(picture(), picture())
    assert found.amount == 0
    assert found.in_words() == "effect 0: identical"
    assert found.where == "nowhere"
    assert not found.overlay((256, 256)).any()


def test_black_to_white_is_one() -> None:
    found = effect(Image.new("RGB", (64, 64), "black"), Image.new("RGB", (64, 64), "white"))
    assert found.amount == pytest.approx(1, abs=0.01)
    assert found.where == "everywhere"


def test_a_larger_change_is_a_larger_effect() -> None:
    small = effect(picture(box="#ff0000"), picture(box="#f01010"))
    large = effect(picture(box="#ff0000"), picture(box="#0000ff"))
    assert 0 < small.amount < large.amount < 1


@pytest.mark.parametrize(
    ("box", "where"),
    [
        ((128, 0, 255, 255), "mostly the right half"),
        ((0, 0, 127, 255), "mostly the left half"),
        ((0, 0, 255, 127), "mostly the upper half"),
        ((0, 128, 255, 255), "mostly the lower half"),
    ],
)
def test_it_says_where(box: tuple[int, int, int, int], where: str) -> None:
    before = Image.new("RGB", (256, 256), "white")
    after = before.copy()
    ImageDraw.Draw(after).rectangle(box, fill="#ccddff")
    assert effect(before, after).where == where


def test_it_knows_subject_from_background() -> None:
    assert effect(picture(), picture(box="blue")).where == "mostly the subject"
    behind = Image.new("RGB", (256, 256), "#99ccff")
    behind.paste(Image.new("RGB", (129, 129), "red"), (64, 64))
    assert effect(picture(), behind).where == "mostly the background"


def test_the_profile_is_high_where_it_changed() -> None:
    after = picture()
    ImageDraw.Draw(after).rectangle((230, 0, 255, 255), fill="black")
    found = effect(picture(), after)
    assert found.profile[-1] == max(found.profile) > 0
    assert len(found.bar()) == len(found.profile)


def test_pictures_of_other_sizes_and_modes_are_compared_at_the_childs_proportions() -> None:
    found = effect(picture((100, 300)), picture((512, 256)).convert("L"))
    assert found.distances.shape == (SIDE // 2, SIDE)
    assert found.overlay((512, 256)).shape == (256, 512)
    assert found.overlay((512, 256)).dtype == np.uint8


def test_a_thin_picture_does_not_fail() -> None:
    assert effect(picture((1, 900)), picture((1, 900), "blue")).amount >= 0
