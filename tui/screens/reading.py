"""What only the engine knows of a prompt and its model: asked off the screen's way, told later."""

from textual import on, work

from tui.engine.client import RefusedError
from tui.engine.messages import ModelFacts
from tui.engine.token_messages import TokenCounts
from tui.messages import LinkChanged
from tui.screens.writing import WritingScreen
from tui.workflow.layers_view import Reading, read_both
from tui.workflow.link import NoEngineError


class ReadingScreen(WritingScreen):
    """A screen that shows how the model reads the draft."""

    def __init__(self) -> None:
        super().__init__()
        self._counted: tuple[tuple[str, str], TokenCounts] | None = None
        self.facts: ModelFacts | None = None
        """Of the options' model, once they are known."""
        self.token_trouble = ""
        """Why tokens are not counted."""
        self.model_trouble = ""
        """Why the model cannot be used, in a sentence."""

    def look(self) -> None:
        """For screens: show what is known now."""

    def readings(self) -> tuple[Reading, Reading]:
        """How prompt and negatives are read; without numbers while these are being counted."""
        counted, draft = self._counted, self.workspace.project.draft
        fits = counted is not None and counted[0] == self._texts()
        return read_both(draft, counted[1] if counted is not None and fits else None)

    @work(exclusive=True, exit_on_error=False, group="tokens")
    async def count(self) -> None:
        """Ask how the model cuts the draft."""
        texts = self._texts()
        try:
            counts = await self.link.tokens(self.workspace.options.model, texts)
        except (NoEngineError, RefusedError) as error:
            self._counted, self.token_trouble = None, self.link.trouble or str(error)
        else:
            self._counted, self.token_trouble = (texts, counts), counts.unknown
        self.look()

    @work(exclusive=True, exit_on_error=False, group="facts")
    async def ask_model(self) -> None:
        """Ask what is known of the model."""
        self.model_trouble = ""
        try:
            self.facts = await self.link.model(self.workspace.options.model)
        except NoEngineError:
            return
        except RefusedError as error:
            self.facts = None
            self.model_trouble = f"The model cannot be used: {error}."
        self.look()

    @on(LinkChanged)
    def follow_link(self, message: LinkChanged) -> None:
        """Ask again when there is somebody to ask."""
        self.token_trouble = "" if message.connected else message.says
        if message.connected:
            self.count()
            self.ask_model()
        self.look()

    def _texts(self) -> tuple[str, str]:
        draft = self.workspace.project.draft
        return draft.prompt, draft.negative_prompt
