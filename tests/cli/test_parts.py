"""`--lora` and `--vae`: by path and by name, in the recipe, and made again."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.cli.helpers import QUICK, Keepers, Ran
from tests.engine.hub_layout import lay_out
from tests.engine.tiny_models import save_tiny_model
from tests.engine.tiny_models.loras import save_tiny_lora
from tui.engine.models import starter_folder


@pytest.fixture(scope="module")
def lora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA for the starter."""
    file = tmp_path_factory.mktemp("loras") / "pixel.safetensors"
    return save_tiny_lora(starter_folder(), file)


def generate(keepers: Keepers, *more: str | Path, cwd: Path | None = None) -> Ran:
    return keepers("generate", "--subject", "a fox", *QUICK, "--json", *more, cwd=cwd)


def made(keepers: Keepers, *more: str | Path, cwd: Path | None = None) -> dict[str, Any]:
    (image,) = generate(keepers, *more, cwd=cwd).json["images"]
    found: dict[str, Any] = image
    return found


def test_a_lora_is_in_picture_and_recipe_and_is_made_again(
    keepers: Keepers, lora: Path, tmp_path: Path
) -> None:
    bare, zero = made(keepers), made(keepers, "--lora", f"{lora}:0")
    worn = made(keepers, "--lora", f"{lora.name}:0.5", cwd=lora.parent)
    pictures = [Image.open(image["path"]).tobytes() for image in (bare, zero, worn)]
    assert pictures[0] == pictures[1] != pictures[2]

    recipe = keepers("recipe", worn["path"]).json["recipe"]
    assert recipe["intent"]["loras"] == [{"reference": str(lora), "weight": 0.5}]
    assert len(recipe["lora_hashes"][0]) == 64
    with Image.open(worn["path"]) as picture:
        assert "<lora:pixel:0.5>" in picture.info["parameters"]
    ran = keepers("rerun", worn["path"])
    assert (ran.code, ran.out) == (0, "identical: every pixel is the same\n")
    assert made(keepers, "--lora", f"{lora}:0.5")["found"]


def test_a_file_that_was_changed_is_told_and_drawn_anew(keepers: Keepers, tmp_path: Path) -> None:
    folder = keepers.data / "loras"
    folder.mkdir(parents=True, exist_ok=True)
    file = save_tiny_lora(starter_folder(), folder / "grain.safetensors", seed=3)
    before = made(keepers, "--lora", "grain:0.3")
    assert made(keepers, "--lora", "grain:0.3")["found"]
    save_tiny_lora(starter_folder(), file, seed=4)
    ran = keepers("rerun", before["path"], "--json")
    assert "LoRA grain is another file" in ran.out
    assert not made(keepers, "--lora", "grain:0.3")["found"]
    shutil.rmtree(folder)
    gone = keepers("rerun", before["path"])
    assert "there is no LoRA file" in gone.sentence


def test_a_hub_lora_is_found_again_by_its_hash_wherever_its_name_points(
    keepers: Keepers, tmp_path: Path
) -> None:
    cache, reference = Path(keepers.environ["HF_HOME"], "hub"), "tests/grain/grain.safetensors"

    def put(seed: int, commit: str) -> Path:
        folder = tmp_path / commit
        folder.mkdir()
        save_tiny_lora(starter_folder(), folder / "grain.safetensors", seed=seed)
        return lay_out(cache, "tests/grain", folder, commit, "main")

    old = put(5, "cafe" * 10)
    before = made(keepers, "--lora", f"{reference}:0.3")
    put(6, "beef" * 10)
    ran = keepers("rerun", before["path"])
    assert (ran.code, ran.out) == (0, "identical: every pixel is the same\n")
    assert not made(keepers, "--lora", f"{reference}:0.3")["found"]

    shutil.rmtree(old)
    ran = keepers("rerun", before["path"], "--json")
    assert "LoRA grain is another file" in ran.out
    assert ran.err.splitlines()[-1] == (
        "keepers: the hub's cache has no revision of tests/grain/grain.safetensors with the "
        "recipe's file: get the one of then with “keepers models fetch "
        "tests/grain@COMMIT/grain.safetensors”, and try again"
    )
    shutil.rmtree(cache / "models--tests--grain")


def test_another_autoencoder_is_in_picture_and_recipe(keepers: Keepers, tmp_path: Path) -> None:
    import torch
    from diffusers import AutoencoderTiny

    torch.manual_seed(2)
    vae = AutoencoderTiny.from_pretrained(starter_folder(), subfolder="vae")
    with torch.no_grad():
        list(vae.decoder.parameters())[-1].mul_(0.5)
    vae.save_pretrained(tmp_path / "soft")
    bare, soft = made(keepers), made(keepers, "--vae", "soft", cwd=tmp_path)
    assert Image.open(bare["path"]).tobytes() != Image.open(soft["path"]).tobytes()
    recipe = keepers("recipe", soft["path"]).json["recipe"]
    assert recipe["intent"]["vae"] == str(tmp_path / "soft")
    assert recipe["vae_revision"].startswith("folder-")
    assert keepers("rerun", soft["path"]).code == 0


def test_what_cannot_be_used_is_said_in_a_sentence(
    keepers: Keepers, lora: Path, tmp_path: Path
) -> None:
    (tmp_path / "old.ckpt").write_bytes(b"\x80\x04")
    (tmp_path / "cut.safetensors").write_bytes(lora.read_bytes()[: lora.stat().st_size // 2])
    hostile = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\x1b[2J.safetensors"))
    shutil.copy(lora, hostile)
    tiny = save_tiny_model(tmp_path / "tiny", channels=4)
    cases: list[tuple[tuple[str | Path, ...], str]] = [
        (("--lora", ""), "--lora is empty"),
        (("--lora", "nowhere:1"), "there is no LoRA file"),
        (("--lora", tmp_path / "old.ckpt"), "is a pickle file"),
        (("--lora", tmp_path / "cut.safetensors"), "is cut short"),
        (("--lora", f"{lora}:99"), "give a number from -10 to 10"),
        (("--lora", hostile), "rename the file"),
        (("--lora", lora, "--lora", lora), "is there twice"),
        (("--vae", "nowhere"), "there is no VAE nowhere"),
        (("--vae", tiny / "vae"), "does not fit starter"),
    ]
    for more, says in cases:
        ran = generate(keepers, *more)
        assert says in ran.sentence
        assert ran.code != 0
    foreign = generate(keepers, "--model", tiny, "--lora", lora)
    assert "the LoRA pixel does not fit tiny" in foreign.err
    assert foreign.code != 0
