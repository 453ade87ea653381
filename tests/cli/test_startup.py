"""Help and version are there at once; a defect of ours ends in one sentence."""

import io
import json
import stat
from collections.abc import Iterator
from contextlib import redirect_stderr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.helpers import Keepers
from tui.cli.main import main
from tui.cli.output import harmless, tell

HEAVY = ("torch", "diffusers", "transformers", "numpy", "PIL", "cv2", "textual")


@pytest.mark.parametrize(
    "args", [["--version"], ["--help"], ["-h"], ["generate", "--help"], ["engine", "--help"]]
)
def test_help_and_version_load_nothing_heavy(elsewhere: Keepers, args: list[str]) -> None:
    code = (
        "import json, sys\n"
        "from tui.cli.main import main\n"
        "try:\n    main(json.loads(sys.argv[1]))\n"
        "except SystemExit as left:\n    code = left.code\n"
        "print(json.dumps([code, sorted(sys.modules)]))"
    )
    ran = elsewhere.python(code, json.dumps(args))
    *shown, last = ran.out.splitlines()
    code, modules = json.loads(last)
    assert code == 0
    assert shown
    assert [name for name in HEAVY if name in modules] == []
    assert not elsewhere.root.exists()


def test_version_is_one_line(elsewhere: Keepers) -> None:
    import tui

    assert elsewhere("--version").out == f"keepers {tui.__version__}\n"


def test_help_names_every_command_and_stays_as_click_writes_it(elsewhere: Keepers) -> None:
    ran = elsewhere("--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: keepers [OPTIONS]")
    for name in ("doctor", "engine", "generate", "inpaint", "recipe", "rerun"):
        assert f"  {name} " in ran.out


DEFECT = (
    "import tui.imaging.metadata as metadata\n"
    "def broken(path):\n    raise ZeroDivisionError('over\\n\\x1b[2J zero')\n"
    "metadata.read_provenance = broken\n"
    "from tui.cli.main import main\n"
    "main(['recipe', 'x.png'])"
)


def test_a_defect_is_one_sentence_and_a_traceback_in_a_log(elsewhere: Keepers) -> None:
    log = elsewhere.root / "log" / "cli.log"
    for _ in range(2):
        ran = elsewhere.python(DEFECT)
        assert (ran.code, ran.out) == (70, "")
        assert "ZeroDivisionError: over" in ran.sentence
        assert str(log) in ran.sentence
    story = log.read_text()
    assert story.count("ZeroDivisionError: over") == 2
    assert "in broken" in story
    assert story.replace("\n", "").isprintable()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_log_of_defects_does_not_grow_for_ever(elsewhere: Keepers) -> None:
    log = elsewhere.root / "log" / "cli.log"
    log.parent.mkdir(parents=True)
    log.write_text("x" * 2_000_000)
    assert elsewhere.python(DEFECT).code == 70
    assert log.stat().st_size < 100_000
    assert "ZeroDivisionError" in log.read_text()


def test_a_defect_without_a_place_for_its_log(elsewhere: Keepers) -> None:
    elsewhere.root.write_text("a file in the way")
    ran = elsewhere.python(DEFECT)
    assert (ran.code, ran.out) == (70, "")
    assert "no log of it could be kept" in ran.sentence
    assert "line 3" in ran.sentence


# What a shell can pass: bytes that are not UTF-8 arrive as lone surrogates.
arguments = st.binary(min_size=1, max_size=200).map(
    lambda raw: raw.replace(b"\0", b"").decode("utf-8", "surrogateescape")
) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=200
)


@pytest.fixture(scope="module")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEEPERS_HOME", str(tmp_path_factory.mktemp("own")))
        yield


def _one_line(args: list[str]) -> None:
    shown = io.StringIO()
    with redirect_stderr(shown), pytest.raises(SystemExit) as left:
        main(args)
    assert left.value.code == 2
    line = shown.getvalue()
    assert line.startswith("keepers: ")
    assert line.endswith("\n")
    assert line[:-1].isprintable()


@pytest.mark.usefixtures("_own_home")
@settings(deadline=None, max_examples=50)
@given(arguments)
def test_any_argument_that_is_wrong_is_one_line(text: str) -> None:
    _one_line(["recipe", f"/no such folder/{text}"])
    _one_line([f"no such command {text}"])
    _one_line(["generate", f"--no-such-option{text}"])
    _one_line(["generate", "--prompt", "x", "--seed", f"x{text}"])
    _one_line(["generate", "--prompt", "x", "--scheduler", f"no such {text}"])
    _one_line(["generate", "--prompt", "x", "--model", f"/no such folder/{text}"])


@settings(deadline=None)
@given(arguments)
def test_what_is_told_is_always_one_harmless_line(text: str) -> None:
    shown = io.StringIO()
    with redirect_stderr(shown):
        tell(text)
    assert shown.getvalue().count("\n") == 1
    assert shown.getvalue()[:-1].isprintable()
    assert harmless(text).isprintable()


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    assert harmless(text) == text
