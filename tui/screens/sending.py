"""Sending a plan to the engine from a screen; every refusal is said in its own words."""

import asyncio
from collections.abc import Callable

from tui.domain.intent import InvalidIntentError
from tui.domain.text import as_sentence
from tui.engine.client import RefusedError
from tui.engine.messages import JobView
from tui.imaging.errors import ImagingError
from tui.screens.frame import FrameScreen
from tui.store.errors import StoreError
from tui.workflow.link import NoEngineError
from tui.workflow.rounds import GuardError, Plan, send

REFUSALS = (
    GuardError,
    InvalidIntentError,
    ImagingError,
    NoEngineError,
    RefusedError,
    StoreError,
)
"""What can keep a batch from being made; each says in a sentence what to do."""


def refuse(screen: FrameScreen, error: Exception, *, seconds: float = 10) -> None:
    """Say why not, for that long."""
    sentence = as_sentence(str(error))
    screen.notify(sentence, severity="warning", markup=False, timeout=seconds)


async def send_plan(
    screen: FrameScreen, make: Callable[[], Plan], expectation: str = ""
) -> JobView | None:
    """Make a plan off the event loop and queue it; None when it was refused, which was said."""
    try:
        plan = await asyncio.to_thread(make)
        return await send(screen.workspace, screen.link, plan, expectation)
    except REFUSALS as error:
        refuse(screen, error)
        return None
