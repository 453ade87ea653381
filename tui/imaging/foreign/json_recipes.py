"""Recipes that InvokeAI, Fooocus, SwarmUI and NovelAI write as one JSON object."""

from collections.abc import Callable, Mapping

from tui.imaging.foreign.found import LONGEST_PROMPT, ForeignRecipe, recipe_of
from tui.imaging.foreign.weights import from_invokeai, from_novelai

Record = Mapping[str, object]


def invokeai(record: Record) -> ForeignRecipe | None:
    """`invokeai_metadata`, since InvokeAI 3."""
    model = record.get("model")
    if isinstance(model, dict):
        # `name` since version 4, `model_name` before.
        model = model.get("name") or model.get("model_name")
    settings = _settings(
        record,
        ("steps", "scheduler", "cfg_scale", "seed", "width", "height", "generation_mode"),
    )
    loras = record.get("loras")
    if isinstance(loras, list):
        settings["loras"] = ", ".join(filter(None, map(_lora, loras[:20])))
    positive, negative = (
        _reweighed(record.get(key), from_invokeai) for key in ("positive_prompt", "negative_prompt")
    )
    return recipe_of("InvokeAI", positive, negative, model, settings)


def fooocus(record: Record) -> ForeignRecipe | None:
    """`parameters` of Fooocus' own scheme; the styles it added are named, not written out."""
    wanted = (
        "steps", "sampler", "scheduler", "guidance_scale", "seed", "resolution", "sharpness",
        "performance", "styles",
    )  # fmt: skip
    return recipe_of(
        "Fooocus",
        record.get("prompt"),
        record.get("negative_prompt"),
        record.get("base_model"),
        _settings(record, wanted),
    )


def swarmui(record: Record) -> ForeignRecipe | None:
    """What is under `sui_image_params`."""
    inner = record.get("sui_image_params", record)
    if not isinstance(inner, dict):
        return None
    left = {"prompt", "negativeprompt", "model"}
    return recipe_of(
        "SwarmUI",
        inner.get("prompt"),
        inner.get("negativeprompt"),
        inner.get("model"),
        {key: value for key, value in inner.items() if key not in left},
    )


def novelai(record: Record, source: str = "") -> ForeignRecipe | None:
    """`Comment`; `source` is the chunk of that name, which tells the model."""
    prompts = [record.get("prompt"), record.get("uc")]
    for place, key in enumerate(("v4_prompt", "v4_negative_prompt")):
        if words := _v4_words(record.get(key)):
            prompts[place] = words
    wanted = ("steps", "sampler", "scale", "seed", "width", "height", "strength", "noise_schedule")
    positive, negative = (_reweighed(prompt, from_novelai) for prompt in prompts)
    return recipe_of("NovelAI", positive, negative, source, _settings(record, wanted))


def _reweighed(prompt: object, rewrite: Callable[[str], str]) -> object:
    return rewrite(prompt[:LONGEST_PROMPT]) if isinstance(prompt, str) else prompt


def _settings(record: Record, names: tuple[str, ...]) -> dict[str, object]:
    return {name: record[name] for name in names if name in record}


def _lora(entry: object) -> str:
    model = _get(entry, "model", lambda value: isinstance(value, dict))
    name = _get(model, "name", lambda value: isinstance(value, str))
    weight = _get(entry, "weight", lambda value: isinstance(value, (int, float)))
    return f"{name}:{weight}" if name else ""


def _v4_words(prompt: object) -> str:
    """Version 4 has the scene and each character apart; the picture is of all of them."""
    caption = _get(prompt, "caption", lambda value: isinstance(value, dict))
    characters = _get(caption, "char_captions", lambda value: isinstance(value, list)) or []
    assert isinstance(characters, list)
    texts = [_get(caption, "base_caption", lambda value: isinstance(value, str))]
    texts += [
        _get(character, "char_caption", lambda value: isinstance(value, str))
        for character in characters[:20]
    ]
    return "\n".join(str(text) for text in texts if text)


def _get(record: object, key: str, fits: Callable[[object], bool]) -> object:
    value = record.get(key) if isinstance(record, dict) else None
    return value if fits(value) else None
