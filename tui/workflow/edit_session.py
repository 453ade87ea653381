"""One image on the edit screen: its pixels, its mask, what is typed, and how it would look."""

import threading

import msgspec
import numpy as np
from PIL import Image

from tui.imaging.masks import softened
from tui.imaging.operations import Move, apply
from tui.imaging.pixels import Levels, open_picture, to_array
from tui.store.images import ImageRecord
from tui.workflow.edit_draft import EditDraft, load_draft, save_draft
from tui.workflow.found_parts import FoundPart
from tui.workflow.masking import MaskEditor
from tui.workflow.seeing import seen_areas
from tui.workflow.workspace import Workspace

_DRAWN = "drawn"
"""What the mask is called until it is kept under its hash."""


class EditSession:
    """What is open on the edit screen; the draft is kept on disk by `save`."""

    def __init__(
        self, workspace: Workspace, image: ImageRecord, picture: Levels, draft: EditDraft
    ) -> None:
        self.workspace, self.image, self.picture, self._draft = workspace, image, picture, draft
        size = picture.shape[1], picture.shape[0]
        self.editor = MaskEditor(picture, draft.mask_for(size), draft.feather)
        self._reduced: tuple[int, Levels] | None = None
        self._soft: tuple[object, Levels] | None = None
        self._saving = threading.Lock()
        self._saved: object = None

    @classmethod
    def open(cls, workspace: Workspace, image: ImageRecord) -> "EditSession":
        """Read an image and what was being done to it.

        Raises:
            ImagingError: the picture cannot be read.
            StoreError: its folder cannot be.
        """
        picture = to_array(open_picture(workspace.file(image)))
        session = cls(workspace, image, picture, load_draft(workspace, image))
        session.editor.found = tuple(map(FoundPart, seen_areas(workspace, image)))
        return session

    @property
    def draft(self) -> EditDraft:
        """What is being done; the feather is the one that was last set in either place."""
        return msgspec.structs.replace(self._draft, feather=self.editor.feather)

    @draft.setter
    def draft(self, draft: EditDraft) -> None:
        self._draft = draft
        self.editor.feather = draft.feather

    @property
    def whole_draft(self) -> EditDraft:
        """With the mask as it is drawn now."""
        return self.draft.with_mask(self.editor.mask)

    @property
    def mask_lies_right(self) -> bool:
        """Whether the mask lies on a preview of the light edits as it lies on the image."""
        return not any(isinstance(operation, Move) for operation in self._draft.active)

    def save(self) -> None:
        """Keep mask, words, settings and edits on disk; from any thread, the newest last.

        Raises:
            StoreError: the disk refuses.
        """
        with self._saving:
            draft, changes = self.draft, self.editor.history.changes
            if self._saved != (draft, changes):
                save_draft(self.workspace, self.image, draft.with_mask(self.editor.mask))
                self._saved = (draft, changes)

    def plain(self) -> Image.Image:
        """The image as it is."""
        return Image.fromarray(self.picture)

    def preview(self, side: int) -> Image.Image:
        """The image with its light edits, no side longer than needed on the screen."""
        reduced = self._at_most(side)
        scale = reduced.shape[1] / self.picture.shape[1]
        masks = {_DRAWN: self._mask_on(reduced)} if self._draft.on_mask else {}
        return Image.fromarray(apply(self._draft.edits(_DRAWN), reduced, scale, masks))

    def _mask_on(self, reduced: Levels) -> Levels:
        """The mask with its fading, as small as the picture."""
        editor = self.editor
        size = reduced.shape[1], reduced.shape[0]
        key = editor.history.changes, editor.feather, size
        if self._soft is None or self._soft[0] != key:
            soft = softened(editor.mask, editor.feather)
            if size != editor.size:
                import cv2

                soft = np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_AREA), np.uint8)
            self._soft = (key, soft)
        return self._soft[1]

    def _at_most(self, side: int) -> Levels:
        height, width = self.picture.shape[:2]
        if max(height, width) <= side:
            return self.picture
        if self._reduced is None or self._reduced[0] != side:
            import cv2

            share = side / max(height, width)
            size = max(1, round(width * share)), max(1, round(height * share))
            small = cv2.resize(self.picture, size, interpolation=cv2.INTER_AREA)
            self._reduced = (side, np.asarray(small, np.uint8))
        return self._reduced[1]
