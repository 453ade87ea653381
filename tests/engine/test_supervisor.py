import asyncio
import os
import signal
import subprocess
from collections.abc import Callable

import pytest

import tui
from tui.domain.versioned import to_json
from tui.engine import supervisor
from tui.engine.client import Client
from tui.engine.discovery import lock_is_held, read_info
from tui.engine.following import run_job
from tui.engine.messages import Event, JobSays, Submit
from tui.engine.supervisor import EngineStartError, connect, connect_running, stop_engine
from tui.store.errors import StoreError
from tui.store.paths import Home
from tui.store.store import open_store

from .helpers import (
    DEADLINE,
    PROJECT,
    RUN_ENGINE,
    processes,
    request,
    start_python,
    status,
    until,
)
from .test_discovery import written_elsewhere

OLD_ENGINE = f"import tui; tui.__version__ = '0.0.1'\n{RUN_ENGINE}"

STRANGE_ENGINE = f"""
import functools, tui
from tui.engine import server
server.Welcome = functools.partial(server.Welcome, protocol=99)
tui.__version__ = '99.0'
{RUN_ENGINE}
"""
"""It speaks another protocol too."""


async def start(home: Home, code: str) -> int:
    """Start an engine with this code and wait until it answers; its process id."""
    process = start_python(home, code)
    pid = process.pid
    await until(lambda: (info := read_info(home)) is not None and info.pid == pid, "it runs")
    return pid


async def test_an_engine_starts_on_demand_in_a_session_of_its_own(home: Home) -> None:
    assert await connect_running(home) is None
    client = await connect(home)
    assert client.welcome is not None
    pid = client.welcome.pid
    assert pid == (await status(client)).pid
    assert os.getsid(pid) == pid != os.getsid(0)
    await client.close()
    again = await connect_running(home)
    assert again is not None
    assert again.welcome is not None
    assert again.welcome.pid == pid
    await again.close()
    assert await stop_engine(home)
    assert not lock_is_held(home)
    assert not await stop_engine(home)


async def test_clients_that_come_at_once_get_one_engine(home: Home) -> None:
    clients = await asyncio.gather(*(connect(home) for _ in range(3)))
    assert len({client.welcome.pid for client in clients if client.welcome}) == 1
    await until(lambda: len(processes(home)) == 1, "the others have left")
    assert (await status(clients[0])).clients == 3
    for client in clients:
        await client.close()


async def test_a_second_engine_leaves_with_exit_code_3(home: Home) -> None:
    client = await connect(home)
    second = start_python(home, RUN_ENGINE)
    out, err = await asyncio.to_thread(second.communicate)
    assert (second.returncode, out, err) == (3, "", "")
    await status(client)
    await client.close()


async def test_a_hang_up_of_the_terminal_does_not_reach_the_engine(home: Home) -> None:
    client = await connect(home)
    assert client.welcome is not None
    assert os.getpgid(client.welcome.pid) != os.getpgid(0)
    await client.close()


async def test_an_engine_elsewhere_is_explained_to_clients_and_engines(home: Home) -> None:
    written_elsewhere(home, age=1)
    with pytest.raises(StoreError, match="runs on other-host"):
        await connect(home)
    with pytest.raises(StoreError, match="runs on other-host"):
        await stop_engine(home)
    engine = start_python(home, RUN_ENGINE)
    out, err = await asyncio.to_thread(engine.communicate)
    assert (engine.returncode, out) == (2, "")
    assert "runs on other-host" in err
    assert err.count("\n") == 1
    written_elsewhere(home, age=100)
    await (await connect(home)).close()


async def test_an_engine_that_cannot_start_says_why(make_home: Callable[..., Home]) -> None:
    home = make_home(precision="float7")
    with pytest.raises(EngineStartError, match=r'could not start: .*"precision" is "float7": give'):
        await connect(home)


@pytest.mark.parametrize("code", [OLD_ENGINE, STRANGE_ENGINE], ids=["version", "protocol"])
async def test_an_idle_engine_of_another_version_is_replaced(home: Home, code: str) -> None:
    old = await start(home, code)
    client = await connect(home)
    assert client.welcome is not None
    assert client.welcome.version == tui.__version__
    assert client.welcome.pid != old
    await until(lambda: old not in processes(home), "the old one has left")
    await client.close()


async def test_an_engine_of_another_protocol_can_be_stopped(home: Home) -> None:
    await start(home, STRANGE_ENGINE)
    assert await stop_engine(home)
    assert not lock_is_held(home)


async def test_a_busy_engine_of_another_version_is_left_alone_and_explained(home: Home) -> None:
    with open_store(home) as store:
        store.jobs.add(PROJECT, to_json(request()))
    old = await start(home, OLD_ENGINE)
    with pytest.raises(EngineStartError, match=r"version 0\.0\.1 is still working.*: wait until"):
        await connect(home)
    assert old in processes(home)


async def test_what_a_killed_engine_left_is_not_in_the_way(home: Home) -> None:
    first = await connect(home)
    assert first.welcome is not None
    os.kill(first.welcome.pid, signal.SIGKILL)
    await until(lambda: not lock_is_held(home), "it is dead")
    assert home.engine_file.exists()
    second = await connect(home)
    assert second.welcome is not None
    assert second.welcome.pid != first.welcome.pid
    await first.close()
    await second.close()


def pid_of(client: Client) -> int:
    assert client.welcome is not None
    return client.welcome.pid


async def test_an_idle_engine_of_another_shell_is_replaced(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    first = await connect(home)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    monkeypatch.delenv("HF_TOKEN")
    # Somebody uses it: that is another interface, or what it works at.
    second = await connect(home)
    assert pid_of(first) == pid_of(second)
    assert "hf_secret" not in str(second.welcome)
    assert second.difference.startswith(
        "the engine was started from another shell: CUDA_VISIBLE_DEVICES is 1 there and 3 here, "
        "HF_TOKEN is another; “keepers engine stop” ends it"
    )
    await first.close()
    last = second
    async with asyncio.timeout(DEADLINE):
        # The engine may take a moment to see that they have hung up.
        while pid_of(last) == pid_of(first):
            await last.close()
            await asyncio.sleep(0.02)
            last = await connect(home)
    assert last.difference == ""
    await last.close()
    # One that a person runs in a shell of its own is told of, and left.
    assert await stop_engine(home)
    own = await start(home, RUN_ENGINE)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    last = await connect(home)
    assert pid_of(last) == own
    assert "CUDA_VISIBLE_DEVICES is 3 there and not set here" in last.difference
    await last.close()


@pytest.mark.parametrize("code", [0, 3])
async def test_whose_engine_was_sent_away_before_it_answered_starts_another(
    home: Home, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """So it goes where two shells with different GPUs begin at once."""
    spawned: list[int] = []

    def spawn(home: Home) -> subprocess.Popen[bytes]:
        spawned.append(code)
        if len(spawned) == 1:
            return subprocess.Popen(["/bin/sh", "-c", f"exit {code}"])
        return real(home)

    real = supervisor._spawn
    monkeypatch.setattr(supervisor, "_spawn", spawn)
    client = await connect(home)
    assert len(spawned) == 2
    await client.close()


async def test_whoever_queues_a_job_hears_that_the_engine_is_of_another_shell(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(home) as store:
        store.queue.pause(paused=True)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    first = await connect(home)
    monkeypatch.delenv("HF_ENDPOINT")
    said: list[str] = []

    def hear(event: Event, _blob: bytes) -> None:
        if isinstance(event, JobSays) and event.is_trouble:
            said.append(event.text)

    running = asyncio.create_task(run_job(home, Submit(project=PROJECT, job=request()), hear))
    await until(lambda: len(said) == 2, "it is paused, and of another shell")
    assert "HF_ENDPOINT is http://127.0.0.1:9 there and not set here" in said[1]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await first.close()
