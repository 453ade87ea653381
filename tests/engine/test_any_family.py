"""Every family through the real engine and worker: all that a person does with a model."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from tui.domain.prompt import Layers
from tui.domain.recipe import Route
from tui.engine.client import Client, RefusedError
from tui.engine.families import UNKNOWN, family_of
from tui.engine.jobs import JobRequest
from tui.engine.messages import JobView, PreviewMade
from tui.engine.supervisor import connect
from tui.engine.worker.decoding import at_size
from tui.engine.worker.errors import LoadingError
from tui.engine.worker.kinds import check_kind
from tui.engine.worker.signatures import only_changes
from tui.engine.worker_messages import ModelPlace
from tui.imaging.metadata import read_provenance
from tui.store.jobs import JobState
from tui.store.paths import Home

from .helpers import DEADLINE, Pixels, assert_kept, levels, put_picture, request, run, submit
from .test_cancelling import cancelled
from .test_inpainting import assert_only_the_mask_changed, repair
from .tiny_models import SIDE
from .tiny_models.families import TINY_FAMILIES, TinyFamily
from .tiny_models.gridded import save_tiny_hunyuan_image
from .tiny_models.kandinsky import save_tiny_kandinsky5, save_tiny_kandinsky_decoder
from .tiny_models.xl import save_tiny_xl

WIDE = SIDE * 3 // 2


def noise(width: int, height: int) -> Pixels:
    """A picture of chance."""
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


NOISE = noise(WIDE, SIDE)
KEYWORDS = Layers(subject="a cat", negatives="blurry, extra limbs")

# Chroma's own classes use it.
pytestmark = pytest.mark.filterwarnings("ignore:.FluxPosEmbed. is deprecated:FutureWarning")


@pytest.fixture
async def watcher(warm: Home) -> AsyncIterator[Client]:
    """A connection that previews come to."""
    opened = await connect(warm, previews=True)
    yield opened
    await opened.close()


async def drawn_twice(home: Home, job: JobRequest) -> JobView:
    """The job's images, after they were made and made again to the same pixels."""
    view, _ = await run(home, job)
    assert_kept(home, view, job.seeds)
    again, _ = await run(home, replace(job, again=True))
    assert_kept(home, again, job.seeds)
    assert same(view, again)
    return view


def pixels(view: JobView) -> list[Pixels]:
    return [levels(image.path) for image in view.images]


def same(some: JobView, others: JobView) -> bool:
    return all(
        bool((one == other).all()) for one, other in zip(pixels(some), pixels(others), strict=True)
    )


@pytest.mark.parametrize("name", TINY_FAMILIES)
async def test_a_family_draws_varies_repairs_and_can_be_stopped(
    warm: Home, watcher: Client, tmp_path: Path, name: str
) -> None:
    family = TINY_FAMILIES[name]
    folder = family.save(tmp_path / "model")
    width, height = family.width, family.height
    # One thread: these are too small for more, and the machine may be busy.
    job = request(901, 902, model=str(folder), width=width, height=height, threads=1)
    plain, _ = await run(warm, job)
    assert_kept(warm, plain, (901, 902))
    first, second = pixels(plain)
    assert first.shape == second.shape == (height, width, 3)
    assert (first != second).any()

    await stop_at_a_preview(watcher, replace(job, seeds=(903, 904)))
    again, _ = await run(warm, replace(job, again=True))
    assert same(plain, again)

    strict, _ = await run(warm, with_intent(job, guidance=9.0))
    assert not same(plain, strict)
    negative, _ = await run(warm, with_intent(job, layers=KEYWORDS))
    assert same(plain, negative) is not family.negatives

    before = noise(width, height)
    picture = put_picture(warm, before)
    varied = await drawn_twice(warm, with_intent(job, init_image=picture, strength=0.5, steps=4))
    made = [plain, negative, varied]
    if family.repairs:
        made.append(
            await drawn_twice(
                warm, repair(warm, before, 905, 906, model=str(folder), strength=0.5, threads=1)
            )
        )
        for after in pixels(made[-1]):
            assert_only_the_mask_changed(before, after)
    assert_recipes(family, *made)


def with_intent(job: JobRequest, **changes: Any) -> JobRequest:
    return replace(job, intent=replace(job.intent, **changes))


async def stop_at_a_preview(watcher: Client, job: JobRequest) -> None:
    """Cancel the job in its midst, once a preview has come; nothing of it is left."""
    running = await submit(watcher, with_intent(job, steps=500))
    async with asyncio.timeout(DEADLINE):
        while True:
            found, jpeg = await watcher.next_event()
            if isinstance(found, PreviewMade) and found.job == running:
                break
    with Image.open(io.BytesIO(jpeg)) as preview:
        width, height = preview.size
    assert width * job.intent.height == height * job.intent.width
    assert (await cancelled(watcher, running)).images == ()


def assert_recipes(family: TinyFamily, *views: JobView) -> None:
    """Each says by which route and pipeline it was made, and which negatives were read."""
    recipes = [read_provenance(Path(view.images[0].path)).recipe for view in views]
    plain, negative, *others = recipes
    assert negative.negative_prompt == (KEYWORDS.negative_prompt if family.negatives else "")
    assert {each.route: each.pipeline for each in (plain, *others)} == family.routes


@pytest.mark.parametrize("name", ["Flux Kontext", "Flux 2"])
async def test_a_family_that_looks_at_a_picture_is_shown_it(
    warm: Home, tmp_path: Path, name: str
) -> None:
    folder = TINY_FAMILIES[name].save(tmp_path / "model")
    job = request(907, 908, model=str(folder), width=SIDE, height=SIDE, threads=1)
    plain, _ = await run(warm, job)
    # From noise alone, so that only what the network sees of the picture can tell.
    shown = [
        await drawn_twice(
            warm, with_intent(job, init_image=put_picture(warm, picture), strength=1.0)
        )
        for picture in (NOISE, NOISE[::-1])
    ]
    assert not same(*shown)
    assert not same(plain, shown[0])
    first, second = pixels(shown[0])
    assert (first != second).any()


def test_who_draws_nothing_without_a_picture_is_known_by_its_class() -> None:
    edits = (diffusers.QwenImageEditPipeline, diffusers.StableDiffusionInstructPix2PixPipeline)
    assert all(only_changes(cls) for cls in edits)
    others = (
        diffusers.FluxKontextPipeline,
        diffusers.Flux2KleinPipeline,
        diffusers.QwenImageImg2ImgPipeline,
        diffusers.QwenImageEditInpaintPipeline,
    )
    assert not any(only_changes(cls) for cls in others)


def test_one_of_them_is_in_no_table() -> None:
    known = [family_of(family.drawing) for family in TINY_FAMILIES.values()]
    assert known.count(UNKNOWN) == 1


async def test_an_inpainting_sdxl_repairs_and_explains_the_rest(warm: Home, tmp_path: Path) -> None:
    name = str(save_tiny_xl(tmp_path / "model", channels=9))
    repaired = await drawn_twice(warm, repair(warm, NOISE, 911, model=name, threads=1))
    assert_only_the_mask_changed(NOISE, levels(repaired.images[0].path))
    recipe = read_provenance(Path(repaired.images[0].path)).recipe
    assert (recipe.route, recipe.pipeline) == (Route.INPAINT, "StableDiffusionXLInpaintPipeline")
    await assert_failed(
        warm,
        request(912, model=name, width=SIDE, height=SIDE),
        f"{name} only repairs parts of a picture: give it a picture and a mask, "
        "or choose another model",
    )


async def test_a_family_of_fixed_sizes_says_which(warm: Home, tmp_path: Path) -> None:
    name = str(save_tiny_kandinsky5(tmp_path / "model"))
    sizes = "1024 × 1024, 640 × 1408, 1408 × 640, 768 × 1280, 1280 × 768, 896 × 1152, 1152 × 896"
    job = request(921, model=name, width=WIDE, height=SIDE, threads=1)
    await assert_failed(
        warm, job, f"{name} draws only {sizes}, not {WIDE} × {SIDE}: choose one of these"
    )
    await assert_failed(
        warm,
        repair(warm, NOISE, 922, model=name),
        f"{name} draws only {sizes}, so it cannot repair a part of a picture: choose another model",
    )
    # The smallest of them, without guidance, is still a large picture: it is drawn only once.
    small = {"width": 640, "height": 1408, "guidance": 1.0}
    picture = put_picture(warm, NOISE)
    varied, _ = await run(warm, with_intent(job, init_image=picture, strength=0.5, **small))
    assert_kept(warm, varied, (921,))
    assert pixels(varied)[0].shape == (1408, 640, 3)


async def test_half_a_model_is_refused_at_once(client: Client, tmp_path: Path) -> None:
    name = str(save_tiny_kandinsky_decoder(tmp_path / "model"))
    with pytest.raises(RefusedError, match="is one half of a model: put both into one folder"):
        await submit(client, request(931, model=name, width=SIDE, height=SIDE))


async def test_guidance_is_told_to_what_guides(warm: Home, tmp_path: Path) -> None:
    name = str(save_tiny_hunyuan_image(tmp_path / "model"))
    job = request(932, model=name, width=SIDE, height=SIDE, threads=1)
    plain, _ = await run(warm, job)
    assert_kept(warm, plain, (932,))
    strict, _ = await run(warm, with_intent(job, guidance=9.0))
    again, _ = await run(warm, replace(job, again=True))
    assert same(plain, again)
    assert not same(plain, strict)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("StableDiffusionControlNetPipeline", "wants a picture that steers it, which Keepers does"),
        ("StableDiffusionUpscalePipeline", "only reworks what another model has drawn: choose"),
        ("TextToVideoZeroPipeline", "makes films, not images: choose another model"),
        ("UnCLIPPipeline", "does not draw step by step with one scheduler, as Keepers needs it"),
    ],
)
def test_who_cannot_be_drawn_with_says_why(name: str, why: str) -> None:
    cls = getattr(diffusers, name)
    pipe = cls.__new__(cls)
    with pytest.raises(LoadingError, match=f"{name} in /m {why}"):
        check_kind(pipe, ModelPlace("m", "/m", "1"))


def test_what_is_drawn_at_another_size_is_scaled_to_the_one_asked_for() -> None:
    assert at_size(NOISE, (WIDE, SIDE)) is NOISE
    assert at_size(NOISE, (40, 30)).shape == (30, 40, 3)


async def assert_failed(home: Home, job: JobRequest, sentence: str) -> None:
    view, _ = await run(home, job)
    assert (view.state, view.error) == (JobState.FAILED, sentence)
