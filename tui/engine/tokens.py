"""How many tokens a model reads of a text, and where it stops: by the model's own tokenizer."""

import threading
import time
from pathlib import Path

import msgspec

from tui.engine.chunks import chunks_of
from tui.engine.families import reads_in_chunks
from tui.engine.messages import TextTokens, TokenCounts
from tui.engine.model_parts import class_name_of
from tui.engine.readers import open_readers
from tui.engine.resolving import known_place
from tui.engine.tokenizer_files import Reader
from tui.engine.worker_messages import ModelPlace

_TRUSTED_SECONDS = 30.0
"""How long a model's revision is taken for granted, so that typing does not hash its folder."""


class TokenCounter:
    """Counts tokens of texts by the models that are asked for."""

    def __init__(self, *, chunked: bool = True) -> None:
        """Args: whether long texts are read in parts by the families that can."""
        self._chunked = chunked
        self._lock = threading.Lock()
        self._looked: dict[str, tuple[float, ModelPlace]] = {}

    def counts(self, reference: str, texts: tuple[str, ...]) -> TokenCounts:
        """Tokens of each text, or in words why they cannot be known. Any thread may ask.

        Raises:
            ModelError: the model cannot be used.
        """
        with self._lock:
            place = self._place_of(reference)
            if place is None:
                return TokenCounts(unknown="the model is not on this machine yet")
            folder = Path(place.folder)
            name = class_name_of(folder)
            readers = open_readers(folder, name, place.revision)
            if isinstance(readers, str):
                return TokenCounts(unknown=readers)
            chunked = self._chunked and reads_in_chunks(name)
            return TokenCounts(
                texts=tuple(_counted(readers, text, chunked=chunked) for text in texts)
            )

    def _place_of(self, reference: str) -> ModelPlace | None:
        now = time.monotonic()
        when, place = self._looked.get(reference, (now, None))
        if place is None or now - when > _TRUSTED_SECONDS:
            place = known_place(reference)
            if place is not None:
                self._looked[reference] = now, place
        return place


def _counted(readers: tuple[Reader, ...], text: str, *, chunked: bool) -> TextTokens:
    """What that reader says which takes least of it, and in how many parts all take it."""
    measured = [TextTokens(spans=reader.spans(text), limit=reader.limit) for reader in readers]
    found = max(measured, key=lambda each: (len(each.spans) - each.limit, len(each.spans)))
    chunks = len(chunks_of(text, readers)) if chunked else 1
    return msgspec.structs.replace(found, chunks=chunks)
