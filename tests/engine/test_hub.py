import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tui.engine.client import RefusedError
from tui.engine.hub import cached_model, downloaded_model
from tui.engine.messages import Cancel, Done, JobChanged, JobSays
from tui.engine.models import ModelError
from tui.engine.supervisor import connect
from tui.store.jobs import JobState
from tui.store.paths import Home

from .helpers import event, processes, request, run, submit, until

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def offline(make_home: Callable[..., Home], monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose engine cannot reach the hub and has nothing cached."""
    home = make_home()
    monkeypatch.setenv("HF_HOME", str(home.cache / "hub"))
    monkeypatch.setenv("HF_ENDPOINT", NOWHERE)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return home


async def test_a_hub_id_without_a_network_ends_in_a_sentence(offline: Home) -> None:
    view, _ = await run(offline, request(model="owner/name"))
    assert view.state is JobState.FAILED
    assert view.error.startswith("owner/name is not on this machine and the hub cannot be reached")
    assert view.error.endswith(": check the network, or give a folder")


@pytest.mark.parametrize("reference", ["../../etc", "owner/..", "owner/name@../..", "a/b/c"])
async def test_a_name_that_leads_elsewhere_is_refused_at_once(warm: Home, reference: str) -> None:
    with pytest.raises(RefusedError, match=r"there is no model .*: give `starter`, the whole path"):
        await run(warm, request(model=reference))


def test_what_is_not_cached_is_not_there() -> None:
    assert cached_model("keepers-tests/there-is-no-such-model") is None


@asynccontextmanager
async def hub(answer: bytes | None) -> AsyncIterator[str]:
    """A hub that says what a model has, if that, and keeps everybody waiting for the rest."""
    stopped = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        if answer is not None and b"/api/models/owner/name?" in asked.split(b"\r\n")[0]:
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                b"Content-Length: %d\r\n\r\n" % len(answer) + answer
            )
            await writer.drain()
        else:
            await stopped.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        stopped.set()
        server.close()


def downloads(home: Home) -> list[int]:
    return [pid for pid, line in processes(home).items() if "tui.engine.hub" in line]


async def test_a_download_can_be_cancelled(offline: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hub(None) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        client = await connect(offline)
        job = await submit(client, request(model="owner/name"))
        await event(client, JobSays, job, lambda said: "looking for" in said.text)
        await until(lambda: bool(downloads(offline)), "the download runs")
        await client.request(Cancel(job=job), Done)
        await event(client, JobChanged, job, lambda now: now.state is JobState.CANCELLED)
        await until(lambda: not downloads(offline), "the download is gone")
        await client.close()


async def test_a_download_that_is_killed_is_not_explained_by_its_progress(
    offline: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = {"id": "owner/name", "sha": "0" * 40, "siblings": [{"rfilename": "x.json", "size": 9}]}
    said: list[str] = []

    def says(text: str) -> None:
        said.append(text)
        if text.startswith("downloading"):
            os.kill(downloads(offline)[0], signal.SIGKILL)

    async with hub(json.dumps(info).encode()) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        with pytest.raises(ModelError, match="owner/name could not be downloaded: try again"):
            await asyncio.wait_for(downloaded_model("owner/name", says), 60)
    assert said == ["looking for owner/name on the hub", "downloading owner/name, up to 0.0 GB"]
