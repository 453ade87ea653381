"""What text encoders answered is given again, to the same pixels, and only where it is the same."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from tui.domain.prompt import Layers
from tui.engine.models import local_model
from tui.engine.worker.drawing import Drawing
from tui.engine.worker.encodings import Encodings
from tui.engine.worker.loading import Model, load
from tui.engine.worker.placement import Placement
from tui.engine.worker.replacing import replaced_forward
from tui.engine.worker_messages import RunBatch

from .helpers import Pixels, request
from .tiny_models import SIDE, save_tiny_model
from .tiny_models.families import TINY_FAMILIES
from .tiny_models.kandinsky import save_tiny_kandinsky5

pytestmark = pytest.mark.filterwarnings(
    # Chroma's own classes use it, and some schedulers numpy's older ways.
    "ignore:.FluxPosEmbed. is deprecated:FutureWarning",
    "ignore:__array__ implementation:DeprecationWarning",
    "ignore:.callback_steps. is deprecated:FutureWarning",
)

SAVED: dict[str, Callable[[Path], Path]] = {
    **{name: family.save for name, family in TINY_FAMILIES.items()},
    "SD": lambda folder: save_tiny_model(folder, channels=4),
}
CAT = Layers(subject="a cat", negatives="blurry")
DOG = replace(CAT, subject="a small dog")


def loaded(folder: Path) -> Model:
    return load(local_model(str(folder)), Placement("cpu", "a processor", "float32"))


@pytest.fixture
def tiny(tiny_model: Path) -> Model:
    """A Stable Diffusion."""
    return loaded(tiny_model)


def drawn(model: Model, layers: Layers = CAT, **changes: Any) -> tuple[list[Pixels], int]:
    """Two images, and how often a text encoder was really asked for them."""
    sized = {"width": SIDE, "height": SIDE} | changes
    job = request(1, 2, model=model.place.reference, layers=layers, **sized)
    batch = RunBatch(
        batch=1,
        intent=job.intent,
        seeds=job.seeds,
        wanted=(0, 1),
        model=model.place,
        device="cpu",
        precision="float32",
        threads=1,
        previews=False,
    )
    torch.set_num_threads(1)
    with counted(model) as asked:
        drawing = Drawing(
            model,
            batch,
            on_step=lambda *_: None,
            on_preview=lambda *_: None,
            stopped=lambda: False,
        )
        return [pixels for _, pixels, _, _ in drawing.slots()], len(asked)


@contextmanager
def counted(model: Model) -> Iterator[list[str]]:
    """The names of the text encoders that compute, one for each time."""
    asked: list[str] = []

    def noting(name: str, real: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            asked.append(name)
            return real(*args, **kwargs)

        return call

    with ExitStack() as stack:
        for name, part in model.pipe.components.items():
            if "text_encoder" in name and part is not None:
                stack.enter_context(replaced_forward(part, noting(name, part.forward)))
        yield asked


def same(some: list[Pixels], others: list[Pixels]) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(some, others, strict=True))


@pytest.mark.parametrize("name", SAVED)
def test_the_second_time_nothing_is_asked_and_nothing_differs(tmp_path: Path, name: str) -> None:
    model = loaded(SAVED[name](tmp_path / "model"))
    # The least that all of them draw.
    size: dict[str, Any] = dict.fromkeys(("width", "height"), max(SIDE, model.multiple))
    model.encodings = Encodings(most_bytes=0)
    bare_cat, at_first = drawn(model, **size)
    bare_dog, _ = drawn(model, DOG, **size)
    assert drawn(model, **size)[1] == at_first > 0
    assert not same(bare_cat, bare_dog)

    model.encodings = Encodings()
    for wanted in (at_first, 0):
        pixels, asked = drawn(model, **size)
        assert same(pixels, bare_cat)
        assert asked == wanted
    changed, asked = drawn(model, DOG, **size)
    assert same(changed, bare_dog)
    # The negative is known already; of Flux 2, which takes none, the empty one is its own.
    assert asked == at_first // 2


def test_a_family_of_fixed_sizes_is_remembered_too(tmp_path: Path) -> None:
    model = loaded(save_tiny_kandinsky5(tmp_path / "model"))
    size: dict[str, Any] = {"width": 640, "height": 1408, "guidance": 1.0, "steps": 1}
    first, asked = drawn(model, **size)
    again, none = drawn(model, **size)
    assert same(first, again)
    assert asked > none == 0


def test_other_weights_are_asked_anew(tiny: Model) -> None:
    before, at_first = drawn(tiny)
    with torch.no_grad():
        next(tiny.pipe.text_encoder.parameters()).mul_(0.5)
    after, asked = drawn(tiny)
    assert asked == at_first
    assert not same(before, after)
    tiny.encodings = Encodings(most_bytes=0)
    assert same(drawn(tiny)[0], after)


def test_new_weights_in_the_place_of_old_ones_are_asked_anew(tiny: Model) -> None:
    _, at_first = drawn(tiny)
    embedding = tiny.pipe.text_encoder.get_input_embeddings()
    embedding.weight = torch.nn.Parameter(embedding.weight.detach() * 2)
    assert drawn(tiny)[1] == at_first


def test_who_listens_to_an_encoder_s_parts_hears_them(tiny: Model) -> None:
    drawn(tiny)
    heard: list[Any] = []
    embedding = tiny.pipe.text_encoder.get_input_embeddings()
    handle = embedding.register_forward_hook(lambda *heard_now: heard.append(heard_now))
    drawn(tiny)
    handle.remove()
    assert heard
    assert drawn(tiny)[1] == 0


def test_an_encoder_that_answers_at_random_is_asked_each_time(tiny: Model) -> None:
    tiny.pipe.text_encoder.train()
    assert drawn(tiny)[1] == drawn(tiny)[1] > 0


def test_another_number_of_threads_or_images_is_another_question(tiny: Model) -> None:
    _, at_first = drawn(tiny)
    encoder, ids = tiny.pipe.text_encoder, torch.zeros(1, 40, dtype=torch.long)
    with counted(tiny) as asked, torch.no_grad():
        for threads in (1, 1, 2):
            torch.set_num_threads(threads)
            with tiny.encodings.remembering(tiny.pipe):
                encoder(ids)
    torch.set_num_threads(1)
    assert (at_first, len(asked)) == (2, 2)


def test_the_oldest_answers_make_room(tiny: Model) -> None:
    encoder = tiny.pipe.text_encoder

    def asked(*words: int) -> int:
        with counted(tiny) as found, torch.no_grad(), tiny.encodings.remembering(tiny.pipe):
            for word in words:
                encoder(torch.full((1, 40), word))
        return len(found)

    asked(0)
    most = tiny.encodings.size * 4
    tiny.encodings = Encodings(most_bytes=most)
    assert asked(0, 1, 2, 3) == 4
    assert tiny.encodings.size == most
    assert asked(0) == 0
    # The first one was used last, the second one makes room.
    assert asked(4) == 1
    assert tiny.encodings.size == most
    assert asked(0, 2, 3, 4) == 0
    assert asked(1) == 1


def test_an_answer_that_would_drive_out_many_is_not_kept(tiny: Model) -> None:
    bare, at_first = drawn(tiny)
    largest = max(answer.size for answer in tiny.encodings._answers.values())
    for limit, asked_again in ((largest * 4 - 1, at_first), (largest * 4, 0)):
        tiny.encodings = Encodings(most_bytes=limit)
        assert same(drawn(tiny)[0], bare)
        pixels, asked = drawn(tiny)
        assert same(pixels, bare)
        assert asked == asked_again
        assert (tiny.encodings.size > 0) is (asked_again == 0)


def test_a_changed_answer_does_not_change_what_is_kept(tiny: Model) -> None:
    encoder, ids = tiny.pipe.text_encoder, torch.zeros(1, 40, dtype=torch.long)
    with torch.no_grad(), tiny.encodings.remembering(tiny.pipe):
        first = encoder(ids).last_hidden_state.clone()
        encoder(ids).last_hidden_state.zero_()
        assert torch.equal(encoder(ids).last_hidden_state, first)
    assert "forward" not in vars(encoder)
