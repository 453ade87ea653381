"""Beside the picture: the mask in words, what to paint, how, and the list of light edits."""

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.imaging.histogram import Histogram
from tui.widgets.action_row import ActionRow
from tui.widgets.dial import Dial
from tui.widgets.field import Field
from tui.widgets.histogram_plot import HistogramPlot
from tui.workflow.edit_draft import EditDraft
from tui.workflow.editing import seam_in_words, strength_in_words
from tui.workflow.masking import MaskEditor


class StepRow(Dial):
    """One light edit of the list."""

    @property
    def number(self) -> int:
        """Its place in the list, from 0."""
        parent = self.parent
        assert parent is not None
        return list(parent.children).index(self)


class EditPanel(VerticalScroll, can_focus=False):
    """Rows to move in with j and k."""

    def compose(self) -> ComposeResult:
        """All rows; the light edits are filled in by `fill`."""
        yield Static(id="mask-says")
        yield Field("Paint", id="paint", placeholder="what belongs there")
        yield Field("Style", id="style")
        yield Field("Detail", id="detail", placeholder="the picture's background and light")
        yield Field("Negatives", id="negatives")
        yield Dial("Strength", "", id="strength")
        yield Dial("Context", "", id="context")
        yield Dial("Feather", "", id="feather")
        yield Dial("Seam", "", id="match_seam")
        yield Dial("Results", "", id="count")
        yield HistogramPlot(id="levels")
        yield Static(Content(" Light edits"), classes="heading")
        yield Vertical(id="edits")
        yield ActionRow("+ add a light edit  E", id="add")
        yield ActionRow("✓ write them as a new image  W", id="write")

    def show_levels(self, levels: Histogram | None) -> None:
        """Show how dark and light the picture is; None for no picture."""
        self.query_one(HistogramPlot).levels = levels

    async def fill(self, draft: EditDraft) -> None:
        """Show a draft."""
        for name, text in (
            ("paint", draft.paint),
            ("style", draft.style),
            ("detail", draft.detail),
            ("negatives", draft.negatives),
        ):
            field = self.query_one(f"#{name}", Field)
            if not field.typing:
                field.value = text
        self.show_settings(draft)
        await self._show_steps(draft)

    def show_settings(self, draft: EditDraft) -> None:
        """Show the numbers."""
        self.query_one("#strength", Dial).put(
            f"{draft.strength:g}", strength_in_words(draft.strength)
        )
        self.query_one("#context", Dial).put(str(draft.context), f"{draft.context} px")
        self.query_one("#feather", Dial).put(str(draft.feather), f"{draft.feather} px")
        self.query_one("#match_seam", Dial).put(seam_in_words(draft))
        self.query_one("#count", Dial).put(str(draft.count), f"{draft.count} to choose from")

    def show_mask(self, editor: MaskEditor | None, *, masking: bool) -> None:
        """Say what is masked and, while drawing, how the next shape goes in."""
        first, second = "", ""
        if editor is not None:
            first = editor.in_words()
            second = "w draws on it"
            if masking:
                second = editor.state_in_words()
        self.query_one("#mask-says", Static).update(Content(f" Mask  {first}\n {second}"))

    async def _show_steps(self, draft: EditDraft) -> None:
        edits = self.query_one("#edits", Vertical)
        rows = list(edits.query(StepRow))
        for row in rows[len(draft.steps) :]:
            await row.remove()
        for _ in draft.steps[len(rows) :]:
            await edits.mount(StepRow("", ""))
        for number, (row, step) in enumerate(
            zip(edits.query(StepRow), draft.steps, strict=True), 1
        ):
            operation = step.operation
            row.relabel(f"{number} {operation.NAME}")
            where = ", on the mask" if step.masked else ""
            row.put(operation.text, operation.shown + where, note="on" if step.on else "off")
