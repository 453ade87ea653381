"""Worker processes: started, spoken to, found dead.

`Pool` is the seam behind which the workers of another machine could stand; `LocalPool` starts
them here, one for each device.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Protocol

import msgspec

from tui.engine.frames import FrameError, frame, read_frame
from tui.engine.worker_messages import FromWorker, ToWorker, WorkerReady, decode_from_worker

_log = logging.getLogger(__name__)

_DEFAULTS = {
    # Spinning threads of a busy neighbour slow a batch tenfold; sleeping ones cost nothing.
    "OMP_WAIT_POLICY": "passive",
    "TOKENIZERS_PARALLELISM": "false",
}
"""What a person may set otherwise."""
_PROMISES = {
    # Nothing leaves the machine from a worker, and no code from a model is run.
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DIFFUSERS_DISABLE_REMOTE_CODE": "1",
    # The numbers that nvidia-smi shows, and Keepers lists, are those that CUDA counts by.
    "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    # cuBLAS gives the same bits twice only with a fixed workspace.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
"""What holds whatever a person's shell has set."""


def worker_environment() -> dict[str, str]:
    """The variables of a worker's process: the person's, but for what Keepers promises."""
    return {**_DEFAULTS, **os.environ, **_PROMISES}


class WorkerDiedError(Exception):
    """The worker process is gone; the message says how."""


class Worker(Protocol):
    """One worker, wherever it runs."""

    @property
    def pid(self) -> int | None:
        """Its process id on this machine."""

    @property
    def gpus(self) -> int:
        """GPUs that it can draw on."""

    @property
    def alive(self) -> bool:
        """Whether it could take a batch."""

    async def send(self, message: ToWorker) -> None:
        """Ask it something."""

    async def next_event(self) -> tuple[FromWorker, bytes]:
        """What it says next, with its blob.

        Raises:
            WorkerDiedError: it is gone, and has said everything.
        """

    async def stop(self) -> None:
        """End it, and give its device back."""


class Pool(Protocol):
    """Where workers come from."""

    async def start_worker(self) -> Worker:
        """A worker that is ready for a batch.

        Raises:
            WorkerDiedError: it could not start.
        """


class LocalPool:
    """Workers as child processes of the engine."""

    def __init__(self, log: Path) -> None:
        self._log = log

    async def start_worker(self) -> "LocalWorker":
        """Start a child and wait until its libraries are imported."""
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                # Not from the folder we were started in: what lies there is not ours to run.
                "-P",
                "-m",
                "tui.engine.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=descriptor,
                env=worker_environment(),
                # A ctrl+c meant for an engine in the foreground must not reach its workers.
                start_new_session=True,
            )
        finally:
            os.close(descriptor)
        worker = LocalWorker(process)
        try:
            await worker.ready()
        except BaseException:
            await worker.stop()
            raise
        return worker


class LocalWorker:
    """A child process that draws."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout
        self._events: asyncio.Queue[tuple[FromWorker, bytes] | WorkerDiedError] = asyncio.Queue()
        self.gpus = 0
        # One reader for the whole life: a reader cancelled inside a frame would lose its place.
        self._reading = asyncio.create_task(self._read())

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.returncode is None

    async def ready(self) -> None:
        """Wait until its libraries are imported.

        Raises:
            WorkerDiedError: it could not start.
        """
        while not isinstance(said := (await self.next_event())[0], WorkerReady):
            pass
        self.gpus = said.gpus

    async def send(self, message: ToWorker) -> None:
        """Write a message to its pipe; a dead worker is noticed by `next_event`."""
        with contextlib.suppress(ConnectionError):
            self._stdin.write(frame(msgspec.json.encode(message)))
            await self._stdin.drain()

    async def next_event(self) -> tuple[FromWorker, bytes]:
        """What it says next.

        Raises:
            WorkerDiedError: it is gone, and has said everything.
        """
        found = await self._events.get()
        if isinstance(found, WorkerDiedError):
            self._events.put_nowait(found)
            raise found
        return found

    async def stop(self) -> None:
        """Kill it: a worker has nothing to lose, and memory comes back at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        try:
            while (found := await read_frame(self._stdout)) is not None:
                self._events.put_nowait((decode_from_worker(found[0]), found[1]))
        except (FrameError, msgspec.DecodeError) as error:
            # After bytes that make no sense nothing it says can be trusted.
            _log.warning("worker %s: %s", self.pid, error)
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        code = await self._process.wait()
        self._events.put_nowait(WorkerDiedError(_how_it_died(code)))


def _how_it_died(code: int) -> str:
    if code == -signal.SIGKILL:
        return "the worker was killed, most likely because memory ran out"
    if code < 0:
        return f"the worker was ended by {signal.Signals(-code).name}"
    return f"the worker ended with exit code {code}; the engine's log says why"
