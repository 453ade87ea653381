"""A round: one batch, why it was made, and what the person found when it was done."""

from enum import StrEnum

import msgspec

from tui.domain.change import Element


class RoundKind(StrEnum):
    """Why a batch was made."""

    FIRST = "first"
    MORE = "more"
    """The same again, with other seeds."""
    CHANGE = "change"
    """One element differs from the parent."""
    REWRITE = "rewrite"
    """Back at the prompt, because no result was close."""
    INPAINT = "inpaint"
    """One image in Edit: an area painted anew, or all of it enlarged."""


class Verdict(StrEnum):
    """What a person found when the round was done."""

    OPEN = ""
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


class Round(msgspec.Struct, frozen=True):
    """One round as it is stored."""

    id: str
    project_id: str
    job_id: str
    parent_image_id: str | None
    kind: RoundKind
    changes: tuple[Element, ...]
    """What differs from the parent, or from the batch before; empty where nothing does."""
    expectation: str
    """What the person thought would happen, before it did."""
    verdict: Verdict
    learned: str
    """What the change did, in the person's words."""
    created: float
    """Seconds since 1970."""
    amount: float | None = None
    """How much the change did, mean distance in OKLab; None until it was measured."""
    region: str = ""
    """Where it showed, in words."""

    @property
    def teaches(self) -> bool:
        """Whether it says something about cause: one change, from a parent, that was judged.

        A rewrite changes several things at once; of the rest nobody knows what did it.
        """
        judged = self.kind is RoundKind.CHANGE and self.verdict is not Verdict.OPEN
        return judged and len(self.changes) == 1
