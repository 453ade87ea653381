"""What `keepers doctor` looks at. Each function answers with findings.

The folders and the database are made where they are missing: only so is it known that they can be.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tui.domain.text import clean
from tui.store.errors import StoreError
from tui.store.paths import Home, find_home, is_network_file_system, private_umask
from tui.store.store import open_store

LITTLE_SPACE = 2 * 10**9
"""Bytes of free disk below which a person should know."""

SLOW_ESCAPE_MS = 50
"""tmux waits this long after Esc for more keys; above it, Esc feels stuck."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    level: Literal["good", "note", "bad"]
    says: str
    do: str = ""
    """What would make it better; empty where nothing would."""


def device_findings() -> list[Finding]:
    """Device, precision and libraries, asked of a worker process as it would really draw."""
    from tui.engine.pool import worker_environment

    # -P: what lies in the person's working folder is never taken for a library.
    process = subprocess.run(
        [sys.executable, "-P", "-m", "tui.engine.worker", "--probe"],
        capture_output=True,
        text=True,
        env={**worker_environment(), "PYTHONWARNINGS": "ignore"},
    )
    try:
        found = json.loads(process.stdout)
    except ValueError:
        lines = process.stderr.strip().splitlines()
        said = clean(lines[-1]) if lines else "it said nothing"
        return [Finding("bad", f"a worker cannot start: {said}", "install Keepers again")]
    if "error" in found:
        return [Finding("bad", found["error"])]
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    result = [Finding("good", f"draws on {found['name']} ({found['device']})")]
    if found["device"] == "cpu":
        why = (
            "bfloat16, which this processor computes in hardware (AMX)"
            if found["precision"] == "bfloat16"
            else "float32, since this processor has no hardware for bfloat16 (AMX)"
        )
        result.append(Finding("good", f"precision {why}; {found['threads']} threads"))
        result.append(
            Finding(
                "note",
                "no GPU that torch can use",
                "fine for the starter model; large ones want one",
            )
        )
    else:
        result.append(Finding("good", f"precision {found['precision']}"))
    result += [_gpu_finding(gpu) for gpu in found["gpus"]]
    return [*result, *_chosen_devices(len(found["gpus"])), Finding("good", versions)]


def _gpu_finding(gpu: dict[str, Any]) -> Finding:
    if "refuses" in gpu:
        return Finding(
            "note",
            f"{clean(gpu['name'])} takes nothing now: {clean(gpu['refuses'])}",
            "nvidia-smi shows who holds it",
        )
    free, total = gpu["free"] / 1e9, gpu["total"] / 1e9
    return Finding("good", f"{gpu['name']}: {free:.1f} of {total:.1f} GB free")


def _chosen_devices(gpus: int) -> list[Finding]:
    from tui.cli.chosen_devices import chosen_findings
    from tui.store.settings import load_settings

    try:
        return chosen_findings(load_settings(find_home()), gpus)
    except StoreError:
        return []  # the engine's section says what is wrong with them


def terminal_findings() -> list[Finding]:
    """The terminal and tmux around it; tmux is asked, the terminal never."""
    term, colours = os.environ.get("TERM", ""), os.environ.get("COLORTERM", "")
    size = shutil.get_terminal_size()
    result = [_term_finding(term)]
    if colours in ("truecolor", "24bit"):
        result.append(Finding("good", "24-bit colour"))
    else:
        result.append(
            Finding(
                "note",
                "24-bit colour is not announced",
                "export COLORTERM=truecolor if yours has it",
            )
        )
    if size.columns < 80 or size.lines < 24:
        result.append(
            Finding(
                "note", f"{size.columns} × {size.lines} cells is small", "80 × 24 shows everything"
            )
        )
    return result + (_tmux_findings() if os.environ.get("TMUX") else [])


def _term_finding(term: str) -> Finding:
    if not term or term == "dumb":
        return Finding("bad", f"TERM is “{clean(term)}”", "connect with a terminal: ssh -t")
    if shutil.which("infocmp"):
        known = subprocess.run(["infocmp", "--", term], capture_output=True).returncode == 0
        if not known:
            return Finding(
                "bad",
                f"this machine does not know the terminal type {clean(term)}",
                "export TERM=xterm-256color, or copy the entry here with infocmp and tic",
            )
    return Finding("good", f"terminal type {clean(term)}")


def _tmux_findings() -> list[Finding]:
    version = clean(_tmux("-V") or "tmux")
    result = [Finding("good", f"inside {version}")]
    delay = _tmux("show-options", "-sv", "escape-time") or ""
    if delay.isdigit() and int(delay) > SLOW_ESCAPE_MS:
        result.append(
            Finding("note", f"tmux waits {delay} ms after Esc", "tmux set -s escape-time 10")
        )
    return result


def _tmux(*arguments: str) -> str | None:
    try:
        process = subprocess.run(
            ["tmux", *arguments],
            capture_output=True,
            text=True,
            timeout=5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return process.stdout.strip() if process.returncode == 0 else None


def folder_findings() -> list[Finding]:
    """Where things live, whether they can be written, and how much room there is."""
    private_umask()
    home = find_home()
    result = [Finding("good", f"{word} {path}") for word, path in _places(home)]
    result += [Finding("bad", sentence) for sentence in _problems(home)]
    if not home.data.is_dir():
        return result
    free = shutil.disk_usage(home.data).free
    room = f"{free / 1e9:.1f} GB free"
    if free < LITTLE_SPACE:
        result.append(Finding("note", f"only {room}", "remove projects, or move KEEPERS_HOME"))
    else:
        result.append(Finding("good", room))
    if is_network_file_system(home.data):
        result.append(
            Finding(
                "note",
                "the data lies on a network file system: slower, and one host at a time",
                "set KEEPERS_HOME to a folder on a local disk if there is one",
            )
        )
    return result


def _problems(home: Home) -> list[str]:
    """What is wrong with the folders and the database, a sentence each."""
    try:
        open_store(home).close()
    except StoreError as error:
        return [str(error)]
    return []


def _places(home: Home) -> tuple[tuple[str, Path], ...]:
    return (
        ("data   ", home.data),
        ("config ", home.settings_file),
        ("cache  ", home.cache),
        ("log    ", home.engine_log),
    )


def engine_findings() -> list[Finding]:
    """Whether an engine runs, and whether one could."""
    from tui.cli.engine import answered
    from tui.engine.discovery import check_host, socket_path
    from tui.engine.supervisor import connect_running
    from tui.store.settings import load_settings

    home = find_home()
    result = []
    try:
        settings = load_settings(home)
        result.append(Finding("good", f"model {settings.model}, device {settings.device}"))
    except StoreError as error:
        result.append(Finding("bad", str(error)))
    try:
        check_host(home)
        path = socket_path(home)
    except StoreError as error:
        return [*result, Finding("bad", str(error))]

    async def welcome() -> list[Finding]:
        client = await connect_running(home)
        if client is None:
            return [Finding("good", "does not run; it starts when it is needed")]
        await client.close()
        assert client.welcome is not None
        doing = "working" if client.welcome.busy else "idle"
        runs = f"runs as process {client.welcome.pid}, version {client.welcome.version}, {doing}"
        differs, _, do = client.difference.partition("; ")
        return [Finding("good", runs), *([Finding("note", differs, do)] if differs else [])]

    return [
        *result,
        *asyncio.run(answered(welcome(), home)),
        Finding("good", f"socket {path}"),
    ]


def extra_findings() -> list[Finding]:
    """The optional parts of the installed package, and how to get those that are missing."""
    from importlib.metadata import requires

    from packaging.requirements import Requirement

    wanted: dict[str, set[str]] = {}
    for line in requires("keepers") or ():
        requirement = Requirement(line)
        for name in re.findall(r"extra == [\"']([\w-]+)[\"']", str(requirement.marker or "")):
            wanted.setdefault(name, set()).add(requirement.name)
    wanted.pop("dev", None)
    wanted.pop("check", None)  # a section of its own asks whether it works
    result = []
    for extra, packages in sorted(wanted.items()):
        missing = sorted(name for name in packages if not _installed(name))
        if missing:
            says = f"{extra}: {', '.join(missing)} not installed"
            result.append(Finding("note", says, f"pip install 'keepers[{extra}]'"))
        else:
            result.append(Finding("good", extra))
    return result or [Finding("good", "nothing optional is missing")]


def _installed(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
