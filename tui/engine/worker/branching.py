"""A drawing that begins in the middle of another one, and what others can begin with.

Pipelines differ in how they make latents, scale them and cut their steps, and schedulers in what
they remember. So a pipeline is not told that it begins later: it runs from the start, but until
the branch its network is not asked and its scheduler does nothing. Then latents, the scheduler's
memory and the random numbers are made those of the other drawing, all at once. Whatever the
family, the rest is computed by exactly the calls that would have followed there.
"""

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple

import torch
from torch.utils import _pytree as pytree

from tui.engine.worker.packing import PACKED, Packer, Tree, UnpackableError
from tui.engine.worker.replacing import in_place_of

_MOST_SHAPES = 32
_MISSING = object()


class BranchError(RuntimeError):
    """This drawing cannot begin in the middle of another; the message is for the person."""


class ReachedError(Exception):
    """Raised inside the pipeline when the step that was asked for is made."""


@dataclass(frozen=True)
class Midway:
    """A drawing after some of its steps: all that the rest of it depends on."""

    calls: int
    """Calls of the scheduler that were made."""
    tree: Tree
    """`latents`, `generators` and `scheduler`."""
    tensors: dict[str, torch.Tensor]


@dataclass(frozen=True)
class Start:
    """A drawing whose pipeline cannot start from a picture, and does."""

    calls: int
    """Calls of the scheduler that are left out."""
    latents: Callable[[torch.Tensor], torch.Tensor]
    """Given the pipeline's own, those of the picture at the noise level that is reached then."""


class _Untouched(NamedTuple):
    """What a scheduler answers while it does nothing; pipelines read it by name or by number."""

    prev_sample: torch.Tensor
    pred_original_sample: torch.Tensor


class Stepping:
    """Stands between a pipeline and its scheduler and network while it runs."""

    def __init__(
        self,
        scheduler: Any,
        denoiser: Any,
        generators: list[torch.Generator],
        blanks: dict[Any, Any],
        *,
        begin: Midway | Start | None = None,
        keep: Collection[int] = (),
        until: int = 0,
        after: Callable[[int, torch.Tensor, Any], torch.Tensor] | None = None,
    ) -> None:
        """Args: those of one run.

        `blanks` are shapes of the network's answers by those of its questions, for all runs;
        `keep` are the calls of the scheduler after which the drawing is noted in `kept`, and after
        `until` it is broken off with `ReachedError`. `after` is given the number of each call
        of the scheduler, its latents and its timestep, and gives the latents to go on with: not
        all pipelines tell of their steps, and not all that do tell the timestep.
        """
        self._scheduler, self._denoiser, self._generators = scheduler, denoiser, generators
        self._blanks, self._begin, self._keep, self._until = blanks, begin, keep, until
        self._after = after
        self._step = scheduler.step
        self._signature = inspect.signature(scheduler.step)
        self._calls, self._noted = 0, False
        self._first: dict[str, Any] = {}
        self._versions: dict[str, int] = {}
        self.kept: dict[int, Midway] = {}
        """By calls of the scheduler."""

    def __enter__(self) -> "Stepping":
        self._scheduler.step = in_place_of(self._step, self._stepped)
        denoiser = self._denoiser
        if denoiser is not None:
            self._outer = vars(denoiser).get("forward")
            self._forward = denoiser.forward
            denoiser.forward = in_place_of(self._forward, self._asked)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        del self._scheduler.step
        denoiser = self._denoiser
        if denoiser is not None:
            del denoiser.forward
            if self._outer is not None:
                denoiser.forward = self._outer
        if kind is None and (self._skipping or self._calls < self._until):
            raise BranchError(
                f"{type(self._scheduler).__name__} made only {self._calls} steps, too few to begin "
                "in the middle: let all change"
            )

    @property
    def _skipping(self) -> bool:
        return self._begin is not None and self._calls < self._begin.calls

    # The scheduler

    def _stepped(self, *args: Any, **kwargs: Any) -> Any:
        if not self._first:
            self._first = dict(vars(self._scheduler))
            self._versions = {
                name: value._version
                for name, value in self._first.items()
                if isinstance(value, torch.Tensor)
            }
        given = self._signature.bind(*args, **kwargs).arguments
        if self._skipping:
            self._calls += 1
            latents = given["sample"]
            if not self._skipping:
                latents = self._followed(self._take_over(latents), given["timestep"])
            if given.get("return_dict", True):
                return _Untouched(latents, latents)
            return latents, latents
        found = self._step(*args, **kwargs)
        self._calls += 1
        if self._calls in self._keep or self._calls == self._until:
            self._note(found[0])
        if self._calls == self._until:
            raise ReachedError
        latents = self._followed(found[0], given["timestep"])
        if isinstance(found, tuple):
            return latents, *found[1:]
        found.prev_sample = latents
        return found

    def _followed(self, latents: torch.Tensor, timestep: Any) -> torch.Tensor:
        """The latents that the pipeline goes on with."""
        return latents if self._after is None else self._after(self._calls, latents, timestep)

    def _note(self, latents: torch.Tensor) -> None:
        packer, scheduler = Packer(), {}
        try:
            for name, value in vars(self._scheduler).items():
                if not self._is_unchanged(name, value):
                    scheduler[name] = packer.pack(value)
        except UnpackableError as error:
            if self._until:
                raise BranchError(
                    f"{type(self._scheduler).__name__} keeps something ({error}) that no other "
                    "drawing can take over: let all change, or choose another scheduler"
                ) from error
            return
        states = [generator.get_state() for generator in self._generators]
        tree = {
            "latents": packer.pack(latents),
            "generators": packer.pack(states),
            "scheduler": scheduler,
        }
        self.kept[self._calls] = Midway(self._calls, tree, packer.tensors)

    def _is_unchanged(self, name: str, value: Any) -> bool:
        """Whether a fresh scheduler has the same: its configuration, its tables, our own hook."""
        if name in ("step", "_internal_dict"):
            return True
        if value is not self._first.get(name, _MISSING):
            return False
        if isinstance(value, torch.Tensor):
            return bool(value._version == self._versions[name])
        # Lists are changed in place, so they are looked at whoever they are.
        return not isinstance(value, PACKED)

    def _take_over(self, own_latents: torch.Tensor) -> torch.Tensor:
        begin, device = self._begin, own_latents.device
        assert begin is not None
        if isinstance(begin, Start):
            self._count_from(begin.calls)
            return begin.latents(own_latents)
        packer = Packer(begin.tensors)
        own = vars(self._scheduler)
        for name, tree in begin.tree["scheduler"].items():
            own[name] = packer.unpack(tree, device)
        states = packer.unpack(begin.tree["generators"], device)
        for generator, state in zip(self._generators, states, strict=True):
            generator.set_state(state)
        latents: torch.Tensor = packer.unpack(begin.tree["latents"], device)
        return latents

    def _count_from(self, call: int) -> None:
        """Have the scheduler take its next call for this one; without a count it looks it up."""
        if hasattr(self._scheduler, "set_begin_index"):
            self._scheduler.set_begin_index(call)
        if hasattr(self._scheduler, "_step_index"):
            self._scheduler._step_index = None

    # The network

    def _asked(self, *args: Any, **kwargs: Any) -> Any:
        if self._noted and not self._skipping:
            return self._forward(*args, **kwargs)
        asked = [x for x in pytree.tree_leaves((args, kwargs)) if isinstance(x, torch.Tensor)]
        shapes = tuple((x.shape, x.dtype) for x in asked)
        blank = self._blanks.get(shapes)
        if blank is not None and self._skipping:
            return pytree.tree_map_only(torch.Tensor, torch.zeros_like, blank)
        answer = self._forward(*args, **kwargs)
        if len(self._blanks) < _MOST_SHAPES:
            # One number, seen in the shape of the answer.
            self._blanks[shapes] = pytree.tree_map_only(
                torch.Tensor, lambda x: x.new_zeros(()).expand(x.shape), answer
            )
        self._noted = not self._skipping
        return answer
