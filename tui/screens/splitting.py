"""Step 4: several changes taken apart, each into a round of its own."""

from collections.abc import Callable

from tui.domain.change import Element
from tui.screens.frame import FrameScreen
from tui.screens.pick import PickScreen
from tui.screens.sending import refuse
from tui.workflow.parents import differences
from tui.workflow.rounds import GuardError
from tui.workflow.splitting import give_up, split, take, waiting

_NONE = "none"


def split_changes(screen: FrameScreen, then: Callable[[], None]) -> None:
    """Ask which change is drawn first, or which of those that wait comes next."""
    workspace = screen.workspace
    found, later = differences(workspace), waiting(workspace)
    if len(found) < 2 and not later:
        screen.notify("Nothing to split: fewer than two things differ.", markup=False)
        return
    if found and later and len(found) < 2:
        screen.notify("One change is on its way: draw it with g, or put it back.", markup=False)
        return
    offered = found or later

    def chosen(answer: str | None) -> None:
        if answer is None:
            return
        if answer == _NONE:
            give_up(workspace)
        else:
            _choose(screen, offered[int(answer)], is_first=bool(found))
        then()

    rows = [(str(number), str(element)) for number, element in enumerate(offered)]
    if not found:
        rows.append((_NONE, "none of them: forget what waits"))
    title = "Which change first? The others wait" if found else "Which change next?"
    screen.app.push_screen(PickScreen(title, rows), chosen)


def _choose(screen: FrameScreen, element: Element, *, is_first: bool) -> None:
    try:
        (split if is_first else take)(screen.workspace, element)
    except GuardError as error:
        refuse(screen, error)
        return
    left = len(waiting(screen.workspace))
    screen.notify(f"{element}. {left} more wait for their round.", markup=False)
