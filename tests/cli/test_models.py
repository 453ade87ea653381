"""`keepers models`: the list, and a download with its progress, from a hub of our own."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.helpers import LAYERS, QUICK, Keepers
from tests.engine.tiny_hub import tiny_hub
from tests.engine.tiny_models.loras import save_tiny_lora
from tui.store.files import sha256_of


def test_the_list_in_words_and_as_json(elsewhere: Keepers, starter: Path) -> None:
    found = elsewhere("models", "--json").json
    assert [model["model"] for model in found["models"]] == ["starter"]
    model = found["models"][0]
    assert model["folder"] == str(starter)
    assert model["fit"]["verdict"] == "fits"
    assert {part["name"] for part in model["parts"]} == {"text_encoder", "unet", "vae"}
    ran = elsewhere("models")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "starter"
    assert ran.out.rstrip().endswith("built in · fits")


def test_folders_of_the_settings_are_looked_into(
    elsewhere: Keepers, starter: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "copy").symlink_to(starter)
    config = elsewhere.root / "config"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(f'model_folders = ["{tmp_path}/mine", "/nowhere"]\n')
    ran = elsewhere("models")
    assert str(tmp_path / "mine" / "copy") in ran.out.splitlines()
    assert ran.sentence.startswith("model_folders: there is no folder /nowhere")


def test_a_model_is_downloaded_and_listed(
    elsewhere: Keepers, starter: Path, tmp_path: Path
) -> None:
    with tiny_hub(new=starter) as hub:
        env = {"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path / "hf")}
        ran = elsewhere("models", "fetch", "tests/new", env=env)
        assert (ran.code, ran.out) == (0, f"tests/new {hub.commit}\n")
        assert "downloading tests/new, 0.0 GB" in ran.err
        pinned = elsewhere(
            "models", "fetch", "tests/new", "--revision", hub.commit, "--json", env=env
        )
        assert pinned.json["revision"] == hub.commit
    assert "tests/new" in elsewhere("models", env=env).out.splitlines()


FILE = "pytorch_lora_weights.safetensors"


def test_a_lora_and_a_vae_are_downloaded_listed_and_drawn_with(
    elsewhere: Keepers, starter: Path, tmp_path: Path
) -> None:
    pixel, soft = tmp_path / "pixel", Path(shutil.copytree(starter / "vae", tmp_path / "soft"))
    pixel.mkdir()
    lora = save_tiny_lora(starter, pixel / FILE)
    with tiny_hub(pixel=pixel, soft=soft) as hub:
        env = {"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path / "hf")}
        ran = elsewhere("models", "fetch", "tests/pixel", env=env)
        assert (ran.code, ran.out) == (0, f"tests/pixel/{FILE} {hub.commit}\n")
        assert f"downloading tests/pixel/{FILE}, 0.0 GB" in ran.err
        ran = elsewhere("models", "fetch", "tests/soft", "--json", env=env)
        assert (ran.json["role"], ran.json["revision"]) == ("VAE", hub.commit)
        pinned = f"tests/pixel@{hub.commit}/{FILE}"
        for asked in ((pinned,), (f"tests/pixel/{FILE}", "--revision", hub.commit)):
            arrived = elsewhere("models", "fetch", *asked, "--json", env=env).json
            assert (arrived["role"], arrived["reference"]) == ("LoRA", pinned)
            assert arrived["sha256"] == sha256_of(lora)
    listed = elsewhere("models", env=env).out
    assert f"tests/pixel/{FILE}\n  LoRA · " in listed
    assert "tests/soft\n  VAE · " in listed
    try:
        more = ("--lora", "tests/pixel:0.5", "--vae", "tests/soft", "--json")
        drawn = elsewhere("generate", *LAYERS, *QUICK, *more, env=env)
        recipe = elsewhere("recipe", drawn.json["images"][0]["path"]).json["recipe"]
        used = {"reference": f"tests/pixel/{FILE}", "weight": 0.5}
        assert recipe["intent"]["loras"] == [used]
        assert recipe["lora_hashes"] == [sha256_of(lora)]
        assert recipe["intent"]["vae"] == "tests/soft"
        ran = elsewhere("generate", *LAYERS, *QUICK, "--lora", "tests/none:0.5", env=env)
        assert "get it with “keepers models fetch tests/none”" in ran.sentence
    finally:
        assert elsewhere("engine", "stop").code == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("nonsense",), "this is no id of a model on the hub: give owner/name"),
        (("a/b", "--revision", "../x"), "this is no id of a model on the hub: give owner/name"),
        (("a/b", "--revision", "a/b"), "this is no id of a model on the hub: give owner/name"),
        (("a/b/c.bin",), "is a pickle file, which can run code when it is read"),
        (("owner/name",), "the hub cannot be reached"),
    ],
)
def test_what_cannot_be_downloaded_is_one_sentence(
    elsewhere: Keepers, given: tuple[str, ...], said: str
) -> None:
    ran = elsewhere("models", "fetch", *given)
    assert ran.code == 2
    assert said in ran.err.splitlines()[-1]


def test_a_rerun_draws_with_the_commit_of_the_recipe(
    elsewhere: Keepers, starter: Path, tmp_path: Path
) -> None:
    with tiny_hub(new=starter) as hub:
        env = {"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path / "hf")}
        drawn = elsewhere("generate", *LAYERS, *QUICK, "--model", "tests/new", "--json", env=env)
        image = drawn.json["images"][0]["path"]
        recipe = elsewhere("recipe", image).json["recipe"]
        assert (recipe["intent"]["model"], recipe["model_revision"]) == ("tests/new", hub.commit)
        newer = Path(shutil.copytree(starter, tmp_path / "newer"))
        scheduler = newer / "scheduler" / "scheduler_config.json"
        table = json.loads(scheduler.read_text())
        scheduler.write_text(json.dumps(table | {"beta_end": table["beta_end"] / 2}))
        hub.commit, hub.models["tests/new"] = "beef" * 10, newer
        assert elsewhere("models", "fetch", "tests/new", env=env).out.split()[1] == hub.commit
    try:
        again = elsewhere("rerun", image, "--json", env=env).json
        assert (again["verdict"], again["changed"]) == ("identical", [])
        # The name itself has moved on.
        moved = elsewhere("generate", *LAYERS, *QUICK, "--model", "tests/new", "--json", env=env)
        assert moved.json["images"][0]["sha256"] != drawn.json["images"][0]["sha256"]
    finally:
        assert elsewhere("engine", "stop").code == 0
