"""The tree of the open project: walk it, compare any two images, go back to one and branch."""

from pathlib import Path

from tui.commands import bindings
from tui.screens.look import LookScreen, Shown
from tui.screens.recipes import RecipesScreen
from tui.screens.shown_file import FileScreen
from tui.screens.walking import TreeScreen
from tui.store.images import ImageRecord
from tui.workflow.iterating import adopt
from tui.workflow.lineage_words import compared
from tui.workflow.round_log import open_round


class LineageScreen(FileScreen, TreeScreen):
    """What can be done with a round or an image of the tree."""

    PLACE = "lineage"
    BINDINGS = bindings("lineage")
    CSS_PATH = Path("lineage.tcss")
    FOOTER = (
        ("open", "branch, fold"),
        ("start-from", "branch"),
        ("mark", "mark"),
        ("two-up", "compare"),
        ("zoom", "zoom"),
        ("copy-path", "path"),
        ("back", "back"),
    )

    def action_open(self) -> None:
        """Fold a round, or make an image the parent."""
        line = self._line
        if line is not None and line.image is None:
            self._folded ^= {line.group.id}
            self._show(line.group.id)
        else:
            self.action_start_from()

    def action_start_from(self) -> None:
        """Go back to an image or a round and branch: step 4 opens."""
        line = self._line
        image = self._image(line)
        if image is not None:
            adopt(self.workspace, image)
            self.keepers.show_step("iterate")
        elif line is not None and line.group.round_id:
            with_parent = open_round(self.workspace, line.group.round_id)
            self.keepers.show_step("iterate" if with_parent else "batch")

    def action_mark(self) -> None:
        """Mark an image to hold others against, or take the mark away."""
        line = self._line
        if line is None or line.image is None:
            self.notify("Move to an image first: a round has no picture of its own.", markup=False)
            return
        self._marked = "" if self._marked == line.image.id else line.image.id
        self._list.refresh()
        self._rest()
        self.refresh_frame()

    def action_two_up(self) -> None:
        """The marked image and the one under the cursor, with what differs between them."""
        marked, image = self._record(self._marked), self._image(self._line)
        if marked is None or image is None or marked.id == image.id or self._tree is None:
            self.notify(
                "Mark one image with space, move to another, then v.", markup=False, timeout=8
            )
            return
        left, right = (
            Shown(self.workspace.file(each), self._caption(each)) for each in (marked, image)
        )
        self.app.push_screen(RecipesScreen(left, right, compared(self.workspace, marked, image)))

    def action_zoom(self) -> None:
        """Look closely at the images of this round."""
        line = self._line
        if line is None or not line.group.images:
            return
        records = [record for i in line.group.images if (record := self._record(i.id)) is not None]
        shown = [Shown(self.workspace.file(each), self._caption(each)) for each in records]
        ids = [each.id for each in records]
        place = ids.index(line.image.id) if line.image is not None and line.image.id in ids else 0
        if shown:
            self.app.push_screen(LookScreen(shown, place))

    def shown_file(self) -> Path | None:
        """The picture's under the cursor."""
        image = self._image(self._line)
        return None if image is None else self.workspace.file(image)

    def _caption(self, image: ImageRecord) -> str:
        assert self._tree is not None
        seed = "" if image.seed is None else f", seed {image.seed}"
        return f"{self._tree.names.get(image.id, '')}{seed}"
