"""What the tests of the engine share: waiting, jobs, processes, and what must hold of images."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

import tui
from tui.domain.intent import Intent
from tui.domain.prompt import Layers
from tui.engine.client import Client
from tui.engine.discovery import socket_path
from tui.engine.following import run_job
from tui.engine.jobs import JobRequest
from tui.engine.messages import AskStatus, EngineStatus, Event, JobIs, JobView, Submit
from tui.imaging.metadata import read_provenance
from tui.imaging.pixels import open_picture, pixel_hash, png_bytes, to_array
from tui.store import inputs
from tui.store.files import sha256_of
from tui.store.paths import Home, find_home
from tui.store.store import open_store

PROJECT = "tests"
REPOSITORY = Path(tui.__file__).parents[1]
DEADLINE = 300.0
"""Seconds after which a condition is not waited for any longer; busy machines are slow."""

Pixels = np.ndarray[Any, Any]


async def until(condition: Callable[[], bool], what: str, seconds: float = DEADLINE) -> None:
    """Wait for a condition, and say which one if it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s for: {what}"
        await asyncio.sleep(0.02)


def new_home(root: Path, **settings: object) -> Home:
    """A home with its folders, a project, and settings; everything is drawn on the processor."""
    home = find_home({"KEEPERS_HOME": str(root)})
    home.create()
    # What a killed test run leaves behind leaves by itself.
    settings = {"device": "cpu", "engine_idle_minutes": 5} | settings
    lines = [f"{key} = {msgspec.json.encode(value).decode()}" for key, value in settings.items()]
    home.settings_file.write_text("\n".join(lines) + "\n")
    with open_store(home) as store:
        store.projects.ensure(PROJECT, "Tests")
    return home


def root_of(home: Home) -> str:
    """What `KEEPERS_HOME` has to be for this home."""
    return str(home.data.parent)


def request(*seeds: int, subject: str = "a cat", steps: int = 2, **changes: Any) -> JobRequest:
    """A small job; changes may be fields of the intent or of the request."""
    seeds = seeds or (1,)
    fields = {name: changes.pop(name) for name in list(changes) if name in Intent.__struct_fields__}
    intent = Intent("starter", Layers(subject=subject), seeds[0], steps, 4.0, 128, 128)
    return JobRequest(intent=msgspec.structs.replace(intent, **fields), seeds=seeds, **changes)


async def run(
    home: Home, job: JobRequest, *, previews: bool = False
) -> tuple[JobView, list[tuple[Event, bytes]]]:
    """A job run to its end, and all that happened to it."""
    heard: list[tuple[Event, bytes]] = []
    async with asyncio.timeout(DEADLINE):
        view = await run_job(
            home,
            Submit(project=PROJECT, job=job),
            lambda event, blob: heard.append((event, blob)),
            previews=previews,
        )
    return view, heard


async def submit(client: Client, job: JobRequest) -> str:
    """Put a job into the queue; its id."""
    return (await client.request(Submit(project=PROJECT, job=job), JobIs)).job.id


async def status(client: Client) -> EngineStatus:
    return await client.request(AskStatus(), EngineStatus)


async def event(
    client: Client, kind: type[Event], job: str, fits: Callable[[Any], bool] = lambda _: True
) -> Any:
    """The next event of this kind for the job; others are passed over."""
    async with asyncio.timeout(DEADLINE):
        while True:
            found, _ = await client.next_event()
            if isinstance(found, kind) and found.job == job and fits(found):
                return found


def start_python(home: Home, code: str, **environment: str) -> subprocess.Popen[str]:
    """A Python process for this home that runs this code."""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        env={**os.environ, "KEEPERS_HOME": root_of(home), **environment},
        start_new_session=True,
    )


RUN_ENGINE = "import sys; from tui.engine.foreground import run_engine; sys.exit(run_engine())"


def processes(home: Home) -> dict[int, str]:
    """Command lines of the processes that were started for this home, by id."""
    wanted = b"KEEPERS_HOME=" + os.fsencode(root_of(home))
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(folder.name)] = os.fsdecode(line)
        except OSError:
            continue  # it has ended meanwhile
    return found


def end_everything(home: Home) -> None:
    """No process of this home survives, and nothing of it stays in the socket's folder."""
    deadline = time.monotonic() + DEADLINE
    while alive := processes(home):
        for pid in alive:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
            except OSError:
                continue
        assert time.monotonic() < deadline, f"these do not end: {alive}"
        time.sleep(0.01)
    folder = socket_path(home).parent
    (folder / "s").unlink(missing_ok=True)
    folder.rmdir()


def levels(path: str | Path) -> Pixels:
    """The pixels of a picture, height × width × 3."""
    return to_array(open_picture(path))


def put_picture(home: Home, picture: Any) -> str:
    """Keep a picture or mask as an input; its hash."""
    key = pixel_hash(picture)
    inputs.put(home, key, png_bytes(picture))
    return key


def assert_kept(home: Home, view: JobView, seeds: tuple[int, ...]) -> None:
    """Each seed has exactly one image: one row, one file, and all three say the same."""
    assert [image.seed for image in view.images] == list(seeds)
    with open_store(home) as store:
        records = store.images.for_job(view.id)
        assert Counter(record.seed for record in records) == Counter(seeds)
        for record, image in zip(
            sorted(records, key=lambda each: seeds.index(each.seed or 0)), view.images, strict=True
        ):
            file = store.images.file(record)
            provenance = read_provenance(file)
            assert str(file) == image.path
            assert sha256_of(file) == record.sha256 == image.sha256
            assert provenance.intact
            assert provenance.recipe == record.recipe
            assert provenance.recipe.hash == record.recipe_hash == image.recipe
            assert provenance.recipe.intent.key == record.intent_key == image.intent
            assert provenance.recipe.intent.seed == record.seed
            assert provenance.pixels == record.pixels == pixel_hash(open_picture(file))
            assert (provenance.image, provenance.parent) == (record.id, record.parent_id)
            assert file.stat().st_mode & 0o777 == 0o600
        assert record_files(home) == {record.path for record in store.images.list(PROJECT)}


def record_files(home: Home, *, unfinished: bool = False) -> set[str]:
    """The files of all images, relative to the data folder, without imported ones as they came.

    After a job the engine may be writing `project.json` still, so unfinished files are left out.
    """
    return {
        path.relative_to(home.data).as_posix()
        for path in home.projects.rglob("*")
        if path.name != "project.json" and path.parent.name != "originals" and path.is_file()
        if unfinished or not path.name.startswith(".tmp-")
    }
