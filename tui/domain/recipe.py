"""The intent plus all else that determines the pixels. A rerun is held against it."""

import hashlib
from enum import StrEnum
from typing import ClassVar

import msgspec

from tui.domain.intent import Intent
from tui.domain.lora import short_name


class Route(StrEnum):
    """The way by which the pixels came about."""

    TEXT_TO_IMAGE = "text to image"
    IMAGE_TO_IMAGE = "image to image"
    INPAINT = "inpaint"
    """The family's own inpaint pipeline."""
    BLEND = "image to image, known latents blended in"
    """For a family without an inpaint pipeline."""


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What has to be the same for the pixels to be the same."""

    VERSION: ClassVar[int] = 5

    intent: Intent
    route: Route
    prompt: str
    """The composed prompt, as the pipeline got it."""
    negative_prompt: str
    pipeline: str
    """diffusers' pipeline class."""
    scheduler: str
    """diffusers' scheduler class that ran, also when the intent left it to the model."""
    model_revision: str
    """Hub commit, or a hash over a folder's content."""
    batch_size: int
    """Images denoised together; a batch is not bitwise equal to single runs."""
    slot: int
    """Place in that batch, from 0."""
    precision: str
    """`float32`, `bfloat16`, `float16` or `float8`."""
    device: str
    """Name of the GPU, or of the processor."""
    threads: int
    """Threads torch computed with on the CPU."""
    versions: dict[str, str]
    """Library versions: torch, diffusers, transformers, keepers."""
    adjustments: tuple[str, ...] = ()
    """What was stepped down to fit into memory and changes pixels."""
    chunks: int | msgspec.UnsetType = msgspec.UNSET
    """Parts in which words were read that were too long for one; left out where they were not, so
    that recipes from before there were parts keep their hash, and are made again as they were."""
    lora_hashes: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    """Hexadecimal SHA-256 of each LoRA's file, in the intent's order; left out without any."""
    vae_revision: str | msgspec.UnsetType = msgspec.UNSET
    """A hash over the chosen autoencoder's files; left out for the model's own."""
    compiled: str | msgspec.UnsetType = msgspec.UNSET
    """The compiler whose work the network's blocks were; left out where they ran as they are."""
    prompt_weights: str | msgspec.UnsetType = msgspec.UNSET
    """What computed the weights of words such as `(red hat:1.2)`; left out where there were none,
    and where they were read as words."""
    version: int = 1
    """2 with chunks, 3 with hashes of LoRAs or a VAE, 4 with a compiler, 5 with weights of words:
    older programs do not know them."""

    def in_oldest_version(self) -> "Recipe":
        """The same, of the first version that knows all that is in it."""
        version = 2 if self.chunks else 1
        if self.lora_hashes or self.vae_revision:
            version = 3
        if self.compiled:
            version = 4
        return msgspec.structs.replace(self, version=5 if self.prompt_weights else version)

    @property
    def hash(self) -> str:
        """Hexadecimal SHA-256 over all of it."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


_CIRCUMSTANCES = (
    "route", "prompt", "negative_prompt", "pipeline", "scheduler", "model_revision", "batch_size",
    "slot", "precision", "device", "threads", "adjustments",
    "chunks", "vae_revision", "compiled", "prompt_weights",
)  # fmt: skip
"""Fields outside the intent that change pixels; versions are compared one by one."""


def circumstances(before: Recipe, after: Recipe) -> list[str]:
    """What differs between two recipes outside the intent, a phrase each, e.g. `torch 2.6 → 2.13`.

    An empty list means that identical pixels are promised.
    """
    found = []
    for name in _CIRCUMSTANCES:
        found += _difference(name.replace("_", " "), getattr(before, name), getattr(after, name))
    found += [
        f"LoRA {short_name(reference)} is another file: {then[:12]} → {now[:12]}"
        for reference, (then, now) in changed_loras(before, after).items()
    ]
    for name in sorted(before.versions.keys() | after.versions.keys()):
        if name != "keepers":
            found += _difference(name, before.versions.get(name), after.versions.get(name))
    return found


def changed_loras(before: Recipe, after: Recipe) -> dict[str, tuple[str, str]]:
    """LoRAs of the same name whose files hold something else now: both hashes, by reference."""
    then, now = _hashes(before), _hashes(after)
    return {
        reference: (then[reference], digest)
        for reference, digest in now.items()
        if then.get(reference, digest) != digest
    }


def _hashes(recipe: Recipe) -> dict[str, str]:
    hashes = recipe.lora_hashes if isinstance(recipe.lora_hashes, tuple) else ()
    references = (lora.reference for lora in recipe.intent.lora_list)
    return dict(zip(references, hashes, strict=False))


def _difference(name: str, before: object, after: object) -> list[str]:
    return [] if before == after else [f"{name} {_in_words(before)} → {_in_words(after)}"]


def _in_words(value: object) -> str:
    if isinstance(value, tuple):
        value = ", ".join(value)
    return "none" if value in (None, "", msgspec.UNSET) else str(value)
