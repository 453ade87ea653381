"""Whether a model fits: the rule by itself, and beside what a real worker took."""

import asyncio
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tui.engine.client import Client
from tui.engine.fit import Shape, fit, shape_of
from tui.engine.messages import AskStatus, EngineStatus
from tui.engine.model_messages import ModelPart, Verdict
from tui.engine.model_parts import index_of, parts_of
from tui.engine.models import starter_folder
from tui.engine.room import Room
from tui.store.paths import Home

from .helpers import request, run

GB = 10**9
LARGE = (
    ModelPart("transformer", "T", 24 * GB, {"BF16": 24 * GB}),
    ModelPart("text_encoder", "E", 10 * GB, {"F32": 10 * GB}),
)
SHAPE = Shape(denoiser=GB // 2, autoencoder=GB)


def room(free: float, precision: str = "bfloat16", *, memory: float = 64, gpu: bool = True) -> Room:
    return Room("GPU 0", int(free * GB), precision, int(memory * GB), on_gpu=gpu, images=4)


def test_weights_count_in_the_precision_that_is_loaded() -> None:
    assert fit(LARGE, SHAPE, room(80)).weights == 29 * GB
    assert fit(LARGE, SHAPE, room(80, "float32")).weights == 58 * GB
    whole = (ModelPart("unet", "U", 4 * GB, {"I8": 4 * GB}),)
    assert fit(whole, SHAPE, room(80, "float32")).weights == 4 * GB


def test_less_and_less_room_means_fewer_images_then_offload_then_no() -> None:
    answers = [fit(LARGE, SHAPE, room(free)) for free in (40, 34, 29, 20)]
    assert [answer.verdict for answer in answers] == [
        Verdict.FITS, Verdict.FITS, Verdict.OFFLOAD, Verdict.TOO_LARGE
    ]  # fmt: skip
    assert [answer.at_once for answer in answers[:2]] == [4, 2]
    # Without memory for the rest of it nothing is gained by taking components in turn.
    assert fit(LARGE, SHAPE, room(29, memory=20)).verdict is Verdict.TOO_LARGE
    assert fit(LARGE, SHAPE, room(29, gpu=False)).verdict is Verdict.TOO_LARGE


def test_pictures_that_are_decoded_together_need_more() -> None:
    together = Shape(GB // 2, GB, decodes_together=True, decodes_precisely=True)
    assert fit(LARGE, SHAPE, room(40)).at_once == 4
    # Four maps of 2 GB each, and in float16 of 4.
    assert fit(LARGE, together, room(40)).at_once == 4
    assert fit(LARGE, together, room(38)).at_once == 3
    assert fit(LARGE, together, room(40, "float16")).at_once == 2


@given(st.floats(0, 200), st.floats(0, 200), st.booleans())
def test_more_room_is_never_worse(one: float, other: float, gpu: bool) -> None:
    order = [Verdict.TOO_LARGE, Verdict.OFFLOAD, Verdict.FITS]
    less, more = sorted((one, other))
    below, above = (fit(LARGE, SHAPE, room(free, gpu=gpu)) for free in (less, more))
    assert order.index(below.verdict) <= order.index(above.verdict)
    assert below.at_once <= above.at_once
    for answer in (below, above):
        assert (answer.verdict is Verdict.TOO_LARGE) or answer.needed <= answer.free


def test_larger_pictures_need_more(tmp_path: Path) -> None:
    small, large = (shape_of(starter_folder(), side, side) for side in (128, 512))
    assert large.denoiser == 16 * small.denoiser
    assert large.autoencoder == 16 * small.autoencoder
    assert shape_of(tmp_path, 1024, 1024).denoiser > 0


async def test_the_starter_takes_what_is_estimated(client: Client, warm: Home) -> None:
    await run(warm, request(3, 4, 5, 6))
    status = await client.request(AskStatus(), EngineStatus)
    lines = await asyncio.to_thread(Path(f"/proc/{status.worker_pid}/status").read_text)
    peak = next(int(line.split()[1]) for line in lines.splitlines() if line.startswith("VmHWM"))
    folder = starter_folder()
    place = Room("CPU", 64 * GB, status.precision, 64 * GB, images=4)
    answer = fit(parts_of(folder, index_of(folder)), shape_of(folder, 128, 128), place)
    # The estimate is for one model; this worker has drawn with others before.
    assert 0.6 * answer.needed < peak * 1024 < 2 * answer.needed
