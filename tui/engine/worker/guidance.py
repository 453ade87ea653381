"""How closely to follow the words, in the arguments that each pipeline takes it by."""

from typing import Any

from tui.domain.intent import Intent
from tui.engine.distillation import no_distilled
from tui.engine.worker.errors import LoadingError
from tui.engine.worker.signatures import accepted_by

_PLAIN, _TRUE = "guidance_scale", "true_cfg_scale"


def guidance_arguments(pipe: Any, denoiser: Any, intent: Intent) -> dict[str, float]:
    """Guidance, and distilled guidance where the wish has some.

    Raises:
        LoadingError: it has some, and the model obeys none beside its guidance.
    """
    accepted = accepted_by(type(pipe))
    # Some take both and read only one; those that read the plain one say so in a property.
    reads_plain = hasattr(type(pipe), "do_classifier_free_guidance")
    is_true = _TRUE in accepted and not reads_plain
    found = {_TRUE if is_true else _PLAIN: intent.guidance}
    if intent.distilled:
        config = getattr(denoiser, "config", {})
        if not is_true or _PLAIN not in accepted or not config.get("guidance_embeds"):
            raise LoadingError(no_distilled(intent.model))
        found[_PLAIN] = intent.distilled
    return found
