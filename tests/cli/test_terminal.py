"""Inside a terminal: one line that is redrawn, ctrl+c, and a terminal that goes away."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import Keepers, in_terminal, screen


@pytest.mark.parametrize(("columns", "seed"), [(80, 100), (24, 200)])
def test_progress_redraws_one_line_and_leaves_only_results(
    keepers: Keepers, batch: dict[str, Any], columns: int, seed: int
) -> None:
    code, shown = in_terminal(
        keepers, "generate", "--prompt", "progress", "--count", "2", "--steps", "4",
        "--seed", str(seed), columns=columns,
    )  # fmt: skip
    assert code == 0
    redrawn = [part for part in shown.replace("\n", "\r").split("\r") if part.startswith("[")]
    assert len(redrawn) >= 2
    assert all(len(part) < columns for part in redrawn)
    paths = [line for line in screen(shown) if line.startswith("/")]
    assert [Path(path).is_file() for path in paths] == [True, True]
    assert screen(shown) == [
        f"image 1: seed {seed} {paths[0]}",
        f"image 2: seed {seed + 1} {paths[1]}",
        *paths,
        "",
    ]


@pytest.mark.parametrize("terminal", ["dumb", ""])
def test_nothing_but_text_is_written_whatever_the_terminal(
    keepers: Keepers, batch: dict[str, Any], terminal: str
) -> None:
    _code, shown = in_terminal(keepers, "generate", "--model", "\x1b[2J", "--prompt", "x")
    assert screen(shown)[0].startswith("keepers: --model has characters that cannot be shown")
    code, shown = in_terminal(
        keepers, "generate", "--prompt", "progress", "--steps", "4", "--seed", "100",
        "--count", "1", env={"TERM": terminal, "NO_COLOR": "1"},
    )  # fmt: skip
    assert code == 0
    assert all(character.isprintable() or character in "\r\n" for character in shown)


def test_a_folder_with_control_characters_is_shown_without_them(
    keepers: Keepers, batch: dict[str, Any], tmp_path: Path
) -> None:
    code, shown = in_terminal(
        keepers, "generate", "--prompt", "progress", "--steps", "4", "--seed", "100",
        "--count", "1", "--out", f"{tmp_path}/a\x1b]0;title\x07b",
    )  # fmt: skip
    assert code == 0
    assert screen(shown)[-2].startswith(f"{tmp_path}/a ]0;title b/")


def test_ctrl_c_ends_the_job_and_keeps_what_is_finished(
    keepers: Keepers, batch: dict[str, Any]
) -> None:
    pressed: list[int] = []

    def press(terminal: int, _process: int, shown: str) -> None:
        if "image 1:" in shown and not pressed:
            pressed.append(os.write(terminal, b"\x03"))

    wish = ("generate", "--prompt", "cancelled", "--count", "40", "--steps", "3")
    code, shown = in_terminal(keepers, *wish, react=press)
    assert code == 130
    lines = screen(shown)
    assert lines[-2:] == ["keepers: cancelled; finished images are kept", ""]
    kept = [line.split(" ")[-1] for line in lines if line.startswith("image ")]
    assert 1 <= len(kept) < 40
    assert all(Path(path).is_file() for path in kept)
    # The worker ends its step before the job has ended; the next job comes after that.
    found = keepers("generate", "--prompt", "cancelled", "--count", "1", "--steps", "3", "--json")
    assert found.json["images"][0]["found"]
    assert keepers.waiting() == 0


def test_a_closed_terminal_ends_neither_the_job_nor_the_queue(
    keepers: Keepers, batch: dict[str, Any]
) -> None:
    def close(terminal: int, _process: int, shown: str) -> None:
        if "step 1/" in shown:
            os.close(terminal)

    wish = ("generate", "--prompt", "hang-up", "--count", "2", "--steps", "6")
    code, shown = in_terminal(keepers, *wish, react=close)
    assert code != 0
    assert "image" not in shown
    images = keepers(*wish, "--json").json["images"]
    assert [image["found"] for image in images] == [True, True]
