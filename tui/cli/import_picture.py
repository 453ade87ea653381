"""`keepers import`: take a picture in, as a start or as what another program made of an image."""

from pathlib import Path

import click

from tui.cli.errors import Sentence
from tui.cli.home import look_home, make_home
from tui.cli.output import say
from tui.domain.text import clean
from tui.store.images import ImageRecord
from tui.store.projects import Project
from tui.store.store import Store, open_store


@click.command("import")
@click.argument("picture", type=click.Path(path_type=Path))
@click.option("--parent", help="Id of the image that it was made from.")
@click.option("--project", help="Name or id of the project; the last used one without.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_picture(picture: Path, parent: str | None, project: str | None, as_json: bool) -> None:
    """Take PICTURE into a project; the file itself is left alone."""
    import msgspec

    from tui.imaging.pixels import open_picture
    from tui.workflow.importing import import_picture as take_in
    from tui.workflow.importing import what_came

    open_picture(picture)  # nothing is made for a picture that cannot be read
    home, _settings = look_home()
    make_home(home)
    with open_store(home) as store:
        image = None if parent is None else store.images.get(parent)
        target = _project(store, project, image)
        made = take_in(store, target, picture, image)
        changed = "" if image is None else what_came(store, image, made)
        path = str(store.images.file(made))
    if as_json:
        told: dict[str, str | None] = {"id": made.id, "path": path, "project": target.id}
        told |= {"parent": made.parent_id, "changed": changed}
        say(msgspec.json.encode(told).decode())
        return
    say(f"{made.id}  {path}")
    if changed:
        say(changed)


def _project(store: Store, wanted: str | None, parent: ImageRecord | None) -> Project:
    """The project that is meant.

    Raises:
        Sentence: there is none, or several have that name.
        StoreError: the parent's project is gone.
    """
    if parent is not None:
        return store.projects.get(parent.project_id)
    projects = store.projects.list(archived=True)
    if wanted is None:
        return projects[0] if projects else store.projects.add("Imported")
    found = [project for project in projects if wanted in (project.id, project.name)]
    if len(found) == 1:
        return found[0]
    shown = clean(wanted, limit=80)
    if not found:
        raise Sentence(f"there is no project “{shown}”: see their names in keepers")
    ids = ", ".join(project.id for project in found)
    raise Sentence(f"several projects are called “{shown}”: give one of {ids}")
