"""What the jobs that run are doing, as the engine's events tell it."""

from tui.engine.messages import Event, ImageFinished, JobChanged, JobSays, StepDone
from tui.store.jobs import ENDED, JobState


class Doing:
    """One line for all of them, their steps together, and which of them a stop is meant for."""

    def __init__(self) -> None:
        self.says = "starting the engine"
        """In a few words."""
        self._steps: dict[str, tuple[int, int]] = {}
        """Steps of each job that runs, done and in all; both 0 until one is done."""

    @property
    def is_any(self) -> bool:
        """Whether something runs."""
        return bool(self._steps)

    @property
    def progress(self) -> tuple[int, int] | None:
        """Steps that all have behind them, and how many there are; None while nobody knows."""
        done = sum(done for done, _ in self._steps.values())
        of = sum(of for _, of in self._steps.values())
        return (done, of) if of else None

    def hear(self, event: Event) -> bool:
        """Take an event in; whether something that was shown as running has ended with it."""
        match event:
            case JobChanged(job=job) if self._steps and job not in self._steps:
                if event.state is JobState.RUNNING:
                    self._steps[job] = (0, 0)
            case JobChanged(job=job, state=state) if state in ENDED:
                self._steps.pop(job, None)
                if event.error or not self._steps:
                    self.says = event.error or "idle"
                return True
            case JobChanged(job=job, state=state):
                if state is JobState.RUNNING:
                    self._steps[job] = (0, 0)
                self.says = state.value
            case JobSays(text=text):
                self.says = text
            case StepDone():
                self._steps[event.job] = (event.done, event.of)
                self.says = event.words
                if len(self._steps) > 1 and (progress := self.progress):
                    self.says = f"{len(self._steps)} jobs, step {progress[0]}/{progress[1]}"
            case ImageFinished() if len(self._steps) < 2:
                self.says = "saving"
            case _:
                pass
        return False

    def link_changed(self, connected: bool, says: str) -> None:
        """Without an engine nothing is heard: what ran before may have ended meanwhile."""
        if connected:
            self._steps.clear()
        self.says = "idle" if connected else says

    def meant(self, shown: str | None) -> str:
        """The job that a stop is meant for; empty where several run and none of them is shown.

        Args:
            shown: the job whose batch is open, if one is.
        """
        if shown in self._steps:
            return shown or ""
        return next(iter(self._steps)) if len(self._steps) == 1 else ""
