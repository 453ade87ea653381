"""Progress on standard error: one line that is redrawn on a terminal, plain lines elsewhere."""

import shutil
import sys

from tui.cli.output import harmless, whisper
from tui.engine.messages import Event, ImageFinished, JobChanged, JobSays, StepDone
from tui.store.jobs import JobState

_BAR = 24


class LineProgress:
    """One line on a terminal; elsewhere only what lasts is written."""

    def __init__(self) -> None:
        self.is_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._width = 0

    def show(self, text: str, *, lasting: bool) -> None:
        """Write a text in the place of the one before, or, if it is to last, above the next."""
        text = harmless(text)
        if not self.is_terminal:
            if lasting:
                whisper(f"{text}\n")
            return
        if not lasting:
            # A line that wraps cannot be redrawn from its start.
            text = text[: shutil.get_terminal_size().columns - 1]
        whisper("\r" + text.ljust(self._width) + ("\n" if lasting else "\r"))
        self._width = 0 if lasting else len(text)

    def close(self) -> None:
        """Leave the line clean for whatever is printed next."""
        if self.is_terminal:
            # A terminal echoes ctrl+c as ^C, also where nothing else stands.
            self._width = max(self._width, len("^C"))
            self.show("", lasting=False)


class Progress(LineProgress):
    """Says what a job does; call it with every event.

    `kept` says whether finished images stay where they are, so that their paths are of use.
    """

    def __init__(self, *, kept: bool = True) -> None:
        super().__init__()
        self._kept = kept
        self._images = 0

    def __call__(self, event: Event, _blob: bytes = b"") -> None:
        """Show one event."""
        match event:
            case JobSays(text=text, is_trouble=is_trouble):
                self.show(text, lasting=is_trouble or not self.is_terminal)
            case StepDone():
                self.show(_step_words(event), lasting=False)
            case ImageFinished(image=image):
                self._images += 1
                word = "found" if image.found else "image"
                where = f" {image.path}" if self._kept else ""
                self.show(f"{word} {self._images}: seed {image.seed}{where}", lasting=True)
            case JobChanged(state=state) if state is JobState.QUEUED:
                self.show("waiting in the queue", lasting=not self.is_terminal)
            case _:
                pass


def _step_words(event: StepDone) -> str:
    """A bar of one batch, or of the whole job where several are drawn at once, and its words."""
    step, steps, batch = event.step, event.steps, ""
    if event.at_once > 1:
        step, steps = event.done, event.of
    elif event.batches > 1:
        batch = f" of batch {event.batch + 1}/{event.batches}"
    done = _BAR * step // max(steps, 1)
    return f"[{'#' * done}{'-' * (_BAR - done)}] {event.words}{batch}"
