"""Compiled blocks: once for a loaded model, said, recorded, and left where it cannot be.

But for one test that has no compiler, these have torch trace the blocks and run them as they are,
which takes a second and rounds as before; the real compiler is in `tests/cli/test_compiling.py`.
"""

import os
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from msgspec import UNSET
from msgspec.structs import replace
from torch._dynamo.backends.registry import register_backend
from torch._dynamo.utils import counters
from torch._inductor.exc import CppCompileError

from tui.engine.jobs import JobRequest
from tui.engine.messages import JobSays
from tui.engine.worker import compiling
from tui.engine.worker.compiled_files import WRITING_SECONDS
from tui.engine.worker.drawing import StoppedError
from tui.engine.worker_messages import BatchDone, RunBatch, WorkerSays
from tui.imaging.metadata import read_provenance
from tui.store.jobs import JobState
from tui.store.paths import Home

from .helpers import levels, request, run
from .test_out_of_memory import order
from .test_step_cache import THRESHOLD, drawn, loaded, same, wish
from .test_stepping_down import Bench, Drawn
from .tiny_models import SIDE, save_tiny_flux, save_tiny_model
from .tiny_models.gridded import save_tiny_pixart

# Some schedulers use numpy's older ways.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SLOWER = "compiling: the first batch is slower"


@register_backend(name="broken")
def broken(*_: Any) -> Any:
    raise RuntimeError("there is no compiler\nhere")


@register_backend(name="late")
def late(*_: Any) -> Any:
    """Compilers that work beside the program fail when their work is first called."""

    def call(*_: Any) -> Any:
        raise CppCompileError(["c++"], "no space left")

    return call


@pytest.fixture(autouse=True)
def _tracing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a fresh worker; what compiling sets is put back."""
    from torch._dynamo import config

    for name in ("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(compiling, "COMPILER", "eager")
    threads = torch.get_num_threads()
    with config.patch(recompile_limit=8, fail_on_recompile_limit_hit=False):
        yield
    torch._dynamo.reset()
    torch.set_num_threads(threads)


class SayingBench(Bench):
    """One that also keeps what the worker says in words."""

    def draw(self, batch: RunBatch) -> tuple[Drawn, list[str], Any]:
        self.words: list[str] = []
        send = self.worker._send

        def noting(message: Any, blob: bytes = b"") -> None:
            if isinstance(message, WorkerSays):
                self.words.append(message.text)
            send(message, blob)

        self.worker._send = noting  # type: ignore[method-assign]
        try:
            return super().draw(batch)
        finally:
            self.worker._send = send  # type: ignore[method-assign]


def graphs() -> int:
    """How many graphs have been compiled so far."""
    return int(counters["stats"]["unique_graphs"])


def pixels(slots: Drawn) -> list[bytes]:
    return [blob for _, (_, blob) in sorted(slots.items())]


def compilers(slots: Drawn) -> set[Any]:
    return {(found.recipe.compiled, found.recipe.version) for found, _ in slots.values()}


def test_it_is_done_once_for_a_loaded_model_said_and_recorded(tmp_path: Path) -> None:
    folder, made = save_tiny_flux(tmp_path / "model", layers=2), tmp_path / "made" / "here"
    bench = SayingBench()
    plain, _, _ = bench.draw(order(folder, 1))
    assert (bench.words, compilers(plain)) == ([], {(UNSET, 1)})

    before = graphs()
    first, _, end = bench.draw(order(folder, 2, compiled=str(made)))
    assert isinstance(end, BatchDone)
    assert (bench.words, compilers(first)) == ([SLOWER], {("eager", 4)})
    assert graphs() > before
    assert pixels(first) == pixels(plain)
    assert made.stat().st_mode & 0o777 == 0o700

    # Not again: also not around a step cache, nor after a batch without.
    traced = graphs()
    cached = order(folder, 3, compiled=str(made))
    cached = replace(cached, intent=cached.intent.with_step_cache(THRESHOLD))
    bench.draw(cached)
    without, _, _ = bench.draw(order(folder, 4))
    again, _, _ = bench.draw(order(folder, 5, compiled=str(made)))
    assert (bench.words, graphs(), bench.loads) == ([], traced, 0)
    assert (compilers(without), compilers(again)) == ({(UNSET, 1)}, {("eager", 4)})
    assert pixels(again) == pixels(without) == pixels(plain)

    bench.draw(order(folder, 6, side=SIDE * 2, compiled=str(made)))
    assert bench.words == [SLOWER]
    assert graphs() > traced

    gone = weakref.ref(bench.pipe.transformer)
    other = save_tiny_flux(tmp_path / "other")
    bench.draw(order(other, 7, compiled=str(made)))
    assert bench.words == [SLOWER]
    assert gone() is None, "what was compiled holds no model that was let go"


@pytest.mark.parametrize(
    ("compiler", "why"),
    [
        ("broken", "backend='broken' raised: RuntimeError: there is no compiler here"),
        ("late", "C++ compile error"),
    ],
)
def test_where_it_fails_the_batch_goes_on_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: str, why: str
) -> None:
    folder, made = save_tiny_flux(tmp_path / "model", layers=2), str(tmp_path / "made")
    bench = SayingBench()
    plain, _, _ = bench.draw(order(folder, 1))
    monkeypatch.setattr(compiling, "COMPILER", compiler)
    failed = (
        f"compiling failed ({why}): "
        "going on without, which is slower; compile = false in config.toml leaves it out"
    )
    before = "drawing without compiling, which failed before"
    for number, words, said in ((2, [SLOWER, before], [failed]), (3, [before], [])):
        slots, sentences, end = bench.draw(order(folder, number, compiled=made))
        assert isinstance(end, BatchDone)
        assert (bench.words, sentences) == (words, said)
        assert compilers(slots) == {(UNSET, 1)}
        assert pixels(slots) == pixels(plain)


def test_sizes_beyond_the_most_are_drawn_without_and_the_next_model_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_MOST_SHAPES", 1)
    made = str(tmp_path / "made")
    one, other = (save_tiny_model(tmp_path / name, channels=4) for name in ("one", "other"))
    bench = SayingBench()
    slots, sentences, _ = bench.draw(order(one, 1, compiled=made))
    assert (compilers(slots), sentences) == ({("eager", 4)}, [])
    slots, (sentence,), _ = bench.draw(order(one, 2, side=SIDE * 2, compiled=made))
    assert sentence.startswith("compiling failed (")
    assert compilers(slots) == {(UNSET, 1)}
    slots, sentences, _ = bench.draw(order(other, 3, compiled=made))
    assert (compilers(slots), sentences) == ({("eager", 4)}, [])


def test_a_folder_that_cannot_be_made_is_no_reason_to_fail(tmp_path: Path) -> None:
    folder = save_tiny_flux(tmp_path / "model")
    (tmp_path / "made").write_text("a file")
    bench = SayingBench()
    slots, _, end = bench.draw(order(folder, 1, compiled=str(tmp_path / "made")))
    assert isinstance(end, BatchDone)
    assert compilers(slots) == {(UNSET, 1)}
    (words,) = bench.words
    assert words.startswith("compiling failed (")


def test_a_network_without_repeating_blocks_is_drawn_as_it_is(tmp_path: Path) -> None:
    folder = save_tiny_pixart(tmp_path / "model")
    bench = SayingBench()
    slots, _, _ = bench.draw(order(folder, 1, compiled=str(tmp_path / "made")))
    assert compilers(slots) == {(UNSET, 1)}
    assert bench.words == ["drawing without compiling: this network names no blocks that repeat"]


def test_a_model_that_comes_layer_by_layer_is_drawn_as_it_is(tmp_path: Path) -> None:
    model = loaded(save_tiny_flux(tmp_path / "model"))
    said = model.compiled.wear(model.denoiser, str(tmp_path / "made"), by_layers=True, shape=1)
    assert said.endswith("only a layer of the model is on the device at a time")
    assert model.compiled.by == ""


def test_it_can_be_stopped_in_its_midst(tmp_path: Path) -> None:
    model = loaded(save_tiny_flux(tmp_path / "model", layers=2))
    plain = drawn(model, wish(model))
    model.compiled.wear(model.denoiser, str(tmp_path / "made"), by_layers=False, shape=1)
    for threshold in (0.0, THRESHOLD):
        with pytest.raises(StoppedError):
            drawn(model, wish(model, threshold), stop_after=3)
    assert same(drawn(model, wish(model)), plain)
    model.compiled.wear(model.denoiser, "", by_layers=False, shape=1)
    assert same(drawn(model, wish(model)), plain)
    assert not any("forward" in vars(block) for block in model.pipe.transformer.modules())


async def test_without_a_compiler_a_job_is_drawn_and_says_so(
    make_home: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the engine, with torch's real compiler and nothing for it to call."""
    monkeypatch.setenv("CXX", "/no/such/compiler")
    home: Home = make_home(compile=True)
    folder = str(save_tiny_model(tmp_path / "model", channels=4))
    job: JobRequest = request(961, model=folder, width=SIDE, height=SIDE, threads=1)
    view, heard = await run(home, job)
    assert view.state is JobState.DONE
    said = [event for event, _ in heard if isinstance(event, JobSays)]
    assert SLOWER in [event.text for event in said]
    (trouble,) = [event.text for event in said if event.is_trouble]
    assert trouble.startswith("compiling failed (InvalidCxxCompiler: No working C++ compiler")
    assert read_provenance(Path(view.images[0].path)).recipe.compiled is UNSET
    plain, heard = await run(home, replace(job, compiled=False, again=True))
    assert not [e for e, _ in heard if isinstance(e, JobSays) and "compiling" in e.text]
    assert np.array_equal(levels(plain.images[0].path), levels(view.images[0].path))


def test_what_a_killed_linker_left_is_not_taken_for_whole(tmp_path: Path) -> None:
    library = next(Path(np.__file__).parent.rglob("*.so")).read_bytes()
    long_ago = time.time() - 2 * WRITING_SECONDS
    pieces = {
        "whole.so": library, "half.so": library[: len(library) // 2], "cut.so": library[:-1],
        "empty.so": b"", "begun.so": library[:30], "main.cpp": b"", "foreign.so": b"x" * 99,
    }  # fmt: skip
    for name, content in pieces.items():
        (tmp_path / "ab").mkdir(exist_ok=True)
        (tmp_path / "ab" / name).write_bytes(content)
        os.utime(tmp_path / "ab" / name, (long_ago, long_ago))
    (tmp_path / "ab" / "being written.so").write_bytes(library[:99])
    compiling._compiled(Repeating(), tmp_path)
    assert {path.name for path in (tmp_path / "ab").iterdir()} == {
        "whole.so", "main.cpp", "foreign.so", "being written.so"
    }  # fmt: skip


class Repeating(torch.nn.Module):
    """A network of one block that repeats."""

    _repeated_blocks = ("Linear",)

    def __init__(self) -> None:
        super().__init__()
        self.block = torch.nn.Linear(1, 1)
