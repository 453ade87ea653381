"""Whether a model obeys distilled guidance beside the true kind. No torch."""

from pathlib import Path

from tui.domain.distilled_guidance import DISTILLED
from tui.domain.intent import Intent
from tui.domain.text import clean
from tui.engine.families import family_of
from tui.engine.json_file import json_table
from tui.engine.model_parts import class_name_of
from tui.engine.models import ModelError
from tui.engine.worker_messages import ModelPlace


def no_distilled(reference: str) -> str:
    """Why a wish with distilled guidance is refused."""
    return (
        f"{clean(reference, limit=300)} has no {DISTILLED} beside its guidance: leave it to the "
        "model, or choose another model"
    )


def check_distilled(intent: Intent, place: ModelPlace | None) -> None:
    """Refuse a wish for what its model cannot be told; one not here yet passes.

    Raises:
        ModelError: it says what would do.
    """
    if intent.distilled and place is not None and not obeys_distilled(Path(place.folder)):
        raise ModelError(no_distilled(intent.model))


def obeys_distilled(folder: Path) -> bool:
    """Whether the network of a diffusers folder was trained to be told its guidance."""
    network = json_table(folder / "transformer" / "config.json") or {}
    is_told = network.get("guidance_embeds") is True
    return is_told and family_of(class_name_of(folder)).distils
