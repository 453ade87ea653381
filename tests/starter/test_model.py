import json
from typing import Any

import numpy as np
import pytest

from tui.starter.vocabulary import model_folder

STARTER = model_folder().parent


@pytest.mark.parametrize(
    "notice",
    [
        "Copyright (c) Microsoft Corporation",
        "Copyright (c) 2023 LobeHub",
        "Copyright 2013 Google, Inc.",
        "http://www.apache.org/licenses/LICENSE-2.0",
        "END OF TERMS AND CONDITIONS",
        "Copyright (c) 2017-2019 Miles Johnson",
        "UNICODE LICENSE V3",
    ],
)
def test_the_notices_of_the_data_go_with_it(notice: str) -> None:
    text = (STARTER / "NOTICES.md").read_text(encoding="utf-8")
    assert notice in text
    assert text.count("The above copyright notice and this permission notice shall") == 3


@pytest.mark.parametrize("work", ["Fluent Emoji", "Noto Emoji", "emojibase", "Unicode CLDR"])
def test_the_card_and_the_notices_name_each_source(work: str) -> None:
    for name in ("CARD.md", "NOTICES.md"):
        assert work in (STARTER / name).read_text(encoding="utf-8")


def test_it_is_small_and_holds_no_code() -> None:
    files = [path for path in model_folder().rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".safetensors"}
    assert sum(path.stat().st_size for path in files) < 90_000_000
    index = json.loads((model_folder() / "model_index.json").read_text())
    libraries = {part[0] for part in index.values() if isinstance(part, list)}
    assert libraries == {"diffusers", "transformers", None}


@pytest.fixture(scope="module")
def pipeline() -> Any:
    import torch
    from diffusers import StableDiffusionPipeline

    loaded = StableDiffusionPipeline.from_pretrained(
        model_folder(), dtype=torch.float32, use_safetensors=True, local_files_only=True
    )
    loaded.set_progress_bar_config(disable=True)
    return loaded


def draw(pipeline: Any, seed: int) -> np.ndarray[Any, Any]:
    import torch

    result = pipeline(
        "robot, 3d render, centered, navy background",
        negative_prompt="blurry",
        num_inference_steps=2,
        guidance_scale=4.0,
        generator=torch.Generator().manual_seed(seed),
    )
    return np.asarray(result.images[0])


def test_plain_diffusers_draws_with_it_the_same_for_the_same_seed(pipeline: Any) -> None:
    first = draw(pipeline, 7)
    assert first.shape == (128, 128, 3)
    assert first.std() > 0
    np.testing.assert_array_equal(first, draw(pipeline, 7))
    assert (first != draw(pipeline, 8)).any()
