"""How far the run of a job is, with batches on several devices at once."""

from dataclasses import dataclass

import msgspec

from tui.engine.queue_messages import BatchAt


@dataclass
class Progress:
    """Counts of a run; `at_work` is replaced and never changed, for others look at it meanwhile."""

    images: int = 0
    """Images of the job that there are, found ones too."""
    drawing: int = 0
    """Images that were missing when it began."""
    batches: int = 0
    """Batches of this run."""
    finished: int = 0
    """Batches that are done."""
    each: int = 0
    """Steps of a batch; 0 until one step is done."""
    at_work: tuple[BatchAt, ...] = ()
    """The batches that are being drawn, in the order in which they began."""

    @property
    def step(self) -> int:
        """Steps behind it, over all its batches."""
        # A batch that is drawn in parts takes more steps than another, and is as much of the job.
        begun = (batch.step * self.each // batch.steps for batch in self.at_work if batch.steps)
        return self.finished * self.each + sum(begun)

    @property
    def steps(self) -> int:
        """Steps of all its batches; 0 until one is done."""
        return self.batches * self.each

    def begin(self, batch: int, device: str) -> None:
        """A batch is handed out."""
        self.at_work = (*self.at_work, BatchAt(batch=batch, device=device))

    def advance(self, batch: int, step: int, steps: int) -> None:
        """One more step of it is done."""
        self.each = steps
        self.at_work = tuple(
            msgspec.structs.replace(each, step=step, steps=steps) if each.batch == batch else each
            for each in self.at_work
        )

    def end(self, batch: int, *, done: bool) -> None:
        """It is done, or was broken off and begins from the start if it is handed out again."""
        self.at_work = tuple(each for each in self.at_work if each.batch != batch)
        self.finished += done
