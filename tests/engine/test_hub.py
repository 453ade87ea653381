import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tui.engine.client import RefusedError
from tui.engine.hub import cached_model, downloaded_model
from tui.engine.messages import Cancel, Done, JobChanged, JobSays
from tui.engine.models import ModelError
from tui.engine.resolving import known_place
from tui.engine.supervisor import connect
from tui.engine.worker_messages import ModelPlace
from tui.store.jobs import JobState
from tui.store.paths import Home

from .helpers import event, processes, request, run, submit, until
from .tiny_hub import TOKEN, tiny_hub

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
    return [pid for pid, line in processes(home).items() if "tui.engine.hub_download" in line]


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


async def test_stopping_after_an_image_stops_a_download_at_once(
    offline: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No image is being drawn yet, and a download may take an hour."""
    async with hub(None) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        client = await connect(offline)
        job = await submit(client, request(model="owner/name"))
        await until(lambda: bool(downloads(offline)), "the download runs")
        await client.request(Cancel(job=job, finish_images=True), Done)
        await event(client, JobChanged, job, lambda now: now.state is JobState.CANCELLED)
        await client.close()


async def test_a_download_that_is_killed_is_not_explained_by_its_progress(
    offline: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = {"id": "owner/name", "sha": "0" * 40, "siblings": [{"rfilename": "model_index.json"}]}
    said: list[str] = []

    def says(text: str) -> None:
        said.append(text)
        if text.startswith("downloading"):
            os.kill(downloads(offline)[0], signal.SIGKILL)

    async with hub(json.dumps(info).encode()) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        with pytest.raises(ModelError, match="owner/name could not be downloaded: try again"):
            await asyncio.wait_for(downloaded_model("owner/name", says), 60)
    assert said == ["looking for owner/name on the hub", "downloading owner/name, 0.0 GB"]


@pytest.fixture
def online(make_home: Callable[..., Home], monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose hub's cache is empty; `HF_ENDPOINT` is set when there is a hub."""
    home = make_home()
    monkeypatch.setenv("HF_HOME", str(home.cache / "hub"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    # The library reads its folder when it is imported, which this process has done.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(home.cache / "hub" / "hub"))
    return home


def files_in(folder: Path, pattern: str = "*") -> list[Path]:
    return [path for path in folder.rglob(pattern) if path.is_file()]


async def fetched(model: str, counts: Callable[[int, int], None] | None = None) -> ModelPlace:
    return await asyncio.wait_for(downloaded_model(model, lambda _said: None, counts), 120)


async def test_a_download_takes_what_is_drawn_with_and_nothing_else(
    online: Home, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    shutil.copy(weights, weights.with_name("diffusion_pytorch_model.fp16.safetensors"))
    shutil.copy(weights, folder / "whole.safetensors")
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"pickle")
    (folder / "pipeline.py").write_text("raise SystemExit")
    counted: list[tuple[int, int]] = []
    with tiny_hub(model=folder) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        place = await fetched("tests/model", lambda done, total: counted.append((done, total)))
    assert (place.reference, place.revision) == ("tests/model", hub.commit)
    assert not [name for name in hub.sent if name.endswith((".bin", ".py"))]
    assert [name for name in hub.sent if "fp16" in name or "whole" in name] == []
    total = counted[-1][1]
    assert counted[-1] == (total, total)
    assert total == sum(path.stat().st_size for path in files_in(Path(place.folder)))
    # The name points at it from now on, also without a network.
    assert cached_model("tests/model") == place
    pinned = cached_model(f"tests/model@{hub.commit}")
    assert pinned is not None
    assert pinned.folder == place.folder


async def test_a_variant_alone_is_downloaded(
    online: Home, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    for weights in files_in(folder, "*.safetensors"):
        weights.rename(weights.with_name(f"{weights.stem}.fp16.safetensors"))
    with tiny_hub(model=folder) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        place = await fetched("tests/model")
    assert len(files_in(Path(place.folder), "*.fp16.safetensors")) == 3


async def test_a_stopped_download_leaves_whole_files_and_goes_on_there(
    online: Home, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = online.cache / "hub" / "hub" / "models--tests--model" / "blobs"
    with tiny_hub(model=tiny_model) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        hub.held = "unet/diffusion_pytorch_model.safetensors"
        counted: list[tuple[int, int]] = []
        task = asyncio.create_task(
            fetched("tests/model", lambda done, total: counted.append((done, total)))
        )
        files = files_in(tiny_model)
        await until(lambda: len(set(hub.sent)) == len(files), "all files are asked for", 60)
        await until(lambda: len(files_in(blobs, "*.incomplete")) == 1, "one is half here", 60)
        size = sum(path.stat().st_size for path in files)
        await until(lambda: bool(counted) and 0 < counted[-1][0] < size, "it is counted", 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert files_in(blobs, "*.incomplete") == []
        assert cached_model("tests/model") is None
        hub.held = ""
        hub.sent.clear()
        place = await fetched("tests/model")
    assert hub.sent == ["unet/diffusion_pytorch_model.safetensors"]
    assert cached_model("tests/model") == place


async def test_a_gated_model_says_how_to_get_it_and_the_token_is_stored_nowhere(
    online: Home, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tiny_hub(model=tiny_model) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        hub.gated.add("tests/model")
        with pytest.raises(
            ModelError, match=r"is gated: accept its terms at .*tests/model"
        ) as said:
            await fetched("tests/model")
        assert "hf auth login" in str(said.value)
        assert "HF_TOKEN" in str(said.value)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        await fetched("tests/model")
    found = files_in(online.data.parent)
    assert len(found) > 10
    assert [path for path in found if TOKEN.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("tests/other", "there is no model tests/other on the hub, or it is private: check the id"),
        ("tests/model@v9", "tests/model has no revision v9: check it on the hub"),
    ],
)
async def test_what_the_hub_does_not_have_is_said(
    online: Home, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, model: str, sentence: str
) -> None:
    with tiny_hub(model=tiny_model) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        with pytest.raises(ModelError) as said:
            await fetched(model)
    assert str(said.value).startswith(sentence)


async def test_a_commit_that_is_here_is_drawn_with_wherever_the_name_points(
    online: Home, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = Path(shutil.copytree(tiny_model, tmp_path / "newer"))
    (newer / "scheduler" / "scheduler_config.json").write_text('{"_class_name": "DDIMScheduler"}')
    with tiny_hub(model=tiny_model) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        first = await fetched("tests/model")
        hub.commit, hub.models["tests/model"] = "beef" * 10, newer
        second = await fetched("tests/model")
    assert (first.revision, second.revision) == ("c0ffee" + "0" * 34, "beef" * 10)
    assert known_place("tests/model") == second
    pinned = known_place("tests/model", first.revision)
    assert pinned == first
    assert known_place("tests/model", "dead" * 10) == second
    assert known_place("tests/model", "../../x") == second
