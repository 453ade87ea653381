"""Steps of which most is taken over from the step before, where little has changed since.

The cache is diffusers' own. It keeps an answer for each question that is asked in a step, with the
prompt and without, and wants to be told which one is asked; not all pipelines do that. So questions
are counted here, from one step to the next, and go by their number.
"""

from types import TracebackType
from typing import Any

from diffusers import FirstBlockCacheConfig

from tui.domain.intent import Intent
from tui.engine.step_caches import no_step_cache, takes_step_cache
from tui.engine.worker.errors import LoadingError
from tui.engine.worker.replacing import in_place_of


class StepCache:
    """A network's cache for one run of a pipeline: it begins empty, and nothing of it stays."""

    def __init__(self, network: Any, intent: Intent, *, begins_after: int = 0) -> None:
        """Args: those of one run.

        Args:
            network: the one that is asked in every step.
            intent: whose threshold counts (see `domain.step_cache`).
            begins_after: steps that another drawing made. What the network was asked in them is
                nobody's answer, so that the cache begins behind them.
        """
        self._network, self._intent, self._begins_after = network, intent, begins_after
        self._age = self._asked = 0

    def __enter__(self) -> "StepCache":
        """Put it in.

        Raises:
            LoadingError: the network takes none.
        """
        if not self._intent.threshold:
            return self
        network = self._network
        if not takes_step_cache(type(network).__name__):
            raise LoadingError(no_step_cache(self._intent.model))
        try:
            network.enable_cache(FirstBlockCacheConfig(threshold=self._intent.threshold))
        except (ValueError, IndexError) as error:
            # One of a single block has nothing to leave out.
            raise LoadingError(no_step_cache(self._intent.model)) from error
        self._outer = vars(network).get("forward")
        self._forward = network.forward
        network.forward = in_place_of(self._forward, self._answer)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        if not self._intent.threshold:
            return
        del self._network.forward
        if self._outer is not None:
            self._network.forward = self._outer
        self._network.disable_cache()

    def stepped(self, steps: int) -> None:
        """So many steps are made: what is asked next is the first question again."""
        self._asked = 0
        if steps == self._begins_after:
            self._age += 1

    def _answer(self, *args: Any, **kwargs: Any) -> Any:
        self._asked += 1
        with self._network.cache_context(f"{self._age}.{self._asked}"):
            return self._forward(*args, **kwargs)
