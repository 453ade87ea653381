"""How many tokens a model reads of a text, and where it stops: by the model's own tokenizer."""

import threading
import time
from pathlib import Path

import msgspec

from tui.domain.weights import Weighted, unweighted, weighted
from tui.engine.chunks import chunks_of
from tui.engine.families import reads_in_chunks, reads_weights
from tui.engine.model_parts import class_name_of
from tui.engine.readers import open_readers
from tui.engine.resolving import known_place
from tui.engine.token_messages import TextTokens, TokenCounts
from tui.engine.tokenizer_files import Reader
from tui.engine.worker_messages import ModelPlace

_TRUSTED_SECONDS = 30.0
"""How long a model's revision is taken for granted, so that typing does not hash its folder."""


class TokenCounter:
    """Counts tokens of texts by the models that are asked for."""

    def __init__(self, *, chunked: bool = True, weighs: bool = True) -> None:
        """What the families that can do with words.

        Args:
            chunked: whether they read long ones in parts.
            weighs: whether they obey weights such as `(red hat:1.2)`.
        """
        self._chunked, self._weighs = chunked, weighs
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
            weighs = self._weighs and reads_weights(name)
            if isinstance(readers, str):
                return TokenCounts(unknown=readers, weighs=weighs)
            chunked = self._chunked and reads_in_chunks(name)
            read = [weighted(text) if weighs else unweighted(text) for text in texts]
            return TokenCounts(
                texts=tuple(_counted(readers, words, chunked=chunked) for words in read),
                weighs=weighs,
            )

    def _place_of(self, reference: str) -> ModelPlace | None:
        now = time.monotonic()
        when, place = self._looked.get(reference, (now, None))
        if place is None or now - when > _TRUSTED_SECONDS:
            place = known_place(reference)
            if place is not None:
                self._looked[reference] = now, place
        return place


def _counted(readers: tuple[Reader, ...], words: Weighted, *, chunked: bool) -> TextTokens:
    """What that reader says which takes least of it, and in how many parts all take it."""
    measured = [
        TextTokens(
            # Told by places in what was written, where the signs of weights are too.
            spans=tuple(words.span(*span) for span in reader.spans(words.text)),
            limit=reader.limit,
        )
        for reader in readers
    ]
    found = max(measured, key=lambda each: (len(each.spans) - each.limit, len(each.spans)))
    chunks = len(chunks_of(words.text, readers)) if chunked else 1
    return msgspec.structs.replace(found, chunks=chunks)
