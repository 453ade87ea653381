"""Running the real command: with pipes, and inside a terminal."""

import contextlib
import fcntl
import hashlib
import json
import os
import pty
import sqlite3
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

KEEPERS = Path(sys.executable).parent / "keepers"

Argument = str | bytes | Path
Environ = Mapping[str, str]

LAYERS = (
    "--subject", "a red cat", "--style", "flat illustration", "--composition", "centred",
    "--detail", "soft light", "--negatives", "blurred",
)  # fmt: skip

QUICK = ("--steps", "2", "--count", "1")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on standard error, checked to be one harmless line of ours."""
        assert "Traceback" not in self.err
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].isprintable(), lines[0]
        assert lines[0].startswith("keepers: "), lines[0]
        return lines[0].removeprefix("keepers: ")

    @property
    def json(self) -> Any:
        """The one JSON object on standard output."""
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass(frozen=True)
class Keepers:
    """The command in one environment."""

    root: Path
    """What KEEPERS_HOME names."""
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def socket_folder(self) -> Path:
        """Where the engine of this home listens; outside the home, since such paths are short."""
        mark = hashlib.sha256(os.fsencode(self.data.absolute())).hexdigest()[:12]
        return Path(f"/tmp/keepers-{os.getuid()}-{mark}")

    def env(self, more: Environ = MappingProxyType({})) -> dict[str, str]:
        return {**self.environ, "KEEPERS_HOME": str(self.root), **more}

    def __call__(
        self, *args: Argument, cwd: Path | None = None, env: Environ = MappingProxyType({})
    ) -> Ran:
        return self.run([KEEPERS, *args], cwd=cwd, env=env)

    def run(
        self,
        command: Sequence[Argument],
        cwd: Path | None = None,
        env: Environ = MappingProxyType({}),
    ) -> Ran:
        process = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=self.env(env),
            cwd=cwd,
            timeout=180,
        )
        return Ran(
            process.returncode,
            process.stdout.decode(errors="surrogateescape"),
            process.stderr.decode(errors="surrogateescape"),
        )

    def shell(self, script: str) -> Ran:
        """A shell script in which `$0` is the command."""
        return self.run(["bash", "-c", script, KEEPERS])

    def python(self, code: str, *args: str) -> Ran:
        """Python code that sees this home."""
        return self.run([sys.executable, "-c", code, *args])

    def kept(self) -> set[str]:
        """Everything in the folders for images and inputs, temporary files too."""
        folders = (self.data / "projects", self.data / "inputs", self.root / "cache" / "reruns")
        return {
            str(path)
            for folder in folders
            for path in folder.rglob("*")
            if path.name != "project.json"
        }

    def waiting(self) -> int:
        """Jobs that the engine still means to draw."""
        if not (self.data / "keepers.db").exists():
            return 0
        with sqlite3.connect(self.data / "keepers.db") as database:
            found = database.execute(
                "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
            ).fetchone()
        database.close()
        return int(found[0])


def in_terminal(
    keepers: Keepers,
    *args: str,
    columns: int = 80,
    react: Callable[[int, int, str], None] = lambda terminal, process, shown: None,
    env: Environ = MappingProxyType({}),
) -> tuple[int, str]:
    """Run the command in a terminal of its own; its exit code (minus a signal) and all it wrote.

    `react` is told of the terminal, the process, and everything shown so far. It may close the
    terminal.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", _IN_TERMINAL, str(KEEPERS), *args],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=keepers.env(env),
        start_new_session=True,
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            new = os.read(master, 4096)
        except OSError:
            break  # nobody has the terminal any more, or `react` closed it
        if not new:
            break
        shown += new
        react(master, process.pid, shown.decode(errors="replace"))
    code = process.wait(timeout=180)
    with contextlib.suppress(OSError):  # where `react` has closed it
        os.close(master)
    return code, shown.decode(errors="replace")


_IN_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def screen(shown: str) -> list[str]:
    """The lines that are left on a wide enough screen after all of it was shown."""
    lines: list[list[str]] = [[]]
    column = 0
    for character in shown:
        if character == "\n":
            lines.append([])
        elif character == "\r":
            column = 0
        else:
            assert character.isprintable(), ascii(shown)
            line = lines[-1]
            line += [" "] * (column + 1 - len(line))
            line[column] = character
            column += 1
    return ["".join(line).rstrip() for line in lines]
