"""What a project is for, and its latest picture, beside the list on a wide screen."""

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static

from tui.domain.text import clean
from tui.store.projects import Project
from tui.widgets.image_view import ImageView
from tui.workflow.projects_overview import facts


class ProjectPanel(Widget):
    """Facts above, picture below."""

    DEFAULT_CSS = """
    ProjectPanel { width: 1fr; height: 1fr; padding: 0 1; border-left: solid $panel; }
    ProjectPanel Static { height: auto; max-height: 50%; }
    """

    def compose(self) -> ComposeResult:
        """Facts and picture."""
        yield Static()
        yield ImageView()

    def show(self, project: Project | None, effort: Sequence[tuple[str, str]] = ()) -> None:
        """Tell of another project, and what it took; its picture follows by `show_picture`."""
        text = Text()
        if project is not None:
            text.append(f"{clean(project.name, limit=200)}\n", "bold")
            for name, value in (*facts(project), *effort):
                text.append(f"{name}: ", "dim")
                text.append(f"{value}\n")
        self.query_one(Static).update(text)

    def show_picture(self, project: Project | None, file: Path | None) -> None:
        """Show a project's picture, or that it has none."""
        view = self.query_one(ImageView)
        if file is None:
            view.show_word("" if project is None else "no picture yet")
        else:
            view.show_path(file)
