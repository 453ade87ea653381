"""Once a day the program that was started copies its database, beside all that goes on."""

from tests.ui.conftest import OpenApp, until
from tests.ui.drawn import app_of
from tui.store.backups import backups
from tui.store.paths import Home
from tui.store.sidecar import FILE_NAME, read_sidecar
from tui.store.soundness import problems


async def test_a_while_after_the_start_there_is_a_backup(open_app: OpenApp, home: Home) -> None:
    async with open_app() as pilot:
        workspace = app_of(pilot).workspace
        workspace.create("A fox")
        folder = workspace.store.projects.folder(workspace.project)
        await until(pilot, (folder / FILE_NAME).exists)
        (made,) = backups(home)
        assert problems(made) == ()
        assert read_sidecar(folder / FILE_NAME).name == "A fox"


async def test_what_stands_in_its_way_is_said_and_stops_nothing(
    open_app: OpenApp, home: Home
) -> None:
    for made in backups(home):
        made.unlink()
    home.backups.rmdir()
    home.backups.write_bytes(b"in the way")
    async with open_app() as pilot:
        app = app_of(pilot)
        await until(pilot, lambda: any("backup" in note.message for note in app._notifications))
        app.workspace.create("Goes on")
