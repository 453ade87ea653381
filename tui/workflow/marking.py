"""Step 3: saying something of the images of a batch, and taking it back."""

import contextlib

import msgspec

from tui.domain.candidate import FLAWS, MERITS, Closeness, Marks
from tui.domain.text import clean
from tui.store.errors import StoreError
from tui.store.images import ImageRecord
from tui.workflow.batches_view import BatchView
from tui.workflow.workspace import Workspace


class Marking:
    """Says something of the images of a batch, and takes it back."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._before: list[tuple[dict[str, Marks], str | None]] = []

    def closest(self, batch: BatchView, image: ImageRecord) -> bool:
        """Make an image the closest of its batch, the only one, or take that back; which it is."""
        on = self._workspace.marks(image).closeness is not Closeness.CLOSEST
        wanted = {image.id: Closeness.CLOSEST if on else Closeness.KEPT}
        for slot in batch.slots:
            if slot.image is not None and slot.marks.closeness is Closeness.CLOSEST:
                wanted.setdefault(slot.image.id, Closeness.KEPT)
        self._mark_all({key: self._with(key, closeness=value) for key, value in wanted.items()})
        self._workspace.choose(image.id if on else None)
        return on

    def reject(self, image: ImageRecord) -> bool:
        """Reject an image, or take that back; which it is."""
        before = self._workspace.marks(image)
        on = before.closeness is not Closeness.REJECTED
        closeness = Closeness.REJECTED if on else Closeness.KEPT
        self._mark_all({image.id: self._with(image.id, closeness=closeness)})
        if self._workspace.position.image_id == image.id:
            self._workspace.choose(None)
        return on

    def word(self, image: ImageRecord, kind: str, word: str) -> None:
        """Put a flaw (`flaws`) or a merit (`merits`) on, or take it off."""
        self._mark_all({image.id: self._workspace.marks(image).toggled(kind, word)})

    def comment(self, image: ImageRecord, text: str) -> None:
        """Keep a comment; an empty one takes it away."""
        self._mark_all({image.id: self._with(image.id, comment=clean(text))})

    def undo(self) -> bool:
        """Take the last mark back; False where there is none."""
        if not self._before:
            return False
        marks, chosen = self._before.pop()
        for image_id, before in marks.items():
            self._workspace.store.marks.update(image_id, before)
        self._workspace.choose(chosen)
        return True

    def _with(self, image_id: str, **fields: object) -> Marks:
        return msgspec.structs.replace(self._workspace.store.marks.get(image_id), **fields)

    def _mark_all(self, wanted: dict[str, Marks]) -> None:
        marks = self._workspace.store.marks
        before = {image_id: marks.get(image_id) for image_id in wanted}
        chosen = self._workspace.position.image_id
        for image_id, after in wanted.items():
            marks.update(image_id, after)
        self._before.append((before, chosen))


def words_to_choose(workspace: Workspace, kind: str, on: Marks) -> list[tuple[str, str]]:
    """Rows of a word and its line: those that are on first, then the shared, then one's own."""
    own: dict[str, None] = {}
    for project in workspace.store.projects.list():
        with contextlib.suppress(StoreError):
            for marks in workspace.store.marks.list(project.id).values():
                own |= dict.fromkeys(getattr(marks, kind))
    shared = FLAWS if kind == "flaws" else MERITS
    put_on: tuple[str, ...] = getattr(on, kind)
    words = dict.fromkeys((*put_on, *shared, *own))
    return [(word, f"{'✓' if word in put_on else ' '} {word}") for word in words]
