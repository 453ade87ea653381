"""What can be known of a model without loading it: defaults, schedulers, licence. No torch."""

from pathlib import Path

from tui.domain.text import clean
from tui.engine.distillation import obeys_distilled
from tui.engine.families import family_by_id, family_of, usual
from tui.engine.json_file import json_table
from tui.engine.messages import ModelFacts
from tui.engine.model_parts import class_name_of, index_of
from tui.engine.models import STARTER, check_size, native_side
from tui.engine.resolving import known_place
from tui.engine.step_caches import has_step_cache

_NOISE_SCHEDULERS = (
    "DDIMScheduler",
    "DDPMScheduler",
    "DEISMultistepScheduler",
    "DPMSolverMultistepScheduler",
    "DPMSolverSinglestepScheduler",
    "EulerAncestralDiscreteScheduler",
    "EulerDiscreteScheduler",
    "HeunDiscreteScheduler",
    "KDPM2AncestralDiscreteScheduler",
    "KDPM2DiscreteScheduler",
    "PNDMScheduler",
    "UniPCMultistepScheduler",
)
"""Those that take each other's configuration, and need nothing that is not installed."""

_MOST_OF_A_CARD = 200_000
STARTER_LICENCE = "MIT and Apache-2.0 data"


def model_facts(reference: str, size: tuple[int, int] = (0, 0)) -> ModelFacts:
    """What is known of a model; for one that is not here yet, what its name suggests.

    Args:
        reference: `starter`, an absolute folder or a hub id.
        size: pixels to check as well, if not 0.

    Raises:
        ModelError: it cannot be used, or not be drawn at that size.
    """
    place = known_place(reference)
    if place is None:
        family = family_by_id(reference)
        steps, guidance = usual(family, reference)
        return ModelFacts(
            model=reference,
            here=False,
            family=family.name,
            side=family.side,
            steps=steps,
            guidance=guidance,
            strength=family.strength,
            negatives_above=family.negatives_above,
        )
    folder = Path(place.folder)
    if all(size):
        check_size(place, *size)
    family = family_of(class_name_of(folder))
    distilled = index_of(folder).get("is_distilled") is True
    steps, guidance = usual(family, reference, distilled=distilled)
    if reference == STARTER:
        steps, guidance = 20, 4.0
    own = _own_scheduler(folder)
    return ModelFacts(
        model=reference,
        revision=place.revision,
        family="starter" if reference == STARTER else family.name,
        side=native_side(folder) or family.side,
        steps=steps,
        guidance=guidance,
        strength=family.strength,
        scheduler=own,
        schedulers=fitting_schedulers(own),
        negatives_above=family.negatives_above,
        licence=STARTER_LICENCE if reference == STARTER else card_licence(folder),
        has_vocabulary=reference == STARTER,
        distilled_guidance=obeys_distilled(folder),
        step_cache=has_step_cache(folder),
    )


def fitting_schedulers(own: str) -> tuple[str, ...]:
    """The classes that can take the place of a model's own one, itself among them.

    Those for flow matching, and those of distilled models, only fit themselves.
    """
    if own in _NOISE_SCHEDULERS:
        return _NOISE_SCHEDULERS
    return (own,) if own else ()


def card_licence(folder: Path) -> str:
    """The licence in the front matter of the model's card; `unknown` without one."""
    try:
        with (folder / "README.md").open(encoding="utf-8", errors="replace") as file:
            lines = file.read(_MOST_OF_A_CARD).splitlines()
    except OSError:
        return "unknown"
    found: dict[str, str] = {}
    if lines and lines[0].strip() == "---":
        for line in lines[1:]:
            if line.strip() == "---":
                break
            key, _, value = line.partition(":")
            if key in ("license", "license_name"):
                found[key] = clean(value.strip().strip("\"'"), limit=80)
    named = found.get("license", "")
    return (found.get("license_name") if named in ("", "other") else named) or named or "unknown"


def _own_scheduler(folder: Path) -> str:
    named = (json_table(folder / "scheduler" / "scheduler_config.json") or {}).get("_class_name")
    if not isinstance(named, str):
        entry = (json_table(folder / "model_index.json") or {}).get("scheduler")
        named = entry[1] if isinstance(entry, list) and len(entry) == 2 else ""
    return clean(named, limit=80) if isinstance(named, str) else ""
