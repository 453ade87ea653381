"""Progress on standard error: one line that is redrawn on a terminal, plain lines elsewhere."""

import sys

from tui.engine.messages import Event, ImageFinished, JobChanged, JobSays, StepDone
from tui.store.jobs import JobState

_BAR = 24


class Progress:
    """Says what a job does; call it with every event."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._width = 0
        self._images = 0

    def __call__(self, event: Event, _blob: bytes = b"") -> None:
        """Show one event."""
        match event:
            case JobSays(text=text):
                self._show(text, lasting=not self._terminal)
            case StepDone(batch=batch, batches=batches, step=step, steps=steps):
                of = f" of batch {batch + 1}/{batches}" if batches > 1 else ""
                done = _BAR * step // steps
                bar = "#" * done + "-" * (_BAR - done)
                self._show(f"[{bar}] step {step}/{steps}{of}", lasting=False)
            case ImageFinished(image=image):
                self._images += 1
                word = "found" if image.found else "image"
                self._show(f"{word} {self._images}: seed {image.seed} {image.path}", lasting=True)
            case JobChanged(state=state) if state is JobState.QUEUED:
                self._show("waiting in the queue", lasting=not self._terminal)
            case _:
                pass

    def close(self) -> None:
        """Leave the line clean for whatever is printed next."""
        if self._width:
            self._show("", lasting=False)

    def _show(self, text: str, *, lasting: bool) -> None:
        if not self._terminal:
            if lasting:
                print(text, file=sys.stderr, flush=True)  # noqa: T201
            return
        end = "\n" if lasting else ""
        sys.stderr.write("\r" + text.ljust(self._width) + end + ("" if end else "\r"))
        sys.stderr.flush()
        self._width = 0 if lasting else len(text)
