"""What is asked of the engine: a job is one intent over several seeds."""

from typing import ClassVar

import msgspec

from tui.domain.intent import MAX_SEED, MOST_IMAGES, Intent, InvalidIntentError
from tui.domain.lineage import Origin
from tui.domain.text import clean
from tui.store.settings import LONG_PROMPTS, PROMPT_WEIGHTS

MOST_AT_ONCE = 64
"""The largest batch; the settings allow no more either."""


class JobRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One intent over several seeds, and how to run it."""

    VERSION: ClassVar[int] = 5

    intent: Intent
    """Its seed is the first of `seeds`."""
    seeds: tuple[int, ...]
    batch_size: int = 0
    """Images denoised together at most; 0 leaves it to the settings."""
    wanted: tuple[int, ...] = ()
    """Indices into `seeds` to keep; empty for all. A rerun repeats a batch for one of its slots."""
    parent: str | None = None
    """Image id that these come from."""
    origin: Origin = Origin.GENERATED
    again: bool = False
    """Compute also what exists."""
    keep: bool = True
    """False for a rerun: its files go to the cache, and the library does not learn of them."""
    precision: str = ""
    """Overrides the settings: `float32`, `bfloat16`, `float16` or `float8`."""
    threads: int = 0
    """Overrides the settings; 0 does not."""
    long_prompts: str = ""
    """Overrides the settings: `chunks` or `cut`."""
    prompt_weights: str = ""
    """Overrides the settings: `obey` or `words`."""
    revision: str = ""
    """Commit of a hub model to draw with, if it is here; empty for where its name points now."""
    adjustments: tuple[str, ...] | None = None
    """Those of a recipe, which a rerun begins with; None for what memory needed lately."""
    compiled: bool | None = None
    """Overrides the settings; None does not."""
    lora_hashes: tuple[str, ...] = ()
    """Of a recipe's LoRAs: files of the hub's cache to draw with, if they are here, in the intent's
    order; empty for where the names point now."""
    version: int = VERSION

    @property
    def wanted_seeds(self) -> tuple[int, ...]:
        """The seeds whose images are kept."""
        if not self.wanted:
            return self.seeds
        return tuple(self.seeds[index] for index in self.wanted)

    def would_find(self, other: "JobRequest") -> bool:
        """Whether images that the other makes are what this one asks for, in one project."""
        if self.again or not (self.keep and other.keep):
            return False
        theirs = {other.intent.with_seed(seed).key for seed in other.wanted_seeds}
        return any(self.intent.with_seed(seed).key in theirs for seed in self.wanted_seeds)

    def check(self) -> None:
        """Refuse what no batch could be cut from; the intent has a check of its own.

        Raises:
            InvalidIntentError: it names what is wrong and says what would do.
        """
        if not 1 <= len(self.seeds) <= MOST_IMAGES:
            raise InvalidIntentError(
                f"the job has {len(self.seeds)} seeds: give from 1 to {MOST_IMAGES}"
            )
        if len(set(self.seeds)) < len(self.seeds):
            raise InvalidIntentError("a seed comes twice in one job: give each seed once")
        if not all(0 <= seed <= MAX_SEED for seed in self.seeds):
            raise InvalidIntentError(f"a seed is out of range: give numbers from 0 to {MAX_SEED}")
        if not all(0 <= index < len(self.seeds) for index in self.wanted):
            raise InvalidIntentError(
                f"the job wants an image that it has no seed for: count from 0 to "
                f"{len(self.seeds) - 1}"
            )
        for name, way, ways in (
            ("long prompts", self.long_prompts, LONG_PROMPTS),
            ("prompt weights", self.prompt_weights, PROMPT_WEIGHTS),
        ):
            if way not in ("", *ways):
                raise InvalidIntentError(
                    f"{name} are to be “{clean(way, limit=40)}”: give `{ways[0]}` or `{ways[1]}`"
                )
        for name, value, most in (
            ("batch size", self.batch_size, MOST_AT_ONCE),
            ("number of threads", self.threads, 4096),
        ):
            if not 0 <= value <= most:
                raise InvalidIntentError(f"the {name} is {value}: give a number from 0 to {most}")


class Batch(msgspec.Struct, frozen=True):
    """Seeds denoised together, and the slots among them that are kept."""

    seeds: tuple[int, ...]
    wanted: tuple[int, ...]


def batches(request: JobRequest, batch_size: int, done: frozenset[int]) -> list[Batch]:
    """The job cut into batches; those whose wanted seeds are all `done` are left out.

    A batch that was broken off is repeated whole, with the finished slots not wanted again:
    the pixels depend on the batch's size, and this way they come out the same.
    """
    wanted = frozenset(request.wanted_seeds) - done
    size = request.batch_size or batch_size
    cut = (request.seeds[start : start + size] for start in range(0, len(request.seeds), size))
    found = (
        Batch(seeds, tuple(slot for slot, seed in enumerate(seeds) if seed in wanted))
        for seeds in cut
    )
    return [batch for batch in found if batch.wanted]
