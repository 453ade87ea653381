"""The engine meets a disk that takes no more, and goes on when there is room again."""

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tui.engine.client import Client
from tui.engine.discovery import read_info
from tui.engine.messages import Follow, JobChanged, JobIs, StepDone
from tui.engine.supervisor import connect, stop_engine
from tui.store.jobs import ENDED, JobState
from tui.store.paths import Home
from tui.store.store import open_store

from .helpers import assert_kept, event, record_files, request, run, status, submit, until

LARGER_THAN_AN_IMAGE = 80_000
"""Bytes; smaller than the database's own files."""


@contextmanager
def small_files(home: Home, size: int) -> Iterator[None]:
    """The engine can write no file beyond `size`; its worker and this process can."""
    info = read_info(home)
    assert info is not None
    soft, hard = resource.prlimit(info.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(info.pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(info.pid, resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not one byte more fits beside this file."""
    filler = folder / "filler"
    try:
        with filler.open("wb") as file, suppress(OSError):
            while True:
                os.write(file.fileno(), b"\0" * 4096)
        yield
    finally:
        filler.unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A disk of 8 MB on that folder; False where this user may not mount one."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True
    )
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def bytes_of(path: str) -> int:
    return Path(path).stat().st_size


async def fails_with_a_sentence(client: Client, home: Home, seed: int, limit: object) -> str:
    """A job during which the disk stops taking anything; its id."""
    before = record_files(home)
    job = await submit(client, request(seed, seed + 1, seed + 2, batch_size=1, steps=4))
    await event(client, StepDone, job)
    with ExitStack() as stack:
        stack.enter_context(limit)  # type: ignore[arg-type]
        ended = await event(client, JobChanged, job, lambda now: now.state in ENDED)
        assert ended.state is JobState.FAILED
        assert "disk" in ended.error or "larger than is allowed" in ended.error
        assert "; " in ended.error or ": " in ended.error
        # Who asks hears the same, whatever the database could take.
        view = (await client.request(Follow(job=job), JobIs)).job
        assert (view.state, view.error, view.images) == (JobState.FAILED, ended.error, ())
        await until(
            lambda: record_files(home, unfinished=True) == before, "nothing is left half-written"
        )
    return job


async def and_goes_on(client: Client, home: Home, seed: int, failed: str) -> None:
    pid = (await status(client)).pid
    view, _ = await run(home, request(seed, seed + 1))
    assert_kept(home, view, (seed, seed + 1))
    with open_store(home) as store:
        await until(lambda: store.jobs.get(failed).state is JobState.FAILED, "its end is known")
    assert (await status(client)).pid == pid


async def test_files_that_may_not_grow(home: Home) -> None:
    client = await connect(home)
    drawn, _ = await run(home, request(1))
    assert bytes_of(drawn.images[0].path) < LARGER_THAN_AN_IMAGE
    for number, size in enumerate((0, LARGER_THAN_AN_IMAGE)):
        seed = 10 + 10 * number
        job = await fails_with_a_sentence(client, home, seed, small_files(home, size))
        await and_goes_on(client, home, seed + 5, job)
    await client.close()


async def test_a_disk_that_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_home: Callable[..., Home]
) -> None:
    with small_disk(tmp_path / "disk") as mounted:
        home = make_home("disk/keepers")
        client = await connect(home)
        await run(home, request(1))
        # Where no disk can be mounted, the limit on files stands for it once more.
        limit = filled(tmp_path / "disk") if mounted else small_files(home, 4096)
        job = await fails_with_a_sentence(client, home, 10, limit)
        await and_goes_on(client, home, 15, job)
        await client.close()
        assert await stop_engine(home)
