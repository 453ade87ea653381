import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from tui.domain.recipe import Route, circumstances
from tui.engine.client import Client
from tui.engine.following import run_job
from tui.engine.jobs import JobRequest
from tui.engine.messages import (
    Event,
    ImageFinished,
    JobChanged,
    JobSays,
    PreviewMade,
    StepDone,
    Submit,
)
from tui.engine.supervisor import connect, stop_engine
from tui.imaging.metadata import read_provenance
from tui.store.files import sha256_of
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.sidecar import FILE_NAME, read_sidecar
from tui.store.store import open_store

from .helpers import PROJECT, assert_kept, levels, processes, request, run, status, submit, until


def rerun_of(path: str) -> JobRequest:
    """What `keepers rerun` asks for."""
    recipe = read_provenance(Path(path)).recipe
    seeds = tuple(recipe.intent.seed + slot - recipe.slot for slot in range(recipe.batch_size))
    return JobRequest(
        intent=recipe.intent,
        seeds=seeds,
        batch_size=recipe.batch_size,
        wanted=(recipe.slot,),
        again=True,
        keep=False,
        precision=recipe.precision,
        threads=recipe.threads,
    )


@contextmanager
def moved_away(file: Path) -> Iterator[None]:
    """Other tests compare the folder with the rows, so it comes back."""
    away = file.parents[2] / file.name
    file.rename(away)
    try:
        yield
    finally:
        away.rename(file)


def sidecar_images(file: Path) -> set[str]:
    return {image.id for image in read_sidecar(file).images}


async def test_a_batch_becomes_images_with_rows_and_recipes(warm: Home) -> None:
    job = request(11, 12, 13, subject="a robot")
    view, _ = await run(warm, job)
    assert view.state is JobState.DONE
    assert (view.total, view.error) == (3, "")
    assert_kept(warm, view, (11, 12, 13))
    recipes = [read_provenance(Path(image.path)).recipe for image in view.images]
    for slot, recipe in enumerate(recipes):
        assert (recipe.slot, recipe.batch_size) == (slot, 3)
        assert recipe.intent == job.intent.with_seed(11 + slot)
        assert recipe.route is Route.TEXT_TO_IMAGE
        assert (recipe.pipeline, recipe.scheduler) == ("StableDiffusionPipeline", "DDIMScheduler")
        assert recipe.prompt == "a robot"
        assert recipe.threads >= 1
        assert recipe.device
    pictures = [levels(image.path) for image in view.images]
    assert all(picture.shape == (128, 128, 3) and picture.std() > 0 for picture in pictures)
    assert (pictures[0] != pictures[1]).any()
    with open_store(warm) as store:
        folder = store.projects.folder(store.projects.get(PROJECT))
    wanted = {image.id for image in view.images}
    file = folder / FILE_NAME
    await until(lambda: file.exists() and not wanted - sidecar_images(file), "the sidecar knows")


async def test_events_come_in_order_and_images_are_safe_before_they_are_told(warm: Home) -> None:
    heard: list[Event] = []

    def on_event(event: Event, _blob: bytes) -> None:
        heard.append(event)
        if isinstance(event, ImageFinished):
            assert sha256_of(Path(event.image.path)) == event.image.sha256
            with open_store(warm) as store:
                assert store.images.get(event.image.id).seed == event.image.seed

    job = request(21, 22, 23, 24, 25, batch_size=2, steps=3)
    view = await run_job(warm, Submit(project=PROJECT, job=job), on_event)
    assert_kept(warm, view, (21, 22, 23, 24, 25))
    assert [e.state for e in heard if isinstance(e, JobChanged)][-2:] == ["running", "done"]
    assert isinstance(heard[-1], JobChanged)
    heard = [event for event in heard if not isinstance(event, JobChanged | JobSays)]
    steps = [(e.batch, e.step, e.batches, e.steps) for e in heard if isinstance(e, StepDone)]
    assert steps == [(batch, step, 3, 3) for batch in range(3) for step in (1, 2, 3)]
    for number, event in enumerate(heard):
        if isinstance(event, ImageFinished):
            batch = (event.image.seed - 21) // 2
            before = [e for e in heard[:number] if isinstance(e, StepDone) and e.batch == batch]
            assert [e.step for e in before] == [1, 2, 3]
    finished = [event.image for event in heard if isinstance(event, ImageFinished)]
    assert sorted(finished, key=lambda image: image.seed) == list(view.images)
    shapes = [read_provenance(Path(image.path)).recipe for image in view.images]
    assert [(r.batch_size, r.slot) for r in shapes] == [(2, 0), (2, 1), (2, 0), (2, 1), (1, 0)]


@pytest.mark.parametrize("wanted", [True, False])
async def test_previews_come_to_those_who_want_them(warm: Home, wanted: bool) -> None:
    # Long enough that previews are due on any machine.
    _, heard = await run(warm, request(31, steps=16, again=True), previews=wanted)
    previews = [(event, blob) for event, blob in heard if isinstance(event, PreviewMade)]
    assert bool(previews) is wanted
    for event, blob in previews:
        with Image.open(io.BytesIO(blob)) as picture:
            assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (16, 16))
        assert event.seed == 31
        assert 1 <= event.step <= event.steps == 16
    assert all(not blob for event, blob in heard if not isinstance(event, PreviewMade))


async def test_a_wish_is_drawn_again_only_on_demand(warm: Home) -> None:
    first, _ = await run(warm, request(41, 42))
    found, heard = await run(warm, request(42, 41, 42 + 1))
    assert [image.found for image in found.images] == [True, True, False]
    assert [image.id for image in found.images[:2]] == [first.images[1].id, first.images[0].id]
    assert [e.image.seed for e, _ in heard if isinstance(e, ImageFinished)] == [42, 41, 43]
    again, _ = await run(warm, request(41, 42, again=True))
    assert_kept(warm, again, (41, 42))
    assert not {image.id for image in again.images} & {image.id for image in first.images}
    for before, after in zip(first.images, again.images, strict=True):
        assert (levels(before.path) == levels(after.path)).all()
        assert before.recipe == after.recipe


async def test_what_was_deleted_by_hand_is_drawn_again(warm: Home) -> None:
    first, _ = await run(warm, request(51))
    pixels = levels(first.images[0].path)
    with moved_away(Path(first.images[0].path)):
        second, _ = await run(warm, request(51))
    assert not second.images[0].found
    assert (levels(second.images[0].path) == pixels).all()


async def test_a_rerun_is_identical_also_in_a_fresh_worker(home: Home) -> None:
    made, _ = await run(home, request(1, 2, 3))
    original = made.images[1]
    assert await stop_engine(home)
    client = await connect(home)
    found, heard = await run(home, request(1, 2, 3))
    assert all(image.found for image in found.images)
    assert not any(isinstance(event, StepDone | JobSays) for event, _ in heard)
    assert (await status(client)).worker_pid is None
    for _ in range(2):
        view, _ = await run(home, rerun_of(original.path))
        (image,) = view.images
        assert image.seed == 2
        assert Path(image.path).is_relative_to(home.reruns)
        assert (levels(image.path) == levels(original.path)).all()
        recipes = [read_provenance(Path(path)).recipe for path in (original.path, image.path)]
        assert circumstances(recipes[0], recipes[1]) == []
    with open_store(home) as store:
        assert len(store.images.list(PROJECT)) == 3
    now = await status(client)
    assert (now.worker, now.model, now.running, now.queued) == ("warm", "starter", "", 0)
    assert now.worker_pid in processes(home)
    await client.close()


async def test_in_batches_of_one_a_picture_depends_on_its_own_seed_alone(
    make_home: Callable[..., Home],
) -> None:
    """The exact mode: the round that a picture was made in leaves no trace in it."""
    home = make_home(batch_size=1)
    round_of_three, _ = await run(home, request(61, 62, 63))
    alone, _ = await run(home, request(62, again=True))
    pixels = [levels(image.path) for image in (round_of_three.images[1], alone.images[0])]
    assert (pixels[0] == pixels[1]).all()
    recipes = [read_provenance(Path(i.path)).recipe for i in round_of_three.images]
    assert [(recipe.batch_size, recipe.slot) for recipe in recipes] == [(1, 0)] * 3


async def test_jobs_run_one_after_the_other(warm: Home, client: Client) -> None:
    first = await submit(client, request(61, steps=4, again=True))
    second = await submit(client, request(62, steps=2, again=True))
    changes: list[tuple[str, str]] = []
    while len(changes) < 4:
        event, _ = await client.next_event()
        if isinstance(event, JobChanged):
            changes.append((event.job, event.state.value))
    assert changes == [(job, state) for job in (first, second) for state in ("running", "done")]


async def test_sizes_are_drawn_as_wished(warm: Home) -> None:
    view, _ = await run(warm, request(71, width=160, height=96))
    assert_kept(warm, view, (71,))
    assert levels(view.images[0].path).shape == (96, 160, 3)
    assert (view.images[0].width, view.images[0].height) == (160, 96)
