"""`--distilled-guidance`: it changes pixels alone, is in the recipe, and is never ignored."""

from pathlib import Path

import pytest
from PIL import Image

from tests.cli.helpers import Keepers
from tests.engine.tiny_models import save_tiny_flux

SIZED = ("--width", "64", "--height", "64", "--steps", "3", "--count", "1", "--guidance", "1")


@pytest.fixture(scope="module")
def flux(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_flux(tmp_path_factory.mktemp("models") / "flux", told=True)


def test_it_is_in_the_recipe_and_made_again(keepers: Keepers, flux: Path) -> None:
    def made(*more: str) -> str:
        ran = keepers("generate", "--subject", "a fox", "--model", flux, *SIZED, "--json", *more)
        return str(ran.json["images"][0]["path"])

    own, usual, low = (
        made(),
        made("--distilled-guidance", "3.5"),
        made("--distilled-guidance", "1.5"),
    )
    pictures = [Image.open(path).tobytes() for path in (own, usual, low)]
    # Without it the pipeline's default counts, which is what its card says.
    assert pictures[0] == pictures[1]
    assert pictures[1] != pictures[2]
    assert keepers("recipe", low).json["recipe"]["intent"]["distilled_guidance"] == 1.5
    with Image.open(low) as picture:
        assert "Distilled CFG Scale: 1.5" in picture.info["parameters"]
    ran = keepers("rerun", low)
    assert (ran.code, ran.out) == (0, "identical: every pixel is the same\n")


def test_a_repair_is_told_what_the_models_own_pipeline_is_told(
    keepers: Keepers, flux: Path, tmp_path: Path
) -> None:
    picture, mask = tmp_path / "picture.png", tmp_path / "mask.png"
    Image.effect_noise((64, 64), 80).convert("RGB").save(picture)
    Image.new("L", (64, 64), 255).save(mask)

    def repaired(*more: str) -> bytes:
        found = keepers(
            "inpaint", picture, "--mask", mask, "--subject", "a fox", "--model", flux,
            "--steps", "3", "--guidance", "1", "--count", "1", "--json", *more,
        ).json  # fmt: skip
        return Image.open(found["images"][0]["path"]).tobytes()

    # diffusers' pipelines for repairs have another number by default: 7.
    assert repaired() == repaired("--distilled-guidance", "3.5")
    assert repaired() != repaired("--distilled-guidance", "7")


def test_a_model_without_it_refuses_it(untouched: Keepers, tmp_path: Path) -> None:
    deaf = save_tiny_flux(tmp_path / "flux")
    for model in ("starter", str(deaf)):
        ran = untouched(
            "generate", "--subject", "a fox", "--model", model, "--distilled-guidance", "2"
        )
        assert ran.code == 2
        assert ran.sentence.startswith(f"{model} has no distilled guidance beside its guidance")
