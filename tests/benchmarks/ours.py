"""Keepers in its two processes, drawing what the bare script draws."""

import asyncio
import time
from pathlib import Path

from tests.benchmarks.figures import Cost, Figures, Task
from tests.benchmarks.processes import processor_seconds
from tui.domain.intent import Intent
from tui.domain.prompt import Layers
from tui.engine.following import run_job
from tui.engine.jobs import JobRequest
from tui.engine.messages import AskStatus, EngineStatus, Event, JobSays, Submit
from tui.engine.supervisor import connect, stop_engine
from tui.store.paths import Home


class Ours:
    """Begins without an engine when it is opened; the first drawing starts one, and loads."""

    def __init__(self, task: Task, home: Home) -> None:
        self._task, self._home = task, home
        self.figures = Figures()
        self.pictures: dict[int, tuple[Path, ...]] = {}
        """Those of the two images from each seed."""

    def __enter__(self) -> "Ours":
        asyncio.run(stop_engine(self._home))
        self._is_cold = True
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run(stop_engine(self._home))

    @property
    def pid(self) -> int:
        """Of the worker."""
        found = self.status().worker_pid
        assert found is not None
        return found

    def status(self) -> EngineStatus:
        """What the engine says of itself."""

        async def ask() -> EngineStatus:
            client = await connect(self._home)
            try:
                return await client.request(AskStatus(), EngineStatus)
            finally:
                await client.close()

        return asyncio.run(ask())

    def used(self) -> float:
        """Processor seconds of engine and worker."""
        status = self.status()
        assert status.worker_pid is not None
        return processor_seconds(status.pid) + processor_seconds(status.worker_pid)

    def draw(self, seed: int, words: str) -> Cost:
        """Draw two images until they are on disk; the first time, with the start of everything."""
        before, self._is_cold = 0.0 if self._is_cold else self.used(), False
        seconds = self.seconds(seed, words)
        return Cost(seconds, self.used() - before)

    def seconds(self, seed: int, words: str, *, until: str = "") -> float:
        """Seconds until two images are there, or until the engine says what it is doing.

        Args:
            seed: of the first; nothing else may have been drawn with it, for it would be found.
            words: the subject.
            until: how that saying begins.
        """
        intent = Intent(
            model=str(self._task.model),
            layers=Layers(subject=words, negatives=self._task.size.negatives),
            seed=seed,
            steps=self._task.steps,
            guidance=self._task.size.guidance,
            width=self._task.side,
            height=self._task.side,
        )
        request = JobRequest(intent=intent, seeds=(seed, seed + 1))
        begun, said = time.monotonic(), []

        def hear(event: Event, _blob: bytes) -> None:
            if not isinstance(event, JobSays):
                return
            if until and event.text.startswith(until):
                said.append(time.monotonic())
            if event.is_trouble and not until:
                print(f"  not as the bare script: {event.text}", flush=True)

        submit = Submit(project="bench", job=request)
        view = asyncio.run(run_job(self._home, submit, hear, previews=True))
        assert len(view.images) == 2, view.error
        self.pictures[seed] = tuple(Path(image.path) for image in view.images)
        return (said[0] if until else time.monotonic()) - begun
