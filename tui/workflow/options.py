"""The settings of a batch that a person chooses beside the words."""

from typing import ClassVar

import msgspec

from tui.domain.branch import Amount
from tui.domain.change import Element, vae_in_words
from tui.domain.intent import Intent
from tui.domain.lora import Lora, in_words
from tui.domain.step_cache import STEP_CACHE
from tui.domain.versioned import UnreadableError, from_json


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the options panel holds; kept for each project."""

    VERSION: ClassVar[int] = 1

    model: str = "starter"
    count: int = 4
    seed: int = 7
    steps: int = 20
    guidance: float = 4.0
    distilled_guidance: float = 0.0
    """0 for the model's own."""
    width: int = 128
    height: int = 128
    scheduler: str = ""
    """diffusers class; empty for the model's own."""
    loras: tuple[Lora, ...] = ()
    """In the order in which they are added up."""
    vae: str = ""
    """Folder or hub id of another autoencoder; empty for the model's own."""
    step_cache: float = 0.0
    """Threshold of the step cache; 0 for none."""
    strength: float = 0.6
    """How much a picture that is started from may change, above 0, up to 1."""
    amount: Amount = Amount.ALL
    """How much of a parent may change; the rest of its first steps is kept."""
    expectation: str = ""
    """What the person thinks the next change will do; a round takes it over."""
    later: tuple[Element, ...] = ()
    """Changes that were put by: each its own round."""
    put_by: tuple[str, ...] = ()
    """The files of LoRAs that some of these changes would add."""
    version: int = VERSION

    def taken_from(self, intent: Intent) -> "Options":
        """These options with all that an intent decides about them."""
        return msgspec.structs.replace(
            self,
            model=intent.model,
            seed=intent.seed,
            steps=intent.steps,
            guidance=intent.guidance,
            distilled_guidance=intent.distilled,
            width=intent.width,
            height=intent.height,
            scheduler=intent.scheduler,
            loras=intent.lora_list,
            vae=intent.own_vae,
            step_cache=intent.threshold,
            strength=intent.strength or self.strength,
        )

    def in_words(self) -> str:
        """One line, as the prompt screen shows it."""
        seeds = " ".join(str(self.seed + n) for n in range(min(self.count, 6)))
        more = " …" if self.count > 6 else ""
        parts = f" · {in_words(self.loras)}" if self.loras else ""
        parts += f" · VAE {vae_in_words(self.vae)}" if self.vae else ""
        parts += f" · {STEP_CACHE} {self.step_cache:g}" if self.step_cache else ""
        distilled = f" · distilled {self.distilled_guidance:g}" if self.distilled_guidance else ""
        return (
            f"{self.count} images · seeds {seeds}{more} · {self.steps} steps · "
            f"guidance {self.guidance:g}{distilled} · {self.scheduler or 'own scheduler'} · "
            f"{self.width} × {self.height}{parts}"
        )


def read_options(text: str, default: Options) -> Options:
    """Stored options; the default where there are none, or none that can be read."""
    if not text:
        return default
    try:
        return from_json(text, Options)
    except UnreadableError:
        return default
