import errno
import os
import stat
from pathlib import Path
from typing import IO

import pytest

from tui.store.errors import StoreError, explain
from tui.store.files import (
    LEFTOVER_AGE,
    copy_durably,
    remove_leftovers,
    sha256_of,
    sync_folder,
    write_durably,
)

from .helpers import file_size_limit

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_whole_and_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_durably(path, b"one")
    before = path.stat().st_ino
    write_durably(path, lambda file: file.write(b"two"))
    assert path.read_bytes() == b"two"
    assert path.stat().st_ino != before, "an older file is never overwritten in place"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(tmp_path) == ["a.png"]


def test_a_link_in_its_place_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "a.png").symlink_to(tmp_path / "precious")
    write_durably(tmp_path / "a.png", b"new")
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert not (tmp_path / "a.png").is_symlink()


@pytest.mark.parametrize("function", ["fsync", "rename"])
def test_an_error_at_any_call_leaves_the_older_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    write_durably(tmp_path / "a", b"old")

    def fail(*arguments: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(StoreError, match="the disk reported an error"):
        write_durably(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(file: IO[bytes]) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_durably(tmp_path / "a", fail)
    assert names(tmp_path) == []


def test_a_file_past_the_limit_is_explained(tmp_path: Path) -> None:
    write_durably(tmp_path / "a", b"old")
    with (
        file_size_limit(10_000),
        pytest.raises(StoreError, match=r"write .*/a: the file would be larger than is allowed"),
    ):
        write_durably(tmp_path / "a", bytes(100_000))
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_impossible_places_are_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="is not there"):
        write_durably(tmp_path / "none" / "a", b"")
    with pytest.raises(StoreError, match="a part of the path is a file"):
        write_durably(tmp_path / "file" / "a", b"")
    with pytest.raises(StoreError, match="the name is too long"):
        write_durably(tmp_path / ("a" * 300), b"")
    assert names(tmp_path) == ["file"]


def test_a_file_system_without_synced_folders_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", refuse)
    sync_folder(tmp_path)


@pytest.mark.parametrize("links", [True, False])
def test_copies_never_replace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    source, target = tmp_path / "source", tmp_path / "target"
    target.mkdir()
    (target / "pic.png").write_bytes(b"someone else's")
    (target / "pic-2.png").symlink_to("/nowhere")
    source.write_bytes(b"mine")
    assert copy_durably(source, target, "pic.png") == target / "pic-3.png"
    assert copy_durably(source, target, "pic.png") == target / "pic-3.png"
    source.write_bytes(b"mine, changed")
    assert copy_durably(source, target, "pic.png") == target / "pic-4.png"
    assert (target / "pic.png").read_bytes() == b"someone else's"
    assert (target / "pic-3.png").read_bytes() == b"mine"
    assert names(target) == ["pic-2.png", "pic-3.png", "pic-4.png", "pic.png"]


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/x", "a/b", "a\0b"])
def test_copies_take_plain_names_only(tmp_path: Path, name: str) -> None:
    (tmp_path / "source").write_bytes(b"")
    with pytest.raises(StoreError, match="is not the name of a file"):
        copy_durably(tmp_path / "source", tmp_path, name)


def test_only_files_are_copied(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match="it is not a file"):
        copy_durably(tmp_path / "pipe", tmp_path, "a")


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert sha256_of(tmp_path / "empty") == EMPTY_SHA256
    with pytest.raises(StoreError, match="it is not there"):
        sha256_of(tmp_path / "none")


def test_only_our_old_leftovers_go(tmp_path: Path) -> None:
    old, young = ".tmp-12-0123456789abcdef", ".tmp-12-fedcba9876543210"
    for name in (old, young, ".tmp-notes", "image.png"):
        (tmp_path / name).touch()
    now = (tmp_path / young).stat().st_mtime
    for name in (old, ".tmp-notes", "image.png"):
        os.utime(tmp_path / name, (0, now - LEFTOVER_AGE - 1))
    assert remove_leftovers(tmp_path, now=now) == 1
    assert names(tmp_path) == [".tmp-12-fedcba9876543210", ".tmp-notes", "image.png"]
    assert remove_leftovers(tmp_path / "none") == 0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EDQUOT, "quota"),
        (errno.EACCES, "you have no permission; make"),
        (errno.EROFS, "read-only"),
        (errno.ENOTDIR, "is a file, not a folder"),
        (errno.ENAMETOOLONG, "too long"),
        (errno.EXDEV, "Invalid cross-device link; check the path"),
    ],
)
def test_errors_are_explained(code: int, words: str) -> None:
    message = explain(OSError(code, os.strerror(code)), "write /x")
    assert message.startswith("could not write /x: ")
    assert words in message


def test_no_path_drives_the_terminal() -> None:
    assert "\x1b" not in str(StoreError(explain(OSError(errno.EIO, "x"), "write /\x1b]0;x\x07")))
