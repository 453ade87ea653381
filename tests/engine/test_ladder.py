"""The ladder's rules, for whatever a model and a device offer."""

import errno
import resource
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tui.engine.worker.ladder import (
    Means,
    Offload,
    Stage,
    Thrift,
    end_in_words,
    step_down,
    step_in_words,
    step_up,
)
from tui.engine.worker.running_out import give_back, ran_out

OFFLOADS = st.sampled_from([(), (Offload.LAYERS,), (Offload.PARTS, Offload.LAYERS)])
MEANS = st.builds(
    Means,
    count=st.integers(1, 64),
    offloads=OFFLOADS,
    tiles=st.booleans(),
    tiles_before=st.booleans(),
    decodes_together=st.booleans(),
)


def descent(means: Means, stage: Stage) -> list[Thrift]:
    """All rungs from the top, where it always runs out at the same stage."""
    found: list[Thrift] = [Thrift()]
    while (following := step_down(found[-1], stage, means)) is not None:
        found.append(following)
        assert len(found) < 20, "the ladder has an end"
    return found


def test_each_stage_takes_only_what_helps_it_and_the_cheapest_first() -> None:
    means = Means(5, (Offload.PARTS, Offload.LAYERS), tiles=True)
    assert descent(means, Stage.LOAD) == [
        Thrift(),
        Thrift(offload=Offload.PARTS),
        Thrift(offload=Offload.LAYERS),
    ]
    assert descent(means, Stage.DENOISE) == [
        Thrift(),
        Thrift(at_once=3),
        Thrift(at_once=2),
        Thrift(at_once=1),
        Thrift(at_once=1, offload=Offload.PARTS),
        Thrift(at_once=1, offload=Offload.LAYERS),
    ]
    assert descent(means, Stage.ENCODE) == descent(means, Stage.DENOISE)
    assert descent(means, Stage.DECODE) == [
        Thrift(),
        Thrift(tiled=True),
        Thrift(tiled=True, offload=Offload.PARTS),
        Thrift(tiled=True, offload=Offload.LAYERS),
    ]
    assert descent(Means(5), Stage.DECODE) == [Thrift()]
    assert len(descent(Means(5, decodes_together=True), Stage.DECODE)) == 4


@given(MEANS, st.sampled_from(Stage))
def test_every_step_is_one_rung_and_is_said(means: Means, stage: Stage) -> None:
    for before, after in zip(descent(means, stage), descent(means, stage)[1:], strict=False):
        changed = [
            before.tiled != after.tiled,
            before.at_once != after.at_once,
            before.offload != after.offload,
        ]
        assert changed.count(True) == 1
        assert after.offload in (Offload.NONE, *means.offloads)
        said = step_in_words(before, after, stage)
        assert said.startswith(f"memory ran out {stage}: ")
        assert len(said) < 120


@given(MEANS, st.lists(st.sampled_from(Stage), max_size=12))
def test_upwards_it_ends_where_it_began(means: Means, stages: list[Stage]) -> None:
    thrift = Thrift()
    for stage in stages:
        thrift = step_down(thrift, stage, means) or thrift
    for _ in range(20):
        above = step_up(thrift, means.count)
        assert (above == thrift) is (thrift == Thrift())
        thrift = above
    assert thrift == Thrift()


def test_the_end_says_what_can_be_done() -> None:
    assert end_in_words("m", (64, 32), Stage.LOAD, together=4, keeps_all=True) == (
        "m does not fit into the device's memory: end what else uses that, "
        "or choose a smaller model"
    )
    assert end_in_words("m", (64, 32), Stage.DECODE, together=4, keeps_all=False) == (
        "there is no memory for 4 images of 64 × 32 by m, not even layer by layer; "
        "it ran out while decoding: draw smaller ones, end what else uses the device, "
        "or choose a smaller model"
    )


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (MemoryError(), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling"), True),
        (RuntimeError("NVML_SUCCESS == r INTERNAL ASSERT FAILED at CUDACachingAllocator"), True),
        (RuntimeError("GET was unable to find an engine to execute this computation"), True),
        (RuntimeError("CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"), True),
        (caused(ValueError("no such part"), MemoryError()), True),
        (RuntimeError("could not create a primitive"), True),
        (RuntimeError("could not create a primitive descriptor for a matmul"), False),
        (RuntimeError("shapes do not match"), False),
        (ValueError("a prompt about being out of memory"), False),
        (RuntimeError("can't start new thread"), True),
        (OSError(errno.ENOENT, "No such file"), False),
    ],
    ids=str,
)
def test_memory_is_told_from_other_errors(error: Exception, is_memory: bool) -> None:
    assert ran_out(error) is is_memory


def test_what_no_allocator_gives_is_told() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert ran_out(caught.value)


def test_memory_between_blocks_in_use_goes_back_to_the_system() -> None:
    def held() -> int:
        pages = Path("/proc/self/statm").read_text().split()[1]
        return int(pages) * resource.getpagesize()

    many = [torch.ones(64 << 10, dtype=torch.uint8) for _ in range(1024)]
    kept = many[::64]
    del many
    before = held()
    give_back()
    assert held() < before - (32 << 20)
    assert all(bool(block.all()) for block in kept)
