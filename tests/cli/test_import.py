"""`keepers import`: a start, a child, and what is refused."""

from pathlib import Path

from PIL import Image

from tests.cli.helpers import Keepers


def test_a_start_and_what_came_of_it(elsewhere: Keepers, tmp_path: Path) -> None:
    start, retouched = tmp_path / "start.png", tmp_path / "retouched.png"
    Image.new("RGB", (20, 10), "navy").save(start)
    first = elsewhere("import", start, "--json").json
    assert first["parent"] is None
    assert Path(first["path"]).is_file()
    with Image.open(start) as picture:
        picture.putpixel((3, 3), (255, 255, 255))
        picture.save(retouched)
    second = elsewhere("import", retouched, "--parent", first["id"], "--json").json
    assert second["parent"] == first["id"]
    assert second["changed"]
    told = elsewhere("import", start, "--project", first["project"])
    assert told.code == 0
    assert len(told.out.split()) == 2


def test_what_cannot_be_is_said_in_a_sentence(elsewhere: Keepers, tmp_path: Path) -> None:
    picture = tmp_path / "start.png"
    Image.new("RGB", (20, 10)).save(picture)
    assert "there is no file" in elsewhere("import", tmp_path / "none.png").sentence
    assert "none" in elsewhere("import", picture, "--parent", "none").sentence
    assert "there is no project “x”" in elsewhere("import", picture, "--project", "x").sentence
