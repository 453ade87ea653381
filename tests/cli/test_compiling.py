"""`compile = true`, with torch's real compiler and the machine's own: slow, so it is one test."""

import shutil
import sysconfig
from pathlib import Path

from tests.cli.helpers import Keepers
from tests.engine.tiny_models import SIDE, save_tiny_model
from tui.imaging.compare import compare
from tui.imaging.pixels import open_picture, to_array

CAN_COMPILE = (
    any(map(shutil.which, ("g++", "clang++", "c++")))
    and Path(sysconfig.get_path("include"), "Python.h").is_file()
)
"""Whether this machine has what torch's compiler builds with; not every one has."""


def test_compiled_pictures_say_so_and_are_made_again(elsewhere: Keepers, tmp_path: Path) -> None:
    model = save_tiny_model(tmp_path / "model", channels=4)
    sized = ("--width", str(SIDE), "--height", str(SIDE), "--steps", "4", "--count", "1")
    wish = ("generate", "--subject", "a fox", "--model", model, *sized, "--again")
    plain = Path(elsewhere(*wish).out.strip())
    assert elsewhere("engine", "stop").code == 0

    (elsewhere.root / "config" / "config.toml").write_text("compile = true\n")
    ran = elsewhere(*wish)
    assert "compiling: the first batch is slower" in ran.err
    assert ("compiling failed" in ran.err) is not CAN_COMPILE
    made = Path(ran.out.strip())
    recipes = [elsewhere("recipe", image).json["recipe"] for image in (plain, made)]
    assert "compiled" not in recipes[0]
    assert recipes[1].get("compiled") == ("inductor" if CAN_COMPILE else None)
    if CAN_COMPILE:
        assert recipes[1]["version"] == 4
        assert any((elsewhere.root / "cache" / "compiled").rglob("*.so"))
    difference = compare(*(to_array(open_picture(image)) for image in (plain, made)))
    assert difference.verdict in ("identical", "close")

    # Each as it was made, whatever the settings are now.
    for image in (plain, made):
        found = elsewhere("rerun", image, "--json").json
        assert (found["verdict"], found["changed"]) == ("identical", [])
    assert elsewhere("engine", "stop").code == 0
