"""Recipes of other programs: read as they write them, held against a reader that is not ours."""

import io
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sd_parsers import ParserManager

from tests.imaging.strategies import PROMPTS
from tui.imaging.foreign.a1111 import infotext
from tui.imaging.foreign.comfyui import comfyui
from tui.imaging.foreign.found import ForeignRecipe
from tui.imaging.foreign.picture_texts import LONGEST_TEXT
from tui.imaging.foreign.pictures import foreign_recipe
from tui.imaging.foreign.weights import from_novelai
from tui.imaging.metadata import write_png
from tui.imaging.parameters import parameters

from . import foreign_files as files
from .helpers import RECIPE, chunk, noise, recipe, refused, saved, with_chunks

FOX, BLURRY = "a red fox, oil painting", "blurry"


def read(folder: Path, content: bytes) -> ForeignRecipe:
    return foreign_recipe(saved(folder, content, "picture"))


def in_words(found: ForeignRecipe) -> tuple[str, str, str]:
    return found.program, found.prompt, found.negative


A1111_WORDS = (
    "A1111",
    "masterpiece, a red fox, oil painting, <lora:foxy:0.8>\nin the snow, (red scarf:1.2)",
    "blurry, text\nugly",
)
FORGE = files.A1111.replace("v1.10.1", "f2.0.1v1.10.1-previous-669-gdfdcbab6")
SCHEME = files.A1111.replace("v1.10.1", "Fooocus v2.5.5")
SWARM = json.dumps(files.SWARMUI)
FOOOCUS = json.dumps(files.FOOOCUS)
FORMS: dict[str, tuple[bytes, tuple[str, str, str]]] = {
    "A1111 PNG": (files.png(parameters=files.A1111), A1111_WORDS),
    "A1111 JPEG": (files.with_comment("JPEG", files.A1111), A1111_WORDS),
    "A1111 WebP": (files.with_comment("WEBP", files.A1111), A1111_WORDS),
    "SD.Next, other byte order": (
        files.with_comment("JPEG", files.A1111, "utf-16-le"),
        A1111_WORDS,
    ),
    "Forge": (files.png(parameters=FORGE), ("Forge", *A1111_WORDS[1:])),
    "ComfyUI PNG": (files.comfyui_png(), ("ComfyUI", FOX, BLURRY)),
    "ComfyUI WebP": (files.comfyui_webp(), ("ComfyUI", FOX, BLURRY)),
    "ComfyUI workflow alone": (
        files.png(workflow=json.dumps(files.WORKFLOW)),
        ("ComfyUI", FOX, BLURRY),
    ),
    "InvokeAI": (
        files.png(invokeai_metadata=json.dumps(files.INVOKEAI)),
        ("InvokeAI", FOX, BLURRY),
    ),
    "Fooocus PNG": (
        files.png(parameters=FOOOCUS, fooocus_scheme="fooocus"),
        ("Fooocus", FOX, BLURRY),
    ),
    "Fooocus JPEG": (files.fooocus_jpeg(FOOOCUS, "fooocus"), ("Fooocus", FOX, BLURRY)),
    "Fooocus like A1111": (
        files.png(parameters=SCHEME, fooocus_scheme="a1111"),
        ("Fooocus", *A1111_WORDS[1:]),
    ),
    "Fooocus JPEG like A1111": (
        files.fooocus_jpeg(SCHEME, "a1111"),
        ("Fooocus", *A1111_WORDS[1:]),
    ),
    "SwarmUI PNG": (files.png(parameters=SWARM), ("SwarmUI", FOX, BLURRY)),
    "SwarmUI JPEG": (files.with_comment("JPEG", SWARM), ("SwarmUI", FOX, BLURRY)),
    "NovelAI": (files.novelai_png(), ("NovelAI", "a red fox, ((masterpiece:1.05):1.05)", "lowres")),
}


@pytest.mark.parametrize("name", FORMS)
def test_words_are_read_as_they_were_written(tmp_path: Path, name: str) -> None:
    content, expected = FORMS[name]
    assert in_words(read(tmp_path, content)) == expected


def test_models_and_settings_keep_their_names(tmp_path: Path) -> None:
    found = read(tmp_path, files.png(parameters=files.A1111))
    assert found.model == "sdxl_base"
    assert dict(found.settings)["Lora hashes"] == "foxy: abc, other: def"
    assert dict(found.settings)["Seed"] == "965400086"
    found = read(tmp_path, files.comfyui_png())
    assert found.model == "sdxl.safetensors"
    assert dict(found.settings) == {
        "seed": "18446744073709551615", "steps": "25", "cfg": "6.5", "sampler_name": "euler",
        "scheduler": "normal", "denoise": "1.0", "width": "1024", "height": "768",
    }  # fmt: skip
    found = read(tmp_path, files.png(invokeai_metadata=json.dumps(files.INVOKEAI)))
    assert (found.model, dict(found.settings)["loras"]) == ("Dreamshaper XL", "foxy:0.8")
    found = read(tmp_path, files.png(parameters=SWARM))
    assert dict(found.settings)["seed"] == "18446744073709551615"
    assert read(tmp_path, files.novelai_png()).model == "NovelAI Diffusion V4.5 4BDE2A90"


ORACLE = {
    "A1111 PNG": FORMS["A1111 PNG"][0],
    "A1111 JPEG": FORMS["A1111 JPEG"][0],
    "A1111 WebP": FORMS["A1111 WebP"][0],
    "ComfyUI": FORMS["ComfyUI PNG"][0],
    "InvokeAI": FORMS["InvokeAI"][0],
    "Fooocus": FORMS["Fooocus PNG"][0],
    "NovelAI": FORMS["NovelAI"][0],
}


@pytest.mark.parametrize("name", ORACLE)
def test_another_reader_reads_the_same(tmp_path: Path, name: str) -> None:
    ours = read(tmp_path, ORACLE[name])
    theirs = ParserManager().parse(io.BytesIO(ORACLE[name]))
    assert theirs is not None
    # It joins several texts by commas.
    (sampler,) = theirs.samplers
    prompt = ", ".join(prompt.value for prompt in sampler.prompts)
    # Weights are written anew where a program has signs of its own.
    assert ours.prompt == (from_novelai(prompt) if name == "NovelAI" else prompt)
    assert ours.negative == ", ".join(prompt.value for prompt in sampler.negative_prompts)
    # Of InvokeAI's models it knows the names of version 3, and a LoRA of ComfyUI's is its model.
    if name not in ("InvokeAI", "ComfyUI"):
        assert sampler.model is not None
        assert (sampler.model.name or "") in ours.model


@given(PROMPTS, PROMPTS)
def test_our_own_parameters_are_read_back(prompt: str, negative: str) -> None:
    given_recipe = recipe(prompt, negative)
    *words, _settings = lines = parameters(given_recipe).split("\n")
    found = infotext("\n".join(lines))
    if found is None:
        assert words == []
        return
    negatives = [line for line in words if line.startswith("Negative prompt:")]
    prompts = [line for line in words if line not in negatives]
    assert found.prompt == "".join(prompts)
    assert found.negative == "".join(negatives).removeprefix("Negative prompt: ")
    assert dict(found.settings)["Seed"] == str(given_recipe.intent.seed)


def test_xmp_carries_the_comment_too(tmp_path: Path) -> None:
    escaped = files.A1111.replace("<", "&lt;").replace(">", "&gt;").replace("\n", "&#xA;")
    for form in (
        f'<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">{escaped}</rdf:li></rdf:Alt>',
        '<rdf:Description exif:UserComment="{}"/>'.format(escaped.replace('"', "&quot;")),
    ):
        packet = b"XML:com.adobe.xmp\0\0\0\0\0" + form.encode()
        assert in_words(read(tmp_path, with_chunks(chunk(b"iTXt", packet)))) == A1111_WORDS


def graph(**nodes: Any) -> dict[str, Any]:
    """Nodes by letters, each `(class, inputs)`."""
    return {name: {"class_type": kind, "inputs": given} for name, (kind, given) in nodes.items()}


SAMPLER = {"positive": ["p", 0], "negative": ["n", 0], "latent_image": ["l", 0]}


def test_a_graph_is_walked_to_the_words_that_count() -> None:
    encode = "CLIPTextEncode"
    control = {"positive": ["a", 0], "negative": ["b", 0], "control_net": ["x", 0]}
    through = comfyui(
        graph(
            s=("KSampler", {**SAMPLER, "positive": ["c", 0], "negative": ["c", 1]}),
            c=("ControlNetApplyAdvanced", control),
            a=("ConditioningCombine", {"conditioning_1": ["d", 0], "conditioning_2": ["e", 0]}),
            b=(encode, {"text": "bad", "clip": ["x", 1]}),
            d=(encode, {"text": ["t", 0], "clip": ["x", 1]}),
            e=("CLIPTextEncodeSDXL", {"text_g": "a moon", "text_l": "a moon", "clip": ["x", 1]}),
            t=("PrimitiveString", {"value": "a fox"}),
            z=(encode, {"text": "not linked to any sampler"}),
        )
    )
    assert through is not None
    assert (through.prompt, through.negative) == ("a fox\na moon", "bad")
    flux = comfyui(
        graph(
            s=("SamplerCustomAdvanced", {"guider": ["g", 0], "latent_image": ["l", 0],
                                         "noise": ["r", 0]}),
            g=("BasicGuider", {"conditioning": ["f", 0], "model": ["m", 0]}),
            f=("FluxGuidance", {"guidance": 3.5, "conditioning": ["p", 0]}),
            p=(encode, {"text": "a fox", "clip": ["x", 0]}),
            r=("RandomNoise", {"noise_seed": 5}),
            m=("UNETLoader", {"unet_name": "flux1-dev"}),
        )
    )  # fmt: skip
    assert flux is not None
    assert (flux.prompt, flux.negative, flux.model) == ("a fox", "", "flux1-dev")
    assert dict(flux.settings)["noise_seed"] == "5"
    zeroed = comfyui(
        graph(
            s=("KSampler", {**SAMPLER, "negative": ["o", 0]}),
            o=("ConditioningZeroOut", {"conditioning": ["p", 0]}),
            p=(encode, {"text": "a fox"}),
        )
    )
    assert zeroed is not None
    assert (zeroed.prompt, zeroed.negative) == ("a fox", "")


def test_a_graph_that_runs_in_circles_ends() -> None:
    nodes = {f"n{i}": ("Reroute", {"any": [f"n{(i + 1) % 4000}", 0]}) for i in range(4000)}
    samplers = {f"s{i}": ("KSampler", {**SAMPLER, "positive": ["n0", 0]}) for i in range(900)}
    assert comfyui(graph(**nodes, **samplers)) is None
    assert comfyui(graph(s=("KSampler", {**SAMPLER, "positive": ["s", 0]}))) is None


def test_novelai_4_has_characters_apart(tmp_path: Path) -> None:
    caption = {"base_caption": "two foxes", "char_captions": [{"char_caption": "red"}, 7, {}]}
    found = read(tmp_path, files.novelai_png(v4_prompt={"caption": caption}))
    assert found.prompt == "two foxes\nred"


def test_a_prompt_may_begin_with_a_bracket(tmp_path: Path) -> None:
    text = "{{masterpiece}}, a fox\nSteps: 5, Sampler: Euler, Seed: 1"
    assert read(tmp_path, files.png(parameters=text)).prompt == "{{masterpiece}}, a fox"


def test_lines_of_extensions_behind_the_settings_are_passed_over(tmp_path: Path) -> None:
    found = read(tmp_path, files.png(parameters=files.A1111 + "\nTemplate: a {red|blue} fox"))
    assert in_words(found) == A1111_WORDS


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
def test_every_kind_of_text_is_read(tmp_path: Path, kind: bytes) -> None:
    text = "a café, 狐" + files.A1111[files.A1111.index("\nNegative") :]
    bodies = {
        b"tEXt": b"parameters\0" + text.encode(),
        b"zTXt": b"parameters\0\0" + zlib.compress(text.encode()),
        b"iTXt": b"parameters\0\1\0\0\0" + zlib.compress(text.encode()),
    }
    assert read(tmp_path, with_chunks(chunk(kind, bodies[kind]))).prompt == "a café, 狐"
    latin = with_chunks(chunk(b"tEXt", b"parameters\0" + "café\nSteps: 1".encode("latin-1")))
    assert read(tmp_path, latin).prompt == "café"


def test_our_own_pictures_are_read_in_that_form_too(tmp_path: Path) -> None:
    from tui.domain.lineage import Origin

    given = {"recipe": RECIPE, "image_id": "a", "parent": None, "origin": Origin.GENERATED}
    content = write_png(noise(4, 4), pixels="0" * 64, **given)  # type: ignore[arg-type]
    assert in_words(read(tmp_path, content)) == ("A1111", "a red fox", "blurry")


def bomb(kind: bytes) -> bytes:
    """More than a gigabyte of zeros in a megabyte: one packed block, many times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    head = b"parameters\0\0" if kind == b"zTXt" else b"parameters\0\1\0\0\0"
    return with_chunks(chunk(kind, head + b"\x78\xda" + block * 1100))


DEEP = "[" * 100_000
HOSTILE: dict[str, tuple[bytes, str]] = {
    "no text": (files.png(), "no recipe that Keepers knows"),
    "other text": (files.png(parameters="hello"), "no recipe that Keepers knows"),
    "camera": (files.with_comment("JPEG", "Holiday in Rome"), "no recipe that Keepers knows"),
    "deep swarm": (files.png(parameters='{"a":' * 100_000), "damaged"),
    "deep invoke": (files.png(invokeai_metadata=DEEP), "damaged"),
    "deep comfy": (files.png(prompt=DEEP), "damaged"),
    "deep workflow": (files.png(workflow=DEEP), "damaged"),
    "list": (files.png(invokeai_metadata="[1]"), "damaged"),
    "wrong types": (
        files.png(invokeai_metadata='{"positive_prompt": ["a"], "negative_prompt": 7}'),
        "no recipe that Keepers knows",
    ),
    "wrong swarm": (files.png(parameters='{"sui_image_params": [1]}'), "no recipe"),
    "wrong graph": (files.png(prompt='{"3": {"inputs": [1]}, "4": 7, "5": null}'), "no recipe"),
    "wrong links": (
        files.png(workflow='{"nodes": [{"inputs": [7, {"link": 1}]}], "links": [1, [[], 2, 3]]}'),
        "no recipe",
    ),
    "too many nodes": (
        files.png(prompt=json.dumps({str(i): {} for i in range(6_000)})),
        "no recipe",
    ),
    "cut short": (files.png(parameters=files.A1111)[:-40], "cut short"),
    "bad checksum": (files.png(parameters=files.A1111).replace(b"red fox", b"red cat"), "damaged"),
    "zTXt bomb": (bomb(b"zTXt"), "too much text"),
    "iTXt bomb": (bomb(b"iTXt"), "too much text"),
    "30 MB tEXt": (
        with_chunks(chunk(b"tEXt", b"parameters\0" + b"a" * (LONGEST_TEXT + 200))),
        "too much text",
    ),
    "broken zTXt": (with_chunks(chunk(b"zTXt", b"parameters\0\0xyz")), "damaged"),
    "a settings line without end": (
        files.png(parameters="Steps: " + 'a: "' * 200_000),
        "no recipe",
    ),
    "JPEG cut short": (files.with_comment("JPEG", files.A1111)[:30], "not a readable picture"),
    "GIF": (b"GIF89a" + bytes(40), "not a readable picture"),
    "empty": (b"", "empty"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_a_sentence(tmp_path: Path, name: str) -> None:
    content, says = HOSTILE[name]
    with refused(says):
        read(tmp_path, content)


@pytest.mark.parametrize("text", ["c\x1b]52;c;b3duZWQ=\x07at", "c\0at", "\u202etac", "\x9b2Jcat"])
def test_texts_are_made_harmless(tmp_path: Path, text: str) -> None:
    record = {**files.INVOKEAI, "positive_prompt": text, "scheduler": text, "model": {"name": text}}
    found = read(tmp_path, files.png(invokeai_metadata=json.dumps(record)))
    assert found.prompt.isprintable()
    assert found.model.isprintable()
    assert all(value.isprintable() for _, value in found.settings)


@given(st.text(max_size=300))
def test_any_text_is_a_recipe_or_none(text: str) -> None:
    for lines in (text, f"{text}\nSteps: {text}", f"a\nNegative prompt: {text}\nSteps: 2, {text}"):
        infotext(lines)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["1", "2", "inputs", "positive", "negative", "text", "latent_image"])
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
)


@given(JSON)
def test_any_json_is_a_graph_or_none(value: Any) -> None:
    comfyui(value)
    comfyui({"1": {"class_type": "KSampler", "inputs": value}, "2": value})
