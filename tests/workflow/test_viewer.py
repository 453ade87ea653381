"""Which program opens a picture: the one that was set, the desktop's, or a sentence."""

from pathlib import Path

import pytest

from tui.workflow.viewer import Viewer, ViewerError, not_opened, viewer_for

PICTURE = Path("/p/a b {}.png")


@pytest.mark.parametrize(
    ("setting", "command"),
    [
        ("timg", ("timg", "/p/a b {}.png")),
        ("feh --title x {} --quiet", ("feh", "--title", "x", "/p/a b {}.png", "--quiet")),
        ("'/opt/my viewer' -q", ("/opt/my viewer", "-q", "/p/a b {}.png")),
    ],
)
def test_the_program_that_was_set_gets_the_path_whole(
    setting: str, command: tuple[str, ...]
) -> None:
    assert viewer_for(setting, {"DISPLAY": ":0"}, PICTURE) == Viewer(command, in_terminal=True)


def test_a_desktop_opens_a_window() -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        found = viewer_for("", {name: "x"}, PICTURE)
        assert found == Viewer(("xdg-open", str(PICTURE)), in_terminal=False)


def test_without_either_the_sentence_says_what_to_do() -> None:
    with pytest.raises(ViewerError, match=r"viewer = .* into config\.toml"):
        viewer_for("", {}, PICTURE)


def test_a_program_that_is_not_there_is_named() -> None:
    said = not_opened(Viewer(("nosuch",), in_terminal=True), FileNotFoundError(2, "No such file"))
    assert said.startswith("nosuch could not be started (No such file)")
