"""What worked is remembered in a file, and whatever is in that file does no harm."""

import os
import stat
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.engine.worker.ladder import Offload, Thrift
from tui.engine.worker.remembering import MORE_ROOM, TRY_AGAIN_SECONDS, Remembered

DEEP = Thrift(tiled=True, at_once=2, offload=Offload.PARTS)
ROOM = 1_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "memory.json"


def aged(file: Path, seconds: float) -> None:
    """Make all entries so much older, or younger."""
    entries = msgspec.json.decode(file.read_bytes())
    for entry in entries.values():
        entry["when"] -= seconds
    file.write_bytes(msgspec.json.encode(entries))


def test_what_worked_is_known_to_the_next_worker(file: Path) -> None:
    first = Remembered(file)
    assert first.begin("key", 4, ROOM) == Thrift()
    first.note("key", Thrift(), DEEP, ROOM)
    assert Remembered(file).begin("key", 4, ROOM) == DEEP
    assert Remembered(file).begin("other", 4, ROOM) == Thrift()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_nothing_is_written_where_nothing_was_learned(file: Path) -> None:
    remembered = Remembered(file)
    remembered.note("key", Thrift(), Thrift(), ROOM)
    assert not file.exists()
    remembered.note("key", Thrift(), DEEP, ROOM)
    before = file.stat().st_mtime_ns, file.stat().st_ino
    remembered.note("key", DEEP, DEEP, ROOM)
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before


@pytest.mark.parametrize("seconds", [TRY_AGAIN_SECONDS + 5, -3_600.0], ids=["a day", "the future"])
def test_after_a_day_one_rung_up_is_tried(file: Path, seconds: float) -> None:
    remembered = Remembered(file)
    remembered.note("key", Thrift(), DEEP, ROOM)
    aged(file, seconds)
    above = Thrift(tiled=True, at_once=2)
    assert remembered.begin("key", 4, ROOM) == above

    remembered.note("key", above, DEEP, ROOM)
    assert remembered.begin("key", 4, ROOM) == DEEP, "it failed, so the next try is a day away"

    aged(file, seconds)
    remembered.note("key", above, above, ROOM)
    assert remembered.begin("key", 4, ROOM) == above


def test_more_room_is_tried_at_once(file: Path) -> None:
    remembered = Remembered(file)
    remembered.note("key", Thrift(), DEEP, ROOM)
    assert remembered.begin("key", 4, int(ROOM * MORE_ROOM)) == DEEP
    assert remembered.begin("key", 4, int(ROOM * MORE_ROOM) + 2) != DEEP
    remembered.note("key", Thrift(), DEEP, 0)
    assert remembered.begin("key", 4, ROOM) == DEEP, "it is not known how little it was"


def test_the_plain_way_is_kept_by_forgetting(file: Path) -> None:
    remembered = Remembered(file)
    remembered.note("key", Thrift(), Thrift(tiled=True), ROOM)
    aged(file, TRY_AGAIN_SECONDS + 1)
    assert remembered.begin("key", 4, ROOM) == Thrift()
    remembered.note("key", Thrift(), Thrift(), ROOM)
    assert msgspec.json.decode(file.read_bytes()) == {}
    assert remembered.begin("key", 4, ROOM) == Thrift()


def test_the_oldest_go(file: Path) -> None:
    remembered = Remembered(file)
    remembered.note("first", Thrift(), DEEP, ROOM)
    entries = msgspec.json.decode(file.read_bytes())
    entry = entries.pop("first")
    now = time.time()
    entries = {f"{number}": entry | {"when": now - 10 - number} for number in range(300)}
    file.write_bytes(msgspec.json.encode(entries))
    remembered.note("last", Thrift(), DEEP, ROOM)
    kept = msgspec.json.decode(file.read_bytes())
    assert len(kept) == 200
    assert {"last", "0", "198"} <= kept.keys()


def test_without_a_file_the_worker_remembers(tmp_path: Path) -> None:
    remembered = Remembered(None)
    remembered.note("key", Thrift(), DEEP, ROOM)
    assert remembered.begin("key", 4, ROOM) == DEEP
    blocked = tmp_path / "a file"
    blocked.write_text("")
    remembered = Remembered(blocked / "memory.json")
    remembered.note("key", Thrift(), DEEP, ROOM)
    assert remembered.begin("key", 4, ROOM) == DEEP


_ENTRY = '{"tiled":true,"at_once":2,"offload":1,"when":1.0,"room":1}'
HOSTILE = [
    b"",
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b'{"key":' * 5_000,
    b'{"key":null}',
    b'{"key":{"tiled":true}}',
    f'{{"key":{_ENTRY.replace("2", "-1")}}}'.encode(),
    f'{{"key":{_ENTRY.replace("2", "1000000000")}}}'.encode(),
    f'{{"key":{_ENTRY.replace(":1,", ":9,")}}}'.encode(),
    f'{{"key":{_ENTRY.replace("1.0", "NaN")}}}'.encode(),
    b'{"key":"' + b"x" * 1_000_000 + b'"}',
]


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_nonsense_is_left_aside_and_replaced(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    remembered = Remembered(file)
    assert remembered.begin("key", 4, ROOM) == Thrift()
    remembered.note("key", Thrift(), DEEP, ROOM)
    assert Remembered(file).begin("key", 4, ROOM) == DEEP


@given(st.binary(max_size=200))
def test_no_bytes_stop_a_worker(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "memory-bytes.json"
    file.write_bytes(content)
    assert Remembered(file).begin("key", 4, ROOM) == Thrift()


def test_what_is_no_file_is_not_waited_for(file: Path) -> None:
    file.parent.mkdir()
    os.mkfifo(file)
    assert Remembered(file).begin("key", 4, ROOM) == Thrift()


def test_what_another_worker_learned_meanwhile_stays(file: Path) -> None:
    first, second = Remembered(file), Remembered(file)
    assert first.begin("key", 4, ROOM) == second.begin("key", 4, ROOM) == Thrift()
    first.note("key", Thrift(), DEEP, ROOM)
    second.note("key", Thrift(), Thrift(), ROOM)
    assert first.begin("key", 4, ROOM) == DEEP
