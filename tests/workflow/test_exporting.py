"""Exports: bound to the file that was checked, whole, readable by others, and honest."""

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image
from sd_parsers import ParserManager

from tests.imaging.helpers import RECIPE, chunk, noise, recipe
from tui.domain.check import Answer, CheckItem, SignOff
from tui.domain.lineage import Origin
from tui.domain.recipe import Recipe
from tui.domain.versioned import to_json
from tui.imaging.chunks import chunks
from tui.imaging.errors import ImagingError
from tui.imaging.metadata import read_provenance, write_png
from tui.imaging.pixels import Levels, open_picture, pixel_hash, to_array
from tui.imaging.source_type import COMPOSITE, GENERATED, source_type
from tui.store import paths
from tui.store.errors import StoreError
from tui.store.files import write_durably
from tui.store.images import ImageRecord
from tui.store.paths import find_home, private_umask
from tui.store.store import Store, open_store
from tui.workflow.export_files import Form, Format
from tui.workflow.exporting import export

PICTURE = noise(40, 24)
ITEM = CheckItem("text", "Text?", Answer.CLEAN)
OPEN = CheckItem("hands", "Hands?")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(find_home({"KEEPERS_HOME": str(tmp_path / "keepers")})) as opened:
        yield opened


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def png(given: Recipe = RECIPE, picture: Levels = PICTURE, image_id: str = "i1") -> bytes:
    return write_png(
        picture,
        recipe=given,
        image_id=image_id,
        parent=None,
        origin=Origin.GENERATED,
        pixels=pixel_hash(picture),
    )


def add(
    store: Store,
    data: bytes,
    *,
    image_id: str = "i1",
    given: Recipe | None = RECIPE,
    suffix: str = ".png",
    **other: Any,
) -> ImageRecord:
    project = store.projects.ensure("p1", "Jobs page: Röbot!")
    path = store.projects.folder(project) / f"{image_id}{suffix}"
    write_durably(path, data)
    fields: dict[str, Any] = {
        "id": image_id,
        "project_id": project.id,
        "origin": Origin.GENERATED,
        "path": path.relative_to(store.home.data).as_posix(),
        "sha256": hashlib.sha256(data).hexdigest(),
        "pixels": "0" * 64,
        "recipe_json": "" if given is None else to_json(given),
        "width": 40,
        "height": 24,
        "created": 1.0,
    }
    record = ImageRecord(**(fields | other))
    store.images.add(record)
    return record


def signed(image: ImageRecord, *items: CheckItem) -> SignOff:
    return SignOff(image.sha256, items or (ITEM,))


def formed(*, keep_recipe: bool = True, **other: Any) -> Form:
    return Form(recipe="embed" if keep_recipe else "strip", **other)


def leave(store: Store, image: ImageRecord, target: Path, **other: Any) -> Path:
    waiver = other.pop("waiver", "")
    form = formed(**other)
    return export(store, image, signed(image), target=target, form=form, waiver=waiver).path


def kinds(path: Path) -> set[bytes]:
    raw = path.read_bytes()
    return {found.kind for found in chunks(io.BytesIO(raw), len(raw), path.name)}


def test_a_png_with_its_recipe_is_the_same_file(store: Store, out: Path) -> None:
    image = add(store, png())
    path = leave(store, image, out)
    assert path == out / "jobs-page-robot.png"
    assert path.read_bytes() == store.images.file(image).read_bytes()
    assert read_provenance(path).recipe == RECIPE


def test_a_png_without_its_recipe_keeps_pixels_and_disclosure(store: Store, out: Path) -> None:
    secret = recipe("my secret prompt")
    image = add(store, png(secret), given=secret)
    path = leave(store, image, out, keep_recipe=False)
    assert np.array_equal(to_array(open_picture(path)), PICTURE)
    assert source_type(path) == GENERATED
    assert kinds(path) == {b"IHDR", b"IDAT", b"IEND", b"iTXt"}
    assert b"secret" not in path.read_bytes()
    assert set(Image.open(path).info) == {"XML:com.adobe.xmp", "xmp"}
    assert ParserManager().parse(path) is None
    with pytest.raises(ImagingError, match="no recipe"):
        read_provenance(path)


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
@pytest.mark.parametrize("keep", [True, False])
def test_a_lossy_file_is_near_and_says_what_it_is(
    store: Store, out: Path, kind: Format, keep: bool
) -> None:
    smooth = np.broadcast_to(np.arange(24, 64, dtype=np.uint8)[None, :, None], (24, 40, 3))
    prompt = 'a "red" fox 狐 🦊, (hat, coat:1.2)'
    image = add(store, png(recipe(prompt), smooth.copy()), given=recipe(prompt))
    path = leave(store, image, out, kind=kind, keep_recipe=keep)
    assert path.suffix == {"jpeg": ".jpg", "webp": ".webp"}[kind]
    with Image.open(path) as opened:
        assert (opened.format, opened.size, opened.mode) == (kind.upper(), (40, 24), "RGB")
        comment = opened.getexif().get_ifd(0x8769).get(0x9286)
    difference = np.abs(to_array(open_picture(path)).astype(int) - smooth)
    assert difference.max() <= 8
    assert source_type(path) == GENERATED
    if not keep:
        assert comment is None
        return
    assert comment is not None
    assert comment.startswith(b"UNICODE\0")
    assert prompt in comment[8:].decode("utf-16-be")


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_other_programs_read_the_recipe(store: Store, out: Path, kind: Format) -> None:
    path = leave(store, add(store, png()), out, kind=kind)
    found = ParserManager().parse(path)
    assert found is not None
    (sampler,) = found.samplers
    assert (found.full_prompt, found.full_negative_prompt) == ("a red fox", "blurry")
    assert sampler.parameters == {"cfg_scale": "4", "seed": "7", "steps": "20"}
    stripped = leave(store, store.images.get("i1"), out / "plain", kind=kind, keep_recipe=False)
    # The parser remembers images by their id: both have to be open at once.
    with Image.open(path) as first, Image.open(stripped) as second:
        assert ParserManager().parse(first) is not None
        assert ParserManager().parse(second) is None


def test_a_changed_file_is_refused(store: Store, out: Path) -> None:
    image = add(store, png())
    write_durably(store.images.file(image), png(picture=noise(40, 24, seed=1)))
    for kind in ("png", "jpeg", "webp"):
        for waiver in ("", "urgent"):
            with pytest.raises(StoreError, match="is not the one that was checked: check it again"):
                leave(store, image, out, kind=kind, waiver=waiver)
    with pytest.raises(StoreError, match="is not the one that was checked"):
        export(store, image, None, target=out, form=Form(), waiver="urgent")
    again = SignOff(hashlib.sha256(store.images.file(image).read_bytes()).hexdigest(), (ITEM,))
    assert export(store, image, again, target=out, form=Form()).path.is_file()
    assert len(list(out.iterdir())) == 1


def test_the_sign_off_of_another_image_is_refused(store: Store, out: Path) -> None:
    image, other = add(store, png()), add(store, png(image_id="i2"), image_id="i2")
    with pytest.raises(StoreError, match="is not the one that was checked"):
        export(store, image, signed(other), target=out, form=Form())
    assert list(out.iterdir()) == []


def test_an_open_check_holds_it_back_unless_waived_in_writing(store: Store, out: Path) -> None:
    image = add(store, png())
    half = signed(image, ITEM, OPEN, OPEN)

    def leave_with(sign_off: SignOff | None, waiver: str) -> Path:
        return export(store, image, sign_off, target=out, form=Form(), waiver=waiver).path

    for waiver in ("", "  \n\x1b"):
        with pytest.raises(StoreError, match="2 of 3 points of the check are open: answer them"):
            leave_with(half, waiver)
        with pytest.raises(StoreError, match="nothing of the check is answered: answer them"):
            leave_with(None, waiver)
    assert store.sign_offs.get("i1") is None
    assert list(out.iterdir()) == []
    leave_with(half, "for the\x1b[2J meeting")
    kept = store.sign_offs.get("i1")
    assert kept == msgspec.structs.replace(half, waiver="for the [2J meeting")
    assert leave_with(kept, "").is_file()
    leave_with(None, "only a test")
    assert store.sign_offs.get("i1") == SignOff(image.sha256, (), "only a test")


def test_a_complete_check_needs_no_waiver(store: Store, out: Path) -> None:
    leave(store, add(store, png()), out, waiver="not needed")
    assert store.sign_offs.get("i1") is None


def test_nothing_is_overwritten(store: Store, out: Path) -> None:
    image = add(store, png())
    (out / "jobs-page-robot.png").write_bytes(b"somebody's")
    (out / "jobs-page-robot-2.png").symlink_to(out / "elsewhere")
    first = leave(store, image, out)
    assert first == out / "jobs-page-robot-3.png"
    assert leave(store, image, out) == first, "the same content is there already"
    assert leave(store, image, out, keep_recipe=False) == out / "jobs-page-robot-4.png"
    assert leave(store, image, out / "jobs-page-robot.png") == first
    assert (out / "jobs-page-robot.png").read_bytes() == b"somebody's"
    assert not (out / "elsewhere").exists()


@pytest.mark.parametrize(
    ("kind", "given", "name"),
    [
        ("png", "fox", "fox.png"),
        ("png", "fox.PNG", "fox.PNG"),
        ("png", "fox v1.2", "fox v1.2.png"),
        ("jpeg", "fox.jpeg", "fox.jpeg"),
        ("jpeg", "fox", "fox.jpg"),
        ("webp", "-rf", "-rf.webp"),
    ],
)
def test_a_name_gets_its_ending(
    store: Store, out: Path, kind: Format, given: str, name: str
) -> None:
    assert leave(store, add(store, png()), out / given, kind=kind) == out / name


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("png", "fox.jpg", r"fox.jpg does not fit a png file: let it end in .png"),
        ("jpeg", "fox.webp", r"does not fit a jpeg file: let it end in .jpg"),
        ("png", "none/fox.png", r"there is no folder .*none: make it first"),
        ("png", "a\x1b[2J.png", r"no name that can be shown"),
        ("png", "a\u202egnp.png", r"no name that can be shown"),
        ("png", "a\0b/c", r"there is no folder"),
        ("png", "f" * 252, r"the name is too long"),
    ],
)
def test_a_target_that_will_not_do_is_explained(
    store: Store, out: Path, kind: Format, given: str, words: str
) -> None:
    with pytest.raises(StoreError, match=words):
        leave(store, add(store, png()), out / given, kind=kind)
    assert list(out.iterdir()) == []


def test_our_own_folders_are_no_target(store: Store, out: Path) -> None:
    image = add(store, png())
    (out / "link").symlink_to(store.home.data)
    for target in (store.home.projects, store.home.data / "x.png", out / "link" / "library"):
        with pytest.raises(StoreError, match="where Keepers keeps its own files"):
            leave(store, image, target)


def test_a_home_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="leads nowhere"):
        leave(store, add(store, png()), Path("~no-such-user-here/x"))


def test_the_mode_is_that_of_the_users_umask(
    store: Store, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = add(store, png())
    monkeypatch.setattr(paths, "_umasks", [])
    before = os.umask(0o027)
    try:
        assert stat.S_IMODE(leave(store, image, out / "a").stat().st_mode) == 0o640
        assert os.umask(0o027) == 0o027, "asking changes nothing"
        private_umask()
        private_umask()
        assert stat.S_IMODE(leave(store, image, out / "b").stat().st_mode) == 0o640
        assert stat.S_IMODE(store.images.file(image).stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_a_missing_or_damaged_image_is_explained(store: Store, out: Path) -> None:
    image = add(store, png())
    store.images.file(image).unlink()
    with pytest.raises(StoreError, match=r"could not export .*: it is not there"):
        leave(store, image, out)
    cut = add(store, png()[:-20], image_id="i2")
    for kind in ("png", "jpeg"):
        with pytest.raises(ImagingError, match="cut short"):
            leave(store, cut, out, kind=kind)
    assert list(out.iterdir()) == []
    assert list(store.home.cache.glob("export-*")) == []


@pytest.mark.parametrize("quality", [0, 101, -1])
def test_an_impossible_quality_is_explained(store: Store, out: Path, quality: int) -> None:
    with pytest.raises(ImagingError, match="give a whole number from 1 to 100"):
        leave(store, add(store, png()), out, kind="jpeg", quality=quality)


def test_what_a_format_cannot_hold_is_explained(store: Store, out: Path) -> None:
    wide = add(store, png(picture=np.zeros((1, 16_384, 3), np.uint8)))
    with pytest.raises(ImagingError, match=r"16384 × 1 is more than a webp file holds"):
        leave(store, wide, out, kind="webp")
    assert leave(store, wide, out, kind="jpeg").is_file()
    wordy = recipe("fox, " * 8_000)
    image = add(store, png(wordy), image_id="i2", given=wordy)
    with pytest.raises(ImagingError, match="too long for the file's EXIF"):
        leave(store, image, out, kind="jpeg")
    assert leave(store, image, out, kind="jpeg", keep_recipe=False).is_file()


def plain(picture: Levels = PICTURE, **other: Any) -> bytes:
    """A file that states nothing, as another program writes it."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", **other)
    return buffer.getvalue()


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_the_lineage_discloses_what_the_file_does_not(
    store: Store, out: Path, kind: Format, keep: bool
) -> None:
    """A round trip through an outside editor loses the metadata, but not the fact."""
    add(store, png())
    edited = add(store, plain(), image_id="i2", given=None, origin=Origin.EDITED, parent_id="i1")
    photo = add(store, plain(), image_id="i3", given=None, origin=Origin.IMPORTED)
    touched = add(store, plain(), image_id="i4", given=None, origin=Origin.EDITED, parent_id="i3")
    bare = add(store, plain(), image_id="i5")
    for image, stated in (
        (edited, COMPOSITE),
        (photo, None),
        (touched, None),
        (bare, GENERATED),
    ):
        path = leave(store, image, out / f"{image.id}-{keep}", kind=kind, keep_recipe=keep)
        assert source_type(path) == stated
        if kind == "png":
            assert np.array_equal(to_array(open_picture(path)), PICTURE)


def test_an_imported_png_leaves_without_its_secrets_as_it_looked(store: Store, out: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "secret place"
    raw = plain(exif=exif, dpi=(300, 300))
    raw = raw[:33] + chunk(b"tEXt", b"Author\0secret name") + raw[33:]
    image = add(store, raw, given=None, origin=Origin.IMPORTED)
    path = leave(store, image, out, keep_recipe=False)
    assert b"secret" not in path.read_bytes()
    assert kinds(path) == {b"IHDR", b"IDAT", b"IEND", b"pHYs", b"eXIf"}
    before, after = open_picture(store.images.file(image)), open_picture(path)
    assert after.size == (24, 40)
    assert np.array_equal(to_array(after), to_array(before))
    for broken in (b"", b"nonsense"):
        bad = add(
            store,
            plain()[:33] + chunk(b"eXIf", broken) + plain()[33:],
            image_id=f"b{len(broken)}",
            given=None,
            origin=Origin.IMPORTED,
        )
        assert b"eXIf" not in kinds(leave(store, bad, out / bad.id, keep_recipe=False))


def test_an_imported_jpeg_becomes_a_png(store: Store, out: Path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, "JPEG", comment=b"secret")
    image = add(store, buffer.getvalue(), given=None, suffix=".jpg", origin=Origin.IMPORTED)
    path = leave(store, image, out, keep_recipe=False)
    assert b"secret" not in path.read_bytes()
    expected = to_array(open_picture(store.images.file(image)))
    assert np.array_equal(to_array(open_picture(path)), expected)


def test_16_bits_stay_16_bits(store: Store, out: Path) -> None:
    samples = np.arange(24 * 40, dtype=np.uint16).reshape(24, 40) * 60
    image = add(store, plain(samples), given=None, origin=Origin.IMPORTED)  # type: ignore[arg-type]
    path = leave(store, image, out, keep_recipe=False)
    assert np.array_equal(np.asarray(Image.open(path)), samples)
