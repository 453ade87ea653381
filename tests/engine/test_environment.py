"""What of a person's shell reaches a worker; a program in its place tells what it was given."""

import os
import sys
from pathlib import Path

import msgspec
import pytest

from tui.engine.environment import kept_environment
from tui.engine.pool import LocalPool, WorkerDiedError

PROMISED = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DIFFUSERS_DISABLE_REMOTE_CODE": "1",
    "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
OWN = {"OMP_WAIT_POLICY": "active", "TOKENIZERS_PARALLELISM": "true", "MINE": "kept"}


async def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables of a process that the pool starts."""
    program, log = tmp_path / "program", tmp_path / "log"
    program.write_text("#!/bin/sh\nenv >&2\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(WorkerDiedError):
        await LocalPool(log).start_worker()
    return dict(line.split("=", 1) for line in log.read_text().splitlines() if "=" in line)


async def test_a_shell_cannot_lift_what_is_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in PROMISED:
        monkeypatch.setenv(name, "0")
    for name, value in OWN.items():
        monkeypatch.setenv(name, value)
    found = await given(tmp_path, monkeypatch)
    assert {name: found[name] for name in PROMISED | OWN} == PROMISED | OWN


def test_a_path_that_is_no_text_can_be_sent_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", os.fsdecode(b"/models/caf\xe9"))
    kept = kept_environment()
    assert kept["HF_HOME"] == r"/models/caf\udce9"
    assert msgspec.json.decode(msgspec.json.encode(kept)) == kept


async def test_threads_sleep_where_nobody_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert (await given(tmp_path, monkeypatch))["OMP_WAIT_POLICY"] == "passive"
