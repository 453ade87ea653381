"""Our own chunk: what is written comes back, and what others put there does no harm."""

import io
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tui.domain.lineage import Origin
from tui.imaging.metadata import LONGEST_RECORD, Provenance, read_provenance, write_png
from tui.imaging.pixels import open_picture, pixel_hash, to_array
from tui.imaging.source_type import COMPOSITE, GENERATED, source_type

from .helpers import IEND, PIXEL, RECIPE, chunk, noise, recipe, refused, saved, with_chunks
from .strategies import PROMPTS

PICTURE = noise(6, 5)


def file_of(**other: Any) -> bytes:
    given: dict[str, Any] = {
        "recipe": RECIPE,
        "image_id": "i2",
        "parent": "i1",
        "origin": Origin.ITERATED,
        "pixels": pixel_hash(PICTURE),
    }
    return write_png(PICTURE, **(given | other))


def record() -> dict[str, Any]:
    """What our chunk holds, to be altered."""
    text = Image.open(io.BytesIO(file_of())).info["keepers"]
    found: dict[str, Any] = json.loads(text)
    return found


def ours(content: bytes | str) -> bytes:
    """A file whose chunk of ours has this content."""
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return with_chunks(chunk(b"iTXt", b"keepers\0\0\0\0\0" + raw))


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    path = saved(tmp_path, file_of())
    found = read_provenance(path)
    assert found == Provenance(
        image="i2",
        parent="i1",
        origin=Origin.ITERATED,
        recipe=RECIPE,
        recipe_hash=RECIPE.hash,
        pixels=pixel_hash(PICTURE),
    )
    assert found.intact
    assert np.array_equal(to_array(open_picture(path)), PICTURE)
    assert pixel_hash(open_picture(path)) == found.pixels


def test_the_chunk_has_the_promised_fields() -> None:
    names = {"version", "image", "parent", "origin", "recipe", "recipe_hash", "pixels"}
    assert record().keys() == names
    assert record()["version"] == 1


@given(PROMPTS, PROMPTS, st.floats(0, 100))
def test_any_recipe_comes_back_intact(
    tmp_path_factory: pytest.TempPathFactory, prompt: str, negative: str, guidance: float
) -> None:
    given = recipe(prompt.replace("\n", " "), negative.replace("\n", " "), guidance=guidance)
    path = saved(tmp_path_factory.getbasetemp(), file_of(recipe=given))
    found = read_provenance(path)
    assert found.intact
    assert found.recipe == given


def test_whole_numbers_for_floats_come_back_intact(tmp_path: Path) -> None:
    given = recipe(guidance=4, strength=1, init_image="0" * 64)
    assert read_provenance(saved(tmp_path, file_of(recipe=given))).intact


def test_pixels_are_not_decoded(tmp_path: Path) -> None:
    content = file_of()
    place = content.index(b"IDAT")
    damaged = content[: place + 4] + b"\xff" * 20 + content[place + 24 :]
    path = saved(tmp_path, damaged)
    with refused("damaged"):
        open_picture(path)
    assert read_provenance(path).intact


def test_a_chunk_behind_the_pixels_or_compressed_is_read(tmp_path: Path) -> None:
    text = json.dumps(record()).encode()
    behind = chunk(b"iTXt", b"keepers\0\1\0\0\0" + zlib.compress(text))
    path = saved(tmp_path, PIXEL.replace(IEND, behind + IEND))
    assert read_provenance(path).recipe == RECIPE


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "bytes"])
def test_files_without_a_recipe_say_so(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.png"
    Image.fromarray(PICTURE).save(path, "PNG" if kind == "bytes" else kind)
    if kind == "bytes":
        path = saved(tmp_path, with_chunks(chunk(b"tEXt", b"keepers\0{}")))
    with refused("x.png"):
        read_provenance(path)


@pytest.mark.parametrize(
    "where", [[], ["recipe"], ["recipe", "intent"], ["recipe", "intent", "layers"]]
)
def test_newer_versions_are_refused_as_such(tmp_path: Path, where: list[str]) -> None:
    newer = record()
    part = newer
    for key in where:
        part = part[key]
    part |= {"version": 99, "unheard_of": True}
    with refused("newer Keepers", "update"):
        read_provenance(saved(tmp_path, ours(json.dumps(newer))))


def test_an_altered_recipe_is_read_and_not_intact(tmp_path: Path) -> None:
    altered = record()
    altered["recipe"]["prompt"] = "another"
    found = read_provenance(saved(tmp_path, ours(json.dumps(altered))))
    assert not found.intact
    assert found.recipe.prompt == "another"


@pytest.mark.parametrize(
    "text", ["\x1b]52;c;b3duZWQ=\x07cat", "c\0at", "c\ud800at", "a\r\nb", "\u202etac", "\x9b2J"]
)
def test_6_to_16_texts_are_made_harmless(tmp_path: Path, text: str) -> None:
    bad = record()
    bad["recipe"]["prompt"] = bad["recipe"]["versions"]["torch"] = text
    bad["recipe"]["versions"][text] = "1"
    found = read_provenance(saved(tmp_path, ours(json.dumps(bad))))
    assert not found.intact
    for shown in (found.recipe.prompt, *found.recipe.versions, *found.recipe.versions.values()):
        assert shown.isprintable()


def test_28_code_is_text(tmp_path: Path) -> None:
    code = "__import__('os').system('touch /tmp/owned')"
    given = recipe(prompt=code, negative="{1-1000$$__a__} {% for x in y %}")
    assert read_provenance(saved(tmp_path, file_of(recipe=given))).recipe == given
    with refused("damaged"):
        read_provenance(saved(tmp_path, ours(code)))


GOOD = json.dumps(record())
HOSTILE: dict[str, bytes | str] = {
    "100k deep list": "[" * 100_000,
    "100k deep closed": "[" * 100_000 + "]" * 100_000,
    "100k deep object": '{"a":' * 100_000,
    "900 deep": "[" * 900 + "]" * 900,
    "NaN": GOOD.replace('"guidance": 4.0', '"guidance": NaN'),
    "infinity": GOOD.replace('"guidance": 4.0', '"guidance": -Infinity'),
    "1e999": GOOD.replace('"guidance": 4.0', '"guidance": 1e999'),
    "10k digits": GOOD.replace('"seed": 7', '"seed": ' + "9" * 10_000),
    "20 digits": GOOD.replace('"batch_size": 4', '"batch_size": ' + "9" * 20),
    "duplicate": GOOD.replace('"seed": 7', '"seed": 7, "seed": 8'),
    "steps": GOOD.replace('"steps": 20', '"steps": 1000000'),
    "negative seed": GOOD.replace('"seed": 7', '"seed": -1'),
    "wrong type": GOOD.replace('"seed": 7', '"seed": "7"'),
    "no field": GOOD.replace('"seed": 7,', ""),
    "unknown field": GOOD.replace('"seed": 7', '"seed": 7, "rm": 1'),
    "unknown origin": GOOD.replace("iterated", "stolen"),
    "a path as id": GOOD.replace('"image": "i2"', '"image": "../../x"'),
    "no hash": GOOD.replace(RECIPE.hash, "x" * 64),
    "version": GOOD.replace('"version": 1', '"version": "1"'),
    "not an object": "[]",
    "empty": "",
    "null": "null",
    "bytes": b"\xff\xfe{}",
    "after": GOOD + "x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_29_hostile_json_is_refused(tmp_path: Path, name: str) -> None:
    assert HOSTILE[name] != GOOD, "the test altered nothing"
    with refused("damaged"):
        read_provenance(saved(tmp_path, ours(HOSTILE[name])))


CHUNKS: dict[str, Callable[[], bytes]] = {
    "too much": lambda: with_chunks(
        chunk(b"iTXt", b"keepers\0\0\0\0\0" + b" " * LONGEST_RECORD + b" ")
    ),
    "two": lambda: with_chunks(chunk(b"iTXt", b"keepers\0\0\0\0\0" + GOOD.encode()) * 2),
    "no end": lambda: with_chunks(chunk(b"iTXt", b"keepers\0\0\0")),
    "bad method": lambda: with_chunks(chunk(b"iTXt", b"keepers\0\1\7\0\0x")),
    "bad flag": lambda: with_chunks(chunk(b"iTXt", b"keepers\0\2\0\0\0x")),
    "bad zlib": lambda: with_chunks(chunk(b"iTXt", b"keepers\0\1\0\0\0x")),
    "short zlib": lambda: with_chunks(
        chunk(b"iTXt", b"keepers\0\1\0\0\0" + zlib.compress(GOOD.encode())[:-9])
    ),
    "bad checksum": lambda: ours(GOOD).replace(b"a red fox", b"a red cat"),
}


@pytest.mark.parametrize("name", CHUNKS)
def test_chunks_built_wrong_are_refused(tmp_path: Path, name: str) -> None:
    with refused("use the original file" if name != "bad checksum" else "damaged"):
        read_provenance(saved(tmp_path, CHUNKS[name]()))


def test_a_record_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    text = GOOD.encode().ljust(LONGEST_RECORD)
    assert read_provenance(saved(tmp_path, ours(text))).intact


def test_what_could_not_be_read_back_is_not_written() -> None:
    with refused("shorten the prompt"):
        file_of(recipe=recipe("x" * LONGEST_RECORD))
    for wrong in ({"image_id": "../x"}, {"parent": ""}, {"pixels": "no hash"}):
        with refused("cannot go into a file"):
            file_of(**wrong)


def test_the_image_s_own_metadata_is_not_carried_over(tmp_path: Path) -> None:
    image = Image.fromarray(PICTURE)
    image.info |= {"icc_profile": b"private", "exif": b"where I live", "comment": "mine"}
    given = {"recipe": RECIPE, "image_id": "a", "parent": None, "origin": Origin.GENERATED}
    content = write_png(image, pixels=pixel_hash(image), **given)  # type: ignore[arg-type]
    assert b"private" not in content
    assert b"where" not in content
    info = Image.open(io.BytesIO(content)).info
    assert info.keys() == {"parameters", "keepers", "XML:com.adobe.xmp", "xmp"}


NAMESPACE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"


@pytest.mark.parametrize("origin", list(Origin))
@pytest.mark.parametrize("edited", [False, True])
def test_the_source_type_is_valid_xmp(tmp_path: Path, origin: Origin, edited: bool) -> None:
    content = file_of(origin=origin, edited=edited)
    composite = edited or origin in ("inpainted", "edited")
    packet = Image.open(io.BytesIO(content)).info["xmp"]
    (found,) = ET.fromstring(packet).iter(f"{NAMESPACE}DigitalSourceType")
    assert found.text == (COMPOSITE if composite else GENERATED)
    assert source_type(saved(tmp_path, content)) == found.text


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_source_types_written_by_others_are_read(tmp_path: Path, kind: str) -> None:
    forms = [
        f'<rdf:Description Iptc4xmpExt:DigitalSourceType="{GENERATED}"/>',
        f"<a:DigitalSourceType>\n {GENERATED}\n</a:DigitalSourceType>",
        f"<a:DigitalSourceType rdf:resource='{GENERATED}'/>",
    ]
    for form in forms:
        path = tmp_path / "x"
        if kind == "PNG":
            saved(tmp_path, with_chunks(chunk(b"iTXt", xmp(form.encode()))), "x")
        else:
            Image.fromarray(PICTURE).save(path, kind, xmp=form.encode())
        assert source_type(path) == GENERATED


def xmp(packet: bytes) -> bytes:
    return b"XML:com.adobe.xmp\0\0\0\0\0" + packet


ENTITIES = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY f SYSTEM "file:///etc/passwd">]><a:DigitalSourceType>&b;&f;</a:DigitalSourceType>"""


@pytest.mark.parametrize(
    "packet",
    [
        ENTITIES,
        b"<a:DigitalSourceType>javascript:alert(1)</a:DigitalSourceType>",
        b"<a:DigitalSourceType>" + b" " * 900_000,
        b":DigitalSourceType" * 50_000,
        b"",
    ],
)
def test_hostile_xmp_states_nothing(tmp_path: Path, packet: bytes) -> None:
    assert source_type(saved(tmp_path, with_chunks(chunk(b"iTXt", xmp(packet))))) is None


def test_values_are_frozen(tmp_path: Path) -> None:
    found = read_provenance(saved(tmp_path, file_of()))
    with pytest.raises(AttributeError):
        found.image = "x"  # type: ignore[misc]
    assert msgspec.structs.replace(found, image="x").image == "x"
