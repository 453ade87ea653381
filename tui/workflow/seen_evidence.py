"""Step 6: what was read in the picture, and the faces found in it, held against what was wanted.

“It reads X; the brief asks for Y: look.” Evidence, never a verdict: programs read what is not
there, miss what is, and put right what is misspelt.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tui.checks.answers import Check, CheckError, MissingError
from tui.domain.check import CheckItem
from tui.domain.found import Area, Findings
from tui.domain.lettering import Match, asked_by, avoided_by, matched, names_text, quoted
from tui.workflow.evidence import Evidence, Facts

UNSURE = 0.8
"""Under it, what was read is told with a “may”."""
_MOST_TOLD = 3


class _Wanted(NamedTuple):
    """Texts that are asked for, and by what."""

    by: str
    texts: tuple[str, ...]


def with_seen(
    said: Mapping[str, Evidence],
    facts: Facts,
    items: tuple[CheckItem, ...],
    check: Check,
    seen: Findings | CheckError,
) -> dict[str, Evidence]:
    """All evidence, with what one check has found, or why it found nothing.

    Args:
        said: the evidence so far.
        facts: what is known of the image.
        items: the items of the check.
        check: which check it was.
        seen: what it found, or what it says instead.
    """
    result = dict(said)
    if isinstance(seen, CheckError):
        before = said.get(check.value, Evidence(""))
        # What is not installed is told once; what went wrong needs a person's own eyes.
        why = f"{seen}" if isinstance(seen, MissingError) else f"{seen}: look yourself"
        result[check.value] = before._replace(says=f"{before.says}; {why}".lstrip("; "))
        return result
    if check is Check.FACES:
        result["faces"] = _of_faces(said.get("faces", Evidence("")), seen.areas)
        return result
    for item in items:
        kind, _, _number = item.id.partition("-")
        point, before = item.question.partition(": ")[2], said.get(item.id, Evidence(""))
        if kind == "text":
            marked = before if "text" in facts.flaws else Evidence("")
            result[item.id] = _before(marked, _of_text(facts, seen.areas))
        elif kind == "must" and quoted(point):
            asked = _Wanted("the brief", quoted(point))
            result[item.id] = _before(_of_asked(asked, seen.areas), before)
        elif kind == "avoid" and (quoted(point) or names_text(point)):
            result[item.id] = _before(
                _of_avoided(quoted(point), seen.areas), before._replace(look=False)
            )
    return result


def _before(first: Evidence, second: Evidence) -> Evidence:
    says = "; ".join(said for said in (first.says, second.says) if said)
    return Evidence(says, first.look or second.look, first.areas or second.areas)


def _of_faces(before: Evidence, faces: tuple[Area, ...]) -> Evidence:
    if not faces:
        return before._replace(says=f"{before.says}; no face found".lstrip("; "))
    smallest = min(min(face.size) for face in faces)
    how = f"{smallest} px wide" if len(faces) == 1 else f"the smallest {smallest} px wide"
    count = "1 face" if len(faces) == 1 else f"{len(faces)} faces"
    words = f"; {before.says}" if before.look else ""
    return Evidence(f"{count} found, {how}{words}", look=True, areas=faces)


def _of_text(facts: Facts, read: tuple[Area, ...]) -> Evidence:
    """Of the item about text: all that is asked for, and all that is read."""
    brief = facts.brief
    wanted = _Wanted("the brief", asked_by(brief))
    if not wanted.texts:
        wanted = _Wanted("the prompt", quoted(facts.words))
    if wanted.texts:
        return _of_asked(wanted, read, rest=True)
    if not read:
        return Evidence("it reads nothing; no text is asked for")
    told = _told(read)
    if avoided_by(brief) or any(map(names_text, brief.must_avoid)):
        return Evidence(f"{told}; the brief avoids text", look=True, areas=read)
    return Evidence(f"{told}; the brief asks for none", look=True, areas=read)


def _of_asked(wanted: _Wanted, read: tuple[Area, ...], *, rest: bool = False) -> Evidence:
    lines = [area.text for area in read]
    found = [matched(text, lines) for text in wanted.texts]
    used = {line for match in found for line in match.lines}
    unasked = [area for at, area in enumerate(read) if at not in used] if rest else []
    parts = [_in_words(match, wanted.by) for match in found]
    if not read:
        parts = [f"it reads nothing; {wanted.by} asks for " + _listed(wanted.texts)]
    elif unasked:
        parts.append(f"{_told(tuple(unasked))}, which nothing asks for")
    wrong = {line for match in found if not match.same for line in match.lines}
    suspects = [area for at, area in enumerate(read) if at in wrong or area in unasked]
    look = bool(suspects) or not all(match.same for match in found)
    right = [area for at, area in enumerate(read) if at in used]
    return Evidence("; ".join(parts), look, tuple(suspects or right))


def _in_words(match: Match, by: str) -> str:
    if not match.read:
        return f"it does not read “{match.asked}”, which {by} asks for"
    if match.same:
        return f"it reads “{match.read}”, as {by} asks"
    return f"it reads “{match.read}”; {by} asks for “{match.asked}”"


def _of_avoided(texts: tuple[str, ...], read: tuple[Area, ...]) -> Evidence:
    """Of a point to avoid: these texts, or any at all."""
    there = tuple(dict.fromkeys(_avoided(texts, read))) if texts else read
    if not there:
        return Evidence("it reads none of it")
    return Evidence(f"{_told(there)}; the brief avoids it", look=True, areas=there)


def _avoided(texts: tuple[str, ...], read: tuple[Area, ...]) -> Iterator[Area]:
    lines = [area.text for area in read]
    for text in texts:
        for line in sorted(matched(text, lines).lines):
            yield read[line]


def _told(read: tuple[Area, ...]) -> str:
    may = "may read" if all(area.sure < UNSURE for area in read) else "reads"
    return f"it {may} " + _listed(tuple(area.text for area in read))


def _listed(texts: tuple[str, ...]) -> str:
    told = ", ".join(f"“{text}”" for text in texts[:_MOST_TOLD])
    more = len(texts) - _MOST_TOLD
    return f"{told} and {more} more" if more > 0 else told
