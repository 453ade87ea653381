"""The LoRAs that `--lora` names, and the autoencoder that `--vae` names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui.cli.errors import Sentence
from tui.domain.lora import Lora
from tui.domain.text import clean


def lora_list(given: tuple[str, ...], folder: Path) -> tuple[Lora, ...]:
    """The LoRAs in the order in which they were typed.

    Args:
        given: `FILE` or `FILE:WEIGHT` each.
        folder: where names without a path are looked for.

    Raises:
        Sentence: an empty name, or one that no file can have.
        ModelError: a repository that is not here, or has several LoRAs.
    """
    from tui.engine.parts import typed_lora

    found = []
    for text in given:
        if not text.strip():
            raise Sentence("--lora is empty: give a .safetensors file, with :0.8 for its weight")
        with _explained("--lora", text):
            found.append(typed_lora(text, folder))
    return tuple(found)


def vae_reference(given: str) -> str:
    """The autoencoder as the engine wants it named; empty for the model's own.

    Raises:
        Sentence: no folder can be called so.
    """
    from tui.engine.parts import typed_vae

    with _explained("--vae", given):
        return typed_vae(given)


@contextmanager
def _explained(option: str, text: str) -> Iterator[None]:
    from tui.engine.models import ModelError

    try:
        yield
    except ModelError:
        raise  # a sentence already
    except (OSError, RuntimeError, ValueError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        shown = clean(text, limit=80)
        raise Sentence(f"{option} “{shown}” can be no path ({why}): check it") from error
