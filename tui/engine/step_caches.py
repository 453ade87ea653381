"""Whether diffusers' step cache fits a network, read from diffusers' own source.

Importing it would take seconds, and torch, which has no place in the engine. What is asked is what
the cache will rely on: that the network takes caches, that all blocks of its rows are described to
them, that these read what they are said to read, and that the first and the last give alike.
"""

import ast
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from tui.domain.intent import Intent
from tui.domain.step_cache import OFF
from tui.domain.text import clean
from tui.engine.json_file import json_table
from tui.engine.models import ModelError
from tui.engine.worker_messages import ModelPlace

_WORDS = "encoder_hidden_states"
_PICTURE = "hidden_states"


def no_step_cache(reference: str) -> str:
    """Why a wish with a step cache is refused."""
    return (
        f"{clean(reference, limit=300)} has no step cache: set the step cache to “{OFF}”, "
        "or choose another model"
    )


def check_step_cache(intent: Intent, place: ModelPlace | None) -> None:
    """Refuse a wish for a step cache that its model cannot have; one not here yet passes.

    Raises:
        ModelError: it says what would do.
    """
    if intent.threshold and place is not None and not has_step_cache(Path(place.folder)):
        raise ModelError(no_step_cache(intent.model))


def has_step_cache(folder: Path) -> bool:
    """Whether the model in a diffusers folder can be drawn with a step cache."""
    named = (json_table(folder / "transformer" / "config.json") or {}).get("_class_name")
    return isinstance(named, str) and takes_step_cache(named)


@lru_cache(maxsize=256)
def takes_step_cache(class_name: str) -> bool:
    """Whether the step cache fits a network of diffusers, by its class name.

    False also where the source is not as expected: then it is not offered.
    """
    found = find_spec("diffusers")
    if found is None or found.origin is None or not class_name.isidentifier():
        return False
    folder = Path(found.origin).parent
    try:
        file = _file_of(folder / "models", class_name)
        classes = _classes(_parsed(file)) if file is not None else {}
        network = classes.get(class_name)
        if network is None or "CacheMixin" not in map(_name, network.bases):
            return False
        blocks = _blocks(network, _rows(_parsed(folder / "hooks" / "_common.py")))
        described = _described(_parsed(folder / "hooks" / "_helpers.py"))
    except (OSError, SyntaxError, ValueError):
        return False
    gives = {described.get(block) for block in blocks}
    # The last block's answer is compared with the first one's: both with words, or both without.
    return len(gives) == 1 and all(
        block in described and _reads(classes.get(block), words=described[block])
        for block in blocks
    )


def _file_of(models: Path, class_name: str) -> Path | None:
    index = (models / "__init__.py").read_text(encoding="utf-8")
    line = rf'_import_structure\["(transformers\.\w+)"\] = \[[^\]]*"{class_name}"'
    found = re.search(line, index)
    return models.joinpath(*found[1].split(".")).with_suffix(".py") if found else None


def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _classes(module: ast.Module) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}


def _name(node: ast.expr | None) -> str:
    """The last part of a dotted name; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _rows(module: ast.Module) -> set[str]:
    """How the rows of blocks are called that a cache looks at."""
    return {
        part.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple)
        if _name(node.targets[0]).endswith("_TRANSFORMER_BLOCK_IDENTIFIERS")
        for part in node.value.elts
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def _described(module: ast.Module) -> dict[str, bool]:
    """The blocks that are described to caches, and whether they also give words."""
    found = {}
    for node in ast.walk(module):
        given = {k.arg: k.value for k in node.keywords} if isinstance(node, ast.Call) else {}
        metadata = given.get("metadata")
        if not isinstance(metadata, ast.Call) or _name(metadata.func) != "TransformerBlockMetadata":
            continue
        places = {k.arg: k.value for k in metadata.keywords}
        place = places.get(f"return_{_WORDS}_index", ast.Constant(None))
        found[_name(given.get("model_class"))] = getattr(place, "value", place) is not None
    return found


def _blocks(network: ast.ClassDef, rows: set[str]) -> list[str]:
    """The class of each row of blocks that a network is made of; empty for one that is unclear."""
    found = []
    for node in ast.walk(network):
        if not isinstance(node, ast.Assign) or _name(node.targets[0]) not in rows:
            continue
        made = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else None
        block = made.elt if isinstance(made, ast.ListComp) else None
        found.append(_name(block.func) if isinstance(block, ast.Call) else "")
    return found


def _reads(block: ast.ClassDef | None, *, words: bool) -> bool:
    """Whether a block is given a picture, and words where it also gives them, by these names."""
    for node in block.body if block is not None else ():
        if isinstance(node, ast.FunctionDef) and node.name == "forward":
            names = {argument.arg for argument in node.args.args}
            return _PICTURE in names and (_WORDS in names or not words)
    return False
