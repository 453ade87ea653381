"""Taking changes of the layers back, step by step; and back to what the parent was made with."""

from tui.domain.prompt import Layers
from tui.workflow.elements import put_back
from tui.workflow.parents import differences
from tui.workflow.workspace import Workspace

_MOST = 50


class LayerUndo:
    """The layers as they were before each change of this visit."""

    def __init__(self) -> None:
        self._past: list[Layers] = []

    def note(self, before: Layers) -> None:
        """Remember the layers as they are before a change."""
        if not self._past or self._past[-1] != before:
            self._past = [*self._past[1 - _MOST :], before]

    def back(self, now: Layers) -> Layers | None:
        """The last layers that were not these; None when there are none."""
        while self._past:
            before = self._past.pop()
            if before.cleaned() != now.cleaned():
                return before
        return None


def put_last_back(workspace: Workspace) -> str:
    """Put the last difference from the parent back; says which, or nothing without one."""
    found = differences(workspace)
    if not found:
        return ""
    put_back(workspace, found[-1])
    return str(found[-1])
