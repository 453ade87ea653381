"""Putting projects away, bringing them back, deleting them for good: off the event loop."""

from collections.abc import Callable

from textual import work

from tui.screens.ask import AskScreen
from tui.screens.frame import FrameScreen
from tui.store.errors import StoreError
from tui.store.projects import Project
from tui.workflow.projects_overview import Shelf, put_away


class ShelvingScreen(FrameScreen):
    """A screen with projects that can be moved between shelves."""

    def say(self, says: str) -> None:
        """Show a sentence."""
        raise NotImplementedError

    def load(self) -> object:
        """Read the projects again."""
        raise NotImplementedError

    def put(self, project: Project, shelf: Shelf) -> None:
        """Move a project; one that is put away is no longer the open one."""
        if self.workspace.is_open and self.workspace.project.id == project.id:
            self.workspace.close()
        self._change(lambda: put_away(self.workspace.store, project, shelf))

    def delete(self, project: Project) -> None:
        """Delete a project for good."""
        self.workspace.forget_unsaved(project.id)
        self._change(lambda: self.workspace.store.projects.delete_for_good(project.id))

    def ask(self, question: str, then: Callable[[], object]) -> None:
        """Ask, and do it after a yes."""

        def answered(yes: bool | None) -> None:
            if yes:
                then()

        self.app.push_screen(AskScreen(question), answered)

    @work(thread=True, exit_on_error=False, group="change")
    def _change(self, change: Callable[[], object]) -> None:
        try:
            change()
            says = ""
        except StoreError as error:
            says = str(error)
        self.app.call_from_thread(self.say, says)
        self.app.call_from_thread(self.load)
