"""Standard output and error that are full, closed, or read by nobody."""

from typing import Any

import pytest

from tests.cli.helpers import Keepers

FOUND = '"$0" generate --subject "a red cat" --steps 2 --count 1 --seed 7'


@pytest.fixture(autouse=True)
def _one_image(keepers: Keepers, batch: dict[str, Any]) -> None:
    assert keepers.shell(FOUND).code == 0


def test_a_pipe_that_nobody_reads(untouched: Keepers) -> None:
    ran = untouched.shell(f'{FOUND} | head -0; exit "${{PIPESTATUS[0]}}"')
    assert ran.code in (0, 141)
    assert "Traceback" not in ran.err
    assert "Exception ignored" not in ran.err


def test_progress_that_nobody_reads_does_not_end_the_work(untouched: Keepers) -> None:
    ran = untouched.shell(f"{{ {FOUND} 2>&3 | cat; }} 3>&1 >&2 | head -0")
    assert "Traceback" not in ran.err
    assert ran.err.endswith(".png\n")


def test_a_full_disk_behind_standard_output(untouched: Keepers) -> None:
    for command in (FOUND, f"{FOUND} --json", '"$0" --help'):
        ran = untouched.shell(f"{command} >/dev/full")
        assert ran.code == 2
        assert "Traceback" not in ran.err
        assert ran.err.splitlines()[-1].startswith("keepers: ")
        assert "standard output" in ran.err


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_closed_streams_do_no_harm(untouched: Keepers, closed: str) -> None:
    ran = untouched.shell(f"{FOUND} {closed}")
    assert ran.code == 0
    assert "Traceback" not in ran.err
    assert untouched("generate", "--prompt", "nan", "--guidance", "nan").code == 2


def test_words_that_the_encoding_lacks_are_no_error(untouched: Keepers) -> None:
    plain = {"PYTHONIOENCODING": "ascii"}
    ran = untouched("generate", "--prompt", "x", "--width", "100", "--height", "100", env=plain)
    assert ran.code == 2
    assert "choose 96" in ran.sentence
