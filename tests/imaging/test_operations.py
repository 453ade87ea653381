"""Light edits: pure, deterministic, exact where they can be, and kept as JSON."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.lineage import Origin
from tui.domain.versioned import UnreadableError, from_json, to_json
from tui.imaging.curves import Curve
from tui.imaging.errors import ImagingError
from tui.imaging.metadata import read_edited, read_provenance, write_edited_png
from tui.imaging.operation import Amount
from tui.imaging.operations import (
    AnyOperation,
    Blur,
    Contrast,
    Crop,
    CropBox,
    Denoise,
    Edits,
    Exposure,
    Extend,
    Flip,
    Heal,
    Highlights,
    Saturation,
    Shadows,
    Sharpen,
    Straighten,
    Temperature,
    Tint,
    Turn,
    Vignette,
    apply,
)
from tui.imaging.pixels import Levels, pixel_hash
from tui.imaging.source_type import COMPOSITE, source_type

from .helpers import noise, refused, saved
from .strategies import curves

AMOUNTS: tuple[type[Amount], ...] = (
    Straighten, Exposure, Contrast, Saturation, Temperature, Tint, Shadows, Highlights, Denoise,
    Vignette, Sharpen, Blur,
)  # fmt: skip


@st.composite
def operations(draw: st.DrawFn) -> AnyOperation:
    kind = draw(st.integers(0, 5))
    if kind == 0:
        anchor = draw(st.floats(0, 1))
        if draw(st.booleans()):
            return Extend(draw(st.integers(1, 4)), draw(st.integers(1, 4)), anchor)
        return Crop(draw(st.integers(1, 3000)), draw(st.integers(1, 3000)), anchor)
    if kind == 1:
        left, right = sorted(draw(st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True)))
        top, bottom = sorted(draw(st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True)))
        box = left, top, right, bottom
        return CropBox(*box) if draw(st.booleans()) else Heal(*box)
    if kind == 2:
        return draw(st.sampled_from([Turn(1), Turn(2), Turn(3)]))
    if kind == 3:
        return draw(st.sampled_from([Flip(), Flip("vertical")]))
    if kind == 4:
        return draw(curves())
    amount = draw(st.sampled_from(AMOUNTS))
    found = amount(round(draw(st.floats(amount.LOW, amount.HIGH)), 4))
    assert isinstance(found, AnyOperation)
    return found


PICTURES = st.builds(noise, st.integers(1, 30), st.integers(1, 30), st.integers(0, 9))


@given(PICTURES, st.lists(operations(), max_size=4))
def test_any_list_gives_a_picture_again_and_the_same_each_time(
    picture: Levels, found: list[AnyOperation]
) -> None:
    before = picture.copy()
    first = apply(found, picture)
    assert first.dtype == np.uint8
    assert first.ndim == 3
    assert first.shape[2] == 3
    assert min(first.shape) > 0
    assert np.array_equal(first, apply(found, picture))
    assert np.array_equal(picture, before), "what is given is left alone"
    assert not np.shares_memory(first, picture)


@given(st.lists(operations(), max_size=6))
def test_they_come_back_from_json(found: list[AnyOperation]) -> None:
    edits = Edits(tuple(found))
    assert from_json(to_json(edits), Edits) == edits
    assert to_json(from_json(to_json(edits), Edits)) == to_json(edits)


@given(operations())
def test_what_is_shown_for_typing_can_be_typed(operation: AnyOperation) -> None:
    if isinstance(operation, CropBox | Crop | Extend | Heal):
        return  # shares are shown rounded
    assert operation.typed(operation.text) == operation


@given(operations(), st.integers(-50, 50))
def test_steps_stay_in_range(operation: AnyOperation, by: int) -> None:
    stepped = operation.stepped(by)
    assert type(stepped) is type(operation)
    assert from_json(to_json(Edits((stepped,))), Edits).operations == (stepped,)


@pytest.mark.parametrize("kind", AMOUNTS)
def test_nothing_of_it_changes_nothing(kind: type[Amount]) -> None:
    picture = noise(31, 17)
    assert np.array_equal(kind(0).apply(picture, 1.0), picture)


def test_exposure_multiplies_light() -> None:
    grey = np.full((4, 4, 3), 100, np.uint8)
    light = ((100 / 255 + 0.055) / 1.055) ** 2.4
    twice = 1.055 * (2 * light) ** (1 / 2.4) - 0.055
    assert apply([Exposure(1)], grey)[0, 0, 0] == round(twice * 255)
    darker = apply([Exposure(-1)], apply([Exposure(1)], grey))
    assert abs(int(darker[0, 0, 0]) - 100) <= 1


def test_colour_goes_where_it_should() -> None:
    picture = noise(20, 20)
    grey = apply([Saturation(-100)], picture)
    assert (grey.max(axis=2) - grey.min(axis=2)).max() == 0
    middle = np.full((2, 2, 3), 128, np.uint8)
    red, green, blue = apply([Temperature(40)], middle)[0, 0]
    assert red > green > blue
    assert np.array_equal(apply([Saturation(50)], middle), middle), "grey has no colour"
    flat = apply([Contrast(-100)], picture)
    assert int(flat.max()) - int(flat.min()) < int(picture.max()) - int(picture.min())


def test_turns_and_flips_only_move_pixels() -> None:
    picture = noise(5, 3)
    assert np.array_equal(apply([Turn(1)] * 4, picture), picture)
    assert np.array_equal(apply([Turn(1), Turn(3)], picture), picture)
    assert np.array_equal(apply([Turn(2)], picture), picture[::-1, ::-1])
    assert np.array_equal(apply([Turn(1)], picture)[0, -1], picture[0, 0]), "clockwise"
    assert np.array_equal(apply([Flip(), Flip("vertical")], picture), picture[::-1, ::-1])


@given(st.integers(8, 2000), st.integers(8, 2000), st.floats(0, 1))
def test_a_crop_is_the_largest_of_its_aspect(width: int, height: int, anchor: float) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    found = apply([Crop(1200, 630, anchor)], picture)
    tall, wide = found.shape[:2]
    assert wide == width or tall == height
    assert abs(wide - tall * 1200 / 630) <= 1200 / 630


@given(
    st.builds(noise, st.integers(1, 24), st.integers(1, 24), st.integers(0, 3)),
    st.integers(1, 40),
    st.integers(1, 40),
    st.floats(0, 1),
)
def test_extending_keeps_the_picture_and_masks_only_what_is_new(
    picture: Levels, width: int, height: int, anchor: float
) -> None:
    extend = Extend(width, height, anchor)
    tall, wide = picture.shape[:2]
    found, mask = apply([extend], picture), extend.added((wide, tall))
    assert found.shape[:2] == mask.shape
    assert set(np.unique(mask)) <= {0, 255}
    rows, columns = np.nonzero(mask == 0)
    kept = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert np.array_equal(found[kept], picture)
    assert (mask == 0).sum() == tall * wide
    assert found.shape[0] == tall or found.shape[1] == wide, "the smallest canvas"
    assert abs(found.shape[1] - found.shape[0] * width / height) <= max(1, width / height)


def test_where_the_picture_lies_on_its_canvas() -> None:
    picture = noise(10, 10)
    assert np.array_equal(apply([Extend(2, 1, 0.0)], picture)[:, :10], picture)
    assert np.array_equal(apply([Extend(2, 1, 1.0)], picture)[:, 10:], picture)
    assert np.array_equal(apply([Extend(1, 2)], picture)[5:15], picture)
    assert (apply([Extend(2, 1, 0.0)], picture)[:, 10:] == picture[:, 9:]).all()
    assert Extend(100_000, 1).canvas((10, 10))[0] == 8192


def test_where_a_crop_lies() -> None:
    picture = noise(30, 10)
    assert np.array_equal(apply([Crop(1, 1, 0.0)], picture), picture[:, :10])
    assert np.array_equal(apply([Crop(1, 1, 1.0)], picture), picture[:, 20:])
    assert np.array_equal(apply([Crop(1, 1)], picture), picture[:, 10:20])
    assert np.array_equal(apply([CropBox(0.1, 0.2, 0.5, 0.6)], picture), picture[2:6, 3:15])


def test_straightening_leaves_no_empty_corner_and_turns_the_right_way() -> None:
    white = np.full((40, 60, 3), 255, np.uint8)
    found = apply([Straighten(10)], white)
    assert found.min() == 255
    assert found.shape[1] / found.shape[0] == pytest.approx(1.5, abs=0.1)
    picture = np.zeros((101, 101, 3), np.uint8)
    picture[50, 60:] = 255
    ys, _ = np.nonzero(apply([Straighten(10)], picture)[..., 0] > 100)
    assert ys.mean() > found.shape[0] / 2, "clockwise: the right end goes down"


def test_sharpening_and_blurring_are_opposite() -> None:
    picture = np.zeros((9, 9, 3), np.uint8) + 60
    picture[:, 5:] = 180
    soft, hard = apply([Blur(1)], picture), apply([Sharpen(1)], picture)
    assert soft[4, 4, 0] > 60
    assert hard[4, 4, 0] < 60
    assert (apply([Blur(1)], picture, 0.01) == picture).all(), "a preview blurs as much less"


@pytest.mark.parametrize("kind", [Shadows, Highlights])
@given(amount=st.floats(-100, 100))
def test_curves_keep_black_white_and_the_order_of_levels(
    kind: type[Shadows] | type[Highlights], amount: float
) -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[np.newaxis, :, np.newaxis], 3, axis=2)
    found = apply([kind(amount)], ramp)[0, :, 0].astype(int)
    assert (found[0], found[255]) == (0, 255)
    assert (np.diff(found) >= 0).all()
    middle = 85 if kind is Shadows else 170
    assert (found[middle] - middle) * amount >= 0
    other = 255 - middle
    assert abs(found[middle] - middle) >= abs(found[other] - other)


def test_tint_goes_to_magenta_and_to_green_at_the_same_light() -> None:
    grey = np.full((2, 2, 3), 128, np.uint8)
    magenta, green = apply([Tint(50)], grey)[0, 0], apply([Tint(-50)], grey)[0, 0]
    assert magenta[0] == magenta[2] > 128 > magenta[1]
    assert green[0] == green[2] < 128 < green[1]


def test_denoising_evens_out_noise_and_keeps_an_edge() -> None:
    picture = np.full((40, 40, 3), 60, np.int16)
    picture[:, 20:] = 200
    noisy = np.clip(picture + np.random.default_rng(1).normal(0, 6, picture.shape), 0, 255)
    found = apply([Denoise(40)], noisy.astype(np.uint8)).astype(int)
    assert found[:, :18].std() < 0.6 * noisy[:, :18].std()
    assert found[:, 21].mean() - found[:, 18].mean() > 120
    assert np.array_equal(apply([Denoise(0)], noisy.astype(np.uint8)), noisy.astype(np.uint8))


def test_a_vignette_darkens_corners_only() -> None:
    white = np.full((31, 41, 3), 200, np.uint8)
    found = apply([Vignette(100)], white)
    assert found[15, 20, 0] == 200
    assert found[0, 0, 0] == found[-1, -1, 2] == 100
    assert apply([Vignette(-50)], white)[0, 0, 0] == 255
    assert apply([Vignette()], np.full((1, 1, 3), 9, np.uint8))[0, 0, 0] == 9


def test_healing_fills_a_spot_from_around_it_and_touches_nothing_else() -> None:
    ramp = np.repeat(np.arange(100, 180, dtype=np.uint8)[np.newaxis, :, np.newaxis], 3, axis=2)
    picture = np.repeat(ramp, 60, axis=0)
    spoilt = picture.copy()
    spoilt[26:32, 36:44] = (255, 0, 0)
    found = apply([Heal(0.42, 0.38, 0.58, 0.58)], spoilt)
    assert np.abs(found.astype(int) - picture).max() < 8
    changed = np.argwhere((found != spoilt).any(axis=2))
    assert changed.min(axis=0).tolist() >= [22, 33]
    assert changed.max(axis=0).tolist() <= [35, 46]
    whole = Heal(0, 0, 1, 1)
    assert np.array_equal(apply([whole], spoilt), spoilt)


def test_a_preview_looks_like_the_whole() -> None:
    picture = np.kron(noise(8, 8), np.ones((64, 64, 1), np.uint8))
    found: list[AnyOperation] = [Crop(16, 9), Straighten(3), Exposure(0.4), Blur(12)]
    small = cv2.resize(picture, (128, 128), interpolation=cv2.INTER_AREA)
    preview = apply(found, np.asarray(small, np.uint8), 0.25)
    whole = apply(found, picture)
    scaled = cv2.resize(
        whole, (preview.shape[1], preview.shape[0]), interpolation=cv2.INTER_AREA
    ).astype(int)
    assert abs(scaled - preview.astype(int)).mean() < 4


def test_a_preview_is_quick() -> None:
    found: list[AnyOperation] = [Crop(16, 9), Exposure(0.4), Temperature(8), Sharpen(), Blur(1)]
    picture = noise(256, 256)
    apply(found, picture)
    taken = []
    for _ in range(7):
        begun = time.perf_counter()
        apply(found, picture)
        taken.append(time.perf_counter() - begun)
    assert min(taken) < 0.05


@pytest.mark.parametrize(
    ("operation", "text", "expected"),
    [
        (Exposure(), "0.5", Exposure(0.5)),
        (Exposure(), "+1 EV", Exposure(1)),
        (Exposure(), "−0,5", Exposure(-0.5)),
        (Blur(), "3px", Blur(3)),
        (Crop(1, 1), "1200:630", Crop(1200, 630)),
        (Crop(1, 1, 0.2), "16 x 9", Crop(16, 9, 0.2)),
        (Crop(1, 1), "4:3 30%", Crop(4, 3, 0.3)),
        (Extend(1, 1), "16:9 0%", Extend(16, 9, 0)),
        (Turn(), "180", Turn(2)),
        (Flip(), "v", Flip("vertical")),
        (CropBox(0, 0, 1, 1), "10% 20% 50% 60%", CropBox(0.1, 0.2, 0.5, 0.6)),
        (Heal(0, 0, 1, 1), "10 20 50 60", Heal(0.1, 0.2, 0.5, 0.6)),
        (Tint(), "-8", Tint(-8)),
    ],
)
def test_values_can_be_typed(operation: AnyOperation, text: str, expected: AnyOperation) -> None:
    assert operation.typed(text) == expected


@pytest.mark.parametrize(
    "operation", [Exposure(), Crop(1, 1), Turn(), Flip(), CropBox(0, 0, 1, 1), Blur(), Curve()]
)
@pytest.mark.parametrize("text", ["", "abc", "1e999", "99999999", "nan", "0:0", "\x1b[31m"])
def test_what_is_no_value_is_refused_in_a_sentence(operation: AnyOperation, text: str) -> None:
    with refused("type"):
        operation.typed(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"operations": [{"do": "blur", "amount": 1e9}]}',
        '{"operations": [{"do": "crop", "width": 0, "height": 1}]}',
        '{"operations": [{"do": "crop box", "left": 1, "top": 0, "right": 0, "bottom": 1}]}',
        '{"operations": [{"do": "shell", "command": "ls"}]}',
        '{"operations": [{"do": "turn", "quarters": 9}]}',
        '{"operations": [{"do": "on mask", "operation": {"do": "blur"}, "mask": "../a"}]}',
        '{"operations": [{"do": "on mask", "operation": {"do": "flip"}, "mask": "%s"}]}'
        % ("0" * 64),
        '{"operations": [{"do": "curve", "points": [[0, 0], [0, 9]]}]}',
        '{"operations": [{"do": "curve", "points": [[0, 0], [9, 256]]}]}',
        '{"operations": [{"do": "curve", "points": [[0, 0]]}]}',
        '{"operations": [], "version": 5}',
    ],
)
def test_stored_values_that_nobody_could_have_chosen_are_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        from_json(text, Edits)


def test_an_array_that_is_no_picture_is_refused() -> None:
    with pytest.raises(ImagingError):
        apply([], np.zeros((3, 3, 3), float))


def test_an_edited_file_says_what_was_done(tmp_path: Path) -> None:
    picture, edits = noise(8, 6), Edits((Crop(4, 3), Exposure(0.5)))
    path = saved(
        tmp_path,
        write_edited_png(
            picture, image_id="i2", parent="i1", operations=edits, pixels=pixel_hash(picture)
        ),
    )
    found = read_edited(path)
    assert (found.image, found.parent, found.origin) == ("i2", "i1", Origin.EDITED)
    assert found.operations == edits
    assert found.pixels == pixel_hash(picture)
    assert source_type(path) == COMPOSITE
    with refused("edited by hand", "the image it was made from"):
        read_provenance(path)


def test_an_edited_file_from_a_newer_program_or_damaged_is_refused(tmp_path: Path) -> None:
    picture = noise(8, 6)
    data = write_edited_png(
        picture, image_id="i2", parent="i1", operations=Edits(), pixels=pixel_hash(picture)
    )
    with refused("newer Keepers"):
        from .helpers import chunk, with_chunks

        record = b'{"image":"a","parent":"b","origin":"edited","operations":{"version":9}}'
        read_edited(saved(tmp_path, with_chunks(chunk(b"iTXt", b"keepers\0\0\0\0\0" + record))))
    with refused("damaged"):
        record = b'{"image":"../a","parent":"b","origin":"edited","operations":{}}'
        read_edited(saved(tmp_path, with_chunks(chunk(b"iTXt", b"keepers\0\0\0\0\0" + record))))
    with refused("damaged"):
        recipe_file = b'{"image":"a"}'
        read_edited(
            saved(tmp_path, with_chunks(chunk(b"iTXt", b"keepers\0\0\0\0\0" + recipe_file)))
        )
    assert data.startswith(b"\x89PNG")
