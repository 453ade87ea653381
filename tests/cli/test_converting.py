"""`keepers models convert`: a model in one file becomes a folder that is drawn with."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors import safe_open

from tests.cli.helpers import KEEPERS, LAYERS, QUICK, Keepers
from tests.engine.tiny_hub import tiny_hub
from tests.engine.tiny_models import save_tiny_model
from tests.engine.tiny_models.loras import save_tiny_lora
from tests.engine.tiny_models.one_file import write_one_file

HEEDING = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""Runs a command that heeds ctrl+c, also where these tests were begun with that ignored."""
BASE = "stable-diffusion-v1-5/stable-diffusion-v1-5"
"""Whose configuration diffusers takes for every model of the first Stable Diffusion."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("tiny") / "model", channels=4)


def weights(folder: Path) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for file in sorted(folder.rglob("*.safetensors")):
        with safe_open(file, "pt") as opened:
            for name in opened.keys():  # noqa: SIM118 - it is no dictionary
                tensor = opened.get_tensor(name)
                found[f"{file.parent.name}.{name}"] = [
                    str(tensor.dtype),
                    *tensor.flatten().tolist(),
                ]
    return found


def test_a_folder_made_of_a_file_draws_what_the_models_own_folder_draws(
    elsewhere: Keepers, starter: Path, tmp_path: Path
) -> None:
    file = tmp_path / "My icons (v1).safetensors"
    write_one_file(starter, file, ("unet",))
    before = file.read_bytes()
    ran = elsewhere("models", "convert", str(file), "--like", "starter")
    assert ran.code == 0, ran.err
    folder = Path(ran.out.strip())
    assert folder == elsewhere.root / "data" / "models" / "My-icons-v1"
    assert "has no text_encoder: it is taken from the other model" in ran.err
    assert file.read_bytes() == before
    assert "My icons (v1).safetensors" in (folder / "README.md").read_text()
    assert str(folder) in elsewhere("models").out.splitlines()
    try:
        own, made = (
            elsewhere("generate", *LAYERS, *QUICK, "--model", model, "--json").json["images"]
            for model in ("starter", str(folder))
        )
    finally:
        assert elsewhere("engine", "stop").code == 0
    told = (elsewhere("recipe", images[0]["path"]).json for images in (own, made))
    first, second = (each["pixels"] for each in told)
    assert first == second
    again = elsewhere("models", "convert", str(file), "--like", "starter")
    assert again.code == 2
    assert "is there already: draw with it" in again.sentence


def test_the_configuration_of_its_family_comes_from_the_hub(
    elsewhere: Keepers, tiny: Path, tmp_path: Path
) -> None:
    file = tmp_path / "whole.safetensors"
    write_one_file(tiny, file)
    with tiny_hub() as hub:
        hub.models[BASE] = tiny
        env = {"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path / "hf")}
        ran = elsewhere("models", "convert", str(file), "--json", env=env)
        assert ran.code == 0, ran.err
        assert f"fetching the configuration of {BASE}" in ran.err
        assert not list((tmp_path / "hf").rglob("*.safetensors"))
        assert weights(Path(ran.json["folder"])) == weights(tiny)
        # The configuration says how a part is built; what is in it is another question.
        lacking = tmp_path / "lacking.safetensors"
        write_one_file(tiny, lacking, ("unet", "vae"))
        ran = elsewhere("models", "convert", str(lacking), env=env)
        assert ran.code == 2
        assert (
            "has no text_encoder, and the configuration alone is no help"
            in ran.err.splitlines()[-1]
        )


def test_what_a_file_says_of_its_scheduler_is_kept(
    elsewhere: Keepers, tiny: Path, tmp_path: Path
) -> None:
    file = tmp_path / "velocity.safetensors"
    write_one_file(tiny, file, more=("v_pred",))
    ran = elsewhere("models", "convert", str(file), "--like", str(tiny), "--json")
    scheduler = Path(ran.json["folder"]) / "scheduler" / "scheduler_config.json"
    assert '"prediction_type": "v_prediction"' in scheduler.read_text()


def test_what_is_no_such_file_is_one_sentence(
    elsewhere: Keepers, tiny: Path, starter: Path, tmp_path: Path
) -> None:
    unet = tiny / "unet" / "diffusion_pytorch_model.safetensors"
    whole = tmp_path / "whole.safetensors"
    write_one_file(tiny, whole)
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(whole.read_bytes()[:-100])
    pickle = tmp_path / "old.ckpt"
    pickle.write_bytes(b"\x80\x04")
    lora = save_tiny_lora(starter, tmp_path / "ink.safetensors")
    for file, like, said in (
        (tmp_path / "none.safetensors", "", "there is no file"),
        (pickle, "", "is a pickle file, which can run programs"),
        (lora, "", "it is a LoRA, which goes on top of a model as it is"),
        (cut, "", "is cut short"),
        (unet, "", "does not tell of which family it is"),
        (whole, "owner/none", "download it first with “keepers models fetch owner/none”"),
        (whole, "", f"needs the configuration of {BASE}"),
    ):
        ran = elsewhere("models", "convert", str(file), *(("--like", like) if like else ()))
        assert ran.code == 2, said
        assert said in ran.err.splitlines()[-1]
        assert "Traceback" not in ran.err
    assert not list((elsewhere.root / "data" / "models").iterdir())


def test_ctrl_c_leaves_nothing_of_it(elsewhere: Keepers, tiny: Path, tmp_path: Path) -> None:
    file = tmp_path / "whole.safetensors"
    write_one_file(tiny, file)
    with tiny_hub() as hub:
        # It waits there for as long as it takes to be told.
        hub.models[BASE], hub.held = tiny, "unet/config.json"
        env = elsewhere.env({"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path / "hf")})
        # A shell that runs the tests in the background has them ignore ctrl+c.
        command = [sys.executable, "-c", HEEDING, str(KEEPERS), "models", "convert", str(file)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, env=env) as process:
            assert process.stderr is not None
            assert b"fetching the configuration" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read().decode()
        hub.go_on.set()
    assert process.returncode == 130
    assert "stopped; nothing of it stays" in rest
    assert not list((elsewhere.root / "data" / "models").iterdir())
