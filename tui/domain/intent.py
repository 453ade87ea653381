"""What the person decided about one image. Its key finds an existing result."""

import hashlib
import math
from typing import ClassVar

import msgspec

from tui.domain.branch import MOST_BRANCHES, UNSET, Branch, rounded
from tui.domain.distilled_guidance import distilled_problems
from tui.domain.lora import Lora, lora_problems
from tui.domain.prompt import Layers
from tui.domain.step_cache import threshold_problems
from tui.domain.text import clean

MAX_SEED = 2**63 - 1
"""The largest seed a torch generator takes without wrapping."""

LARGEST_SIDE = 16_384
MOST_STEPS = 1_000
MOST_IMAGES = 256


class InvalidIntentError(ValueError):
    """A setting nobody can draw; the message names it and says what would do."""


class Intent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a person decides about one image; two equal intents want the same image."""

    VERSION: ClassVar[int] = 6

    model: str
    """`starter`, an absolute folder, or a hub id."""
    layers: Layers
    seed: int
    steps: int
    guidance: float
    width: int
    """Pixels; for an inpainting, of the whole picture."""
    height: int
    scheduler: str = ""
    """A diffusers scheduler class; empty for the model's own."""
    strength: float | None = None
    """How much an init image may change, from 0 to 1; None without one."""
    init_image: str | None = None
    """Pixel hash of the picture to start from (see `imaging.pixels`)."""
    mask: str | None = None
    """Pixel hash of the mask: only where it is not 0 may anything change."""
    context: int | None = None
    """Pixels around the mask's box that the model sees."""
    feather: int | None = None
    """Pixels over which the new fades into the old, inward from the mask's edge."""
    branch: Branch | msgspec.UnsetType = UNSET
    """The parent whose first steps it begins with. Left out of keys and files where there is none,
    so that both stay what they were before there were branches."""
    match_seam: bool | msgspec.UnsetType = UNSET
    """Whether what is painted takes the picture's colours on at the mask's edge. Left out of keys
    and files where it does not, for the same reason."""
    loras: tuple[Lora, ...] | msgspec.UnsetType = UNSET
    """In the order in which they are added up; left out, like a branch, where there are none."""
    vae: str | msgspec.UnsetType = UNSET
    """Folder or hub id of an autoencoder in the place of the model's own; left out for that."""
    step_cache: float | msgspec.UnsetType = UNSET
    """How little may have changed since the step before for most of a step to be taken over, from
    0 to 1 (see `step_cache`); left out where every step is computed whole."""
    distilled_guidance: float | msgspec.UnsetType = UNSET
    """See `distilled_guidance`; left out where it is the model's own."""
    version: int = 1
    """2 with a branch, 3 with a matched seam, 4 with LoRAs or an autoencoder, 5 with a step cache,
    6 with distilled guidance: what older programs do not know."""

    @property
    def lora_list(self) -> tuple[Lora, ...]:
        """The LoRAs; empty where there are none."""
        return self.loras if isinstance(self.loras, tuple) else ()

    @property
    def own_vae(self) -> str:
        """The autoencoder that was chosen; empty for the model's own."""
        return self.vae if isinstance(self.vae, str) else ""

    @property
    def threshold(self) -> float:
        """That of the step cache; 0 where every step is computed whole."""
        return float(self.step_cache or 0)

    @property
    def distilled(self) -> float:
        """Its distilled guidance; 0 for the model's own."""
        return float(self.distilled_guidance or 0)

    def with_distilled(self, guidance: float) -> "Intent":
        """The same wish with this distilled guidance; 0 for the model's own."""
        return msgspec.structs.replace(self, distilled_guidance=guidance or UNSET)

    def with_step_cache(self, threshold: float) -> "Intent":
        """The same wish with this threshold of the step cache; 0 for none."""
        return msgspec.structs.replace(self, step_cache=threshold or UNSET)

    def with_parts(self, loras: tuple[Lora, ...], vae: str) -> "Intent":
        """The same wish with these LoRAs and this autoencoder; empty for none."""
        return msgspec.structs.replace(self, loras=loras or UNSET, vae=vae or UNSET)

    def cleaned(self) -> "Intent":
        """The intent in the one form that equal wishes share."""
        return msgspec.structs.replace(
            self,
            layers=self.layers.cleaned(),
            guidance=rounded(self.guidance),
            strength=None if self.strength is None else rounded(self.strength),
            branch=self.branch.cleaned() if isinstance(self.branch, Branch) else UNSET,
            match_seam=self.match_seam or UNSET,
            loras=tuple(lora.cleaned() for lora in self.lora_list) or UNSET,
            vae=self.own_vae or UNSET,
            step_cache=rounded(self.threshold) or UNSET,
            distilled_guidance=rounded(self.distilled) or UNSET,
            version=self._oldest_version,
        )

    @property
    def _oldest_version(self) -> int:
        """The first version that knows all that is in this wish."""
        if self.distilled:
            return 6
        if self.threshold:
            return 5
        if self.lora_list or self.own_vae:
            return 4
        if self.match_seam:
            return 3
        return 2 if isinstance(self.branch, Branch) else 1

    def checked(self) -> "Intent":
        """The cleaned intent.

        Raises:
            InvalidIntentError: a number out of range, or parts that do not fit together.
        """
        intent = self.cleaned()
        for problem in intent._problems():
            raise InvalidIntentError(problem)
        return intent

    @property
    def key(self) -> str:
        """Hexadecimal SHA-256 over the cleaned intent; equal exactly for equal wishes."""
        return hashlib.sha256(msgspec.json.encode(self.cleaned(), order="sorted")).hexdigest()

    def with_seed(self, seed: int) -> "Intent":
        """The same wish with another seed."""
        return msgspec.structs.replace(self, seed=seed)

    def begun(self, step: int) -> Branch:
        """What a child begins with that keeps this intent's first steps, in its shortest form.

        Where this one had not begun with its own words by then, these are its parent's steps.
        """
        layers, guidance, before = self.layers, self.guidance, self.branch
        while isinstance(before, Branch) and before.step >= step:
            layers, guidance, before = before.layers, before.guidance, before.branch
        return Branch(step, layers, guidance, before).cleaned()

    @property
    def beginning(self) -> "Intent | None":
        """The parent's wish, whose first steps this one begins with; None without a branch."""
        if not isinstance(self.branch, Branch):
            return None
        found = self.branch
        return msgspec.structs.replace(
            self, layers=found.layers, guidance=found.guidance, branch=found.branch
        )

    def _problems(self) -> list[str]:
        found: list[str] = []
        if not clean(self.model):
            found.append("the model is not named: give `starter`, a folder or a hub id")
        elif clean(self.model) != " ".join(self.model.split()):
            found.append("the model's name has characters that cannot be shown: rename the folder")
        if not 0 <= self.seed <= MAX_SEED:
            found.append(f"the seed is {self.seed}: give a whole number from 0 to {MAX_SEED}")
        if not 1 <= self.steps <= MOST_STEPS:
            found.append(f"the steps are {self.steps}: give a whole number from 1 to {MOST_STEPS}")
        if not math.isfinite(self.guidance) or not 0 <= self.guidance <= 100:
            found.append(f"the guidance is {self.guidance}: give a number from 0 to 100")
        for name, side in (("width", self.width), ("height", self.height)):
            if not 1 <= side <= LARGEST_SIDE:
                found.append(f"the {name} is {side}: give pixels from 1 to {LARGEST_SIDE}")
        found += self._init_problems()
        found += self._branch_problems()
        found += lora_problems(self.lora_list)
        found += threshold_problems(self.threshold)
        found += distilled_problems(self.distilled)
        if self.own_vae and clean(self.own_vae) != " ".join(self.own_vae.split()):
            found.append("the VAE's name has characters that cannot be shown: rename the folder")
        return found

    def _init_problems(self) -> list[str]:
        found: list[str] = []
        if self.mask is not None and self.init_image is None:
            found.append("there is a mask but no picture to repair: give the picture too")
        if (self.strength is None) != (self.init_image is None):
            found.append("strength and a picture to start from go together: give both or neither")
        if self.strength is not None and not (
            math.isfinite(self.strength) and 0 < self.strength <= 1
        ):
            found.append(f"the strength is {self.strength}: give a number above 0, up to 1")
        elif self.strength is not None and int(self.steps * self.strength) < 1:
            found.append(
                f"strength {self.strength:g} of {self.steps} steps leaves no step to run: "
                "raise the strength or the steps"
            )
        for name, pixels in (("context", self.context), ("feather", self.feather)):
            if pixels is not None and self.mask is None:
                found.append(f"there is a {name} but no mask: give a mask, or leave it out")
            elif pixels is not None and not 0 <= pixels <= LARGEST_SIDE:
                found.append(f"the {name} is {pixels}: give pixels from 0 to {LARGEST_SIDE}")
        if self.match_seam and self.mask is None:
            found.append("colours are matched at a mask's edge: give a mask, or leave it out")
        return found

    def _branch_problems(self) -> list[str]:
        if self.beginning is not None and self.init_image is not None:
            said = "a picture to start from and a parent's first steps do not go together"
            return [f"{said}: let all change, or draw without the picture"]
        branch, steps = self.branch, self.steps
        for _ in range(MOST_BRANCHES):
            if not isinstance(branch, Branch):
                return []
            if not 1 <= branch.step < steps:
                return [f"the branch is at step {branch.step} of {steps}: let all change instead"]
            if not math.isfinite(branch.guidance) or not 0 <= branch.guidance <= 100:
                return [f"the parent's guidance is {branch.guidance}: give a number from 0 to 100"]
            steps, branch = branch.step, branch.branch
        return [f"there are more than {MOST_BRANCHES} branches of branches: let all change once"]


def seeds_from(first: int, count: int) -> tuple[int, ...]:
    """The seeds of a batch: first, first + 1, and so on.

    Raises:
        InvalidIntentError: the count is out of range, or the last seed is.
    """
    if not 1 <= count <= MOST_IMAGES:
        raise InvalidIntentError(
            f"the count is {count}: give a whole number from 1 to {MOST_IMAGES}"
        )
    if not 0 <= first <= MAX_SEED - count + 1:
        raise InvalidIntentError(
            f"the seed is {first}: give a whole number from 0 to {MAX_SEED - count + 1}"
        )
    return tuple(range(first, first + count))
