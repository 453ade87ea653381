"""Pictures from elsewhere: kept as they came, worked with as 8-bit sRGB, told apart in words."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.workflow.drawing import drawn
from tui.domain.lineage import Origin
from tui.imaging.errors import ImagingError
from tui.imaging.pixels import open_picture, pixel_hash, to_array
from tui.store.images import ImageRecord
from tui.workflow.importing import import_picture, what_came
from tui.workflow.rounds import plan
from tui.workflow.workspace import Workspace


async def parent_in(workspace: Workspace) -> ImageRecord:
    return (await drawn(workspace, plan(workspace), most=1))[0]


def originals(workspace: Workspace) -> list[Path]:
    return list((workspace.store.projects.folder(workspace.project) / "originals").iterdir())


async def test_what_comes_back_is_a_child_and_what_changed_is_said(
    workspace: Workspace, tmp_path: Path
) -> None:
    parent = await parent_in(workspace)
    picture = to_array(open_picture(workspace.file(parent))).copy()
    picture[:8, :8] = 255
    file = tmp_path / "retouched.webp"
    Image.fromarray(picture).save(file, lossless=True)
    made = import_picture(workspace.store, workspace.project, file, parent)
    assert (made.origin, made.parent_id) == (Origin.IMPORTED, parent.id)
    assert made in workspace.images()
    assert np.array_equal(to_array(open_picture(workspace.file(made))), picture)
    assert made.pixels == pixel_hash(picture)
    (original,) = originals(workspace)
    assert original.read_bytes() == file.read_bytes()
    assert what_came(workspace.store, parent, made).startswith("different: ")


async def test_an_unchanged_image_is_no_child(workspace: Workspace) -> None:
    parent = await parent_in(workspace)
    with pytest.raises(ImagingError, match="the image as it was: save the change"):
        import_picture(workspace.store, workspace.project, workspace.file(parent), parent)
    assert list(workspace.images()) == [parent]


@pytest.mark.parametrize(
    ("mode", "name"),
    [("L", "a.png"), ("RGBA", "a.png"), ("P", "a.PNG"), ("I;16", "a"), ("CMYK", "a.jpg")],
)
def test_every_kind_of_picture_can_be_a_start(
    workspace: Workspace, tmp_path: Path, mode: str, name: str
) -> None:
    file = tmp_path / name
    Image.new(mode, (7, 5)).save(file, "JPEG" if mode == "CMYK" else "PNG")
    made = import_picture(workspace.store, workspace.project, file)
    assert (made.parent_id, made.width, made.height) == (None, 7, 5)
    assert to_array(open_picture(workspace.file(made))).shape == (5, 7, 3)


def test_what_is_no_picture_is_refused_and_leaves_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "notes.png"
    file.write_text("no picture")
    with pytest.raises(ImagingError, match=r"notes\.png"):
        import_picture(workspace.store, workspace.project, file)
    assert list(workspace.images()) == []
