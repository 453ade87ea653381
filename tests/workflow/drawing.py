"""An engine for tests of the workflow: it keeps what is asked, and draws plain pictures at once."""

import time
from pathlib import Path
from typing import cast

import msgspec
import numpy as np

from tests.store.helpers import recipe as any_recipe
from tui.domain.prompt import Layers
from tui.domain.versioned import from_json, to_json
from tui.engine.jobs import JobRequest
from tui.engine.keeping import keep_image
from tui.engine.messages import JobView
from tui.engine.worker_messages import SlotPixels
from tui.store.images import ImageRecord
from tui.store.jobs import JobState
from tui.store.paths import find_home
from tui.store.settings import Settings
from tui.store.store import open_store
from tui.workflow.link import EngineLink
from tui.workflow.rounds import Plan, send
from tui.workflow.workspace import Workspace

WORDS = Layers(
    subject="a robot", style="flat", composition="on the right", detail="warm light, orange"
)


class Queue:
    """Takes jobs as the engine's link does."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def submit(self, project: str, job: JobRequest) -> JobView:
        stored = self._workspace.store.jobs.add(project, to_json(job))
        return JobView(id=stored.id, project=project, state=stored.state)


def workspace_in(folder: Path) -> Workspace:
    store = open_store(find_home({"KEEPERS_HOME": str(folder / "keepers")}))
    workspace = Workspace(store, Settings())
    workspace.create("Robot")
    workspace.save_draft(WORDS)
    return workspace


async def sent(workspace: Workspace, wanted: Plan) -> str:
    """Queue a plan; returns the job."""
    return (await send(workspace, cast("EngineLink", Queue(workspace)), wanted)).id


async def drawn(
    workspace: Workspace, wanted: Plan, *, most: int = 99, state: JobState = JobState.DONE
) -> list[ImageRecord]:
    """Queue a plan and draw it, or only the first few of it."""
    job_id = await sent(workspace, wanted)
    images = put_images(workspace, job_id, most=most)
    workspace.store.jobs.set_state(job_id, state)
    return images


def put_images(workspace: Workspace, job_id: str, *, most: int = 99) -> list[ImageRecord]:
    """The plain pictures of a job that is queued already, or the first few of them."""
    store = workspace.store
    request = from_json(store.jobs.get(job_id).request, JobRequest)
    for slot, seed in enumerate(request.seeds[:most]):
        intent = request.intent.with_seed(seed)
        made = SlotPixels(
            batch=1,
            slot=slot,
            width=intent.width,
            height=intent.height,
            seconds=0.1,
            recipe=msgspec.structs.replace(any_recipe(seed, slot), intent=intent),
        )
        pixels = np.full((intent.height, intent.width, 3), seed * 9 % 255, np.uint8)
        place = (store, job_id, workspace.project.id, request)
        keep_image(*place, made, pixels.tobytes(), time.time())
    return list(store.images.for_job(job_id))
