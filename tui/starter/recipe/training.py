"""One training loop for three networks: it goes on after a kill exactly where its checkpoint was.

Every step draws its chances from its own number. With a wished number of steps, a run that was
killed and continued therefore ends with the same weights as one that was not.
"""

import json
import math
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from tui.starter.recipe.progress import Progress
from tui.starter.recipe.settings import Training
from tui.starter.recipe.work_folder import WorkFolder, number_of

_REPORT = 50
"""Steps between two lines of history."""


class StoppedError(RuntimeError):
    """The person asked to stop; what was learned is in the checkpoint."""


@dataclass(frozen=True)
class Chance:
    """The chances of one step; they follow from the seed and the step's number alone."""

    random: random.Random
    torch: torch.Generator
    """On the machine's device."""


@dataclass
class Learner:
    """What is trained."""

    networks: dict[str, nn.Module]
    optimisers: list[Optimizer]
    """Each for its own weights; a group's `share`, if it has one, multiplies the learning rate."""
    averages: dict[str, nn.Module]
    """Slowly following copies of the networks: what is kept in the end. May be empty."""
    decay: Callable[[int], float] = lambda _number: 0.0
    """What an average keeps of itself in a step."""
    clip: float = 1.0
    """Longest gradient."""

    def state(self) -> dict[str, Any]:
        """All that a checkpoint holds of it."""
        return {
            "networks": {name: module.state_dict() for name, module in self.networks.items()},
            "averages": {name: module.state_dict() for name, module in self.averages.items()},
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Be as a checkpoint was."""
        for name, module in self.networks.items():
            module.load_state_dict(state["networks"][name])
        for name, module in self.averages.items():
            module.load_state_dict(state["averages"][name])
        for optimiser, held in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(held)

    def learn(self, loss: Tensor, rate: float, number: int) -> float:
        """One step downhill.

        Returns:
            How long the gradient was.
        """
        groups = [group for optimiser in self.optimisers for group in optimiser.param_groups]
        for group in groups:
            group["lr"] = rate * group.get("share", 1.0)
        loss.backward()  # type: ignore[no-untyped-call]
        parameters = [weight for group in groups for weight in group["params"]]
        length = float(nn.utils.clip_grad_norm_(parameters, self.clip))
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad()
        keep = self.decay(number)
        with torch.no_grad():
            for name, average in self.averages.items():
                pairs = zip(average.parameters(), self.networks[name].parameters(), strict=True)
                for slow, fast in pairs:
                    slow.lerp_(fast, 1 - keep)
        return length


def cosine(part: float) -> float:
    """From 1 to a small rest, gently."""
    return max(0.02, 0.5 * (1 + math.cos(math.pi * part)))


def tail(part: float) -> float:
    """1 for two thirds of the time, then straight down to a small rest."""
    return min(1.0, max(0.08, (1 - part) / 0.35))


class Loop:
    """Trains until its time or its steps are over.

    Args:
        step: The recipe's name for it; names the checkpoint, too.
        work: Where the checkpoint lies.
        plan: How long, how fast.
        learner: What is trained; it is restored from the checkpoint if there is one.
        fall: How the learning rate falls with the part that is done.
    """

    def __init__(
        self,
        step: str,
        work: WorkFolder,
        plan: Training,
        learner: Learner,
        fall: Callable[[float], float],
    ) -> None:
        self._step, self._work, self._plan = step, work, plan
        self._learner, self._fall = learner, fall
        self.number, self.seconds = 0, 0.0
        """Steps and time so far, over all runs."""
        file = work.checkpoint(step)
        if file.exists():
            state = torch.load(file, map_location=work.machine.device, weights_only=True)
            learner.restore(state)
            self.number, self.seconds = int(state["number"]), float(state["seconds"])

    @property
    def part(self) -> float:
        """What is done of the whole, from 0."""
        if self._plan.steps:
            return self.number / self._plan.steps
        return self.seconds / 60 / self._plan.minutes if self._plan.minutes > 0 else 1.0

    def run(self, loss_of: Callable[[Chance], Tensor], looks: int) -> None:
        """Train to the end.

        Args:
            loss_of: The loss of one step.
            looks: Pictures or captions in a step, for saying how fast it goes.

        Raises:
            StoppedError: an interrupt or a termination came; the checkpoint is written.
        """
        progress = Progress(self._step, "looks")
        losses: list[float] = []
        began = saved = time.monotonic()
        before = self.seconds
        with _asked_to_stop() as stopping:
            while self.part < 1 and not stopping():
                rate = self._rate()
                loss = loss_of(self._chance())
                length = self._learner.learn(loss, rate, self.number)
                self.number += 1
                self.seconds = before + time.monotonic() - began
                losses.append(loss.item())
                if self.number % _REPORT == 0:
                    self._note(losses, length, rate)
                    losses = []
                told = f"step {self.number:,}" + (f", loss {losses[-1]:.4f}" if losses else "")
                progress.tell(min(1.0, self.part), self.number * looks, told)
                if time.monotonic() - saved > self._plan.save_minutes * 60:
                    self.save()
                    saved = time.monotonic()
        progress.end()
        self.save()
        if self.part < 1:
            raise StoppedError(f"{self._step} stopped after {self.number:,} steps, and can go on")

    def save(self) -> None:
        """Write the checkpoint; a kill leaves the one before."""
        file = self._work.checkpoint(self._step)
        temporary = file.with_suffix(".tmp")
        state = self._learner.state() | {"number": self.number, "seconds": self.seconds}
        with temporary.open("wb") as opened:
            torch.save(state, opened)
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(file)

    def _rate(self) -> float:
        rise = min(1.0, (self.number + 1) / max(1, self._plan.warmup))
        return self._plan.rate * rise * self._fall(min(1.0, self.part))

    def _chance(self) -> Chance:
        seeds = (self._work.settings.seed, self._step, self.number)
        return Chance(random.Random(number_of(*seeds)), self._work.machine.chance(*seeds))

    def _note(self, losses: list[float], length: float, rate: float) -> None:
        line = {
            "step": self._step,
            "number": self.number,
            "minutes": round(self.seconds / 60, 2),
            "loss": round(sum(losses) / len(losses), 5),
            "gradient": round(length, 3),
            "rate": rate,
        }
        with self._work.history.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def trained(work: WorkFolder, step: str) -> tuple[int, float]:
    """Steps and minutes that a training has had; zeros where there is no checkpoint."""
    file: Path = work.checkpoint(step)
    if not file.exists():
        return 0, 0.0
    state = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    return int(state["number"]), float(state["seconds"]) / 60


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether an interrupt or a termination came: a step is never left half done."""
    came: list[int] = []
    names = (signal.SIGINT, signal.SIGTERM)
    before = {
        name: signal.signal(name, lambda number, _frame: came.append(number)) for name in names
    }
    try:
        yield lambda: bool(came)
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
