"""The words of a batch, in the form in which its pipeline takes them."""

from pathlib import Path
from typing import Any

import torch

from tui.domain.intent import Intent
from tui.domain.weights import Weighted
from tui.engine.chunks import chunks_needed, has_weights, pairs_of, words_of
from tui.engine.families import reads_in_chunks, reads_weights
from tui.engine.readers import open_readers
from tui.engine.worker.loading import Model
from tui.engine.worker.networks import knows_nothing
from tui.engine.worker.weighting import weigh
from tui.engine.worker_messages import RunBatch

_EMBEDDINGS = (
    "prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds",
    "negative_pooled_prompt_embeds",
)  # fmt: skip
"""What the pipelines' own reading gives, in this order; the pooled ones where there are any."""


class Words:
    """Prompts as they are, or read in parts where they are longer than the reader takes.

    Where words have weights, what was read of them is made larger or smaller.
    """

    def __init__(self, model: Model, batch: RunBatch, pipe: Any) -> None:
        self._model, self._pipe, self._count = model, pipe, len(batch.seeds)
        place, name = model.place, type(model.pipe).__name__
        readers = None
        if batch.chunked and reads_in_chunks(name):
            readers = open_readers(Path(place.folder), name, place.revision)
        self._readers = readers if isinstance(readers, tuple) else None
        self._weighs = batch.weighs and reads_weights(name)

    @property
    def are_chunked(self) -> bool:
        """Whether all words are read, however many there are."""
        return self._readers is not None

    def weigh(self, intent: Intent) -> bool:
        """Whether some of the words that it takes have weights that are obeyed."""
        return self._weighs and has_weights(intent)

    def pairs(self, intent: Intent) -> tuple[tuple[Weighted, Weighted], ...]:
        """Prompt and negative prompt, in parts that are read side by side; mostly one."""
        if self._readers is None:
            return (words_of(intent, weighs=self._weighs),)
        return pairs_of(intent, self._readers, weighs=self._weighs)

    def chunks(self, intent: Intent) -> int:
        """In how many parts the longest of all the words that it takes is read."""
        if self._readers is None:
            return 1
        return chunks_needed(intent, self._readers, weighs=self._weighs)

    def arguments(self, intent: Intent) -> dict[str, Any]:
        """What a pipeline is given of them."""
        prompt, negative = (words.text for words in words_of(intent, weighs=self._weighs))
        is_none = not negative and knows_nothing(self._pipe)
        pairs = self.pairs(intent)
        if len(pairs) > 1 or any(words.is_weighted for words in pairs[0]):
            return self._read(pairs, has_negatives=not is_none)
        arguments = {"prompt": [prompt] * self._count}
        if not is_none:
            arguments["negative_prompt"] = [negative] * self._count
        return arguments

    def _read(
        self, pairs: tuple[tuple[Weighted, Weighted], ...], *, has_negatives: bool
    ) -> dict[str, torch.Tensor]:
        with torch.no_grad(), self._model.encodings.remembering(self._pipe):
            parts = [self._part(*pair, has_negatives=has_negatives) for pair in pairs]
        words = [torch.cat(read, dim=1) for read in zip(*(part[:2] for part in parts), strict=True)]
        # What sums a text up is taken of its first part, as elsewhere in the field.
        return dict(zip(_EMBEDDINGS, [*words, *parts[0][2:]], strict=False))

    def _part(
        self, words: Weighted, negatives: Weighted, *, has_negatives: bool
    ) -> list[torch.Tensor]:
        """One part of either, as the pipeline reads it, in the order of `_EMBEDDINGS`."""
        pipe, device = self._pipe, torch.device(self._model.placement.device)
        read = list(
            pipe.encode_prompt(
                prompt=[words.text] * self._count,
                device=device,
                num_images_per_prompt=1,
                do_classifier_free_guidance=True,
                negative_prompt=[negatives.text] * self._count if has_negatives else None,
            )
        )
        for number, text in enumerate((words, negatives)):
            if text.is_weighted:
                read[number] = weigh(pipe, text, read[number], device)
        return read
