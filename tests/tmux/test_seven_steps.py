"""From an empty home to an exported, saved keeper: raw bytes through tmux's defaults."""

import asyncio
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.tmux.terminal import TmuxTerminal
from tui.engine.supervisor import stop_engine
from tui.imaging.metadata import read_provenance
from tui.imaging.pixels import open_picture, to_array
from tui.store.images import ImageRecord
from tui.store.paths import Home, find_home
from tui.store.store import open_store

KEEPERS = str(Path(sys.executable).parent / "keepers")
CTRL_C, CTRL_N, CTRL_U, ESCAPE, ENTER, TAB = b"\x03", b"\x0e", b"\x15", b"\x1b", b"\r", b"\t"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("KEEPERS_HOME", str(tmp_path / "home"))
    return find_home()


@pytest.mark.parametrize("size", [(80, 24), (170, 50)], ids=["80x24", "170x50"])
def test_an_idea_becomes_a_keeper(home: Home, tmp_path: Path, size: tuple[int, int]) -> None:
    columns, rows = size
    work = tmp_path / "work"
    work.mkdir()
    env = {"KEEPERS_HOME": str(home.data.parent), "PWD": str(work)}
    command = ["-c", str(work), KEEPERS]
    home.settings_file.parent.mkdir(parents=True)
    home.settings_file.write_text('viewer = "ls"\n', encoding="utf-8")
    try:
        with TmuxTerminal(command, env, columns=columns, rows=rows) as terminal:
            write_brief(terminal)
            write_prompt(terminal)
            judge_batch(terminal)
            look_elsewhere(terminal)
            terminal.send(b">")
            change_one_thing(terminal)
            repair_an_area(terminal)
            sign_off_and_export(terminal)
            save_and_leave(terminal)
        assert_kept(home, work)
    finally:
        asyncio.run(stop_engine(home))


def write_brief(terminal: TmuxTerminal) -> None:
    terminal.wait_for("[1 Brief]", "typing")
    terminal.send(b"Robot for the jobs page")
    terminal.wait_for("Robot for the jobs page")
    terminal.send(CTRL_N)


def write_prompt(terminal: TmuxTerminal) -> None:
    terminal.wait_for("[2 Prompt]", "commanding")
    terminal.send(ENTER)
    terminal.wait_for("typing")
    terminal.send(b"robot face" + TAB + b"3d render" + TAB + b"centered" + TAB + b"teal background")
    terminal.wait_for("robot face, 3d render, centered, teal background", "of 38 tokens")
    # A letter right behind Esc reaches the program as one alt+letter; it must still count.
    terminal.send(ESCAPE + b"o")
    terminal.wait_for("Scheduler", "S random seed")
    terminal.send(ENTER + CTRL_U + b"2" + ENTER + b"jj" + ENTER + CTRL_U + b"4" + ENTER + b"q")
    terminal.wait_for("2 images", "4 steps")
    terminal.send(b"g")


def judge_batch(terminal: TmuxTerminal) -> None:
    terminal.wait_for("[3 Batch]", "Mark the closest")
    terminal.send(b"l ")
    terminal.wait_for("closest")
    terminal.send(b"h" + b"f")
    terminal.wait_for("off-brief")
    terminal.send(b"colour" + ENTER)
    terminal.wait_for("colour")


def look_elsewhere(terminal: TmuxTerminal) -> None:
    terminal.send(b"O")
    terminal.wait_for(".png", "enter: back to Keepers")
    terminal.send(ENTER)
    terminal.wait_for("[3 Batch]", "− colour")


def change_one_thing(terminal: TmuxTerminal) -> None:
    terminal.wait_for("[4 Iterate]", "Parent, seed 8", "robot face")
    terminal.send(b"jj" + ENTER)
    terminal.wait_for("Change the style")
    terminal.send(CTRL_U + b"flat illustration" + ENTER)
    terminal.wait_for("Will change: style", "+ flat illustration")
    terminal.send(b"jj" + ENTER)
    terminal.wait_for("Change the composition")
    terminal.send(CTRL_U + b"close-up" + ENTER)
    terminal.wait_for("2 things differ")
    terminal.send(b"u")
    terminal.wait_for("Will change: style", "centered")
    terminal.send(b"g")
    terminal.wait_for("effect 0.", "Compare with b")
    terminal.send(b"+")
    terminal.wait_for("[+ better]")
    terminal.send(b" ")
    terminal.wait_for("The child is the parent now")
    terminal.send(b">")


def repair_an_area(terminal: TmuxTerminal) -> None:
    terminal.wait_for("[5 Edit]", "Mask  empty")
    terminal.send(b"w")
    terminal.wait_for("masking")
    terminal.send(b"v20l20j" + ENTER)
    terminal.wait_for("21 × 21 px")
    moving_leaves_no_trace(terminal)
    terminal.send(ESCAPE)
    terminal.wait_for("commanding")
    terminal.send(ENTER)
    terminal.wait_for("typing")
    terminal.send(b"smiling face" + ENTER)
    terminal.wait_for("commanding", "smiling face")
    terminal.send(b"g")
    terminal.wait_for("result 1, seed")
    terminal.send(ENTER)
    terminal.wait_without("result 1, seed")
    terminal.send(b">")


def moving_leaves_no_trace(terminal: TmuxTerminal) -> None:
    """Each press writes only the lines that it changes: that must be all that it changes."""
    terminal.send(b"?")
    terminal.wait_for("Move the cursor up.")
    terminal.send(ESCAPE)
    terminal.wait_without("Move the cursor up.")
    # A notice that goes by itself would be a trace, too.
    terminal.wait_without("The child is the parent now")
    whole = terminal.colours()
    terminal.send(b"v30l40j")
    terminal.wait_for("o other corner")
    terminal.send(ESCAPE)
    terminal.wait_for("v V box")
    terminal.send(b"30h40k")
    terminal.wait_for_colours(whole)


def sign_off_and_export(terminal: TmuxTerminal) -> None:
    terminal.wait_for("[6 Check]", "signed off 0 of 3")
    terminal.send(b" ")
    terminal.wait_for("signed off 1 of 3")
    terminal.send(b" ")
    terminal.wait_for("signed off 2 of 3")
    terminal.send(b" ")
    terminal.wait_for("signed off 3 of 3")
    terminal.send(b"e")
    terminal.wait_for("Format", "e writes the file")
    terminal.send(b"e")
    terminal.wait_for("Written to")
    terminal.send(b"q")
    terminal.wait_for("[6 Check]", "commanding")
    terminal.send(b">")


def save_and_leave(terminal: TmuxTerminal) -> None:
    terminal.wait_for("[7 Save]", "From round 3")
    terminal.send(b"K")
    terminal.wait_for("In the library: 1")
    terminal.send(b"L")
    terminal.wait_for("1 of 1", "Robot for the jobs page")
    terminal.send(b"r")
    terminal.wait_for("[1 Brief]")
    terminal.send(CTRL_C)
    terminal.wait_for("Leave Keepers?")
    terminal.send(b"y")
    terminal.wait_until_gone()


def assert_kept(home: Home, work: Path) -> None:
    exported = work / "robot-for-the-jobs-page.png"
    with open_store(home) as store:
        (entry,) = store.library.list()
        names = [project.name for project in store.projects.list()]
        project = store.projects.get(entry.project_id or "")
        images = {image.id: image for image in store.images.list(project.id)}
        kept = images[entry.image_id]
        assert read_provenance(exported).image == kept.id
        assert len(names) == 2
        line = lineage(images, kept)
        assert [image.origin for image in line] == ["inpainted", "iterated", "generated"]
        assert [image.seed for image in line][1:] == [8, 8]
        first, second, third = (store.rounds.for_job(image.job_id or "") for image in line[::-1])
        assert first is not None
        assert second is not None
        assert third is not None
        (change,) = second.changes
        assert str(change) == "style: 3d render → flat illustration"
        assert second.verdict == "better"
        before, after = (to_array(open_picture(store.images.file(i))) for i in (line[1], kept))
        changed = np.argwhere((before != after).any(axis=2))
        assert 0 < len(changed) <= 21 * 21
        assert (changed.max(axis=0) - changed.min(axis=0)).max() <= 20
        assert store.marks.list(project.id)


def lineage(images: dict[str, ImageRecord], image: ImageRecord) -> list[ImageRecord]:
    line = [image]
    while line[-1].parent_id:
        line.append(images[line[-1].parent_id])
    return line
