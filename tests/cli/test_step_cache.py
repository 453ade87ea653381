"""`--step-cache`: in the recipe, made again to the same pixels, refused where there is none."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.cli.helpers import Keepers
from tests.engine.tiny_models import save_tiny_flux


@pytest.fixture(scope="module")
def flux(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_flux(tmp_path_factory.mktemp("models") / "flux", layers=2)


def made(keepers: Keepers, flux: Path, *more: str) -> dict[str, Any]:
    sized = ("--width", "64", "--height", "64", "--steps", "12", "--count", "1")
    ran = keepers("generate", "--subject", "a fox", "--model", flux, *sized, "--json", *more)
    found: dict[str, Any] = ran.json["images"][0]
    return found


def test_it_is_in_the_recipe_and_made_again(keepers: Keepers, flux: Path) -> None:
    whole, cached = made(keepers, flux), made(keepers, flux, "--step-cache", "0.6")
    pictures = [Image.open(image["path"]).tobytes() for image in (whole, cached)]
    assert pictures[0] != pictures[1]
    assert made(keepers, flux, "--step-cache", "0.6")["found"]
    intents = [keepers("recipe", each["path"]).json["recipe"]["intent"] for each in (whole, cached)]
    assert "step_cache" not in intents[0]
    assert (intents[1]["step_cache"], intents[1]["version"]) == (0.6, 5)
    with Image.open(cached["path"]) as picture:
        assert "Step cache: 0.6" in picture.info["parameters"]
    for image in (cached, whole):
        ran = keepers("rerun", image["path"])
        assert (ran.code, ran.out) == (0, "identical: every pixel is the same\n")


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        ("0.1", "starter has no step cache: set the step cache to “off”, or choose another model"),
        (
            "2",
            "the step cache is 2: give a number above 0, up to 1, such as 0.1, or “off”",
        ),
    ],
)
def test_what_cannot_be_is_refused(untouched: Keepers, threshold: str, said: str) -> None:
    ran = untouched("generate", "--subject", "a fox", "--step-cache", threshold)
    assert (ran.code, ran.sentence) == (2, said)
