"""The trained networks as a plain diffusers folder, with its words and notices beside it."""

import tempfile
from pathlib import Path
from typing import Any

import msgspec
import torch

from tui.domain.prompt import POSITIVE_LAYERS
from tui.starter.recipe import words
from tui.starter.recipe.autoencoder import load_autoencoder
from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.icons import Icons
from tui.starter.recipe.latents import latent_scale
from tui.starter.recipe.networks import NOISE
from tui.starter.recipe.notices import write_notices
from tui.starter.recipe.tokenizer import load_tokenizer
from tui.starter.recipe.work_folder import WorkFolder, replace_folder
from tui.starter.vocabulary import Subject, Vocabulary


def export_model(work: WorkFolder) -> None:
    """Write model, vocabulary and notices into the release folder.

    Raises:
        RecipeError: a network is not there.
    """
    pipeline = assembled(work).to(dtype=torch.bfloat16)
    work.release.mkdir(parents=True, exist_ok=True)
    vocabulary = vocabulary_of(work.taught())
    write_notices(work.release / "NOTICES.md", tuple(vocabulary.style))
    write_vocabulary(work.release / "vocabulary.json", vocabulary)
    made = Path(tempfile.mkdtemp(dir=work.release, prefix="model."))
    pipeline.save_pretrained(made)
    _forget_where(made)
    replace_folder(made, work.release / "model")


def _forget_where(model: Path) -> None:
    """Take the folders in which the networks were made out of their configurations."""
    for file in model.rglob("config.json"):
        config = msgspec.json.decode(file.read_bytes())
        if config.pop("_name_or_path", None) is not None:
            file.write_bytes(msgspec.json.format(msgspec.json.encode(config), indent=2) + b"\n")


def assembled(work: WorkFolder) -> Any:
    """The trained networks as a `StableDiffusionPipeline` in float32 on the CPU.

    Raises:
        RecipeError: one is not there.
    """
    from diffusers import DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextModel

    if not work.denoiser.is_dir():
        raise RecipeError(f"there is none in {work.denoiser}: do the step denoiser first")
    autoencoder = load_autoencoder(work).cpu()
    autoencoder.register_to_config(scaling_factor=latent_scale(work))
    return StableDiffusionPipeline(
        vae=autoencoder,
        text_encoder=CLIPTextModel.from_pretrained(work.denoiser / "text_encoder"),
        tokenizer=load_tokenizer(work.tokenizer, work.settings.tokens),
        unet=UNet2DConditionModel.from_pretrained(work.denoiser / "unet"),
        scheduler=DDIMScheduler(**NOISE, clip_sample=False, set_alpha_to_one=True, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def vocabulary_of(icons: Icons) -> Vocabulary:
    """All words that captions of these icons are made of."""
    styles = [style for style in words.STYLES if any(i.style == style for i in icons.entries)]
    subjects = []
    for name in sorted(icons.subjects):
        places = icons.by_subject[name]
        entry = icons.entries[next(iter(places.values()))]
        named = tuple(words.STYLES[style][0] for style in styles if style in places)
        subjects.append(Subject(name, entry.tags, entry.kind, named))
    return Vocabulary(
        subjects=tuple(subjects),
        style={words.STYLES[style][0]: words.STYLES[style] for style in styles},
        composition=(*words.FRAMES, words.TILTED, words.PAIR, words.PATTERN),
        background=tuple(words.COLOURS),
        background_phrases=(*words.BACKGROUND_PHRASES, words.GRADIENT_PHRASE),
        light=words.LIGHTS,
        extras=(words.SHADOW, words.GLOW),
        defects=words.DEFECTS,
        separator=words.SEPARATOR,
        order=POSITIVE_LAYERS,
        two_subjects="{subject} and {subject}, {style}, side by side",
    )


def write_vocabulary(file: Path, vocabulary: Vocabulary) -> None:
    """Write it as `vocabulary.json` has it, for people to read, too."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(vocabulary), indent=1) + b"\n")


def style_key(phrase: str) -> str:
    """The key of a style by its name in the vocabulary.

    Raises:
        RecipeError: no icons have that style.
    """
    for key, phrases in words.STYLES.items():
        if phrase == phrases[0]:
            return key
    raise RecipeError(f"there are no icons in the style “{phrase}”")
