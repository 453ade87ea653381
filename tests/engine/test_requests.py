"""What cannot be drawn is refused in words, and the connection lives on."""

from typing import Any

import msgspec
import pytest

from tui.domain.intent import MAX_SEED
from tui.domain.versioned import to_json
from tui.engine.client import Client, RefusedError
from tui.engine.messages import Cancel, Done, Follow, JobChanged, JobIs, Submit
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.store import open_store

from .helpers import PROJECT, event, request, status, submit

INTENT: dict[str, tuple[dict[str, Any], str]] = {
    "no steps": ({"steps": 0}, "the steps are 0: give"),
    "guidance": ({"guidance": -1.0}, "the guidance is -1.0: give"),
    "odd size": ({"width": 130}, "choose 128 × 128"),
    "far too large": ({"width": 2048, "height": 2048}, "draw at most 1024"),
    "no model": ({"model": "/nowhere/model"}, "there is no model folder"),
    "mask alone": ({"mask": "0" * 64}, "there is a mask but no picture"),
    "strength alone": ({"strength": 0.5}, "strength and a picture to start from go together"),
    "lost picture": ({"init_image": "0" * 64, "strength": 0.5}, "choose it again"),
    "picture elsewhere": ({"init_image": "../../x", "strength": 0.5}, "is no hash of a picture"),
}

SHAPE: dict[str, tuple[dict[str, Any], str]] = {
    "no seeds": ({"seeds": ()}, "the job has 0 seeds: give from 1"),
    "too many": ({"seeds": tuple(range(257))}, "the job has 257 seeds: give from 1"),
    "twice": ({"seeds": (1, 2, 1)}, "a seed comes twice"),
    "seed too large": ({"seeds": (1, MAX_SEED + 1)}, "a seed is out of range: give"),
    "seed too small": ({"seeds": (1, -1)}, "a seed is out of range: give"),
    "wanted beyond": ({"seeds": (1, 2), "wanted": (2,)}, "count from 0 to 1"),
    "wanted below": ({"seeds": (1, 2), "wanted": (-1,)}, "count from 0 to 1"),
    "batch below": ({"batch_size": -1}, "the batch size is -1: give"),
    "batch beyond": ({"batch_size": 1000}, "the batch size is 1000: give"),
    "threads": ({"threads": -4}, "the number of threads is -4: give"),
}


@pytest.mark.parametrize(("changes", "sentence"), INTENT.values(), ids=list(INTENT))
async def test_a_wish_nobody_can_draw(
    client: Client, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RefusedError, match=sentence):
        await submit(client, request(1, **changes))
    assert (await status(client)).queued == 0


@pytest.mark.parametrize(("changes", "sentence"), SHAPE.values(), ids=list(SHAPE))
async def test_a_job_nobody_can_cut_into_batches(
    client: Client, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RefusedError, match=sentence):
        await submit(client, msgspec.structs.replace(request(1), **changes))
    assert (await status(client)).queued == 0


async def test_what_is_not_there(client: Client) -> None:
    with pytest.raises(RefusedError, match="there is no job “nothing”"):
        await client.request(Follow(job="nothing"), JobIs)
    with pytest.raises(RefusedError, match="there is no job “nothing”"):
        await client.request(Cancel(job="nothing"), Done)
    with pytest.raises(RefusedError, match="open the project again"):
        await client.request(Submit(project="nothing", job=request(1)), JobIs)
    await status(client)


async def test_a_job_of_a_newer_version_ends_with_a_sentence(warm: Home, client: Client) -> None:
    newer = to_json(request(1)).replace('"version":1', '"version":9')
    with open_store(warm) as store:
        job = store.jobs.add(PROJECT, newer).id
    # It comes to the engine's notice with the next one.
    other = await submit(client, request(1))
    failed = await event(client, JobChanged, job)
    assert failed.state is JobState.FAILED
    assert "written by a newer Keepers" in failed.error
    await event(client, JobChanged, other, lambda now: now.state is JobState.DONE)
    with pytest.raises(RefusedError, match="written by a newer Keepers"):
        await client.request(Follow(job=job), JobIs)
    await status(client)
