"""The tokenizer: byte-pair encoding in CLIP's manner, learned from captions."""

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.scenes import Composer
from tui.starter.recipe.work_folder import WorkFolder, number_of, replace_folder

_SPECIAL = ("<|startoftext|>", "<|endoftext|>")
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def make_tokenizer(work: WorkFolder) -> None:
    """Learn the pieces from captions and write the tokenizer's folder; or copy the start's.

    Raises:
        RecipeError: there are no icons to write captions of.
    """
    made = Path(tempfile.mkdtemp(dir=work.folder, prefix="tokenizer."))
    if work.start is not None:
        tokenizer = load_tokenizer(work.start / "tokenizer", work.settings.tokens)
    else:
        tokenizer = _learned(work, made)
    tokenizer.save_pretrained(made)
    replace_folder(made, work.tokenizer)


def load_tokenizer(folder: Path, tokens: int) -> Any:
    """The tokenizer in a folder; captions end after `tokens`.

    Raises:
        RecipeError: there is none.
    """
    from transformers import CLIPTokenizer

    if not folder.is_dir():
        raise RecipeError(f"there is no tokenizer in {folder}: do the step tokenizer first")
    return CLIPTokenizer.from_pretrained(folder, model_max_length=tokens, local_files_only=True)


def ids_of(tokenizer: Any, captions: Sequence[str]) -> NDArray[np.int16]:
    """Token ids, captions × tokens, filled up with the end."""
    read = tokenizer(
        list(captions),
        padding="max_length",
        max_length=tokenizer.model_max_length,
        truncation=True,
    )
    return np.array(read["input_ids"], dtype=np.int16)


def _learned(work: WorkFolder, folder: Path) -> Any:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import CLIPTokenizer

    settings = work.settings
    chance = random.Random(number_of(settings.seed, "tokenizer"))
    composer = Composer(work.taught(), settings.plain)
    captions = (composer.any_scene(chance).caption for _ in range(settings.captions))
    learner = Tokenizer(
        models.BPE(continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token=_SPECIAL[1])
    )
    learner.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=settings.pieces,
        special_tokens=list(_SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        min_frequency=2,
        show_progress=False,
    )
    learner.train_from_iterator(captions, trainer)
    with tempfile.TemporaryDirectory(dir=folder) as pieces:
        learner.model.save(pieces)
        vocabulary, merges = Path(pieces, "vocab.json"), Path(pieces, "merges.txt")
        return CLIPTokenizer(
            vocab=str(vocabulary), merges=str(merges), model_max_length=settings.tokens
        )
