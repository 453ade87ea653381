"""The batch in the middle: unfinished latents that branches of its images could begin with."""

from pathlib import Path
from typing import Any

import torch
from msgspec.structs import replace

from tui.domain.branch import Branch
from tui.engine.worker.branching import Midway
from tui.engine.worker.kept_latents import KeptLatents, midway_key
from tui.engine.worker.loading import Model
from tui.engine.worker.versions import versions
from tui.engine.worker.words import Words
from tui.engine.worker_messages import RunBatch


class Midways:
    """Those of one batch: from the disk, or as it draws them."""

    def __init__(
        self, model: Model, batch: RunBatch, pipe: Any, words: Words, compiler: str
    ) -> None:
        """`pipe` draws it; its scheduler may be another one by the time something is asked."""
        self._model, self._batch, self._pipe = model, batch, pipe
        self._words, self._compiler = words, compiler
        self._kept = KeptLatents(Path(batch.latents), batch.latents_limit)
        self._drawn: dict[str, Midway] = {}

    def find(self, branch: Branch) -> Midway | None:
        """What a branch begins with; None where it is yet to be drawn."""
        key = self._key(branch)
        if self._batch.latents and key not in self._drawn:
            return self._kept.get(key)
        return self._drawn.get(key)

    def add(self, branch: Branch, midway: Midway) -> None:
        """Remember what was drawn so far."""
        self._drawn[self._key(branch)] = midway

    def keep(self) -> None:
        """Put on disk what was drawn."""
        if self._batch.latents:
            for key, midway in self._drawn.items():
                self._kept.put(key, midway)

    def _key(self, branch: Branch) -> str:
        model, pipe, intent = self._model, self._pipe, self._batch.intent
        begun = replace(intent, branch=branch).beginning
        weighed = begun is not None and self._words.weigh(begun)
        return midway_key(
            self._batch,
            branch,
            pipeline=type(pipe).__name__,
            scheduler=type(pipe.scheduler).__name__,
            device=model.placement.name,
            precision=model.placement.precision,
            threads=torch.get_num_threads(),
            versions=versions(with_loras=bool(self._batch.loras), with_weights=weighed),
            # Left out where nothing is ever cut: what is kept there stays good.
            **({"chunked": True} if self._words.are_chunked else {}),
            **({"compiled": self._compiler} if self._compiler else {}),
            **({"distilled": told} if (told := intent.distilled) else {}),
            **({"weighed": True} if weighed else {}),
            **({"step_cache": threshold} if (threshold := intent.threshold) else {}),
        )
