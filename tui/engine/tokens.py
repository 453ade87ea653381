"""How many tokens a model reads of a text, and where it stops: by the model's own tokenizer."""

import threading
import time
from collections import OrderedDict
from pathlib import Path

from tui.engine.families import Family, family_of
from tui.engine.messages import TextTokens, TokenCounts
from tui.engine.model_facts import class_name_of
from tui.engine.resolving import known_place
from tui.engine.tokenizer_files import Reader, TokenizerError, open_reader

_MOST_MODELS = 2
_TRUSTED_SECONDS = 30.0
"""How long a model's revision is taken for granted, so that typing does not hash its folder."""


class TokenCounter:
    """Counts tokens; keeps the tokenizers of the last models, each by its revision."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked: dict[str, tuple[float, tuple[str, str] | None]] = {}
        self._readers: OrderedDict[tuple[str, str], tuple[Reader, ...] | str] = OrderedDict()

    def counts(self, reference: str, texts: tuple[str, ...]) -> TokenCounts:
        """Tokens of each text, or in words why they cannot be known. Any thread may ask.

        Raises:
            ModelError: the model cannot be used.
        """
        with self._lock:
            readers = self._readers_of(reference)
            if isinstance(readers, str):
                return TokenCounts(unknown=readers)
            return TokenCounts(texts=tuple(_strictest(readers, text) for text in texts))

    def _readers_of(self, reference: str) -> tuple[Reader, ...] | str:
        now = time.monotonic()
        when, key = self._looked.get(reference, (-_TRUSTED_SECONDS, None))
        if key is None or now - when > _TRUSTED_SECONDS:
            place = known_place(reference)
            if place is None:
                return "the model is not on this machine yet"
            key = (place.folder, place.revision)
            self._looked[reference] = now, key
        if key not in self._readers:
            self._readers[key] = _opened(Path(key[0]))
            if len(self._readers) > _MOST_MODELS:
                self._readers.popitem(last=False)
        self._readers.move_to_end(key)
        return self._readers[key]


def _opened(folder: Path) -> tuple[Reader, ...] | str:
    family = family_of(class_name_of(folder))
    if family.templated:
        return f"{family.name} puts the words into a text of its own"
    try:
        return tuple(
            open_reader(folder / name, longest=longest, lead=family.lead)
            for name, longest in _tokenizers(folder, family)
        )
    except (TokenizerError, OSError) as error:
        return str(error) if isinstance(error, TokenizerError) else "its tokenizer cannot be read"


def _tokenizers(folder: Path, family: Family) -> list[tuple[str, int]]:
    """Names of the tokenizers whose limit counts, each with the pipeline's own limit."""
    found = [(name, family.longest) for name in family.readers if (folder / name).is_dir()]
    # Without the long reader, the two short ones are what reads.
    return found or [(name, 0) for name in ("tokenizer", "tokenizer_2") if (folder / name).is_dir()]


def _strictest(readers: tuple[Reader, ...], text: str) -> TextTokens:
    """What that reader says which leaves out most."""
    measured = [TextTokens(spans=reader.spans(text), limit=reader.limit) for reader in readers]
    return max(measured, key=lambda found: (len(found.spans) - found.limit, len(found.spans)))
