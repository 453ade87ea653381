"""An open project in a home of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflow.drawing import workspace_in
from tui.workflow.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_in(tmp_path)
    yield made
    made.store.close()
