"""LoRAs and the autoencoder among the options: what is offered, and what a typed text makes."""

from pathlib import Path

import msgspec

from tui.domain.lora import Lora, lora_names, lora_problems
from tui.engine.models import ModelError
from tui.engine.parts import found_lora, found_vae, lora_files, typed_lora, typed_vae
from tui.engine.resolving import known_place
from tui.workflow.option_rows import OptionError
from tui.workflow.options import Options


def lora_choices(options: Options, folder: Path) -> list[tuple[str, str]]:
    """Value and line of each LoRA: first those of the options, then those of a folder.

    The values of the first begin with `=`.
    """
    own = lora_names(lora.reference for lora in options.loras)
    found = [
        (f"={lora.reference}", f"{own[lora.reference]}  {lora.weight:g}") for lora in options.loras
    ]
    others = lora_names(file for file in lora_files(folder) if file not in own)
    return found + [(file, f"add {name}") for file, name in others.items()]


def with_lora(options: Options, text: str, folder: Path) -> Options:
    """The options with one more LoRA, its file checked as far as its header says.

    Raises:
        OptionError: there is no such file, or it cannot be used.
    """
    try:
        lora = typed_lora(text, folder)
        checked = _checked(msgspec.structs.replace(options, loras=(*options.loras, lora)))
        found_lora(lora)
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


def _checked(options: Options) -> Options:
    for problem in lora_problems(options.loras):
        raise OptionError(problem)
    return options
