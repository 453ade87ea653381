import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tui.engine.models import (
    ModelError,
    check_size,
    folder_revision,
    is_hub_id,
    local_model,
    native_side,
    starter_folder,
)
from tui.engine.safetensors_header import check_weights


@pytest.fixture
def model(tmp_path: Path, tiny_model: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def edit_index(model: Path, **changes: Any) -> None:
    file = model / "model_index.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def weights(model: Path) -> Path:
    return next((model / "unet").glob("*.safetensors"))


def truncate(model: Path) -> None:
    data = weights(model).read_bytes()
    weights(model).write_bytes(data[: len(data) // 2])


def pickle_only(model: Path) -> None:
    weights(model).rename(model / "unet" / "diffusion_pytorch_model.bin")


def lose_a_shard(model: Path) -> None:
    index = {"weight_map": {"a": weights(model).name, "b": "part-2.safetensors"}}
    (model / "unet" / "x.safetensors.index.json").write_text(json.dumps(index))


def shards(*names: object) -> Callable[[Path], None]:
    def write(model: Path) -> None:
        index = {"weight_map": {str(number): name for number, name in enumerate(names)}}
        (model / "unet" / "x.safetensors.index.json").write_text(json.dumps(index))

    return write


def header(text: bytes, rest: bytes = b"") -> Callable[[Path], None]:
    def write(model: Path) -> None:
        weights(model).write_bytes(len(text).to_bytes(8, "little") + text + rest)

    return write


def index_of(text: str) -> Callable[[Path], object]:
    return lambda model: (model / "model_index.json").write_text(text)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "gone": (shutil.rmtree, "there is no model folder"),
    "no index": (lambda model: (model / "model_index.json").unlink(), "not a diffusers folder"),
    "index no JSON": (index_of("{"), "cannot be read"),
    "index a list": (index_of("[]"), "cannot be read"),
    "index too deep": (index_of("[" * 100_000), "cannot be read"),
    "no class": (lambda model: edit_index(model, _class_name=None), "code of its own"),
    "class in a file": (lambda model: edit_index(model, _class_name=["a", "b"]), "never runs"),
    "weights cut": (truncate, "is cut short"),
    "weights empty": (lambda model: weights(model).write_bytes(b""), "not a safetensors file"),
    "weights text": (lambda model: weights(model).write_text("x" * 99), "not a safetensors file"),
    "header no JSON": (header(b"{{{{"), "not a safetensors file"),
    "header a list": (header(b"[12]"), "not a safetensors file"),
    "header without offsets": (header(b'{"a": {}}'), "not a safetensors file"),
    "header beyond numbers": (
        header(b'{"a": {"data_offsets": [0, Infinity]}}'),
        "not a safetensors file",
    ),
    "pickle": (pickle_only, "only as a pickle file"),
    "no weights": (lambda model: weights(model).unlink(), "has no weights"),
    "no component": (lambda model: shutil.rmtree(model / "vae"), "its folder vae is missing"),
    "shard missing": (lose_a_shard, "lacks part-2.safetensors"),
    "shard elsewhere": (shards("../vae/config.json"), "lacks ../vae/config.json"),
    "shard no name": (shards(["a"], 3), "lacks"),
    "foreign library": (lambda model: edit_index(model, unet=["evil", "UNet"]), "“evil”"),
    "library no name": (lambda model: edit_index(model, unet=[["a"], "UNet"]), "never runs"),
    "component above": (lambda model: edit_index(model, **{"..": ["diffusers", "X"]}), "missing"),
    "component here": (lambda model: edit_index(model, **{".": ["diffusers", "X"]}), "missing"),
    "component far": (lambda model: edit_index(model, **{"/etc": ["diffusers", "X"]}), "missing"),
    "component deep": (
        lambda model: edit_index(model, **{"../model/unet": ["diffusers", "X"]}),
        "missing",
    ),
    "component zero": (lambda model: edit_index(model, **{"a\0b": ["diffusers", "X"]}), "missing"),
    "file unreadable": (
        # A regular file that the system refuses to read at its start, even to root.
        lambda model: (model / "odd").symlink_to("/proc/self/mem"),
        "cannot be read",
    ),
}


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_model_is_refused_in_one_sentence(
    model: Path, spoil: tuple[Callable[[Path], object], str]
) -> None:
    spoil[0](model)
    with pytest.raises(ModelError) as caught:
        local_model(str(model))
    sentence = str(caught.value)
    assert spoil[1] in sentence
    assert ": " in sentence or "; " in sentence, "it says what to do"
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert sentence.isprintable()


@pytest.mark.parametrize("reference", ["", "models/mine", "~/models/mine", "tui/starter/model"])
def test_a_folder_is_named_by_its_whole_path(reference: str) -> None:
    with pytest.raises(ModelError, match=r"there is no model .*: give `starter`, the whole path"):
        local_model(reference)


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".bin", ".safetensors"])
def test_a_file_is_not_a_folder(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"model{suffix}"
    file.write_bytes(b"")
    with pytest.raises(ModelError, match="pickle" if suffix != ".safetensors" else "is a file"):
        local_model(str(file))


def test_a_name_from_anywhere_cannot_drive_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        local_model(f"{tmp_path}/\x1b[2J\nmodel\0")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("owner/name", True),
        ("owner/name@main", True),
        ("owner/na.me_1@v1.0", True),
        ("starter", False),
        ("/owner/name", False),
        ("../owner/name", False),
        ("owner/name/more", False),
        ("owner/..", False),
        ("owner/na..me", False),
        ("owner/name@..", False),
        ("owner/name@../../x", False),
        ("owner/name\n", False),
        ("", False),
    ],
)
def test_hub_ids_never_lead_anywhere_else(reference: str, expected: bool) -> None:
    assert is_hub_id(reference) is expected


def test_a_folder_is_known_by_its_content(model: Path, tmp_path: Path, tiny_model: Path) -> None:
    revision = folder_revision(model)
    assert revision == folder_revision(tiny_model) == local_model(str(model)).revision
    weights(model).touch()
    assert folder_revision(model) == revision
    data = bytearray(weights(model).read_bytes())
    data[-1] ^= 1
    weights(model).write_bytes(data)
    assert folder_revision(model) != revision
    data[-1] ^= 1
    weights(model).write_bytes(data)
    assert folder_revision(model) == revision
    (model / "unet" / "config.json").rename(model / "unet" / "other.json")
    assert folder_revision(model) != revision


@pytest.mark.parametrize("position", [0, 2**20 - 1, -(2**20), -1])
def test_a_large_file_is_known_by_its_ends(tmp_path: Path, position: int) -> None:
    file = tmp_path / "weights"
    data = bytearray(9 * 2**20)
    file.write_bytes(data)
    before = folder_revision(tmp_path)
    data[position] ^= 1
    file.write_bytes(data)
    assert folder_revision(tmp_path) != before


def test_the_starter_is_sound_and_says_its_size() -> None:
    place = local_model("starter")
    assert place.revision.startswith("folder-")
    assert native_side(starter_folder()) == 128
    assert all(check_weights(path) > 0 for path in starter_folder().rglob("*.safetensors"))


def test_sizes_that_cannot_be_drawn_come_with_one_that_can() -> None:
    place = local_model("starter")
    for fitting in (128, 8, 1024):
        check_size(place, fitting, 128)
        check_size(place, 128, fitting)
    with pytest.raises(ModelError, match="choose 128 × 128"):
        check_size(place, 131, 125)
    with pytest.raises(ModelError, match="choose 8 × 128"):
        check_size(place, 1, 128)
    with pytest.raises(ModelError, match="draw at most 1024"):
        check_size(place, 128, 1032)
    nowhere = msgspec.structs.replace(place, folder="/nowhere")
    check_size(nowhere, 4096, 8)
