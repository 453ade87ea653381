"""Step 4: how much of a parent may change. Its first steps are kept, the rest is drawn anew."""

from enum import StrEnum

import msgspec

from tui.domain.prompt import Layers

UNSET = msgspec.UNSET

MOST_BRANCHES = 8
"""Branches of branches; the amounts of one number of steps make at most three."""


class Amount(StrEnum):
    """How much of a parent may change, in the person's words."""

    ALL = "all"
    MOST = "most"
    SOME = "some"
    LITTLE = "little"


_QUARTERS = {Amount.ALL: 0, Amount.MOST: 1, Amount.SOME: 2, Amount.LITTLE: 3}


class Branch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The wish whose first steps an image begins with: its parent's.

    Only what may differ from the parent is told. Model, size, scheduler, seed and number of steps
    are the image's own: with any other of these no step of a parent could be taken over.
    """

    step: int
    """Steps of the parent that are kept, from 1."""
    layers: Layers
    """The parent's."""
    guidance: float
    """The parent's."""
    branch: "Branch | msgspec.UnsetType" = UNSET
    """What the parent itself began with; at an earlier step than this one."""

    def cleaned(self) -> "Branch":
        """The branch in the one form that equal wishes share."""
        return msgspec.structs.replace(
            self,
            layers=self.layers.cleaned(),
            guidance=rounded(self.guidance),
            branch=self.branch.cleaned() if isinstance(self.branch, Branch) else UNSET,
        )


def first_steps(amount: Amount, steps: int) -> int:
    """How many of a parent's steps a child keeps; 0 where it is drawn in full."""
    return steps * _QUARTERS[amount] // 4


def branch_steps(steps: int) -> tuple[int, ...]:
    """The steps at which children can branch off, each once, in order."""
    return tuple(sorted({first_steps(amount, steps) for amount in Amount} - {0}))


def rounded(value: float) -> float:
    """To four places, and -0.0 as 0.0: one form for equal numbers."""
    return round(float(value), 4) + 0.0
