"""What is worth a notice stays on the terminal; what merely passes is overwritten."""

import os
from contextlib import redirect_stderr

import pytest

from tests.cli.helpers import screen
from tui.cli.progress import Progress
from tui.engine.messages import JobSays, StepDone


@pytest.mark.parametrize("is_trouble", [True, False])
def test_trouble_stays_and_the_rest_passes(is_trouble: bool) -> None:
    controller, terminal = os.openpty()
    text = "memory ran out while drawing: going on with 2 images at a time, which takes longer"
    with os.fdopen(terminal, "w") as stream, redirect_stderr(stream):
        progress = Progress()
        progress(JobSays(job="1", text=text, is_trouble=is_trouble))
        progress(
            StepDone(
                job="1", batch=0, batches=1, step=1, steps=2, seeds=(7,), device="cpu", done=1, of=2
            )
        )
        progress.close()
        stream.flush()
        shown = os.read(controller, 65_536).decode()
    os.close(controller)
    assert (text in screen(shown)) is is_trouble
