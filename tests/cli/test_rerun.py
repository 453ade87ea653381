"""`keepers recipe` and `keepers rerun`, also with images that came from anybody."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile, PngInfo

from tests.cli.helpers import QUICK, Keepers


def _record(image: Path) -> dict[str, Any]:
    with Image.open(image) as picture:
        assert isinstance(picture, PngImageFile)
        found: dict[str, Any] = json.loads(picture.text["keepers"])
    return found


def _written(image: Path, record: dict[str, Any], target: Path, *, block: int = 0) -> Path:
    """The image with another record, and that many pixels a side turned into their opposite."""
    with Image.open(image) as picture:
        pixels = np.array(picture)
    pixels[:block, :block] ^= 255
    info = PngInfo()
    info.add_itxt("keepers", json.dumps(record))
    Image.fromarray(pixels).save(target, pnginfo=info)
    return target


def test_recipe_prints_what_was_asked_for(keepers: Keepers, image: Path) -> None:
    found = keepers("recipe", image).json
    intent = found["recipe"]["intent"]
    assert intent["layers"]["subject"] == "a red cat"
    assert intent["layers"]["negatives"] == "blurred"
    assert (intent["seed"], intent["steps"], intent["guidance"]) == (7, 2, 4.0)
    assert found["recipe"]["scheduler"] == "DDIMScheduler"
    assert found["recipe"]["batch_size"] == 2


def test_the_result_names_the_recipe_and_intent_in_the_file(
    keepers: Keepers, batch: dict[str, Any]
) -> None:
    for image in batch["images"]:
        assert keepers("recipe", image["path"]).json["recipe_hash"] == image["recipe"]


def test_rerun_is_identical_and_leaves_nothing(untouched: Keepers, batch: dict[str, Any]) -> None:
    """The second of its batch, whose neighbour has to be drawn with it."""
    ran = untouched("rerun", batch["images"][1]["path"])
    assert (ran.code, ran.out) == (0, "identical: every pixel is the same\n")
    assert "reruns" not in ran.err


def test_rerun_as_json(untouched: Keepers, image: Path) -> None:
    found = untouched("rerun", image, "--json").json
    assert found["verdict"] == "identical"
    assert (found["mean_level"], found["max_level"], found["changed"]) == (0, 0, [])


def test_rerun_of_an_inpainting(keepers: Keepers, image: Path, tmp_path: Path) -> None:
    mask = np.zeros((128, 128), np.uint8)
    mask[:64] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    made = keepers("inpaint", image, "--mask", tmp_path / "mask.png", "--prompt", "x", *QUICK)
    ran = keepers("rerun", made.out.strip())
    assert (ran.code, ran.out.splitlines()[0]) == (0, "identical: every pixel is the same")


def test_a_long_prompt_is_read_again_as_it_was(keepers: Keepers, tmp_path: Path) -> None:
    """In parts where the recipe says so, else up to the end of the first, as it used to be."""
    long = ", ".join(["paper texture"] * 12)
    made = Path(keepers("generate", "--subject", "a cat", "--detail", long, *QUICK).out.strip())
    ran = keepers("rerun", made)
    assert (ran.code, ran.out) == (0, "identical: every pixel is the same\n")
    record = _record(made)
    assert record["recipe"].pop("chunks") == 3
    record["recipe"]["version"] = 1
    before = keepers("rerun", _written(made, record, tmp_path / "before.png"), "--json")
    assert json.loads(before.out)["max_level"] > 0


def test_an_altered_block_is_different(untouched: Keepers, image: Path, tmp_path: Path) -> None:
    ran = untouched("rerun", _written(image, _record(image), tmp_path / "altered.png", block=50))
    assert ran.code == 1
    assert ran.out.startswith("different: the picture was changed after it was written")
    assert "levels on average" in ran.out


def test_one_altered_pixel_is_different(untouched: Keepers, image: Path, tmp_path: Path) -> None:
    altered = _written(image, _record(image), tmp_path / "altered.png", block=1)
    as_json = untouched("rerun", altered, "--json")
    found = json.loads(as_json.out)
    assert (as_json.code, found["verdict"], found["altered"]) == (1, "different", True)
    assert found["max_level"] > 0


def test_another_batch_size_is_close_with_the_measured_difference_or_identical(
    untouched: Keepers, image: Path, tmp_path: Path
) -> None:
    record = _record(image)
    record["recipe"]["batch_size"] = 1
    ran = untouched("rerun", _written(image, record, tmp_path / "alone.png"))
    *note, _progress = ran.err.splitlines()
    assert ran.code == 0
    assert ran.out.startswith(("close: ", "identical: "))
    assert note == ["keepers: the recipe was changed after it was written"]


def test_another_seed_in_the_recipe_is_different(
    untouched: Keepers, image: Path, tmp_path: Path
) -> None:
    record = _record(image)
    record["recipe"]["intent"]["seed"] = 9_999
    ran = untouched("rerun", _written(image, record, tmp_path / "seed.png"))
    assert ran.code == 1
    assert ran.out.startswith("different: ")


def test_a_copy_saved_without_its_recipe(untouched: Keepers, image: Path, tmp_path: Path) -> None:
    with Image.open(image) as picture:
        picture.save(tmp_path / "stripped.png")
    for command in ("recipe", "rerun"):
        ran = untouched(command, tmp_path / "stripped.png")
        assert (ran.code, ran.out) == (2, "")
        assert "carries no recipe" in ran.sentence


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.999])
def test_a_file_cut_short(untouched: Keepers, image: Path, tmp_path: Path, share: float) -> None:
    content = image.read_bytes()
    (tmp_path / "cut.png").write_bytes(content[: int(len(content) * share)])
    ran = untouched("rerun", tmp_path / "cut.png")
    assert (ran.code, ran.out) == (2, "")
    assert "cut.png" in ran.sentence


HOSTILE: dict[str, tuple[dict[str, object], str]] = {
    "a batch of a billion": ({"batch_size": 10**9}, "recipe"),
    "a batch of none": ({"batch_size": 0}, "recipe"),
    "a slot outside": ({"slot": 50}, "recipe"),
    "a slot before": ({"slot": -1}, "recipe"),
    "a billion threads": ({"threads": 10**9}, "recipe"),
    "no threads": ({"threads": -3}, "recipe"),
    "a precision": ({"precision": "__import__('os')"}, "recipe"),
    "a model to download": ({"model": "evil/model"}, "is not on this machine"),
    "a folder": ({"model": "/etc"}, "model_index.json"),
    "an input that is a path": ({"init_image": "../../etc/passwd", "strength": 0.5}, "picture"),
    "an input that is gone": ({"init_image": "0" * 64, "strength": 0.5}, "is not in"),
    "a size": ({"width": 16384, "height": 16384}, "draw at most"),
    "a branch after the end": (
        {"branch": {"step": 99, "layers": {"subject": "x"}, "guidance": 4.0}},
        "recipe",
    ),
    "NaN": ({"guidance": float("nan")}, "recipe"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_recipe_from_anybody_makes_nobody_draw(
    untouched: Keepers, image: Path, tmp_path: Path, case: str
) -> None:
    changes, says = HOSTILE[case]
    record = _record(image)
    for key, value in changes.items():
        part = record["recipe"]
        (part if key in part else part["intent"])[key] = value
    ran = untouched("rerun", _written(image, record, tmp_path / "hostile.png"))
    *notes, sentence = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    assert notes in ([], ["keepers: the recipe was changed after it was written"])
    assert sentence.startswith("keepers: ")
    assert says in sentence


def test_a_recipe_cannot_drive_the_terminal(
    untouched: Keepers, image: Path, tmp_path: Path
) -> None:
    record = _record(image)
    record["recipe"]["prompt"] = "\x1b[2J \x9b \u202e [@click=app.quit]x"
    ran = untouched("recipe", _written(image, record, tmp_path / "nasty.png"))
    assert ran.code == 0
    assert ran.out.replace("\n", "").isprintable()
    assert ran.sentence == "the recipe was changed after it was written"
