"""A layer of the prompt: a row whose phrases are seen as units while it is not typed in."""

from rich.text import Text
from textual.suggester import Suggester

from tui.domain.prompt import phrases
from tui.domain.text import clean
from tui.widgets.field import Field, FieldInput
from tui.workflow.vocabulary import completed


class LayerField(Field):
    """One layer; its id is the layer's name."""

    DEFAULT_CSS = """
    LayerField .label { width: 14; }
    """

    completes = False
    """Whether phrases are completed from the starter's words."""

    def __init__(self, layer: str, value: str, *, placeholder: str) -> None:
        super().__init__(
            layer.capitalize(),
            value,
            placeholder=placeholder,
            suggester=VocabularySuggester(self),
            id=layer,
        )

    def start_typing(self) -> None:
        """Phrases of a prompt have weights, too."""
        super().start_typing()
        for field in self.query(FieldInput):
            field.weighs = True

    def _shown(self) -> Text:
        units = phrases(self.value)
        if not units:
            return super()._shown()
        text = Text(no_wrap=True, overflow="ellipsis")
        for number, unit in enumerate(units):
            text.append(" · " if number else "", style="dim")
            text.append(clean(unit))
        return text


class VocabularySuggester(Suggester):
    """Completes the last phrase from the words that the starter model knows."""

    def __init__(self, row: LayerField) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._row = row

    async def get_suggestion(self, value: str) -> str | None:
        """The whole line with its last phrase completed."""
        return completed(str(self._row.id), value) if self._row.completes else None
