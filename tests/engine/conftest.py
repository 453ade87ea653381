"""Homes of their own, one warm engine for tests that do not harm it, and tiny models."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tui.engine.client import Client
from tui.engine.supervisor import connect
from tui.store.paths import Home

from .helpers import end_everything, new_home
from .tiny_models import save_tiny_model

os.environ.setdefault("HF_HUB_OFFLINE", "1")


@pytest.fixture
def make_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Home]]:
    """Makes homes whose processes are all gone after the test; the last one is the current one."""
    made: list[Home] = []

    def make(name: str = "keepers", **settings: object) -> Home:
        home = new_home(tmp_path / name, **settings)
        monkeypatch.setenv("KEEPERS_HOME", str(tmp_path / name))
        made.append(home)
        return home

    yield make
    for home in made:
        end_everything(home)


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    """A home of the test's own; an engine starts when somebody connects."""
    return make_home()


@pytest.fixture(scope="session")
def _warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = new_home(tmp_path_factory.mktemp("warm") / "keepers")
    yield home
    end_everything(home)


@pytest.fixture
def warm(_warm: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose engine and worker many tests share; leave it as it was found."""
    monkeypatch.setenv("KEEPERS_HOME", str(_warm.data.parent))
    return _warm


@pytest.fixture
async def client(warm: Home) -> AsyncIterator[Client]:
    """A connection to the warm engine."""
    opened = await connect(warm)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
def shared_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = new_home(tmp_path_factory.mktemp("pair") / "keepers", device="cpu,cpu", threads=1)
    yield home
    end_everything(home)


@pytest.fixture
def pair(shared_pair: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose engine has two devices, for the tests of one file."""
    monkeypatch.setenv("KEEPERS_HOME", str(shared_pair.data.parent))
    return shared_pair


@pytest.fixture
def threads_as_before() -> Iterator[None]:
    """Workers that draw in the process of the tests set how many threads torch has."""
    import torch

    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Stable Diffusion with four latent channels."""
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny", channels=4)


@pytest.fixture(scope="session")
def tiny_inpaint_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, made for inpainting: its UNet also reads the mask and the masked picture."""
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny-inpaint", channels=9)


@pytest.fixture(scope="session")
def tiny_wide_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with twelve latent channels: diffusers has no pipeline that repairs with it."""
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny-wide", channels=12)
