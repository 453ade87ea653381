"""Masks with a name, and masks from files."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tui.imaging.errors import ImagingError
from tui.imaging.mask_shapes import rectangle
from tui.workflow.mask_files import keep_mask, named_masks, take_mask
from tui.workflow.masking import MaskEditor
from tui.workflow.workspace import Workspace

SIZE = (40, 30)
MASK = rectangle(SIZE, (3, 4, 12, 20))


def test_a_mask_comes_back_by_its_name(workspace: Workspace) -> None:
    assert named_masks(workspace) == ()
    assert keep_mask(workspace, "../The hat\u202e", MASK) == "the-hat"
    assert named_masks(workspace) == ("the-hat",)
    assert np.array_equal(take_mask(workspace, "the-hat", SIZE), MASK)
    other = rectangle(SIZE, (0, 0, 2, 2))
    keep_mask(workspace, "the hat", other)
    assert named_masks(workspace) == ("the-hat",)
    assert np.array_equal(take_mask(workspace, "the-hat", SIZE), other)
    workspace.create("Another project")
    assert named_masks(workspace) == ()


def test_a_mask_comes_from_any_greyscale_file(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "drawn.png"
    Image.fromarray(MASK).save(file)
    assert np.array_equal(take_mask(workspace, str(file), SIZE), MASK)
    editor = MaskEditor(np.zeros((30, 40, 3), np.uint8))
    editor.take_box("0 0 5 5")
    editor.take_mask(take_mask(workspace, str(file), editor.size))
    assert (editor.mask > 0).sum() == 25 + (MASK > 0).sum() - 2


def test_what_cannot_be_a_mask_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ImagingError, match="the mask is empty"):
        keep_mask(workspace, "nothing", np.zeros((30, 40), np.uint8))
    keep_mask(workspace, "hat", MASK)
    with pytest.raises(ImagingError, match="40 × 30 but the picture is 128 × 128"):
        take_mask(workspace, "hat", (128, 128))
    with pytest.raises(ImagingError, match=r"no-such\.png"):
        take_mask(workspace, str(tmp_path / "no-such.png"), SIZE)
