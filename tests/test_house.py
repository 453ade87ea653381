"""Format, lint, types and import contracts: one command for everything."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "format", "--check", "."),
        ("ruff", "check", "."),
        ("mypy",),
        ("lint-imports",),
    ],
    ids=["format", "lint", "types", "imports"],
)
def test_house_rules_hold(command: tuple[str, ...]) -> None:
    process = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stdout + process.stderr


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "tui").rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 320
    }
    assert long == {}


def test_the_readme_names_every_command() -> None:
    from tui.cli.main import main

    readme = (ROOT / "README.md").read_text()
    assert [name for name in main.list_commands(None) if f"keepers {name}" not in readme] == []  # type: ignore[arg-type]
