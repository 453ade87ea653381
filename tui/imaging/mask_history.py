"""Undo and redo of a mask, exact to the bit, and small in memory."""

import zlib

import numpy as np

from tui.imaging.pixels import Levels

MOST_STEPS = 200
"""Steps that can be taken back; older ones are forgotten."""


class MaskHistory:
    """Every mask that there was, with a place in the row of them."""

    def __init__(self, mask: Levels) -> None:
        self._shape = mask.shape
        self._states = [_packed(mask)]
        self._at = 0
        self._mask = _frozen(mask)
        self.changes = 0
        """How often the mask was another one; what is drawn from it can be kept by this."""

    @property
    def mask(self) -> Levels:
        """The mask as it is now; it cannot be written to."""
        return self._mask

    @property
    def can_undo(self) -> bool:
        """Whether there is a mask before this one."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether an undo can be taken back."""
        return self._at < len(self._states) - 1

    def push(self, mask: Levels, *, amend: bool = False) -> bool:
        """Another mask of the same size; what was undone is forgotten.

        Args:
            mask: It is copied.
            amend: It takes the place of the last one, as a brush stroke that goes on.

        Returns whether it differs: the same mask again is no step.
        """
        if mask.shape != self._shape:
            raise ValueError(f"the mask was {self._shape}, not {mask.shape}")
        if np.array_equal(mask, self._mask):
            return False
        kept = self._states[: self._at + (not (amend and self._at))]
        self._states = [*kept, _packed(mask)][-MOST_STEPS - 1 :]
        self._at = len(self._states) - 1
        self._mask = _frozen(mask)
        self.changes += 1
        return True

    def undo(self) -> bool:
        """Back to the mask before; False where there is none."""
        return self._go(self._at - 1)

    def redo(self) -> bool:
        """Take an undo back; False where there was none."""
        return self._go(self._at + 1)

    def _go(self, to: int) -> bool:
        if not 0 <= to < len(self._states):
            return False
        self._at = to
        self.changes += 1
        flat = np.frombuffer(zlib.decompress(self._states[to]), np.uint8)
        self._mask = _frozen(flat.reshape(self._shape))
        return True


def _packed(mask: Levels) -> bytes:
    return zlib.compress(np.ascontiguousarray(mask).tobytes(), 1)


def _frozen(mask: Levels) -> Levels:
    copy = mask.copy()
    copy.flags.writeable = False
    return copy
