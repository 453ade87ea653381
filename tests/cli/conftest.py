"""One warm home for all tests of the command line; its engine is stopped at the end."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import LAYERS, Keepers

_KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "TMPDIR")


@pytest.fixture(scope="session")
def _environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of every command: no hub can be reached, and none was ever used."""
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "TERM": "xterm-256color",
        "HF_HOME": str(tmp_path_factory.mktemp("hub")),
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }


@pytest.fixture(scope="session")
def keepers(
    tmp_path_factory: pytest.TempPathFactory, _environ: dict[str, str]
) -> Iterator[Keepers]:
    """The command with the home that all tests share."""
    command = Keepers(tmp_path_factory.mktemp("home"), _environ)
    yield command
    assert command("engine", "stop").code == 0
    shutil.rmtree(command.socket_folder, ignore_errors=True)


@pytest.fixture
def elsewhere(tmp_path: Path, _environ: dict[str, str]) -> Iterator[Keepers]:
    """The command with a home that nothing is in."""
    command = Keepers(tmp_path / "elsewhere", _environ)
    yield command
    shutil.rmtree(command.socket_folder, ignore_errors=True)


@pytest.fixture(scope="session")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the copies of the shared batch are."""
    return tmp_path_factory.mktemp("copies") / "new" / "folder"


@pytest.fixture(scope="session")
def batch(keepers: Keepers, out: Path) -> dict[str, Any]:
    """What `generate --json` says of two images, with every option given."""
    ran = keepers(*BATCH, "--out", out)
    found: dict[str, Any] = ran.json
    return found


BATCH = (
    "generate", *LAYERS, "--count", "2", "--seed", "7", "--steps", "2", "--guidance", "4",
    "--width", "128", "--height", "128", "--scheduler", "ddim", "--model", "starter", "--json",
)  # fmt: skip


@pytest.fixture
def image(batch: dict[str, Any]) -> Path:
    """One image of the shared batch."""
    return Path(batch["images"][0]["path"])


@pytest.fixture
def untouched(keepers: Keepers, batch: dict[str, Any]) -> Iterator[Keepers]:
    """The shared command; afterwards nothing is in its home or queue that was not there before."""
    before = keepers.kept()
    yield replace(keepers)
    assert keepers.kept() == before
    assert keepers.waiting() == 0


@pytest.fixture(scope="session")
def starter() -> Path:
    """The folder of the built-in model."""
    from tui.engine.models import starter_folder

    return starter_folder()
