"""`keepers inpaint`: outside the mask nothing changes; a mask that is none is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.cli.helpers import QUICK, Keepers


def _mask() -> np.ndarray[Any, np.dtype[np.uint8]]:
    mask = np.zeros((128, 128), np.uint8)
    mask[40:90, 30:80] = 255
    return mask


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    Image.fromarray(_mask()).save(tmp_path / "mask.png")
    return tmp_path / "mask.png"


def test_pixels_outside_the_mask_are_identical_and_those_inside_are_new(
    keepers: Keepers, image: Path, mask: Path, tmp_path: Path
) -> None:
    wish = ("inpaint", image, "--mask", mask, "--prompt", "a dog", "--seed", "3", "--json")
    result = keepers(*wish, "--steps", "3", "--count", "2", "--out", tmp_path / "out").json
    before = np.asarray(Image.open(image).convert("RGB"))
    assert [found["seed"] for found in result["images"]] == [3, 4]
    for found in result["images"]:
        after = np.asarray(Image.open(found["path"]).convert("RGB"))
        outside = _mask() == 0
        assert np.array_equal(before[outside], after[outside])
        assert not np.array_equal(before[~outside], after[~outside])
        assert Path(found["path"]).parent == tmp_path / "out"
    again = keepers(*wish, "--steps", "3", "--count", "2").json
    assert [found["sha256"] for found in again["images"]] == [
        found["sha256"] for found in result["images"]
    ]
    assert all(found["found"] for found in again["images"])


def test_a_matched_seam_is_another_wish_and_is_made_again_the_same(
    keepers: Keepers, image: Path, mask: Path
) -> None:
    wish = ("inpaint", image, "--mask", mask, "--prompt", "a sun", *QUICK)
    plain, matched = keepers(*wish).out.strip(), keepers(*wish, "--match-seam").out.strip()
    assert plain != matched
    assert "match_seam" not in keepers("recipe", plain).out
    assert json.loads(keepers("recipe", matched).out)["recipe"]["intent"]["match_seam"] is True
    assert keepers("rerun", matched).out == "identical: every pixel is the same\n"


def test_the_result_knows_what_it_was_made_from(keepers: Keepers, image: Path, mask: Path) -> None:
    ran = keepers("inpaint", image, "--mask", mask, "--prompt", "a hat", *QUICK)
    assert ran.code == 0
    made = json.loads(keepers("recipe", ran.out.strip()).out)
    assert made["origin"] == "inpainted"
    assert made["parent"] == json.loads(keepers("recipe", image).out)["image"]


Maker = Callable[[Path], object]
MASKS: dict[str, tuple[Maker, str]] = {
    "another size": (lambda path: Image.fromarray(_mask()[:64]).save(path), "128 × 64"),
    "empty": (lambda path: Image.fromarray(_mask() * 0).save(path), "all black"),
    "RGBA": (lambda path: Image.fromarray(np.dstack([_mask()] * 4)).save(path), "transparency"),
    "16-bit": (
        lambda path: Image.fromarray(_mask().astype(np.uint16) * 257).save(path),
        "16 bits",
    ),
    "coloured": (
        lambda path: Image.fromarray(np.dstack([_mask(), _mask() * 0, _mask()])).save(path),
        "has colours",
    ),
    "not an image": (lambda path: path.write_text("no image"), "is not a PNG, JPEG or WebP"),
    "no bytes": (lambda path: path.touch(), "is empty"),
    "missing": (lambda path: None, "there is no file"),
    "a folder": (lambda path: path.mkdir(), "is a folder"),
}


@pytest.mark.parametrize("case", MASKS)
def test_a_mask_that_is_none(untouched: Keepers, image: Path, tmp_path: Path, case: str) -> None:
    make, says = MASKS[case]
    path = tmp_path / "x\x1b[2J.png"
    make(path)
    out = tmp_path / "out"
    ran = untouched("inpaint", image, "--mask", path, "--prompt", "x", *QUICK, "--out", out)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.sentence
    assert not out.exists()


@pytest.mark.parametrize("case", ["not an image", "no bytes", "missing", "a folder"])
def test_a_picture_that_is_none(
    untouched: Keepers, batch: dict[str, Any], mask: Path, tmp_path: Path, case: str
) -> None:
    make, says = MASKS[case]
    path = tmp_path / "picture"
    make(path)
    for command in (("inpaint", "--mask", mask, "--prompt", "x"), ("recipe",), ("rerun",)):
        ran = untouched(*command, path)
        assert (ran.code, ran.out) == (2, "")
        assert (says in ran.sentence) or "is not a PNG file" in ran.sentence


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--strength", "nan"), ("--strength", "0"), ("--strength", "-1"), ("--strength", "1.5"),
        ("--feather", "-1"), ("--context", "-1"), ("--context", "99999999999"),
        ("--guidance", "nan"), ("--steps", "-1"), ("--count", "0"), ("--seed", "-5"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_leaves_no_inputs(
    untouched: Keepers, image: Path, mask: Path, option: str, value: str
) -> None:
    ran = untouched("inpaint", image, "--mask", mask, "--prompt", "x", option, value)
    assert (ran.code, ran.out) == (2, "")
    assert option.removeprefix("--") in ran.sentence
