"""The step cache: it leaves blocks out, does so the same way each time, and leaves no trace."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from tui.domain.intent import Intent
from tui.domain.prompt import Layers
from tui.engine.model_facts import model_facts
from tui.engine.models import ModelError, local_model
from tui.engine.resolving import check_request
from tui.engine.step_caches import has_step_cache, takes_step_cache
from tui.engine.worker.drawing import Drawing, StoppedError
from tui.engine.worker.loading import LoadingError, Model, load
from tui.engine.worker.placement import Placement
from tui.engine.worker_messages import RunBatch
from tui.imaging.metadata import read_provenance
from tui.store.paths import Home

from .helpers import Pixels, levels, put_picture, request, run
from .test_drawing import rerun_of
from .test_inpainting import repair
from .tiny_models import SIDE, save_tiny_flux
from .tiny_models.families import TINY_FAMILIES
from .tiny_models.gridded import save_tiny_cogview
from .tiny_models.packed import save_tiny_qwen

pytestmark = pytest.mark.filterwarnings(
    # Chroma's own classes use it, and some schedulers numpy's older ways.
    "ignore:.FluxPosEmbed. is deprecated:FutureWarning",
    "ignore:__array__ implementation:DeprecationWarning",
)

CACHED: dict[str, Callable[..., Path]] = {
    "Flux": save_tiny_flux,
    "Qwen-Image": save_tiny_qwen,
    "CogView 4": save_tiny_cogview,
}
"""With guidance they ask once a step, twice with a name for each, and twice."""

STEPS = 12
THRESHOLD = 0.6
"""Random networks change more from step to step than trained ones."""

CAT = Layers(subject="a cat")


def loaded(folder: Path) -> Model:
    return load(local_model(str(folder)), Placement("cpu", "a processor", "float32"))


def wish(model: Model, threshold: float = 0.0, **changes: Any) -> Intent:
    sized: dict[str, Any] = {"width": SIDE, "height": SIDE, "steps": STEPS, "layers": CAT} | changes
    intent = request(1, model=model.place.reference, **sized).intent
    return intent.with_step_cache(threshold).cleaned()


def drawn(model: Model, intent: Intent, *, stop_after: int = 999, **changes: Any) -> list[Pixels]:
    """Two pictures of the wish, unless they are stopped after some steps."""
    made = [0]

    def stepped(step: int, _steps: int) -> None:
        made[0] = step

    batch = RunBatch(
        batch=1,
        intent=intent,
        seeds=(1, 2),
        wanted=(0, 1),
        model=model.place,
        device="cpu",
        precision="float32",
        threads=1,
        previews=False,
        **changes,
    )
    torch.set_num_threads(1)
    drawing = Drawing(
        model,
        batch,
        on_step=stepped,
        on_preview=lambda *_: None,
        stopped=lambda: made[0] >= stop_after,
    )
    found = [pixels for _, pixels, _, _ in drawing.slots()]
    drawing.keep()
    return found


@contextmanager
def computing(model: Model) -> Iterator[dict[str, int]]:
    """How often the first and the last block of the network really compute."""
    network: Any = model.denoiser
    last = getattr(network, "single_transformer_blocks", network.transformer_blocks)[-1]
    counts = {"first": 0, "last": 0}
    with torch.no_grad():
        hooks = [
            # A block that is left out does not come to its attention.
            block.get_submodule(name).register_forward_hook(counting(counts, place))
            for place, block in (("first", network.transformer_blocks[0]), ("last", last))
            for name in [attention_of(block)]
        ]
    yield counts
    for hook in hooks:
        hook.remove()


def attention_of(block: torch.nn.Module) -> str:
    return next(name for name, _ in block.named_children() if name.startswith("attn"))


def counting(counts: dict[str, int], place: str) -> Callable[..., None]:
    def count(*_: object) -> None:
        counts[place] += 1

    return count


def same(some: list[Pixels], others: list[Pixels]) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(some, others, strict=True))


@pytest.mark.parametrize("name", CACHED)
def test_it_leaves_blocks_out_each_time_alike_and_leaves_no_trace(
    tmp_path: Path, name: str
) -> None:
    model = loaded(CACHED[name](tmp_path / "model", layers=2))
    with computing(model) as whole:
        plain = drawn(model, wish(model))
    assert whole["first"] == whole["last"] > 0

    with computing(model) as counts:
        cached = drawn(model, wish(model, THRESHOLD))
    assert counts["first"] == whole["first"]
    assert 0 < counts["last"] < whole["last"]
    assert not same(plain, cached)

    # Also when one before it was broken off in its midst, or was of other words.
    with pytest.raises(StoppedError):
        drawn(model, wish(model, THRESHOLD), stop_after=STEPS // 2)
    with computing(model) as again:
        assert same(drawn(model, wish(model, THRESHOLD)), cached)
    assert again == counts
    other = drawn(model, wish(model, THRESHOLD, layers=Layers(subject="a dog")))
    assert not same(other, cached)
    assert same(drawn(model, wish(model, THRESHOLD)), cached)

    with computing(model) as without:
        assert same(drawn(model, wish(model)), plain)
    assert without == whole


def test_a_threshold_that_nothing_keeps_below_changes_nothing(tmp_path: Path) -> None:
    model = loaded(save_tiny_cogview(tmp_path / "model", layers=2))
    assert same(drawn(model, wish(model, 0.0001)), drawn(model, wish(model)))


def test_a_branch_is_the_same_however_its_beginning_was_had(tmp_path: Path) -> None:
    folder = save_tiny_flux(tmp_path / "model", layers=2)
    model = loaded(folder)
    # So few steps are kept that what came before them would still count.
    parent = wish(model, 1.0, steps=4)
    child = replace(parent, layers=Layers(subject="a dog"), branch=parent.begun(1))
    kept: dict[str, Any] = {"latents": str(tmp_path / "latents"), "latents_limit": 1 << 20}
    alone = drawn(loaded(folder), child)
    drawn(model, parent, **kept)
    assert any((tmp_path / "latents").iterdir())
    # A fresh network is asked before the branch: nobody knows what its answers look like.
    for drawing in (model, loaded(folder)):
        assert same(drawn(drawing, child, **kept), alone)
    assert same(drawn(model, child), alone)
    assert not same(drawn(model, replace(child, step_cache=0.0).cleaned(), **kept), alone)


@pytest.mark.parametrize("name", TINY_FAMILIES)
def test_it_is_offered_where_it_works_and_refused_elsewhere(tmp_path: Path, name: str) -> None:
    folder = TINY_FAMILIES[name].save(tmp_path / "model")
    takes_one = name in (*CACHED, "Flux Kontext")
    assert has_step_cache(folder) is model_facts(str(folder)).step_cache is takes_one
    if takes_one:
        return
    family = TINY_FAMILIES[name]
    job = request(1, model=str(folder), width=family.width, height=family.height, step_cache=0.1)
    said = f"{folder} has no step cache: set the step cache to “off”, or choose another model"
    with pytest.raises(ModelError) as refused:
        check_request(job)
    assert str(refused.value) == said
    # A model that was downloaded meanwhile is seen by the worker alone.
    model = loaded(folder)
    with pytest.raises(LoadingError) as failed:
        drawn(model, job.intent)
    assert str(failed.value) == said


def test_a_network_of_one_block_has_nothing_to_leave_out(tmp_path: Path) -> None:
    model = loaded(save_tiny_qwen(tmp_path / "model"))
    plain = drawn(model, wish(model))
    with pytest.raises(LoadingError, match="has no step cache"):
        drawn(model, wish(model, THRESHOLD))
    assert same(drawn(model, wish(model)), plain)


@pytest.mark.parametrize("name", ["UNet2DConditionModel", "NoSuch", "", "a b", "X" * 10_000])
def test_other_names_take_none(name: str) -> None:
    assert not takes_step_cache(name)


async def test_every_route_draws_with_it_and_is_made_again(warm: Home, tmp_path: Path) -> None:
    """Through the engine: found again by its key, and repeated by its recipe alone."""
    folder = str(save_tiny_flux(tmp_path / "model", layers=2))
    noise = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    some: dict[str, Any] = {"model": folder, "threads": 1, "steps": STEPS}
    jobs = [
        request(951, width=SIDE, height=SIDE, **some),
        request(
            952, width=SIDE, height=SIDE, init_image=put_picture(warm, noise), strength=0.9, **some
        ),
        repair(warm, noise, 953, strength=0.9, **some),
    ]
    for job in jobs:
        plain, _ = await run(warm, job)
        wished = replace(job, intent=job.intent.with_step_cache(THRESHOLD))
        cached, _ = await run(warm, wished)
        image = cached.images[0]
        assert not image.found
        assert (levels(image.path) != levels(plain.images[0].path)).any()
        recipe = read_provenance(Path(image.path)).recipe
        assert recipe.intent.threshold == THRESHOLD
        found, _ = await run(warm, wished)
        assert (found.images[0].id, found.images[0].found) == (image.id, True)
        made, _ = await run(warm, rerun_of(image.path))
        assert (levels(made.images[0].path) == levels(image.path)).all()
        bare, _ = await run(warm, replace(job, again=True))
        assert (levels(bare.images[0].path) == levels(plain.images[0].path)).all()
