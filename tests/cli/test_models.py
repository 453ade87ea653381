"""`keepers models`: the list, and a download with its progress, from a hub of our own."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.helpers import LAYERS, QUICK, Keepers
from tests.engine.tiny_hub import tiny_hub


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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("nonsense",), "this is no id of a model on the hub: give owner/name"),
        (("a/b", "--revision", "../x"), "this is no id of a model on the hub: give owner/name"),
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
