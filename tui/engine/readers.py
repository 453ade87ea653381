"""All tokenizers of a model whose limit counts."""

from functools import lru_cache
from pathlib import Path

from tui.engine.families import Family, family_of
from tui.engine.tokenizer_files import Reader, TokenizerError, open_reader

_MOST_MODELS = 4


@lru_cache(_MOST_MODELS)
def open_readers(folder: Path, class_name: str, _revision: str) -> tuple[Reader, ...] | str:
    """The readers of a model, at least one, or in words why they cannot be known.

    Those of the last models stay open, each by its revision.

    Args:
        folder: the model's.
        class_name: of its pipeline.
    """
    family = family_of(class_name)
    if family.templated:
        return f"{family.name} puts the words into a text of its own"
    try:
        found = tuple(
            open_reader(folder / name, longest=longest, lead=family.lead)
            for name, longest in _tokenizers(folder, family)
        )
    except (TokenizerError, OSError) as error:
        return str(error) if isinstance(error, TokenizerError) else "its tokenizer cannot be read"
    return found or "it has no tokenizer that can be read"


def _tokenizers(folder: Path, family: Family) -> list[tuple[str, int]]:
    """Names of the tokenizers whose limit counts, each with the pipeline's own limit."""
    found = [(name, family.longest) for name in family.readers if (folder / name).is_dir()]
    # Without the long reader, the two short ones are what reads.
    return found or [(name, 0) for name in ("tokenizer", "tokenizer_2") if (folder / name).is_dir()]
