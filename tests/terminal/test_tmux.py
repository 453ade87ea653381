"""Kitty's pictures through tmux: tmux is asked, the terminal never; hidden and new terminals."""

import os
import subprocess
import sys
from pathlib import Path

from tests.terminal.conftest import OpenWall
from tests.terminal.outer import OuterTerminal
from tests.terminal.test_kitty import colours_of, is_sent, nothing_is_sent_again

PASSING = "set -g allow-passthrough on"
_SAYS = """
from tui.cli.picture_findings import picture_findings
for finding in picture_findings():
    print(finding.says, "→", finding.do)
"""


def test_pictures_pass_through_tmux_pixel_by_pixel(
    wall_in_tmux: OpenWall, files: list[Path]
) -> None:
    with wall_in_tmux(files[:4], [PASSING]) as (terminal, _tmux):
        terminal.all_shown(4)
        sent = terminal.uploads()
        assert len(sent) == 4
        assert all(any(is_sent(one, file) for one in sent) for file in files[:4])
        assert b"\x1b\x1b" not in terminal.bytes
        numbers = {one.number for one in sent}
        # This tmux does not hand on 24-bit colours: the numbers are of the 256.
        assert all(16 <= number <= 255 for number in numbers)
        assert terminal.placed() == colours_of(numbers, exact=False)
        assert not any(b"a=q" in query or b"16t" in query for query in terminal.queries)
        nothing_is_sent_again(terminal)
        terminal.leave()
        assert terminal.deleted() == numbers
        assert terminal.keys() == ["tab", "tab", "s", "m", "m", "r", "q"]


def test_with_24_bit_colours_numbers_are_longer(wall_in_tmux: OpenWall, files: list[Path]) -> None:
    lines = [PASSING, "set -as terminal-features ',*:RGB'"]
    with wall_in_tmux(files[:1], lines) as (terminal, _tmux):
        terminal.all_shown(1)
        (sent,) = terminal.uploads()
        assert sent.number > 0xFFFF
        assert terminal.placed() == colours_of({sent.number}, exact=True)


def test_what_comes_while_the_window_is_hidden_is_sent_when_it_is_seen(
    wall_in_tmux: OpenWall, files: list[Path]
) -> None:
    with wall_in_tmux(files[:1], [PASSING]) as (terminal, tmux):
        terminal.all_shown(1)
        terminal.until_quiet(1.0)  # what tmux said of the pane is believed for a second
        tmux("new-window")
        pane = "wall:0"
        tmux("send-keys", "-t", pane, "C-l")
        before = terminal.until_quiet()
        assert terminal.uploads(before) == []
        tmux("select-window", "-t", pane)
        terminal.until(lambda: terminal.uploads(before), "it was not sent")


def test_another_terminal_gets_all_pictures(wall_in_tmux: OpenWall, files: list[Path]) -> None:
    lines = [PASSING, "set -g focus-events on", "set -g detach-on-destroy on"]
    with wall_in_tmux(files[:1], lines) as (terminal, tmux):
        terminal.all_shown(1)
        tmux("detach-client")
        terminal.ended()
        socket = tmux("display-message", "-p", "#{socket_path}")
        with OuterTerminal(["tmux", "-S", socket, "attach", "-t", "wall"]) as other:
            # Real terminals tell that they have the focus when they are asked to tell.
            other.until(lambda: b"\x1b[?1004h" in other.bytes, "nobody asks for the focus")
            other.press(b"\x1b[O\x1b[I")
            other.until(lambda: other.uploads() and other.uploads()[0].whole, "no pictures")
            assert is_sent(other.uploads()[0], files[0])


def test_without_passing_through_there_are_blocks_and_the_line_that_helps(
    wall_in_tmux: OpenWall, files: list[Path], tmp_path: Path
) -> None:
    with wall_in_tmux(files[:1], ["set -g allow-passthrough off"]) as (terminal, tmux):
        terminal.until(lambda: "▀" in terminal.text() or "▄" in terminal.text(), "no blocks")
        assert terminal.commands() == []
        said = _doctor(tmux, tmp_path)
        assert "in blocks: tmux keeps sharp pictures from kitty(0.42.0)" in said
        assert "→ tmux set -p allow-passthrough on" in said
        tmux("set", "-g", "allow-passthrough", "on")
        said = _doctor(tmux, tmp_path)
        assert "pixel by pixel" in said
        assert "→ tmux set -as terminal-features ',xterm-256color:RGB'" in said
        assert "a cell has 10 × 20 pixels" in said
        assert "→ tmux set -g focus-events on" in said


def _doctor(tmux, home: Path) -> str:  # type: ignore[no-untyped-def]
    """What the doctor says of pictures inside that tmux."""
    socket, pane = tmux("display-message", "-p", "#{socket_path},#{pid},0|#{pane_id}").split("|")
    process = subprocess.run(
        [sys.executable, "-c", _SAYS],
        env=os.environ | {"TMUX": socket, "TMUX_PANE": pane, "KEEPERS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout
