"""How closely to follow the words, in the arguments that each pipeline takes it by."""

import inspect
from typing import Any

from diffusers.guiders import BaseGuidance

from tui.domain.intent import Intent
from tui.engine.distillation import no_distilled
from tui.engine.worker.errors import LoadingError
from tui.engine.worker.loading import Model
from tui.engine.worker.signatures import accepted_by

_PLAIN, _TRUE, _PRIOR = "guidance_scale", "true_cfg_scale", "prior_guidance_scale"
_TOLD = "distilled_guidance_scale"
"""Of a model that obeys no other kind, where its network is told it."""


def guidance_arguments(pipe: Any, model: Model, intent: Intent) -> dict[str, float]:
    """Guidance, and distilled guidance where the model obeys some beside it.

    Args:
        pipe: the pipeline of the route.
        model: its own pipeline's usual number counts on every route: that of others is another.
        intent: the wish.

    Raises:
        LoadingError: it has some, and the model obeys none beside its guidance.
    """
    accepted = accepted_by(type(pipe))
    # Some take both and read only one; those that read the plain one say so in a property.
    reads_plain = hasattr(type(pipe), "do_classifier_free_guidance")
    is_true = _TRUE in accepted and not reads_plain
    # Of two stages that have a guidance each, the first one composes the picture.
    name = next((name for name in (_PLAIN, _PRIOR, _TOLD) if name in accepted), _PLAIN)
    _guide(pipe, intent.guidance)
    found = {_TRUE if is_true else name: intent.guidance}
    is_told = bool(getattr(model.denoiser, "config", {}).get("guidance_embeds"))
    if is_true and is_told and _PLAIN in accepted:
        usual = inspect.signature(type(model.pipe).__call__).parameters[_PLAIN].default
        if told := intent.distilled or usual:
            found[_PLAIN] = told
    elif intent.distilled:
        raise LoadingError(no_distilled(intent.model))
    return found


def _guide(pipe: Any, guidance: float) -> None:
    """Tell it to those components that guide, where a pipeline takes no number for it."""
    for component in pipe.components.values():
        if isinstance(component, BaseGuidance) and hasattr(component, _PLAIN):
            component.guidance_scale = guidance
