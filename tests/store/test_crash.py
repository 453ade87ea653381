"""Promises 2 and 3: what was acknowledged survives kill -9 and a full disk."""

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from shutil import which

import pytest

from tui.store.errors import StoreError
from tui.store.files import remove_leftovers, sha256_of, write_durably
from tui.store.paths import find_home
from tui.store.store import Store, open_store

from .helpers import add_image, file_size_limit, output, start

WRITER = """
import os, sys
from tests_store.helpers import add_image
from tui.store.ids import new_id
from tui.store.paths import find_home
from tui.store.store import open_store
with open_store(find_home({"KEEPERS_HOME": sys.argv[1]})) as store:
    project = store.projects.ensure("cli", "Command line")
    while True:
        record = add_image(store, project, new_id(), data=os.urandom(200_000))
        print(record.id, record.sha256)
"""


def test_kill_9_loses_no_acknowledged_image(tmp_path: Path) -> None:
    chance = random.Random(1)
    acknowledged: dict[str, str] = {}
    code = WRITER.replace("tests_store", __package__ or "")
    code = f"import sys; sys.path.insert(0, {str(_import_root())!r})\n{code}"
    for _ in range(8):
        with start(code, str(tmp_path)) as writer:
            for _ in range(chance.randint(1, 25)):
                image_id, digest = output(writer).readline().split()
                acknowledged[image_id] = digest
            writer.kill()
            # Lines that were still in the pipe were acknowledged too; the last may be cut.
            for line in output(writer).read().splitlines(keepends=True):
                if line.endswith("\n"):
                    image_id, digest = line.split()
                    acknowledged[image_id] = digest
    with open_store(find_home({"KEEPERS_HOME": str(tmp_path)})) as store:
        records = {record.id: record for record in store.images.list("cli")}
        assert {i: records[i].sha256 for i in acknowledged if i in records} == acknowledged
        assert len(acknowledged) >= 8
        for record in records.values():
            assert sha256_of(store.images.file(record)) == record.sha256
            assert record.recipe is not None
        folder = store.projects.folder(store.projects.get("cli"))
        remove_leftovers(folder, now=1e12)
        left = {path.stem for path in folder.iterdir()}
        assert set(records) <= left
        assert not [name for name in left if name.startswith(".tmp")]


def _import_root() -> Path:
    """The folder from which pytest imported this package."""
    return Path(__file__).resolve().parents[(__package__ or "").count(".") + 1]


@pytest.fixture(params=["limit", "tmpfs"])
def small_disk(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Path, AbstractContextManager[None]]]:
    """A folder, and what to enter to have little room in it: a small disk where we may mount."""
    mounted = request.param == "tmpfs" and _mount(tmp_path)
    yield tmp_path, nullcontext() if mounted else file_size_limit(700_000)
    if mounted:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def _mount(folder: Path) -> bool:
    if os.geteuid() != 0 or which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "keepers-test", str(folder)]
    return subprocess.run(command, capture_output=True).returncode == 0


def fill(store: Store) -> tuple[int, str]:
    """Writes rows until there is no room left: how many, and what was said then."""
    project = store.projects.ensure("cli", "Command line")
    for number in range(10_000):
        try:
            store.jobs.add(project.id, "x" * 20_000, job_id=f"j{number}")
        except StoreError as error:
            return number, str(error)
    raise AssertionError("the disk never filled up")


def test_a_full_disk_loses_nothing(small_disk: tuple[Path, AbstractContextManager[None]]) -> None:
    folder, little_room = small_disk
    home = find_home({"KEEPERS_HOME": str(folder)})
    with open_store(home) as store:
        write_durably(home.projects / "a", b"old")
        reserve = home.cache / "reserve"
        reserve.write_bytes(bytes(200_000))
        with little_room:
            written, said = fill(store)
            assert "is full" in said or "file size limit" in said
            with pytest.raises(StoreError, match=r"is full|larger than is allowed"):
                write_durably(home.projects / "a", bytes(1_000_000))
            with pytest.raises(StoreError):
                add_image(store, store.projects.get("cli"), "image", data=bytes(1_000_000))
            assert written > 0
            assert len(store.jobs.list()) == written
        assert [path.name for path in home.projects.iterdir() if path.is_file()] == ["a"]
        assert (home.projects / "a").read_bytes() == b"old"
        reserve.unlink()
        store.jobs.add("cli", "{}", job_id="after")
    with open_store(home) as store:
        assert len(store.jobs.list()) == written + 1
        assert store.images.list("cli") == ()
