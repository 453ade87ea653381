"""What is told of GPUs; a program in the place of nvidia-smi says what the real one says."""

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from tui.engine.gpus import _by_program, _visible, gpus
from tui.engine.hardware import free_memory

_SAYS = """#!/bin/sh
case "$1" in
  --query-gpu=*)
    echo "0, GPU-aaa, NVIDIA H100 80GB HBM3, 1000, 81559, 9.0"
    echo "1, GPU-bbb, Tesla \x1b[2JV100, 30000, 32768, 7.0"
    echo "broken line";;
  *)
    echo "GPU-aaa, {pid}, 70000"
    echo "GPU-aaa, 999999999, 9000"
    echo "GPU-bbb, 1, [N/A]";;
esac
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "nvidia-smi"
    file.write_text(_SAYS.replace("{pid}", str(os.getpid())))
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.mark.usefixtures("program")
def test_the_driver_tells_what_is_free_and_who_holds_the_rest() -> None:
    (_, first), (_, second) = _by_program(())
    assert (first.free, first.capability) == (1000 * 2**20, (9, 0))
    mine, gone = first.users
    assert (mine.pid, mine.memory, mine.ours) == (os.getpid(), 70000 * 2**20, False)
    assert mine.program
    assert gone.owner == ""
    assert second.name == "Tesla [2JV100"
    assert second.users[0].memory is None


@pytest.mark.usefixtures("program")
def test_what_our_own_worker_holds_is_free_for_the_next_model() -> None:
    (_, first), _ = _by_program((os.getpid(),))
    assert first.free == 71000 * 2**20
    assert first.users[0].ours


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    ("chosen", "names"),
    [(None, "HV"), ("", ""), ("1", "V"), ("1,0", "VH"), ("GPU-b", "V"), ("0,7,1", "H"), ("-1", "")],
)
def test_cuda_visible_devices_is_respected(chosen: str | None, names: str) -> None:
    found = _visible(_by_program(()), chosen)
    assert "".join("H" if "H100" in gpu.name else "V" for gpu in found) == names
    assert [gpu.index for gpu in found] == list(range(len(names)))


@pytest.mark.skipif("+cpu" not in version("torch"), reason="this torch draws on GPUs")
@pytest.mark.usefixtures("program")
def test_a_torch_for_processors_has_no_gpu() -> None:
    assert gpus() == ()


def test_without_a_driver_its_library_says_nothing() -> None:
    from tui.engine.gpus import _by_library

    assert _by_library(()) is None or _by_library(())


def test_some_memory_is_free() -> None:
    assert 2**20 < free_memory() < 2**50
