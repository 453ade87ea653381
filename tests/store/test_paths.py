import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.store.errors import StoreError
from tui.store.files import write_durably
from tui.store.paths import Home, find_home, private_umask
from tui.store.store import open_store

from .helpers import output, start


@pytest.fixture
def loose_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_lies_under_keepers_home(tmp_path: Path) -> None:
    home = find_home({"KEEPERS_HOME": str(tmp_path)})
    for place in (home.database, home.inputs, home.settings_file, home.reruns, home.engine_log):
        assert place.is_relative_to(tmp_path)
    assert home.database == tmp_path / "data" / "keepers.db"
    assert home.settings_file == tmp_path / "config" / "config.toml"
    assert home.engine_lock.parent == home.engine_file.parent == home.data


def test_a_relative_keepers_home_is_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_home({"KEEPERS_HOME": "here"}).data == tmp_path / "here" / "data"


def test_a_home_of_nobody_is_refused() -> None:
    with pytest.raises(StoreError, match="KEEPERS_HOME"):
        find_home({"KEEPERS_HOME": "~no-such-user-here/x"})


def test_without_keepers_home_each_kind_has_the_users_own_folder() -> None:
    home = find_home({})
    assert home.data.is_absolute()
    assert "keepers" in str(home.data)
    assert len({home.data, home.cache, home.log}) == 3


@pytest.mark.usefixtures("loose_umask")
def test_folders_are_0700_and_files_0600_whatever_the_umask(tmp_path: Path) -> None:
    home = find_home({"KEEPERS_HOME": str(tmp_path / "new" / "home")})
    home.projects.mkdir(parents=True)  # loose, from before
    with open_store(home) as store:
        project = store.projects.add("A cat")
        write_durably(store.projects.folder(project) / "a.png", b"x")
        found = list((tmp_path / "new" / "home").rglob("*"))
        files = [path for path in found if path.is_file()]
        assert {path.name for path in files} >= {"keepers.db", "keepers.db-wal", "a.png"}
        assert {mode(path) for path in files} == {0o600}
        ours = [path for path in found if path.is_dir()]
        assert {mode(path) for path in ours} == {0o700}


def test_a_loose_database_file_is_tightened(home: Home) -> None:
    home.database.touch(0o644)
    home.database.chmod(0o644)
    with open_store(home):
        assert mode(home.database) == 0o600


def test_private_umask_closes_what_comes_after(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        private_umask()
        (tmp_path / "file").touch()
    finally:
        os.umask(before)
    assert mode(tmp_path / "file") == 0o600


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(StoreError, match=r"data: something else has that name; move it away"):
        find_home({"KEEPERS_HOME": str(tmp_path)}).create()
    with pytest.raises(StoreError, match=r"data: something else has that name; move it away"):
        find_home({"KEEPERS_HOME": str(tmp_path / "data")}).create()
    assert (tmp_path / "data").read_text() == "x"


def test_a_folder_that_may_not_be_made_is_explained_to_an_ordinary_user(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    code = """
import os, sys
from tui.store.paths import find_home
from tui.store.errors import StoreError
if os.geteuid() == 0:
    os.setuid(65534)
try:
    find_home({"KEEPERS_HOME": sys.argv[1]}).create()
except StoreError as error:
    print(error)
"""
    with start(code, str(tmp_path / "home")) as process:
        said = output(process).read()
    assert "you have no permission" in said
    assert "set KEEPERS_HOME" in said


@pytest.mark.parametrize("stored", ["/etc/passwd", "../x", "a/../../x", "", "a\0b", "."])
def test_stored_paths_stay_inside(home: Home, stored: str) -> None:
    with pytest.raises(StoreError, match="leads out of"):
        home.inside(stored)


def test_a_stored_path_is_found_again(home: Home) -> None:
    assert home.inside("projects/a/b.png") == home.data / "projects" / "a" / "b.png"
