from collections.abc import Callable

import pytest

from tui.engine.supervisor import connect
from tui.engine.worker.placement import PlacementError, place
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.settings import SettingsError, load_settings

from .helpers import assert_kept, processes, request, run, status


async def test_a_gpu_that_is_not_there_is_explained(make_home: Callable[..., Home]) -> None:
    home = make_home(device="cuda:777")
    client = await connect(home)
    view, _ = await run(home, request(1))
    assert view.state is JobState.FAILED
    assert view.error.startswith("the device “cuda:777” is not here: this machine has ")
    assert view.error.endswith("; set device to auto or cpu in config.toml")
    assert (await status(client)).worker_pid in processes(home), "the worker lives on"
    await client.close()


@pytest.mark.parametrize("device", ["tpu", "cuda:", "cuda:-1", "cuda:x", ""])
def test_a_device_nobody_has(device: str) -> None:
    with pytest.raises(PlacementError, match="set device to auto or cpu"):
        place(device, "auto")


def test_a_precision_nobody_has(make_home: Callable[..., Home]) -> None:
    with pytest.raises(PlacementError, match="choose auto, float32"):
        place("cpu", "float7")
    with pytest.raises(SettingsError, match='"precision" is "float7": give'):
        load_settings(make_home(precision="float7"))


async def test_the_precision_of_a_job_goes_before_the_settings(warm: Home) -> None:
    view, _ = await run(warm, request(501, precision="float32", threads=1, again=True))
    assert_kept(warm, view, (501,))
    refused, _ = await run(warm, request(501, precision="float7", again=True))
    assert (
        refused.error
        == "“float7” is no precision: choose auto, float32, bfloat16, float16 or float8"
    )
