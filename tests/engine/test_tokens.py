import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tui.engine.client import Client, RefusedError
from tui.engine.families import FAMILIES, family_by_id, family_of, usual
from tui.engine.messages import AskModel, AskStatus, EngineStatus, ModelFacts
from tui.engine.model_facts import card_licence, fitting_schedulers, model_facts
from tui.engine.models import ModelError, starter_folder
from tui.engine.token_messages import AskTokens, TextTokens, TokenCounts
from tui.engine.tokenizer_files import TokenizerError, open_reader
from tui.engine.tokens import TokenCounter

TEXTS = (
    "a friendly robot, flat illustration, on the right",
    "A Friendly ROBOT’s don't 3d-render",
    "wärm   light 🙂 光, (weights:1.2)",
    "",
)
TOKENIZER = starter_folder() / "tokenizer"


def counted(counts: TokenCounts) -> list[int]:
    return [len(text.spans) for text in counts.texts]


def as_merges(folder: Path, limit: int = 40) -> Path:
    """The starter's tokenizer in the form that Stable Diffusion's come in."""
    model = json.loads((TOKENIZER / "tokenizer.json").read_text())["model"]
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n")
    write_config(folder, model_max_length=limit)
    return folder


def write_config(folder: Path, **values: Any) -> None:
    (folder / "tokenizer_config.json").write_text(json.dumps(values))


def test_tokens_are_those_of_transformers() -> None:
    from transformers import CLIPTokenizer

    theirs = CLIPTokenizer.from_pretrained(TOKENIZER)
    ours = TokenCounter(weighs=False).counts("starter", TEXTS)
    assert counted(ours) == [len(theirs(text)["input_ids"]) - 2 for text in TEXTS]
    assert {text.limit for text in ours.texts} == {theirs.model_max_length - 2}


def test_vocabulary_and_merges_read_the_same(tmp_path: Path) -> None:
    whole, parts = open_reader(TOKENIZER), open_reader(as_merges(tmp_path / "tokenizer"))
    assert [parts.spans(text) for text in TEXTS] == [whole.spans(text) for text in TEXTS]
    assert parts.limit == whole.limit == 38


def test_spans_are_characters_of_the_text_itself() -> None:
    text = TEXTS[1]
    spans = open_reader(TOKENIZER).spans(text)
    assert text[spans[0][0] : spans[0][1]] == "A"
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_the_pipeline_s_length_replaces_the_tokenizer_s() -> None:
    assert open_reader(TOKENIZER, longest=512, lead=3).limit == 512 - 2 - 3


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"spiece.model": "x"}, "spiece.model"),
        ({}, "no tokenizer"),
        ({"tokenizer.json": "{"}, "broken"),
        ({"tokenizer.json": "[]"}, "broken"),
        ({"vocab.json": "{}", "merges.txt": "a b"}, "not known"),
    ],
)
def test_what_cannot_be_counted_is_said(tmp_path: Path, files: dict[str, str], says: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(TokenizerError, match=says):
        open_reader(tmp_path)


def test_a_limit_that_is_none_is_said(tmp_path: Path) -> None:
    shutil.copy(TOKENIZER / "tokenizer.json", tmp_path)
    write_config(tmp_path, model_max_length=10**30)
    with pytest.raises(TokenizerError, match="names no limit"):
        open_reader(tmp_path)


def renamed(model: Path, target: Path, class_name: str) -> Path:
    copy = Path(shutil.copytree(model, target))
    index = json.loads((copy / "model_index.json").read_text())
    (copy / "model_index.json").write_text(json.dumps(index | {"_class_name": class_name}))
    return copy


def test_of_two_tokenizers_the_stricter_counts(tmp_path: Path, tiny_model: Path) -> None:
    model = renamed(tiny_model, tmp_path / "xl", "StableDiffusionXLPipeline")
    as_merges(model / "tokenizer_2", limit=12)
    found = TokenCounter().counts(str(model), (TEXTS[0],)).texts[0]
    assert found.limit == 10


def test_a_pipeline_that_wraps_the_words_is_not_guessed_at(
    tmp_path: Path, tiny_model: Path
) -> None:
    model = renamed(tiny_model, tmp_path / "flux2", "Flux2Pipeline")
    counts = TokenCounter().counts(str(model), TEXTS)
    assert counts.texts == ()
    assert "text of its own" in counts.unknown


def test_a_hub_model_that_is_not_here_is_unknown() -> None:
    counts = TokenCounter().counts("nobody/never-was", TEXTS)
    assert (counts.texts, counts.unknown) == ((), "the model is not on this machine yet")


def test_a_model_that_is_none_is_an_error() -> None:
    with pytest.raises(ModelError):
        TokenCounter().counts("/nowhere/at/all", TEXTS)


# Facts


def test_facts_of_the_starter() -> None:
    facts = model_facts("starter")
    assert (facts.side, facts.steps, facts.guidance) == (128, 20, 4.0)
    assert facts.scheduler == "DDIMScheduler"
    assert facts.has_vocabulary
    assert facts.here
    assert facts.licence.startswith("MIT")
    assert facts.reads_negatives(4.0)
    assert not facts.reads_negatives(1.0)


def test_facts_of_a_folder(tmp_path: Path, tiny_model: Path) -> None:
    model = Path(shutil.copytree(tiny_model, tmp_path / "some-turbo"))
    (model / "README.md").write_text("---\ntags: [x]\nlicense: openrail++\n---\n# A model\n")
    facts = model_facts(str(model))
    assert (facts.side, facts.scheduler, facts.licence) == (64, "PNDMScheduler", "openrail++")
    assert facts.steps < 10
    assert not facts.has_vocabulary
    assert facts.revision.startswith("folder-")


def test_schedulers_that_fit_are_what_the_worker_takes() -> None:
    import diffusers

    for own in (diffusers.DDIMScheduler(), diffusers.PNDMScheduler()):
        names = {cls.__name__ for cls in own.compatibles}
        assert set(fitting_schedulers(type(own).__name__)) <= names
    alone = "FlowMatchEulerDiscreteScheduler"
    assert fitting_schedulers(alone) == (alone,)
    others = diffusers.FlowMatchEulerDiscreteScheduler().compatibles
    assert {cls.__name__ for cls in others} <= {alone}


def test_a_size_is_checked_as_well() -> None:
    with pytest.raises(ModelError, match="multiples of 8"):
        model_facts("starter", (130, 128))


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: other\nlicense_name: flux-1-dev\n---\n", "flux-1-dev"),
        ("---\nlicense: 'mit'\n---\n", "mit"),
        ("# No front matter\nlicense: mit\n", "unknown"),
        ("---\nnever: closed\n", "unknown"),
        ("---\nlicense: \x1b[31mred\n---\n", "[31mred"),
    ],
)
def test_licences_come_from_the_card(tmp_path: Path, card: str, licence: str) -> None:
    (tmp_path / "README.md").write_text(card)
    assert card_licence(tmp_path) == licence


def test_a_model_without_a_card_has_an_unknown_licence(tmp_path: Path) -> None:
    assert card_licence(tmp_path) == "unknown"


def test_a_model_that_is_not_here_is_guessed_by_its_name() -> None:
    facts = model_facts("stabilityai/sdxl-turbo")
    assert not facts.here
    assert (facts.family, facts.side, facts.guidance) == ("SDXL", 1024, 0.0)


def test_the_longest_name_of_a_family_counts() -> None:
    assert family_of("StableDiffusionXLInpaintPipeline").name == "SDXL"
    assert family_of("StableDiffusionInpaintPipeline").name == "Stable Diffusion"
    assert family_of("Flux2Pipeline").name == "Flux 2"
    assert family_of("FluxKontextInpaintPipeline").name == "Flux Kontext"
    assert family_of("FluxImg2ImgPipeline").name == "Flux"
    assert family_of("SomethingElse").templated
    assert usual(family_by_id("Tongyi-MAI/Z-Image-Turbo"), "Z-Image-Turbo") == (9, 0.0)


@pytest.mark.parametrize(
    ("pipeline", "model", "numbers"),
    [
        ("StableDiffusionXLPipeline", "ByteDance/SDXL-Lightning", (4, 1.0)),
        ("StableDiffusionXLPipeline", "dreamshaperXL_v21TurboDPMSDE", (4, 0.0)),
        ("StableDiffusionXLPipeline", "ByteDance/Hyper-SD", (8, 1.0)),
        ("StableDiffusionXLPipeline", "nobody/hyper-realistic-v2", (30, 5.0)),
        ("StableDiffusionPipeline", "/data/turbo/models/sd15", (30, 7.5)),
        ("LatentConsistencyModelPipeline", "SimianLuo/LCM_Dreamshaper_v7", (4, 8.5)),
        ("Flux2KleinPipeline", "black-forest-labs/FLUX.2-klein-4B", (4, 1.0)),
        ("Flux2KleinPipeline", "black-forest-labs/FLUX.2-klein-base-4B", (50, 4.0)),
        ("FluxPipeline", "black-forest-labs/FLUX.1-schnell@main", (4, 1.0)),
        ("SanaSprintPipeline", "Efficient-Large-Model/Sana_Sprint_1.6B_1024px_diffusers", (2, 4.5)),
    ],
)
def test_what_was_distilled_begins_with_few_steps(
    pipeline: str, model: str, numbers: tuple[int, float]
) -> None:
    assert usual(family_of(pipeline), model) == numbers


def test_a_model_may_say_itself_that_it_was_distilled() -> None:
    assert usual(family_of("Flux2KleinPipeline"), "/models/mine", distilled=True) == (4, 1.0)


def test_every_family_is_a_pipeline_of_diffusers() -> None:
    import diffusers

    names = [name for name in dir(diffusers) if name.endswith("Pipeline")]
    assert [start for start in FAMILIES if not any(n.startswith(start) for n in names)] == []


# Through the engine


def loaded_files(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


async def test_the_engine_answers_without_torch(client: Client) -> None:
    counts = await client.request(AskTokens(model="starter", texts=TEXTS), TokenCounts)
    assert counts.texts[0] == TextTokens(open_reader(TOKENIZER).spans(TEXTS[0]), 38)
    facts = await client.request(AskModel(model="starter"), ModelFacts)
    assert facts.side == 128
    status = await client.request(AskStatus(), EngineStatus)
    assert "libtorch" not in loaded_files(status.pid)


async def test_the_engine_says_no_in_a_sentence(client: Client) -> None:
    with pytest.raises(RefusedError, match="no model folder"):
        await client.request(AskModel(model="/nowhere/at/all"), ModelFacts)
    with pytest.raises(RefusedError, match="no model"):
        await client.request(AskTokens(model="no such thing", texts=()), TokenCounts)
