"""All numbers of the recipe. `settings.json` in the work folder gives others."""

from pathlib import Path

import msgspec

from tui.starter.recipe.errors import RecipeError


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one of the three networks is trained."""

    minutes: float
    """Of training time, over all runs."""
    batch: int
    rate: float
    """Highest learning rate."""
    warmup: int
    """Steps in which the rate rises to it."""
    steps: int = 0
    """Where it is given, this many steps are made, however long they take."""
    save_minutes: float = 6.0
    """A kill costs at most this much."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is drawn, how large the networks are, how long they learn."""

    seed: int = 0
    styles: tuple[str, ...] = ("3d", "flat", "mono")
    """Keys of `words.STYLES`; a subject is used if there is an icon of it in each of them."""
    subjects: tuple[str, ...] = ()
    """Their names; those in `subjects.txt` where none is given."""
    size: int = 128
    """Pixels of a picture's side; the latents have an eighth of them."""
    plain: float = 0.6
    """Share of scenes with one centred icon and nothing else."""
    captions: int = 60_000
    """Read by the tokenizer."""
    pieces: int = 4096
    """In the tokenizer's list."""
    tokens: int = 40
    """In a caption, with start and end."""
    scenes: int = 96_000
    """Drawn and encoded once; the denoiser sees these again and again."""
    channels: int = 4
    """Of the latents. Inpainting pipelines take UNets with 4 or 9 input channels only."""
    encoder_width: int = 32
    decoder_width: int = 64
    crop: int = 64
    """Side of the squares that the autoencoder learns from, in pixels."""
    text_width: int = 256
    text_layers: int = 4
    text_heads: int = 4
    components: int = 192
    """Principal components of the latents that the text encoder learns to foretell."""
    widths: tuple[int, int, int] = (64, 128, 192)
    """Channels of the UNet, from fine to coarse; multiples of `groups`."""
    groups: int = 32
    """Of the UNet's norms."""
    unconditional: float = 0.12
    """Share of captions that are left out, for guidance."""
    autoencoder: Training = Training(minutes=35, batch=6, rate=1.5e-3, warmup=200)
    """`batch` counts scenes; each gives two squares."""
    text: Training = Training(minutes=12, batch=192, rate=1.5e-3, warmup=100)
    denoiser: Training = Training(minutes=300, batch=48, rate=1.3e-3, warmup=120)

    @property
    def grid(self) -> int:
        """Side of the latents."""
        return self.size // 8


def read_settings(file: Path) -> Settings:
    """The settings in a file, or the recipe's own where there is none.

    Raises:
        RecipeError: the file says something that is no setting.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=Settings)
    except FileNotFoundError:
        return Settings()
    except msgspec.MsgspecError as error:
        raise RecipeError(f"{file} cannot be read ({error}): correct or remove it") from error
