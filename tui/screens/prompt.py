"""Step 2: the prompt in layers, what the model reads of it, and sending it off."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
from textual import events, on
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.commands import bindings
from tui.domain.change import Element
from tui.domain.prompt import LAYERS, Layers
from tui.domain.text import clean
from tui.screens.options import OptionsScreen
from tui.screens.picking import pick_before, pick_keeper
from tui.screens.reading import ReadingScreen
from tui.screens.remembering import RememberingScreen
from tui.screens.sending import send_plan
from tui.store.lessons import Lesson
from tui.widgets.field import Field
from tui.widgets.layer_field import LayerField
from tui.widgets.options_line import OptionsLine
from tui.widgets.reading_view import ReadingView
from tui.workflow.layer_undo import LayerUndo, put_last_back
from tui.workflow.layers_view import Reading, notes
from tui.workflow.learned import learned_of, lessons_for
from tui.workflow.parents import differences
from tui.workflow.prompt_coach import Scene, advice, tried_since_none_close
from tui.workflow.prompt_start import begin
from tui.workflow.rounds import plan
from tui.workflow.vocabulary import has_vocabulary

_PLACEHOLDERS = {
    "subject": "what is in the picture",
    "style": "flat illustration, 3d render, oil painting, …",
    "composition": "on the right, close-up, from above, …",
    "detail": "light, colour, mood",
    "negatives": "what it should not show",
}
_NARROW = 60


class PromptScreen(ReadingScreen, RememberingScreen):
    """Five layers, and below them what they come to."""

    PLACE = "prompt"
    BINDINGS = bindings("prompt")
    FOOTER = (
        ("open", "edit"),
        ("generate", "generate"),
        ("options", "options"),
        ("insert", "insert"),
        ("next-step", "next step"),
        ("reject", "empty"),
        ("undo", "undo"),
        ("history", "history"),
    )
    CSS_PATH = Path("prompt.tcss")
    HORIZONTAL_BREAKPOINTS = [(0, "-normal"), (120, "-wide")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._undo, self._noted = LayerUndo(), False
        self._layer = LAYERS[0]
        """Where the cursor was last."""
        self._advice = ""
        self._token_notes = (Reading(""), Reading(""))
        """The last readings that were counted: a count is not taken away while the next comes."""
        self._lessons: tuple[Lesson, ...] = ()
        self._tried: tuple[Element, ...] | None = None

    @property
    def draft(self) -> Layers:
        """The layers as they were typed last."""
        return self.workspace.project.draft

    def body(self) -> Iterable[Widget]:
        """Layers, reading, options, what changed and what was learned."""
        if begin(self.workspace):
            self.write_soon()
        with Container(id="columns"):
            with Vertical(id="layers"):
                for layer, text in self.draft.items():
                    yield LayerField(layer, text, placeholder=_PLACEHOLDERS[layer])
            with Vertical(id="follows"):
                yield ReadingView()
                yield OptionsLine()
                yield Static(id="changed")
                yield Static(id="learned")

    def coach(self) -> str:
        """What stands in the way, else what would make the prompt better."""
        if self.refused:
            return f"Not on the disk yet: {self.refused}. It is kept here and tried again."
        return self.model_trouble or self._advice

    def on_mount(self) -> None:
        """Start on the first layer."""
        self.query_one("#subject", LayerField).focus()

    def on_screen_resume(self) -> None:
        """Words and options may be others now."""
        self._lessons = lessons_for(self.workspace.store, self.draft)
        self._tried = tried_since_none_close(self.workspace)
        self._show_layers()
        self.look()
        self.count()
        self.ask_model()
        self.recall()

    def recalled(self) -> None:
        """The coach may have something to say of it."""
        self.look()

    def on_resize(self) -> None:
        """Shorter notes in a narrow window."""
        self.look()

    # What is typed

    @on(Field.Changed)
    def take_text(self, event: Field.Changed) -> None:
        """Another text in a layer."""
        if event.field.id not in LAYERS:
            return
        self._layer = event.field.id
        if not self._noted:
            self._undo.note(self.draft)
        # One visit to a field is one step back; a text from an editor is one by itself.
        self._noted = event.field.typing
        self._take(msgspec.structs.replace(self.draft, **{self._layer: event.value}))

    @on(Field.Left)
    def end_visit(self) -> None:
        """What is typed next is another step; now half words count too."""
        self._noted = False
        self._lessons = lessons_for(self.workspace.store, self.draft)
        self.look()

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Remember the layer for the commands that act on one."""
        row = self._row()
        self._layer = row.id or self._layer if row is not None else self._layer

    def _take(self, layers: Layers) -> None:
        self.workspace.note(draft=layers)
        self.write_soon()
        self.count()
        self.look()

    def _change(self, layers: Layers) -> None:
        """Layers that were not typed: a step back is noted, and the rows show them."""
        self._undo.note(self.draft)
        self._lessons = lessons_for(self.workspace.store, layers)
        self._take(layers)
        self._show_layers()

    # Commands

    def action_open(self) -> None:
        """Enter on a row is the row's own."""

    def action_reject(self) -> None:
        """Empty the layer; its text stays to be found with ctrl+r."""
        text = self.draft.get(self._layer)
        if text:
            alone = msgspec.structs.replace(Layers(), **{self._layer: text})
            self.workspace.store.layer_history.add(alone)
            self._change(msgspec.structs.replace(self.draft, **{self._layer: ""}))

    def action_undo(self) -> None:
        """Take back what was typed last; then what differs from the parent."""
        before = self._undo.back(self.draft)
        if before is not None:
            self._take(before)
        elif not put_last_back(self.workspace):
            self.notify("There is nothing to take back.", markup=False)
            return
        self._show_layers()
        self._take(self.draft)

    def action_history(self) -> None:
        """A text that was written into this layer before."""
        layer = self._leave_typing()
        pick_before(self, self.workspace.store, layer, self.draft, self._change)

    def action_insert(self) -> None:
        """A layer, or all of them, from a keeper."""
        layer = self._leave_typing()
        pick_keeper(self, self.workspace.store, layer, self.draft, self._change)

    @on(OptionsLine.Opened)
    def action_options(self) -> None:
        """Change what is drawn beside the words."""
        self.app.push_screen(OptionsScreen())

    def action_generate(self) -> None:
        """Make images."""
        self._generate(rewrite=False)

    def action_rewrite(self) -> None:
        """Make images although several things differ from the parent."""
        self._generate(rewrite=True)

    def _generate(self, *, rewrite: bool) -> None:
        if not self.has_class("-busy"):
            self.add_class("-busy")
            # The app's own worker: whoever leaves the screen meanwhile has asked all the same.
            self.app.run_worker(self._send(rewrite), group="send", exit_on_error=False)

    async def _send(self, rewrite: bool) -> None:
        workspace, draft = self.workspace, self.draft
        try:
            job = await send_plan(self, lambda: plan(workspace, rewrite=rewrite))
        finally:
            self.remove_class("-busy")
        if job is None:
            return
        workspace.store.layer_history.add(draft)
        if self.is_current:
            self.keepers.show_step("batch")

    # What is shown

    def look(self) -> None:
        """Show what follows from the layers as they are now."""
        if not self.is_mounted:
            return
        draft, options = self.draft, self.workspace.options
        view, readings = self.query_one(ReadingView), self.readings()
        view.readings, view.trouble = readings, self.token_trouble
        if readings[0].tokens is not None or self.token_trouble:
            self._token_notes = readings
        short = self.size.width < _NARROW
        brief = self.workspace.project.brief
        for layer, note in notes(draft, brief, self._token_notes, short=short).items():
            self.query_one(f"#{layer}", LayerField).note = note
        self.query_one(OptionsLine).says = options.in_words()
        found = differences(self.workspace)
        self._say("changed", [f"Changed · {element}" for element in found])
        learned = learned_of(self._lessons, draft)
        self._say("learned", [f"Learned · {sentence}" for sentence in learned])
        row = self._row()
        typing = row.id or "" if row is not None and row.typing else ""
        self._advice = advice(
            Scene(
                draft,
                brief,
                options.model,
                options.guidance,
                readings,
                found,
                self.facts,
                typing,
                () if typing else self.expected_flaws(draft),
                self._tried,
            )
        )
        self.refresh_frame()

    def _say(self, name: str, lines: list[str]) -> None:
        static = self.query_one(f"#{name}", Static)
        static.set_class(not lines, "-empty")
        static.update(Content("\n".join(map(clean, lines))))

    def _show_layers(self) -> None:
        completes = has_vocabulary(self.workspace.options.model)
        for layer, text in self.draft.items():
            row = self.query_one(f"#{layer}", LayerField)
            row.completes = completes
            if not row.typing:
                row.value = text

    def _row(self) -> LayerField | None:
        """The layer that has the cursor."""
        widget = self.focused
        if widget is None:
            return None
        return next((w for w in widget.ancestors_with_self if isinstance(w, LayerField)), None)

    def _leave_typing(self) -> str:
        """The layer that a command acts on; nothing is typed in it any more."""
        row = self._row()
        if row is not None and row.typing:
            row.stop_typing()
        return self._layer
