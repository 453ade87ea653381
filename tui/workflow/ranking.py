"""Step 3: the tournament that ranks a batch: its answers on disk, and how it stands in words."""

from collections.abc import Mapping

from tui.domain.brief import Brief
from tui.domain.candidate import Closeness, Marks
from tui.domain.text import clean
from tui.domain.tournament import Closer, Comparison, Standing, standing
from tui.workflow.workspace import Workspace


def standing_of(workspace: Workspace, said: Mapping[str, Marks]) -> Standing:
    """How the pictures of a batch stand that are not rejected.

    Args:
        workspace: the open project.
        said: the marks of the batch's images by their ids, in the order of the batch.
    """
    candidates = (one for one, marks in said.items() if marks.closeness is not Closeness.REJECTED)
    return standing(candidates, _answers(workspace, said))


def answer(workspace: Workspace, pair: tuple[str, str], closer: Closer) -> None:
    """Keep which of two images is closer.

    Raises:
        StoreError: the disk refuses.
    """
    workspace.store.comparisons.add(workspace.project.id, Comparison(*pair, closer))


def take_back(workspace: Workspace, said: Mapping[str, Marks]) -> Comparison | None:
    """Take the last answer about images of a batch back; None where there is none.

    Raises:
        StoreError: the disk refuses.
    """
    answers = _answers(workspace, said)
    if not answers:
        return None
    workspace.store.comparisons.delete(workspace.project.id, answers[-1])
    return answers[-1]


def places(workspace: Workspace, said: Mapping[str, Marks]) -> dict[str, str]:
    """`1st`, or `=1st` where several are as good, by image id; nothing before all are ranked."""
    if not _answers(workspace, said):
        return {}
    found = standing_of(workspace, said)
    if found.pair is not None or len(found.places) < 2:
        return {}
    shared = {one for together in found.ranking if len(together) > 1 for one in together}
    return {
        one: f"{'=' if one in shared else ''}{_ordinal(place)}"
        for one, place in found.places.items()
    }


def question_line(found: Standing) -> str:
    """`Question 3 of at most 5: which is closer?`."""
    return f"Question {found.asked + 1} of at most {found.at_most}: which is closer?"


def ranking_line(found: Standing, numbers: Mapping[str, int]) -> str:
    """`The closest first: 2, 1 = 4, 3`, by the numbers of the pictures in their batch."""
    groups = (" = ".join(str(numbers[one]) for one in group) for group in found.ranking)
    return f"The closest first: {', '.join(groups)}"


def question(brief: Brief) -> str:
    """What the pictures are held against, and how to answer."""
    purpose = clean(brief.purpose, limit=70)
    wanted = f"“{purpose}”" if purpose else "what the brief asks"
    return f"Which is closer to {wanted}? h left, l right, = no difference."


def what_now(found: Standing) -> str:
    """What to do with a ranking."""
    first = found.ranking[0] if found.ranking else ()
    if len(first) > 1:
        return f"{len(first)} are equally close: h l choose, space marks one and goes back."
    return "space marks the first as closest and goes back, u takes the last answer back."


def _answers(workspace: Workspace, said: Mapping[str, Marks]) -> tuple[Comparison, ...]:
    given = workspace.store.comparisons.list(workspace.project.id)
    return tuple(each for each in given if each.left in said and each.right in said)


def _ordinal(place: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{'th' if place % 100 in (11, 12, 13) else ending}"
