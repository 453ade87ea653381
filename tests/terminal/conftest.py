"""Pictures on disk, and the wall of views in a terminal that plays the outer one."""

import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.terminal.outer import OuterTerminal

ROOT = Path(__file__).parent.parent.parent
OpenWall = Callable[..., Any]


def painting(number: int, side: int = 400) -> Image.Image:
    """A picture with edges, slopes and far more than 256 colours; each number is another."""
    y, x = np.mgrid[0:side, 0:side] / side
    waves = [np.sin((5 + k + number) * x + (3 + k) * y) * 100 + 128 for k in range(3)]
    levels = np.stack(waves, -1)
    levels[(x - 0.5) ** 2 + (y - 0.4) ** 2 < 0.05] = (230, 30 * number % 256, 40)
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Nine pictures."""
    folder = tmp_path_factory.mktemp("paintings")
    paths = [folder / f"{number}.png" for number in range(9)]
    for number, path in enumerate(paths):
        painting(number).save(path)
    return paths


class WallTerminal(OuterTerminal):
    """The wall in its terminal."""

    log: Path

    def keys(self) -> list[str]:
        """Every key that reached the program."""
        return self.log.read_text().split() if self.log.exists() else []

    def all_shown(self, count: int, since: int = 0) -> None:
        """Wait until that many pictures were sent and placed."""
        self.until(lambda: sum(s.whole for s in self.uploads(since)) >= count, "no pictures")
        self.until(lambda: len(self.placed(since)) >= count, "no placeholders")
        self.until_quiet()

    def leave(self) -> None:
        """Leave the program, and wait until it has ended."""
        self.press(b"q")
        self.ended()


@pytest.fixture
def wall(tmp_path: Path) -> OpenWall:
    """`with wall(files, latency=0.4) as terminal:` directly in the terminal."""

    def opened(
        files: list[Path],
        config: dict[str, Any] | None = None,
        program: str = "wall",
        **options: Any,
    ) -> Any:
        log = tmp_path / "keys.log"
        terminal = WallTerminal(_command(log, config or {}, files, program), **options)
        terminal.log = log
        return terminal

    return opened


@pytest.fixture
def wall_in_tmux(tmp_path: Path) -> OpenWall:
    """The same inside tmux, with lines for its configuration; yields tmux's command too."""

    @contextmanager
    def opened(files: list[Path], lines: list[str], **options: Any) -> Iterator[Any]:
        log, config = tmp_path / "keys.log", tmp_path / "tmux.conf"
        config.write_text("\n".join(["set -s escape-time 10", *lines, ""]))
        name = f"keepers-{secrets.token_hex(4)}"
        command = ["tmux", "-L", name, "-f", str(config), "new-session", "-s", "wall"]

        def tmux(*arguments: str) -> str:
            process = subprocess.run(
                ["tmux", "-L", name, *arguments], capture_output=True, text=True
            )
            return process.stdout.strip()

        terminal = WallTerminal([*command, *_command(log, {}, files)], **options)
        terminal.log = log
        try:
            with terminal:
                yield terminal, tmux
        finally:
            tmux("kill-server")

    return opened


def _command(
    log: Path, config: dict[str, Any], files: list[Path], program: str = "wall"
) -> list[str]:
    path = f"import sys; sys.path.insert(0, {str(ROOT)!r})"
    code = f"{path}; from tests.terminal.{program} import main; main()"
    return [sys.executable, "-c", code, str(log), json.dumps(config), *map(str, files)]
