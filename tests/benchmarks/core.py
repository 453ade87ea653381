"""Cold, warm and known batches, frames, a worker after a kill, the engine's memory."""

import asyncio
import os
import signal
import statistics
import tempfile
import time

from tui.domain.intent import Intent
from tui.domain.prompt import Layers
from tui.engine.client import Client
from tui.engine.following import run_job
from tui.engine.jobs import JobRequest
from tui.engine.messages import AskStatus, EngineStatus, Event, Submit
from tui.engine.supervisor import connect, stop_engine
from tui.store.paths import Home, find_home
from tui.store.store import open_store


def run() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEEPERS_HOME"] = folder
        home = find_home()
        with open_store(home) as store:
            store.projects.ensure("bench", "Benchmark")
        try:
            asyncio.run(_measure(home))
        finally:
            asyncio.run(stop_engine(home))


async def _measure(home: Home) -> None:
    print(f"batch of 4, 20 steps, cold   {await _batch(home, 0):7.2f} s")
    warm = [await _batch(home, seed) for seed in (10, 20, 30)]
    print(f"batch of 4, 20 steps, warm   {statistics.median(warm):7.2f} s")
    known = [await _batch(home, seed) for seed in (10, 20, 30)]
    print(f"batch of 4, known            {statistics.median(known):7.2f} s")
    client = await connect(home)
    status = await client.request(AskStatus(), EngineStatus)
    print(f"engine memory                {status.memory / 2**20:7.1f} MiB")
    print(f"frame round trip             {await _round_trip(client) * 1e3:7.3f} ms")
    assert status.worker_pid is not None
    os.kill(status.worker_pid, signal.SIGKILL)
    begun = time.monotonic()
    await _first_step(home, 40, begun)
    await client.close()


async def _round_trip(client: Client) -> float:
    times = []
    for _ in range(300):
        begun = time.perf_counter()
        await client.request(AskStatus(), EngineStatus)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


async def _batch(home: Home, seed: int) -> float:
    begun = time.monotonic()
    await run_job(home, _submit(seed), lambda _event, _blob: None, previews=True)
    return time.monotonic() - begun


async def _first_step(home: Home, seed: int, begun: float) -> None:
    seen: set[str] = set()

    def tell(event: Event, _blob: bytes) -> None:
        name = type(event).__name__ + getattr(event, "text", "")
        if name not in seen:
            seen.add(name)
            print(f"after a kill: {name:40s} {time.monotonic() - begun:7.2f} s")

    await run_job(home, _submit(seed), tell)


def _submit(seed: int) -> Submit:
    intent = Intent(
        model="starter",
        layers=Layers(subject="owl", style="3d render", detail="navy background"),
        seed=seed,
        steps=20,
        guidance=4.0,
        width=128,
        height=128,
    )
    return Submit(
        project="bench", job=JobRequest(intent=intent, seeds=tuple(range(seed, seed + 4)))
    )
