"""`keepers generate`: the JSON contract, seeds, copies, and that nothing is drawn twice."""

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from PIL import Image

from tests.cli.conftest import BATCH
from tests.cli.helpers import KEEPERS, LAYERS, QUICK, Keepers


def test_the_result_is_one_json_object_with_what_was_promised(batch: dict[str, Any]) -> None:
    assert {"images", "seconds", "model"} <= set(batch)
    assert batch["model"] == "starter"
    assert batch["seconds"] > 0
    for image in batch["images"]:
        assert {"path", "seed", "recipe", "intent", "sha256", "seconds"} <= set(image)
        assert image["seconds"] > 0
        content = Path(image["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == image["sha256"]
        with Image.open(image["path"]) as picture:
            assert (picture.format, picture.size) == ("PNG", (128, 128))


def test_seeds_count_up_and_every_image_is_another(batch: dict[str, Any]) -> None:
    assert [image["seed"] for image in batch["images"]] == [7, 8]
    for key in ("path", "recipe", "intent", "sha256"):
        assert len({image[key] for image in batch["images"]}) == 2


def test_copies_lie_in_the_folder_and_originals_stay(
    keepers: Keepers, batch: dict[str, Any], out: Path
) -> None:
    paths = [Path(image["path"]) for image in batch["images"]]
    assert sorted(out.iterdir()) == sorted(paths)
    for path in paths:
        originals = list((keepers.data / "projects").rglob(path.name))
        assert [original.read_bytes() for original in originals] == [path.read_bytes()]


def test_progress_goes_to_stderr_and_results_alone_to_stdout(
    keepers: Keepers, batch: dict[str, Any]
) -> None:
    ran = keepers(*BATCH)
    assert len(ran.out.splitlines()) == 1
    assert "seed 7" in ran.err
    assert "seed 8" in ran.err


def test_what_exists_is_found_and_not_drawn_again(
    keepers: Keepers, batch: dict[str, Any], out: Path
) -> None:
    before = keepers.kept()
    again = keepers(*BATCH, "--out", out).json
    assert [image["sha256"] for image in again["images"]] == [
        image["sha256"] for image in batch["images"]
    ]
    assert [image["path"] for image in again["images"]] == [
        image["path"] for image in batch["images"]
    ]
    assert all(image["found"] for image in again["images"])
    assert keepers.kept() == before
    assert len(list(out.iterdir())) == 2


def test_only_what_is_missing_is_drawn(keepers: Keepers, batch: dict[str, Any]) -> None:
    more = [*BATCH]
    more[more.index("--count") + 1] = "3"
    images = keepers(*more).json["images"]
    assert [image["found"] for image in images] == [True, True, False]
    assert [image["seed"] for image in images] == [7, 8, 9]


def test_a_wish_is_the_same_however_it_is_spaced(keepers: Keepers, batch: dict[str, Any]) -> None:
    spaced = [*BATCH]
    spaced[spaced.index("a red cat")] = "  a  red\tcat ,, "
    spaced[spaced.index("4")] = "4.0"
    assert all(image["found"] for image in keepers(*spaced).json["images"])


def test_again_draws_again_with_identical_pixels(keepers: Keepers, batch: dict[str, Any]) -> None:
    again = keepers(*BATCH, "--again").json
    for new, old in zip(again["images"], batch["images"], strict=True):
        assert not new["found"]
        assert new["path"] != old["path"]
        assert (new["intent"], new["recipe"]) == (old["intent"], old["recipe"])
        with Image.open(new["path"]) as one, Image.open(old["path"]) as other:
            assert one.tobytes() == other.tobytes()


def test_without_json_the_paths_are_printed_with_the_bytes_of_the_folder(
    keepers: Keepers, batch: dict[str, Any], tmp_path: Path
) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9 \x1b[2J  x"
    ran = keepers(
        "generate", *LAYERS, *QUICK, "--seed", "7", "--scheduler", "ddim", "--out", folder
    )
    assert ran.code == 0
    path = os.fsencode(ran.out.removesuffix("\n"))
    assert path.startswith(folder)
    assert Path(os.fsdecode(path)).is_file()
    assert "\x1b" not in ran.err


def test_a_name_that_is_taken_is_not_overwritten(
    keepers: Keepers, batch: dict[str, Any], tmp_path: Path
) -> None:
    image = Path(keepers(*BATCH).json["images"][0]["path"])
    mine, elsewhere = tmp_path / image.name, tmp_path / "elsewhere.png"
    elsewhere.write_bytes(b"not to be followed")
    mine.symlink_to(elsewhere)
    ran = keepers(*BATCH, "--out", tmp_path)
    assert mine.is_symlink()
    assert elsewhere.read_bytes() == b"not to be followed"
    copy = Path(ran.json["images"][0]["path"])
    assert copy.name == f"{image.stem}-2.png"
    assert copy.read_bytes() == image.read_bytes()


def test_two_at_once_draw_each_image_once(keepers: Keepers, batch: dict[str, Any]) -> None:
    wish: list[str | Path] = [
        KEEPERS,
        "generate",
        "--prompt",
        "two at once",
        "--count",
        "2",
        "--steps",
        "2",
        "--json",
    ]
    both = [
        subprocess.Popen(wish, env=keepers.env(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    results = [json.loads(process.communicate(timeout=180)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    one, other = ([image["path"] for image in result["images"]] for result in results)
    assert one == other
    found = [{image["found"] for image in result["images"]} for result in results]
    assert sorted(found, key=str) == [{False}, {True}]


def test_a_model_folder_is_the_same_model_from_anywhere(
    keepers: Keepers, batch: dict[str, Any], starter: Path, tmp_path: Path
) -> None:
    (tmp_path / "model").symlink_to(starter)
    (tmp_path / "inside").mkdir()
    wish = ("generate", "--prompt", "a folder", *QUICK, "--json", "--model")
    first = keepers(*wish, "./model", cwd=tmp_path).json
    second = keepers(*wish, tmp_path / "model").json
    assert first["model"] == second["model"] == str(tmp_path / "model")
    assert second["images"][0]["found"]


def test_a_relative_home_is_that_of_the_working_folder(
    keepers: Keepers, batch: dict[str, Any]
) -> None:
    relative = Keepers(Path(keepers.root.name), keepers.environ)
    ran = relative.run([KEEPERS, *BATCH], cwd=keepers.root.parent)
    assert all(image["found"] for image in ran.json["images"])
    assert not (Path("/") / keepers.root.name).exists()


def test_control_characters_and_markup_in_every_layer_are_only_words(
    keepers: Keepers, batch: dict[str, Any]
) -> None:
    nasty = b"[/] \x1b]52;c;x\x07 \x1b[2J [@click=app.quit]x \xc2\x9b \xe2\x80\xae \xff cat"
    args: list[str | bytes] = ["generate", *QUICK]
    for name in ("subject", "style", "composition", "detail", "negatives"):
        args += [f"--{name}", nasty]
    ran = keepers(*args)
    assert ran.code == 0
    recipe = keepers("recipe", ran.out.strip())
    layers = json.loads(recipe.out)["recipe"]["intent"]["layers"]
    del layers["version"]
    for text in layers.values():
        assert text.isprintable()
        assert "cat" in text
        assert "[@click=app.quit]x" in text
    assert ran.err.replace("\n", "").isprintable()


def test_words_of_any_script_survive_a_locale_that_knows_only_ascii(
    keepers: Keepers, batch: dict[str, Any]
) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = keepers("generate", "--prompt", "кот 猫", *QUICK, env=plain)
    assert ran.code == 0
    shown = keepers("recipe", ran.out.strip(), env=plain)
    assert json.loads(shown.out)["recipe"]["prompt"] == "кот 猫"
