"""A recipe in the form that A1111's web UI writes, which most other programs read.

It is for them only. Keepers reads its own chunk, which loses nothing.
"""

import json
import re

from tui.domain.branch import Branch
from tui.domain.change import vae_in_words
from tui.domain.lora import lora_names
from tui.domain.recipe import Recipe
from tui.domain.text import clean

_SAMPLERS = {
    "DDIMScheduler": "DDIM",
    "DEISMultistepScheduler": "DEIS",
    "DPMSolverMultistepScheduler": "DPM++ 2M",
    "DPMSolverSDEScheduler": "DPM++ SDE",
    "EulerAncestralDiscreteScheduler": "Euler a",
    "EulerDiscreteScheduler": "Euler",
    "FlowMatchEulerDiscreteScheduler": "Euler",
    "HeunDiscreteScheduler": "Heun",
    "KDPM2AncestralDiscreteScheduler": "DPM2 a",
    "KDPM2DiscreteScheduler": "DPM2",
    "LCMScheduler": "LCM",
    "LMSDiscreteScheduler": "LMS",
    "PNDMScheduler": "PLMS",
    "UniPCMultistepScheduler": "UniPC",
}
"""diffusers' scheduler classes by the names A1111 has for them; others keep their own."""

_LONGEST_PROMPT = 100_000


def parameters(recipe: Recipe) -> str:
    """The text of the PNG chunk `parameters`: prompt, negative prompt, one line of settings.

    Readers split it at lines and at the words `Negative prompt:`, so the prompts are one line
    each, and a colon behind these words in a prompt stands apart from them.
    """
    lines = [" ".join(filter(None, [_prompt(recipe.prompt), *_lora_tags(recipe)]))]
    if negative := _prompt(recipe.negative_prompt):
        lines.append(f"Negative prompt: {negative}")
    lines.append(", ".join(f"{key}: {_quoted(value)}" for key, value in _settings(recipe).items()))
    return "\n".join(lines).strip()


def _settings(recipe: Recipe) -> dict[str, str]:
    intent = recipe.intent
    settings = {
        "Steps": str(intent.steps),
        "Sampler": _SAMPLERS.get(recipe.scheduler, recipe.scheduler),
        "CFG scale": f"{intent.guidance:g}",
        "Seed": str(intent.seed),
        "Size": f"{intent.width}x{intent.height}",
        "Model": _short_name(intent.model),
    }
    if intent.distilled:
        settings["Distilled CFG Scale"] = f"{intent.distilled:g}"
    if intent.own_vae:
        settings["VAE"] = _short_name(vae_in_words(intent.own_vae))
    if intent.threshold:
        settings["Step cache"] = f"{intent.threshold:g}"
    if intent.strength is not None:
        settings["Denoising strength"] = f"{intent.strength:g}"
    if isinstance(intent.branch, Branch):
        # These settings alone do not make the picture: its first steps are another wish's.
        settings["Branch step"] = str(intent.branch.step)
    return settings


def _lora_tags(recipe: Recipe) -> list[str]:
    """The LoRAs as that program writes them behind the words."""
    names = lora_names(lora.reference for lora in recipe.intent.lora_list)
    return [
        f"<lora:{re.sub(r'[<>:]', '-', names[lora.reference])}:{lora.weight:g}>"
        for lora in recipe.intent.lora_list
    ]


def _short_name(model: str) -> str:
    """The last part of a folder or hub id: a home folder's path is nobody's business."""
    # Some readers split at commas inside quotes too; without a colon nothing looks like a setting.
    return clean(model.rstrip("/").rpartition("/")[2].replace(":", "-"), limit=200) or "unknown"


def _prompt(text: str) -> str:
    return re.sub(r"(Negative prompt):", r"\1 :", clean(text, limit=_LONGEST_PROMPT))


def _quoted(value: str) -> str:
    value = clean(value)
    return json.dumps(value, ensure_ascii=False) if set(value) & set(',:"') else value
