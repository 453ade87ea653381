"""The licence of a model, as far as this machine knows it, against what the picture is for."""

import re
from pathlib import Path
from typing import NamedTuple

from tui.domain.text import clean
from tui.engine.model_facts import card_licence
from tui.engine.models import ModelError, is_hub_id

_STARTER = "starter: MIT; made from MIT and Apache-2.0 icon sets"
_NOT_FOR_MONEY = re.compile(
    r"(?:^|[-_ .])nc(?:[-_ .]|$)|non[-_ ]?commercial|research|academic", re.IGNORECASE
)


class Licence(NamedTuple):
    """What is known of a model's licence."""

    says: str
    """What it is, and where to read the rest."""
    known: bool = True
    not_for_money: bool = False
    """Whether its name says that commercial use, such as a campaign, is not allowed."""


def licence(model: str) -> Licence:
    """What is known of a model's licence; blocking, and without any network.

    Args:
        model: `starter`, a folder, or an id on the hub, which is looked for in the cache.
    """
    if model == "starter":
        return Licence(_STARTER)
    name = clean(model.rstrip("/").rpartition("/")[2] or model, limit=80)
    folder = _folder(model)
    stated = "unknown" if folder is None else card_licence(folder)
    if stated == "unknown":
        return Licence(f"{name}: not known here, read its model card", known=False)
    says = f"{name}: its card says {stated}"
    return Licence(says, not_for_money=_NOT_FOR_MONEY.search(stated) is not None)


def _folder(model: str) -> Path | None:
    if Path(model).is_dir():
        return Path(model)
    if not is_hub_id(model):
        return None
    from tui.engine.hub import cached_model

    try:
        place = cached_model(model)
    except ModelError:
        return None  # whoever draws with it is told what is wrong
    return None if place is None else Path(place.folder)
