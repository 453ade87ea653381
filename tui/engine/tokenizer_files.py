"""A model's own tokenizer, read from its folder; never by transformers, which brings torch."""

import json
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

_LARGEST_FILE = 64 * 2**20
_LONGEST = 100_000
"""A longer `model_max_length` is how transformers writes that there is none."""

_CLIP = (
    r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    (normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()),
)
"""How transformers splits and folds text for CLIP."""

_QWEN = (
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    (normalizers.NFC(),),
)
"""The same for Qwen."""


class TokenizerError(ValueError):
    """A tokenizer that cannot be used; the message says why, in a few words."""


class Reader:
    """One tokenizer, and how many tokens of words it lets through."""

    def __init__(self, tokenizer: Any, limit: int) -> None:
        self._tokenizer, self.limit = tokenizer, limit

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Start and end of each token, in characters of the text."""
        found = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return tuple((int(start), int(end)) for start, end in found)


def open_reader(folder: Path, *, longest: int = 0, lead: int = 0) -> Reader:
    """The tokenizer in a folder.

    Args:
        folder: such as `tokenizer` in a model's folder.
        longest: tokens that the pipeline cuts at; 0 for the tokenizer's own limit.
        lead: tokens of the pipeline's own in front of the words.

    Raises:
        TokenizerError: not there, of a kind that cannot be read here, or broken.
    """
    config = _table(folder / "tokenizer_config.json")
    try:
        tokenizer, specials = _opened(folder, config)
    except (TokenizerError, OSError):
        raise
    # The library is written in Rust, and says so in exceptions of its own.
    except Exception as error:
        raise TokenizerError("its tokenizer is broken") from error
    limit = longest or _own_limit(folder, config, tokenizer)
    if not limit:
        raise TokenizerError("its tokenizer names no limit")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return Reader(tokenizer, max(0, limit - specials - lead))


def _opened(folder: Path, config: dict[str, Any]) -> tuple[Any, int]:
    """The tokenizer, and how many tokens it puts around a text."""
    whole, vocabulary, merges = (
        folder / name for name in ("tokenizer.json", "vocab.json", "merges.txt")
    )
    if whole.is_file():
        tokenizer = Tokenizer.from_str(_text(whole))
        return tokenizer, tokenizer.num_special_tokens_to_add(False)
    if vocabulary.is_file() and merges.is_file():
        return _from_merges(_table(vocabulary), _text(merges), config)
    if (folder / "spiece.model").is_file():
        raise TokenizerError("its tokenizer comes as spiece.model only")
    raise TokenizerError("it has no tokenizer that can be read")


def _from_merges(
    vocabulary: dict[str, Any], merges: str, config: dict[str, Any]
) -> tuple[Any, int]:
    clip = any(piece.endswith("</w>") for piece in vocabulary)
    if not clip and not str(config.get("tokenizer_class", "")).startswith("Qwen2"):
        raise TokenizerError("its tokenizer is of a kind that is not known here")
    pattern, normalizing = _CLIP if clip else _QWEN
    pairs = [
        (left, right)
        for left, _, right in (line.rstrip().partition(" ") for line in merges.splitlines())
        if right and not left.startswith("#version")
    ]
    end = "</w>" if clip else ""
    unknown = {"unk_token": "<|endoftext|>"} if clip else {}
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs, end_of_word_suffix=end, **unknown))
    tokenizer.normalizer = normalizers.Sequence(list(normalizing))
    split = pre_tokenizers.Split(
        Regex(pattern), behavior="removed" if clip else "isolated", invert=clip
    )
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=clip)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    return tokenizer, 2 if clip else 0


def _own_limit(folder: Path, config: dict[str, Any], tokenizer: Any) -> int:
    encoder = folder.parent / folder.name.replace("tokenizer", "text_encoder") / "config.json"
    candidates = (
        config.get("model_max_length"),
        (tokenizer.truncation or {}).get("max_length"),
        _table(encoder).get("max_position_embeddings"),
    )
    for found in candidates:
        if isinstance(found, int) and 0 < found <= _LONGEST:
            return found
    return 0


def _text(path: Path) -> str:
    if path.stat().st_size > _LARGEST_FILE:
        raise TokenizerError("its tokenizer is far too large")
    return path.read_text(encoding="utf-8")


def _table(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
