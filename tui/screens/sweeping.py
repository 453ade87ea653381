"""Step 4: from an element, or another sweep, to the screen of a sweep."""

from tui.domain.intent import InvalidIntentError
from tui.domain.sweep import Sweep, SweepError
from tui.screens.frame import FrameScreen
from tui.screens.sending import REFUSALS, refuse
from tui.screens.sweep_form import SweepFormScreen
from tui.workflow.elements import Row
from tui.workflow.rounds import GuardError
from tui.workflow.sweep_draft import AGAIN, OPEN, again_here, draft_of, known_sweep

SWEEP_REFUSALS = (SweepError, *REFUSALS)
"""What can keep a sweep from going on; each says in a sentence what to do."""


def sweep_element(screen: FrameScreen, row: Row) -> None:
    """Open the sweep of an element, or ask for the values of a new one."""
    try:
        draft = draft_of(screen.workspace, row)
    except (GuardError, InvalidIntentError) as error:
        refuse(screen, error)
        return
    known = known_sweep(screen.workspace, draft)
    if known is not None:
        _show(screen, known.id)
    else:
        ask_values(screen, draft, row)


def ask_values(
    screen: FrameScreen, draft: Sweep, under: Row | None = None, sweep_id: str | None = None
) -> None:
    """Ask what a sweep should try, and start it, or open another one that is chosen there.

    Args:
        screen: where it is asked.
        draft: what is offered.
        under: the row under the cursor, for phrases that this parent does not have.
        sweep_id: the sweep that gets these values; a new one by default.
    """

    def take(answer: Sweep | str | None) -> None:
        if isinstance(answer, Sweep):
            project = screen.workspace.project.id
            record = screen.workspace.store.sweeps.put(project, answer, sweep_id=sweep_id)
            _show(screen, record.id, start=True)
        elif answer is not None:
            take_chosen(screen, answer, under)

    screen.app.push_screen(SweepFormScreen(draft), take)


def take_chosen(screen: FrameScreen, chosen: str, under: Row | None) -> None:
    """A row of `listed`: open that sweep, or run it again from the chosen parent."""
    if chosen.startswith(OPEN):
        _show(screen, chosen.removeprefix(OPEN))
        return
    workspace = screen.workspace
    try:
        other = workspace.store.sweeps.get(chosen.removeprefix(AGAIN)).sweep
        draft = again_here(workspace, other, under)
    except SWEEP_REFUSALS as error:
        refuse(screen, error)
        return
    known = known_sweep(workspace, draft)
    ask_values(screen, draft, under, None if known is None else known.id)


def _show(screen: FrameScreen, sweep_id: str, *, start: bool = False) -> None:
    from tui.screens.sweep import SweepScreen

    if isinstance(screen, SweepScreen):
        screen.change_to(sweep_id, start=start)
    else:
        screen.app.push_screen(SweepScreen(sweep_id, start=start))
