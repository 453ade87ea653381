"""The words of a batch, in the form in which its pipeline takes them."""

from pathlib import Path
from typing import Any

import torch

from tui.domain.intent import Intent
from tui.engine.chunks import chunks_needed, pairs_of
from tui.engine.families import reads_in_chunks
from tui.engine.readers import open_readers
from tui.engine.worker.loading import Model
from tui.engine.worker_messages import RunBatch

_EMBEDDINGS = (
    "prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds",
    "negative_pooled_prompt_embeds",
)  # fmt: skip
"""What the pipelines' own reading gives, in this order; the pooled ones where there are any."""


class Words:
    """Prompts as they are, or read in parts where they are longer than the reader takes."""

    def __init__(self, model: Model, batch: RunBatch, pipe: Any) -> None:
        self._model, self._pipe, self._count = model, pipe, len(batch.seeds)
        place, name = model.place, type(model.pipe).__name__
        readers = None
        if batch.chunked and reads_in_chunks(name):
            readers = open_readers(Path(place.folder), name, place.revision)
        self._readers = readers if isinstance(readers, tuple) else None

    @property
    def are_chunked(self) -> bool:
        """Whether all words are read, however many there are."""
        return self._readers is not None

    def pairs(self, intent: Intent) -> tuple[tuple[str, str], ...]:
        """Prompt and negative prompt, in parts that are read side by side; mostly one."""
        if self._readers is None:
            return ((intent.layers.prompt, intent.layers.negative_prompt),)
        return pairs_of(intent, self._readers)

    def chunks(self, intent: Intent) -> int:
        """In how many parts the longest of all the words that it takes is read."""
        return 1 if self._readers is None else chunks_needed(intent, self._readers)

    def arguments(self, intent: Intent) -> dict[str, Any]:
        """What a pipeline is given of them."""
        prompt, negative = intent.layers.prompt, intent.layers.negative_prompt
        # Without negatives, some were trained on nothing at all and not on an empty text.
        is_none = not negative and self._pipe.config.get("force_zeros_for_empty_prompt", False)
        pairs = self.pairs(intent)
        if len(pairs) > 1:
            return self._read(pairs, has_negatives=not is_none)
        arguments = {"prompt": [prompt] * self._count}
        if not is_none:
            arguments["negative_prompt"] = [negative] * self._count
        return arguments

    def _read(
        self, pairs: tuple[tuple[str, str], ...], *, has_negatives: bool
    ) -> dict[str, torch.Tensor]:
        pipe = self._pipe
        with torch.no_grad(), self._model.encodings.remembering(pipe):
            parts = [
                pipe.encode_prompt(
                    prompt=[prompt] * self._count,
                    device=torch.device(self._model.placement.device),
                    num_images_per_prompt=1,
                    do_classifier_free_guidance=True,
                    negative_prompt=[negative] * self._count if has_negatives else None,
                )
                for prompt, negative in pairs
            ]
        words = [torch.cat(read, dim=1) for read in zip(*(part[:2] for part in parts), strict=True)]
        # What sums a text up is taken of its first part, as elsewhere in the field.
        return dict(zip(_EMBEDDINGS, [*words, *parts[0][2:]], strict=False))
