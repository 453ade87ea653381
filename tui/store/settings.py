"""The settings in `config.toml`, each with a sentence for what cannot be."""

import difflib
import math
import re
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tui.store.errors import StoreError, explain
from tui.store.paths import Home

_LARGEST_FILE = 1 << 20
_LONGEST_WAIT = 60 * 24 * 365.0


class SettingsError(StoreError):
    """A setting that cannot be used; the message names the file, the key and what would do."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person can set; every field has a default that works."""

    model: str = "starter"
    """The model a new project starts with: `starter`, a folder, or a hub id."""
    device: str = "auto"
    """Where it is computed: `auto`, `cpu`, `cuda`, one GPU such as `cuda:1`, several such as
    `cuda:0,cuda:1`, or `all` of them."""
    precision: str = "auto"
    """Numbers it is computed with: `auto`, `float32`, `bfloat16`, `float16`, or `float8`, in which
    only the weights of the network that draws are kept."""
    threads: int = 0
    """Threads on the processor; 0 leaves it to torch."""
    batch_size: int = 4
    """Most images denoised together, 1 to 64."""
    worker_idle_minutes: float = 10
    """Minutes without work after which the GPU's memory is given back."""
    engine_idle_minutes: float = 30
    """Minutes without work or visitors after which the engine leaves."""
    previews: bool = True
    """Whether images are shown while they are being made."""
    images: str = "auto"
    """How pictures are shown: `auto`, `kitty`, `sixel`, `blocks` or `none`."""
    blocks: str = "quadrants"
    """How blocks divide a cell: `quadrants`, `halves`, `sextants` or `octants`."""
    picture_bytes_per_second: int = 0
    """Most bytes a second that pictures take on the line; 0 is no limit."""
    viewer: str = ""
    """What `O` opens a picture in, such as `timg` or `feh {}`; empty is the desktop's own."""
    latents_mb: int = 512
    """MiB in the cache folder for unfinished latents, with which branches begin; 0 keeps none."""
    long_prompts: str = "chunks"
    """What a reader of 75 tokens does with more: `chunks` reads on, `cut` leaves the rest out."""
    prompt_weights: str = "obey"
    """What becomes of `(red hat:1.2)`: `obey` counts the words so much, `words` reads it all."""
    compile: bool = False
    """Whether networks are compiled: faster after a slow first batch, and rounded otherwise."""
    names: tuple[str, ...] = ()
    """Names that raise a question at the check wherever a prompt has them."""
    model_folders: tuple[str, ...] = ()
    """Where models lie beside the hub's cache: whole paths of folders, `~` for the home."""
    keys: dict[str, str] = {}
    """Other keys for commands, by the ids that `keepers keys` lists."""


def _is_wait(value: float) -> bool:
    return math.isfinite(value) and 0 <= value <= _LONGEST_WAIT


def _is_command(value: str) -> bool:
    try:
        return value == "" or bool(shlex.split(value))
    except ValueError:
        return False


def _one_of(words: tuple[str, ...]) -> str:
    *most, last = (f'"{word}"' for word in words)
    return f"{', '.join(most)} or {last}"


_ONE_DEVICE = "(cpu|cuda:[0-9]{1,3})"
_DEVICES = f"auto|all|cuda|{_ONE_DEVICE}( *, *{_ONE_DEVICE}){{0,63}}"
_MOST_NAMES = 1_000
_PRECISIONS = ("auto", "float32", "bfloat16", "float16", "float8")

LONG_PROMPTS = ("chunks", "cut")
PROMPT_WEIGHTS = ("obey", "words")
IMAGES = ("auto", "kitty", "sixel", "blocks", "none")
BLOCKS = ("quadrants", "halves", "sextants", "octants")

_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "model": (
        lambda value: value.isprintable() and value.strip() == value != "",
        '"starter", a folder or a hub id, in quotes',
    ),
    "device": (
        lambda value: re.fullmatch(_DEVICES, value) is not None,
        '"auto", "cpu", "cuda", one GPU such as "cuda:0", several as "cuda:0,cuda:1", or "all"',
    ),
    "precision": (
        lambda value: value in _PRECISIONS,
        '"auto", "float32", "bfloat16", "float16" or "float8"',
    ),
    "threads": (lambda value: 0 <= value <= 4096, "a whole number from 0 to 4096"),
    "batch_size": (lambda value: 1 <= value <= 64, "a whole number from 1 to 64"),
    "worker_idle_minutes": (_is_wait, "minutes, 0 or more"),
    "engine_idle_minutes": (_is_wait, "minutes, 0 or more"),
    "latents_mb": (lambda value: 0 <= value <= 1 << 20, "MiB from 0 to 1048576"),
    "viewer": (_is_command, 'a program, such as "timg" or "feh --scale-down {}"'),
    "previews": (lambda value: isinstance(value, bool), "true or false"),
    "compile": (lambda value: isinstance(value, bool), "true or false"),
    "long_prompts": (lambda value: value in LONG_PROMPTS, _one_of(LONG_PROMPTS)),
    "prompt_weights": (lambda value: value in PROMPT_WEIGHTS, _one_of(PROMPT_WEIGHTS)),
    "images": (lambda value: value in IMAGES, _one_of(IMAGES)),
    "blocks": (lambda value: value in BLOCKS, _one_of(BLOCKS)),
    "picture_bytes_per_second": (
        lambda value: 0 <= value <= 1 << 40,
        "bytes, such as 100000, or 0 for no limit",
    ),
    "names": (
        lambda value: (
            len(value) <= _MOST_NAMES and all(0 < len(name.strip()) <= 100 for name in value)
        ),
        f'a list of at most {_MOST_NAMES} names, such as ["Ada Lovelace"]',
    ),
    "model_folders": (
        lambda value: all(path.isprintable() and path.startswith(("/", "~")) for path in value),
        'a list of whole paths, such as ["/data/models", "~/models"]',
    ),
    "keys": (
        lambda value: all(re.fullmatch(r"[^\s,]+(,[^\s,]+)*", keys) for keys in value.values()),
        'a table of command ids and keys, such as generate = "G"',
    ),
}
"""For each setting: whether a value of the right type will do, and what would."""


def load_settings(home: Home) -> Settings:
    """The settings of this home; defaults where the file, or a key, is missing.

    Raises:
        SettingsError: the file cannot be read, or something in it cannot be used.
    """
    file = home.settings_file
    try:
        with file.open("rb") as opened:
            raw = opened.read(_LARGEST_FILE + 1)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise SettingsError(explain(error, f"read the settings in {file}")) from error
    table = _parsed(file, raw)
    for key, value in table.items():
        _check(file.name, key, value)
    return msgspec.convert(table, Settings)


def _parsed(file: Path, raw: bytes) -> dict[str, Any]:
    if len(raw) > _LARGEST_FILE:
        raise SettingsError(f"{file.name}: this file is too large to be settings: look into {file}")
    try:
        return tomllib.loads(raw.decode())
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            f"{file.name}: line {line} is not UTF-8 text: save {file} as UTF-8"
        ) from error
    except tomllib.TOMLDecodeError as error:
        # tomllib's message ends with the line, or in these words where that is the last one.
        last = f"line {len(raw.splitlines())}, the last"
        said = str(error).replace("end of document", last)
        raise SettingsError(f"{file.name}: {said}: correct it in {file}") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            f"{file.name}: something in it is far too long or too deep: correct it in {file}"
        ) from error


def _check(file: str, key: str, value: object) -> None:
    if key not in _RULES:
        near = difflib.get_close_matches(key.lower(), _RULES, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"the settings are {', '.join(_RULES)}"
        raise SettingsError(f'{file}: "{_short(key)}" is not a setting: {hint}')
    usable, wanted = _RULES[key]
    try:
        right = usable(getattr(msgspec.convert({key: value}, Settings), key))
    except msgspec.ValidationError:
        right = False
    if not right:
        raise SettingsError(f'{file}: "{key}" is {_shown(value)}: give {wanted}')


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{_short(value)}"'
    if isinstance(value, int | float):
        return _short(str(value))
    return (
        "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a date"
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
