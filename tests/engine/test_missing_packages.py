"""Models that need a package which is not a part of Keepers: they draw with it, or say its name."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tui.engine.worker.loading import LoadingError, load
from tui.engine.worker.missing import missing_in_words
from tui.engine.worker.placement import place
from tui.engine.worker_messages import ModelPlace
from tui.store.jobs import JobState
from tui.store.paths import Home

from .helpers import request, run
from .tiny_models import SIDE, save_tiny_flux
from .tiny_models.seeing import save_tiny_qwen_edit
from .tiny_models.xl import save_tiny_xl


def is_installed(package: str) -> bool:
    """Whether it can be imported, which it cannot be where it was built for another torch."""
    try:
        importlib.import_module(package)
    except (ImportError, RuntimeError):
        return False
    return True


def save_named_kolors(folder: Path) -> Path:
    """An SDXL that calls itself a Kolors, of which diffusers may have no more than the name."""
    index = save_tiny_xl(folder) / "model_index.json"
    parts = {"_class_name": "KolorsPipeline", "tokenizer": ["kolors", "ChatGLMTokenizer"]}
    index.write_text(json.dumps(json.loads(index.read_text()) | parts))
    return folder


@pytest.mark.parametrize(
    ("save", "package"),
    [(save_tiny_qwen_edit, "torchvision"), (save_named_kolors, "sentencepiece")],
)
async def test_a_model_says_which_package_it_lacks(
    warm: Home, tmp_path: Path, save: Callable[[Path], Path], package: str
) -> None:
    if is_installed(package):
        pytest.skip(f"{package} is installed")
    name = str(save(tmp_path / "model"))
    view, _ = await run(warm, request(951, model=name, width=SIDE, height=SIDE))
    assert view.state is JobState.FAILED
    assert view.error.startswith(f"{name} needs the package {package}, which is not installed: ")
    assert view.error.endswith(
        "where Keepers is installed, then “keepers engine stop”, and try again"
    )


def lose_its_text_encoder(folder: Path) -> None:
    index = folder / "model_index.json"
    parts = json.loads(index.read_text())
    del parts["text_encoder_2"]
    index.write_text(json.dumps(parts))


def test_a_model_says_which_component_it_lacks(tmp_path: Path) -> None:
    folder = save_tiny_flux(tmp_path / "model")
    lose_its_text_encoder(folder)
    why = "comes without its text_encoder_2: see on its page which model they are of"
    with pytest.raises(LoadingError, match=why):
        load(ModelPlace(str(folder), str(folder), "1"), place("cpu", "float32"))


@pytest.mark.parametrize(
    ("said", "package"),
    [
        ("requires bitsandbytes: `pip install -U bitsandbytes>=0.46.1`", "bitsandbytes"),
        ("LMSDiscreteScheduler requires the scipy library. Use `pip install\nscipy`", "scipy"),
        ("TorchAoConfig requires torchao >= 0.15.0 for construction from dict", "torchao"),
    ],
)
def test_packages_are_read_from_what_the_libraries_say(said: str, package: str) -> None:
    error = OSError("it cannot be loaded")
    error.__cause__ = NotImplementedError(said)
    assert missing_in_words(error).startswith(f"needs the package {package}, which")


def test_a_package_that_is_too_old_is_not_called_missing() -> None:
    said = "Transformers does not know it. You can update with `pip install --upgrade transformers`"
    assert missing_in_words(ValueError(said)).startswith(
        "cannot be drawn with the transformers that is installed: "
        "run “pip install --upgrade transformers” where"
    )


def test_other_errors_name_no_package() -> None:
    for error in (ValueError("shapes differ"), NameError("name 'x' is not defined", name="x")):
        assert not missing_in_words(error)


@pytest.mark.parametrize(
    ("version", "how"),
    [
        ("2.13.0+cu130", "run “pip install torchvision torch==2.13.0” where"),
        ("2.13.0+cpu", "install its build for torch 2.13.0+cpu, from where that torch came, where"),
    ],
)
def test_a_package_that_is_built_for_torch_is_the_one_that_fits(
    monkeypatch: pytest.MonkeyPatch, version: str, how: str
) -> None:
    monkeypatch.setattr(torch, "__version__", version)
    error = ModuleNotFoundError("No module named 'torchvision'", name="torchvision")
    assert missing_in_words(error).startswith(
        f"needs the package torchvision, which is not installed: {how}"
    )
