"""A home and a store that each test has for itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.store.paths import Home, find_home
from tui.store.store import Store, open_store


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = find_home({"KEEPERS_HOME": str(tmp_path / "keepers")})
    home.create()
    return home


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    with open_store(home) as opened:
        yield opened
