"""`keepers export`: held back by the check, in any form, and refused in a sentence."""

from pathlib import Path

from PIL import Image

from tests.cli.helpers import Keepers
from tui.imaging.metadata import read_provenance


def test_an_image_leaves_with_a_reason_in_any_form(
    untouched: Keepers, image: Path, tmp_path: Path
) -> None:
    held = untouched("export", image, tmp_path / "a.png")
    assert held.code == 2
    assert "3 of 3 points of the check are open" in held.sentence
    assert list(tmp_path.iterdir()) == []
    done = untouched("export", image, tmp_path / "a.png", "--because", "a test")
    assert done.code == 0
    assert (tmp_path / "a.png").read_bytes() == image.read_bytes()
    # The reason is stored: it holds for this file.
    found = untouched(
        "export", read_provenance(image).image, tmp_path / "b.svg", "--size", "1200x630",
        "--fit", "extend", "--recipe", "sidecar", "--alt", "a cat", "--json",
    )  # fmt: skip
    assert found.json["path"] == str(tmp_path / "b.svg")
    assert found.json["alt"] == "a cat"
    assert found.json["sidecar"] == str(tmp_path / "b.svg.json")
    assert 'width="1200" height="630"' in (tmp_path / "b.svg").read_text()
    untouched("export", image, tmp_path / "c.jpg", "--size", "og", "--redraw", "--recipe", "strip")
    with Image.open(tmp_path / "c.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (1200, 630))
        assert not picture.getexif()


def test_what_cannot_leave_is_said_in_a_sentence(
    untouched: Keepers, image: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.png"
    changed.write_bytes(image.read_bytes() + b"x")
    out = tmp_path / "out.png"
    assert "is not the one Keepers keeps" in untouched("export", changed, out).sentence
    assert "there is no image “nobody”" in untouched("export", "nobody", out).sentence
    assert "there is no file" in untouched("export", tmp_path / "none.png", out).sentence
    assert "--size: this is no size" in untouched("export", image, out, "--size", "big").sentence
    wrong = untouched("export", image, out, "--format", "svg", "--because", "x").sentence
    assert "let it end in .svg" in wrong
    assert not out.exists()
