import os
import time
from pathlib import Path

import msgspec
import pytest

from tui.engine.discovery import (
    LEASE_SECONDS,
    EngineElsewhereError,
    check_host,
    lock_is_held,
    new_info,
    read_info,
    socket_path,
    take_lock,
    write_info,
)
from tui.store.errors import StoreError
from tui.store.paths import Home


def written_elsewhere(home: Home, age: float) -> None:
    write_info(home, msgspec.structs.replace(new_info(1, "1", Path("/s")), host="other-host"))
    then = time.time() - age
    os.utime(home.engine_file, (then, then))


def test_an_engine_that_another_host_renews_is_left_alone(home: Home) -> None:
    written_elsewhere(home, LEASE_SECONDS / 2)
    with pytest.raises(EngineElsewhereError, match="runs on other-host: use Keepers there"):
        check_host(home)


def test_an_engine_that_another_host_gave_up_is_forgotten(home: Home) -> None:
    written_elsewhere(home, LEASE_SECONDS + 1)
    check_host(home)


def test_what_an_engine_says_of_itself_comes_back(home: Home) -> None:
    assert read_info(home) is None
    info = new_info(1, "1", socket_path(home))
    write_info(home, info)
    assert read_info(home) == info
    assert home.engine_file.stat().st_mode & 0o777 == 0o600
    check_host(home)
    for nonsense in (b"", b"{", b"[]", b'{"pid": "x"}', b"\xff"):
        home.engine_file.write_bytes(nonsense)
        assert read_info(home) is None
        check_host(home)


def test_one_lock_for_one_home(home: Home) -> None:
    assert not lock_is_held(home)
    lock = take_lock(home)
    assert lock is not None
    assert lock_is_held(home)
    assert take_lock(home) is None
    lock.close()
    assert not lock_is_held(home)


def test_the_socket_lies_in_a_short_private_folder(tmp_path: Path, home: Home) -> None:
    path = socket_path(home, root=tmp_path)
    assert path == socket_path(home, root=tmp_path)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert len(os.fsencode(socket_path(home))) < 60
    other = Home(home.config, home.data, home.cache, home.log)
    assert socket_path(other, root=tmp_path) != path


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path, home: Home) -> None:
    with pytest.raises(StoreError, match=r"belongs to somebody else.*: ask its owner"):
        socket_path(home, root=tmp_path, uid=os.getuid() + 1)


def test_a_socket_folder_that_others_can_enter_is_refused(tmp_path: Path, home: Home) -> None:
    folder = socket_path(home, root=tmp_path).parent
    folder.chmod(0o711)
    with pytest.raises(StoreError, match=rf"is open to other users: run “chmod 700 {folder}”"):
        socket_path(home, root=tmp_path)


def test_a_link_in_the_place_of_the_socket_folder_is_refused(tmp_path: Path, home: Home) -> None:
    folder = socket_path(home, root=tmp_path).parent
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="belongs to somebody else"):
        socket_path(home, root=tmp_path)
