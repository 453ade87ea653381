"""What others made comes into the library: once, sorted into layers, and told file by file."""

import json
import os
from pathlib import Path

import pytest

from tests.imaging import foreign_files as files
from tests.imaging.helpers import IEND, RECIPE, SIGNATURE, chunk, idat, ihdr, noise
from tests.store.helpers import add_image, output, start
from tests.workflow.library_homes import home, painted, put
from tui.domain.brief import Brief
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.domain.versioned import from_json
from tui.imaging.metadata import write_edited_png, write_png
from tui.imaging.operations import Edits
from tui.imaging.pixels import pixel_hash
from tui.store.errors import NotFoundError
from tui.workflow.library import start_from
from tui.workflow.library_import import Importer
from tui.workflow.options import Options
from tui.workflow.prompt_start import from_library

STYLES = (
    "\ufeffname,prompt,negative_prompt\n"
    'Noir,"film noir still of {prompt}, gorgeous, close-up, by Greg Rutkowski",'
    '"colour, (text:1.2)"\n'
    "---,,\n"
    "Plain,pixel art,\n"
)


def own_png() -> bytes:
    picture = noise(8, 6)
    return write_png(
        picture,
        recipe=RECIPE,
        image_id="img1",
        parent=None,
        origin=Origin.GENERATED,
        pixels=pixel_hash(picture),
    )


def test_a_foreign_picture_becomes_an_entry(tmp_path: Path) -> None:
    source = tmp_path / "fox 17.png"
    source.write_bytes(files.png(parameters=files.A1111))
    with home(tmp_path / "a") as store:
        outcome = Importer(store).bring(source)
        (found,) = outcome.added
        entry = found.entry
        assert (outcome.file, outcome.known, outcome.troubles) == ("fox 17.png", 0, ())
        assert entry == store.library.get(entry.id)
        assert entry.layers == Layers(
            subject="a red fox, in the snow, (red scarf:1.2)",
            style="oil painting, <lora:foxy:0.8>",
            detail="masterpiece",
            negatives="blurry, text, ugly",
        )
        assert found.marked == ("(red scarf:1.2)", "<lora:foxy:0.8>")
        assert (entry.name, entry.tags, entry.model) == ("fox 17", ("a1111",), "sdxl_base")
        assert (entry.width, entry.height, entry.options) == (8, 6, "")
        assert dict(found.settings)["Steps"] == "20"
        assert store.library.file(entry).read_bytes() == source.read_bytes()
        assert store.library.search("scarf") == (entry,)


def test_our_own_picture_keeps_its_layers_and_settings(tmp_path: Path) -> None:
    source = tmp_path / "own.png"
    source.write_bytes(own_png())
    with home(tmp_path / "a") as store:
        (found,) = Importer(store).bring(source).added
        entry = found.entry
        assert (entry.layers, entry.model, entry.tags) == (RECIPE.intent.layers, "starter", ())
        assert (entry.image_id, found.program, found.notes) == ("img1", "Keepers", ())
        assert from_json(entry.options, Options) == Options().taken_from(RECIPE.intent)
        source.write_bytes(own_png().replace(b"a red fox", b"a red cat"))
        (trouble,) = Importer(store).bring(source).troubles
        assert "damaged" in trouble


def test_an_edited_picture_of_ours_has_the_words_that_others_read(tmp_path: Path) -> None:
    source, picture = tmp_path / "edited.png", noise(8, 6)
    source.write_bytes(
        write_edited_png(
            picture,
            image_id="b",
            parent="a",
            operations=Edits(()),
            pixels=pixel_hash(picture),
            parameters=files.A1111,
        )
    )
    with home(tmp_path / "a") as store:
        (found,) = Importer(store).bring(source).added
        assert found.entry.layers.subject.startswith("a red fox")


def test_styles_become_entries_without_a_picture(tmp_path: Path) -> None:
    source = tmp_path / "styles.csv"
    source.write_text(STYLES)
    with home(tmp_path / "a") as store:
        outcome = Importer(store).bring(source)
        noir, plain = outcome.added
        assert (outcome.known, outcome.passed_over) == (0, 1)
        assert noir.entry.layers == Layers(
            subject="film noir still of {prompt}",
            style="gorgeous, by Greg Rutkowski",
            composition="close-up",
            negatives="colour, (text:1.2)",
        )
        assert noir.notes == ("“by Greg Rutkowski” may be somebody's: the check will ask about it",)
        assert (plain.entry.tags, plain.entry.has_picture) == (("style",), False)
        with pytest.raises(NotFoundError, match="“Plain” has no picture"):
            store.library.file(plain.entry)
        assert store.library.search("noir") == (noir.entry,)
        taken = from_library(store, f"all:{noir.entry.id}", "style", Layers(subject="a fox"))
        assert taken.prompt.startswith("film noir still of a fox, gorgeous")
        taken = from_library(store, f"all:{plain.entry.id}", "style", Layers(subject="a fox"))
        assert taken == Layers(subject="a fox", style="pixel art")
        assert start_from(store, noir.entry.id).draft.subject == "film noir still of"


def test_imports_hide_no_experience(tmp_path: Path) -> None:
    """A thousand styles are newer than every keeper, and no project took rounds for them."""
    source = tmp_path / "many.csv"
    rows = "".join(f"Style {number},art {number}\n" for number in range(60))
    source.write_text("name,prompt\n" + rows)
    with home(tmp_path / "a") as store:
        project = store.projects.add("Robot")
        image = add_image(store, project, "i1")
        entry = store.library.add(image, name="Robot", brief=Brief(), layers=Layers())
        assert len(Importer(store).bring(source).added) == 60
        assert store.library.of_projects() == (entry,)


def test_the_same_again_adds_nothing(tmp_path: Path) -> None:
    sources = [tmp_path / name for name in ("styles.csv", "fox.png", "own.png", "styles.json")]
    for source, content in zip(
        sources,
        (
            STYLES.encode(),
            files.comfyui_png(),
            own_png(),
            json.dumps([{"name": "Neon", "prompt": "neon art"}]).encode(),
        ),
        strict=True,
    ):
        source.write_bytes(content)
    copy = tmp_path / "another name.png"
    copy.write_bytes(sources[1].read_bytes())
    with home(tmp_path / "a") as store:
        first = Importer(store)
        assert [len(first.bring(source).added) for source in sources] == [2, 1, 1, 1]
        assert first.bring(copy).known == 1
        entry = store.library.search("fox oil")[0]
        store.library.update(entry.id, name="Renamed")
        store.library.archive(entry.id)
        plain = store.library.search("plain")[0]
        store.library.update(plain.id, name="Renamed too")
        again = Importer(store)
        for source in (*sources, copy):
            outcome = again.bring(source)
            assert (outcome.added, outcome.troubles) == ((), ())
        assert store.library.count(archived=True) == 5
        assert len(list(store.home.library.glob("*.png"))) == 2


def test_a_keeper_of_this_home_is_known(tmp_path: Path) -> None:
    source = tmp_path / "own.png"
    source.write_bytes(own_png())
    with home(tmp_path / "a") as store:
        put(store, "Robot", source)
        assert Importer(store).bring(source).known == 1


BAD = {
    "missing": "there is no file missing",
    "empty": "is empty",
    "folder": "is a folder",
    "pipe": "not a regular file",
    "plain.png": "no recipe that Keepers knows",
    "short.png": "cut short",
    "pixels.png": "is damaged",
    "short.jpg": "not a readable picture",
    "noise.bin": "no text in UTF-8",
    "words.txt": "needs the columns",
    "huge.csv": "larger than 64 MB",
    "large.csv": "larger than 16 MB",
    "wide.png": "megapixels",
}


def test_a_bad_file_is_told_and_stops_nobody(tmp_path: Path) -> None:
    good = files.png(parameters=files.A1111)
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    painted(tmp_path, "teal").rename(tmp_path / "plain.png")
    (tmp_path / "short.png").write_bytes(good[:-30])
    place = good.index(b"IDAT")
    (tmp_path / "pixels.png").write_bytes(good[: place + 4] + b"\xff" * 9 + good[place + 13 :])
    (tmp_path / "short.jpg").write_bytes(files.with_comment("JPEG", files.A1111)[:-20])
    (tmp_path / "noise.bin").write_bytes(b"\xff\x00\xfe" * 99)
    (tmp_path / "words.txt").write_text("hello, world\n")
    for name, size in (("huge.csv", 65), ("large.csv", 17)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size * 2**20)
    text = chunk(b"tEXt", b"parameters\0" + files.A1111.encode())
    wide = SIGNATURE + ihdr(60_000, 60_000) + text + idat([b"\0"]) + IEND
    (tmp_path / "wide.png").write_bytes(wide)
    (tmp_path / "good.png").write_bytes(good)
    with home(tmp_path / "a") as store:
        importer = Importer(store)
        for name, says in BAD.items():
            outcome = importer.bring(tmp_path / name)
            (trouble,) = outcome.troubles
            assert says in trouble, name
            assert (outcome.file, outcome.added, trouble.isprintable()) == (name, (), True)
        assert len(importer.bring(tmp_path / "good.png").added) == 1
        assert store.library.count() == 1
        assert len(list(store.home.library.glob("*.png"))) == 1


IMPORTER = """
import sys
from pathlib import Path
from tui.store.paths import find_home
from tui.store.store import open_store
from tui.workflow.library_import import Importer
with open_store(find_home({"KEEPERS_HOME": sys.argv[1]})) as store:
    importer = Importer(store)
    print("ready")
    sys.stdin.readline()
    for path in sorted(Path(sys.argv[2]).iterdir()):
        outcome = importer.bring(path)
        assert not outcome.troubles, outcome
        print(len(outcome.added))
"""


def test_two_processes_import_the_same_files_at_once(tmp_path: Path) -> None:
    source = tmp_path / "files"
    source.mkdir()
    for number in range(12):
        text = files.A1111.replace("fox", f"fox number {number}")
        (source / f"{number}.png").write_bytes(files.png(parameters=text))
    with home(tmp_path / "a") as store:
        both = [start(IMPORTER, str(tmp_path / "a"), str(source)) for _ in range(2)]
        for process in both:
            assert output(process).readline() == "ready\n"
        for process in both:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        added = 0
        for process in both:
            with process:
                added += sum(map(int, output(process).read().split()))
            assert process.returncode == 0
        assert added == store.library.count() == 12
        for entry in store.library.list(20):
            assert store.library.file(entry).is_file()
