"""The folder that a recipe works in, and the machine that it works on."""

import shutil
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import torch

from tui.engine.worker.placement import PlacementError, place
from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.icons import Icons, load_icons, read_subjects
from tui.starter.recipe.settings import Settings


@dataclass(frozen=True)
class Machine:
    """Where tensors are computed."""

    device: torch.device
    name: str
    bfloat16: bool
    """Whether it multiplies bfloat16 in hardware; otherwise everything is float32."""

    def autocast(self) -> AbstractContextManager[object]:
        """Networks under it compute in bfloat16 where that is faster."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16)

    def chance(self, *seeds: object) -> torch.Generator:
        """A generator on the device whose numbers follow from the seeds."""
        return torch.Generator(self.device).manual_seed(number_of(*seeds))


def find_machine(device: str) -> Machine:
    """The machine for a wish: `auto`, `cpu`, `cuda` or `cuda:0`; auto takes a GPU if there is one.

    Raises:
        RecipeError: there is no such device.
    """
    try:
        placement = place(device, "auto")
    except PlacementError as error:
        raise RecipeError(str(error)) from error
    return Machine(
        torch.device(placement.device), placement.name, placement.precision == "bfloat16"
    )


def number_of(*seeds: object) -> int:
    """One seed made of several things, the same in every process; below 2**63."""
    import hashlib

    digest = hashlib.sha256(repr(seeds).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


@dataclass(frozen=True)
class WorkFolder:
    """The files of one recipe, all under `folder`; and what it was told."""

    folder: Path
    settings: Settings
    machine: Machine
    start: Path | None = None
    """A diffusers folder whose networks are where training begins."""

    # What the steps leave, in their order.

    @property
    def packages(self) -> Path:
        """Where npm installs."""
        return self.folder / "npm"

    @property
    def pixels(self) -> Path:
        """All icons, N×144×144×4 uint8."""
        return self.folder / "icons.npy"

    @property
    def entries(self) -> Path:
        """The icons' names and tags."""
        return self.folder / "icons.json"

    @property
    def tokenizer(self) -> Path:
        """A transformers folder."""
        return self.folder / "tokenizer"

    @property
    def autoencoder(self) -> Path:
        """A diffusers folder."""
        return self.folder / "autoencoder"

    @property
    def latents(self) -> Path:
        """Scenes as the autoencoder sees them, N×C×G×G float16."""
        return self.folder / "latents.npy"

    @property
    def captions(self) -> Path:
        """Token ids of their captions, N×tokens int16."""
        return self.folder / "captions.npy"

    @property
    def pairs(self) -> Path:
        """Subjects that stand together in some scene."""
        return self.folder / "pairs.json"

    @property
    def text_encoder(self) -> Path:
        """A transformers folder: the text encoder before the denoiser."""
        return self.folder / "text_encoder"

    @property
    def denoiser(self) -> Path:
        """Two diffusers folders: the UNet, and the text encoder that learned with it."""
        return self.folder / "denoiser"

    @property
    def release(self) -> Path:
        """What goes into `tui/starter`: the model, its words, card, notices and figures."""
        return self.folder / "release"

    def checkpoint(self, step: str) -> Path:
        """Where a training goes on after a kill."""
        return self.folder / f"{step}.pt"

    @property
    def history(self) -> Path:
        """One line of JSON for each progress report of a training."""
        return self.folder / "history.jsonl"

    # What is done

    def is_done(self, step: str) -> bool:
        """Whether the step came to its end since the steps before it did."""
        return self._mark(step).exists()

    def set_done(self, step: str, later: Iterable[str]) -> None:
        """Note that a step is done, and that those after it are not any more."""
        for name in later:
            self._mark(name).unlink(missing_ok=True)
        self._mark(step).parent.mkdir(exist_ok=True)
        self._mark(step).touch()

    def _mark(self, step: str) -> Path:
        return self.folder / "done" / step

    # What the steps share

    def icons(self) -> Icons:
        """Every icon that was rendered.

        Raises:
            RecipeError: none was.
        """
        return load_icons(self.pixels, self.entries)

    def taught(self) -> Icons:
        """The icons that this model learns.

        Raises:
            RecipeError: there are none.
        """
        settings = self.settings
        return self.icons().taught(settings.subjects or read_subjects(), settings.styles)


def replace_folder(made: Path, target: Path) -> None:
    """Put a finished folder in the place of an older one; a kill leaves one of them whole."""
    before = target.with_name(f"{target.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    if target.exists():
        target.rename(before)
    made.rename(target)
    shutil.rmtree(before, ignore_errors=True)
