"""`keepers library`: in, looked at, out, and in again; whatever is wrong is told."""

import json
from pathlib import Path

import pytest

from tests.cli.helpers import Keepers
from tests.imaging import foreign_files as files

BAD_NAME = "x\x1b[2J.png"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A picture, a list of styles, and a picture without a recipe."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "fox.png").write_bytes(files.png(parameters=files.A1111))
    (folder / "styles.csv").write_text('name,prompt\nNoir,"film noir {prompt}, close-up"\n')
    (folder / BAD_NAME).write_bytes(files.png(parameters="hello"))
    return folder


def test_the_way_in_and_out(elsewhere: Keepers, sources: Path, tmp_path: Path) -> None:
    ran = elsewhere("library", "import", *sorted(sources.iterdir()))
    assert ran.code == 1, "one of them was refused"
    lines = ran.out.splitlines()
    assert all(line.isprintable() for line in lines)
    assert "fox.png: 1 added" in lines
    assert "    subject      a red fox, in the snow, (red scarf:1.2)" in lines
    assert "    kept as is   (red scarf:1.2), <lora:foxy:0.8>" in lines
    assert "    composition  close-up" in lines
    assert [line for line in lines if "no recipe that Keepers knows" in line]
    assert ran.sentence == "2 added, 0 there already, 1 files with trouble"

    again = elsewhere("library", "import", "--json", sources / "fox.png", sources / "styles.csv")
    assert [(file["added"], file["known"]) for file in again.json["files"]] == [([], 1), ([], 1)]

    found = elsewhere("library", "search", "fox", "--json").json
    (entry,) = found["entries"]
    assert (found["total"], entry["name"], entry["model"]) == (2, "fox", "sdxl_base")
    for part in (entry["id"][:6], entry["id"][-6:]):
        shown = elsewhere("library", "show", part, "--json").json
        assert Path(shown["picture"]).read_bytes() == (sources / "fox.png").read_bytes()
    text = elsewhere("library", "show", entry["id"]).out
    assert "detail       masterpiece\n" in text
    listed = elsewhere("library", "search")
    assert listed.sentence == "2 of 2 shown"
    assert f"{entry['id']}  fox  [a1111]" in listed.out.splitlines()

    for kind in ("json", "csv", "folder"):
        out = tmp_path / f"out.{kind}"
        ran = elsewhere("library", "export", "--format", kind, out)
        assert (ran.code, ran.out.startswith(f"2 entries in {out}")) == (0, True), ran.err
        known = elsewhere("library", "import", "--json", out).json["files"][0]["known"]
        assert known == 2


def test_json_tells_where_the_words_went(elsewhere: Keepers, sources: Path) -> None:
    ran = elsewhere("library", "import", "--json", *sorted(sources.iterdir()))
    assert ran.code == 1
    fox, _styles, refused = json.loads(ran.out)["files"]
    assert fox["added"][0]["layers"]["style"] == "oil painting, <lora:foxy:0.8>"
    assert fox["added"][0]["marked"] == ["(red scarf:1.2)", "<lora:foxy:0.8>"]
    assert fox["added"][0]["settings"]["Sampler"] == "DPM++ 2M"
    assert len(refused["troubles"]) == 1


def test_bad_input_is_one_sentence(elsewhere: Keepers, sources: Path, tmp_path: Path) -> None:
    assert elsewhere("library", "search").sentence == "the library is empty"
    styles = tmp_path / "many.csv"
    rows = "".join(f"Style {number},art {number}\n" for number in range(300))
    styles.write_text("name,prompt\n" + rows)
    assert elsewhere("library", "import", styles).code == 0
    for args, says in (
        (("show", "zzz"), "there is no library entry “zzz”"),
        (("show", "\x1b[2J"), "there is no library entry"),
        (("show", ""), "there is no library entry"),
        (("show", "1"), "give more of the id"),
        (("import",), "missing argument"),
        (("export", "x"), "missing option '--format'"),
        (("export", "--format", "xml", "x"), "is not one of"),
        (("export", "--format", "folder", sources), "holds other things"),
        (("export", "--format", "json", sources / "fox.png"), "is there already"),
        (("export", "--format", "json", tmp_path / "no" / "x"), "there is no folder"),
        (("search", "--limit", "0"), "0 is not in the range"),
        ((), "missing command"),
    ):
        ran = elsewhere("library", *args)
        assert (ran.code, ran.out) == (2, ""), args
        assert says in ran.sentence
