"""The bare diffusers script that Keepers is measured beside, in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import Cost, Figures, Task
from tests.benchmarks.processes import processor_seconds

_ENVIRONMENT = {"OMP_WAIT_POLICY": "passive", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
"""As our workers have it: nobody is to win by another number of a GPU, or by spinning threads."""


class Bare:
    """Loads the model when it is opened, and draws when told."""

    def __init__(self, task: Task, out: Path) -> None:
        self._task, self._out = task, out
        self.figures = Figures()
        self.pictures: dict[int, tuple[Path, ...]] = {}
        """Those of the two images from each seed."""
        self.allocator: tuple[int, int] = (0, 0)
        """Bytes of a GPU that torch had given out and had taken itself, at most."""

    def __enter__(self) -> "Bare":
        task = self._task
        told = {
            "model": str(task.model),
            "device": task.device,
            "precision": task.precision,
            "negatives": task.size.negatives,
            "out": str(self._out),
            "arguments": {
                "guidance_scale": task.size.guidance_scale,
                "num_inference_steps": task.steps,
                "width": task.side,
                "height": task.side,
            },
        }
        script = Path(__file__).with_name("bare_script.py")
        self._said = tempfile.TemporaryFile("w+")
        self._begun = time.monotonic()
        self._is_cold = True
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(script), json.dumps(told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            env={**os.environ, **_ENVIRONMENT},
            # As our engine has one: the system may share the processor out by sessions.
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._said.close()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def draw(self, seed: int, words: str) -> Cost:
        """Draw and save two images; the first time, what it cost from the process's start.

        Raises:
            SystemExit: the script has ended; what it said is told.
        """
        told, said = self._process.stdin, self._process.stdout
        assert told is not None
        assert said is not None
        before = 0.0 if self._is_cold else processor_seconds(self.pid)
        try:
            told.write(f"{seed} {words}\n")
            told.flush()
            answer = json.loads(said.readline() or "null")
        except BrokenPipeError:
            answer = None
        if answer is None:
            self._said.seek(0)
            sys.exit(f"the bare script ended:\n{self._said.read()[-2_000:]}")
        seconds = answer["seconds"]
        if self._is_cold:
            seconds, self._is_cold = time.monotonic() - self._begun, False
        self.allocator = answer.get("allocated", 0), answer.get("reserved", 0)
        self.pictures[seed] = tuple(self._out / f"{seed}-{slot}.png" for slot in range(2))
        return Cost(seconds, processor_seconds(self.pid) - before)
