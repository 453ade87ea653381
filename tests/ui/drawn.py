"""Projects with pictures: drawn by the real engine, or put there from a file where that will do."""

import time
from pathlib import Path

from PIL import Image
from textual.pilot import Pilot

from tests.ui.conftest import until
from tui.app import KeepersApp
from tui.domain.brief import Brief
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.store.files import sha256_of
from tui.store.ids import new_id
from tui.store.images import ImageRecord
from tui.workflow.options import Options
from tui.workflow.rounds import plan, send
from tui.workflow.workspace import Workspace

LAYERS = Layers(subject="a robot", style="cartoon", negatives="weapons")


def app_of(pilot: Pilot[None]) -> KeepersApp:
    app = pilot.app
    assert isinstance(app, KeepersApp)
    return app


async def drawn(pilot: Pilot[None], brief: Brief, layers: Layers = LAYERS) -> ImageRecord:
    """A new project whose second of two pictures is chosen, drawn by the engine."""
    app = app_of(pilot)
    workspace = app.workspace
    workspace.create()
    workspace.save_brief(brief)
    workspace.save_draft(layers)
    workspace.save_options(Options(count=2, steps=2))
    await until(pilot, lambda: not app.link.trouble)
    await send(workspace, app.link, plan(workspace))
    await until(pilot, lambda: len(workspace.images()) == 2)
    image = workspace.images()[-1]
    workspace.choose(image.id)
    return image


def placed(workspace: Workspace, brief: Brief, layers: Layers = LAYERS) -> ImageRecord:
    """A new project with one chosen picture that no engine made."""
    workspace.create(brief.purpose or "Untitled")
    workspace.save_brief(brief)
    workspace.save_draft(layers)
    image = put(workspace)
    workspace.choose(image.id)
    return image


def put(
    workspace: Workspace, parent: ImageRecord | None = None, size: tuple[int, int] = (64, 48)
) -> ImageRecord:
    """A picture in the open project; each is another file."""
    store, image_id = workspace.store, new_id()
    path: Path = store.projects.folder(workspace.project) / f"{image_id}.png"
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    picture.putpixel((0, 0), (len(workspace.images()) % 256, 0, 0))
    picture.save(path)
    record = ImageRecord(
        id=image_id,
        project_id=workspace.project.id,
        parent_id=parent.id if parent else None,
        origin=Origin.EDITED if parent else Origin.IMPORTED,
        path=path.relative_to(store.home.data).as_posix(),
        sha256=sha256_of(path),
        pixels="0" * 64,
        width=size[0],
        height=size[1],
        created=time.time(),
    )
    store.images.add(record)
    return record
