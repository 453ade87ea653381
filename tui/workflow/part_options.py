"""LoRAs and the autoencoder among the options: what is offered, and what a typed text makes."""

import contextlib
from pathlib import Path

import msgspec

from tui.domain.change import THE_MODELS_OWN
from tui.domain.lora import Lora, lora_names, lora_problems
from tui.engine.hub_parts import cached_loras, cached_vaes
from tui.engine.models import ModelError
from tui.engine.parts import OWN_VAE, found_lora, found_vae, lora_files, typed_lora, typed_vae
from tui.engine.resolving import known_place
from tui.engine.worker_messages import ModelPlace
from tui.workflow.option_rows import OptionError
from tui.workflow.options import Options


def lora_choices(options: Options, folder: Path) -> list[tuple[str, str]]:
    """Value and line of each LoRA: those of the options, of a folder, and of the hub's cache.

    The values of the first begin with `=`.
    """
    own = lora_names(lora.reference for lora in options.loras)
    found = [
        (f"={lora.reference}", f"{own[lora.reference]}  {lora.weight:g}") for lora in options.loras
    ]
    others = lora_names(file for file in lora_files(folder) if file not in own)
    found += [(file, f"add {name}") for file, name in others.items()]
    # On the hub most files have one name, and their repositories tell them apart.
    cached = [part.reference for part in cached_loras() if part.reference not in own]
    return found + [(reference, f"add {reference}") for reference in cached]


def vae_choices(options: Options) -> list[tuple[str, str]]:
    """Value and line of the model's own autoencoder, and of all in the hub's cache that fit it."""
    found, model = [(OWN_VAE, THE_MODELS_OWN)], _model_of(options)
    for part in cached_vaes():
        with contextlib.suppress(ModelError):
            found_vae(part.reference, model)
            found.append((part.reference, part.reference))
    return found


def with_lora(options: Options, text: str, folder: Path) -> Options:
    """The options with one more LoRA as it was typed; as `plus_lora`.

    Raises:
        OptionError: there is no such file, or it cannot be used.
    """
    try:
        lora = typed_lora(text, folder)
    except (ModelError, OSError, RuntimeError) as error:
        raise OptionError(str(error)) from error
    return plus_lora(options, lora)


def plus_lora(options: Options, lora: Lora) -> Options:
    """The options with one more LoRA, held against the model as far as the files' headers say.

    Raises:
        OptionError: it is there already, is not on this machine, or cannot be used.
    """
    checked = _checked(msgspec.structs.replace(options, loras=(*options.loras, lora)))
    try:
        found_lora(lora, _model_of(options))
    except (ModelError, OSError, RuntimeError) as error:
        raise OptionError(str(error)) from error
    return checked


def with_weight(options: Options, reference: str, text: str) -> Options:
    """The options with another weight of one LoRA; an empty text takes it away.

    Raises:
        OptionError: it is no weight.
    """
    if not text:
        left = tuple(lora for lora in options.loras if lora.reference != reference)
        return msgspec.structs.replace(options, loras=left)
    try:
        new = Lora(reference, float(text.replace(",", ".")))
    except ValueError as error:
        raise OptionError(f"“{text[:40]}” is no weight: give a number such as 0.8") from error
    loras = tuple(new if lora.reference == reference else lora for lora in options.loras)
    return _checked(msgspec.structs.replace(options, loras=loras))


def with_vae(options: Options, text: str) -> Options:
    """The options with another autoencoder, held against the model where that is here.

    Raises:
        OptionError: there is none, or it does not fit.
    """
    try:
        reference = typed_vae(text)
        if reference:
            found_vae(reference, known_place(options.model))
    except (ModelError, OSError, RuntimeError) as error:
        raise OptionError(str(error)) from error
    return msgspec.structs.replace(options, vae=reference)


def _model_of(options: Options) -> ModelPlace | None:
    """The model if it is here and can be used; what is wrong with it is said where it is chosen."""
    try:
        return known_place(options.model)
    except ModelError:
        return None


def _checked(options: Options) -> Options:
    for problem in lora_problems(options.loras):
        raise OptionError(problem)
    return options
