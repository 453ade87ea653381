"""The scheduler of one batch: always a fresh one, because schedulers carry state."""

from typing import Any

import diffusers

_NEEDED: dict[str, dict[str, Any]] = {
    # As Stable Diffusion runs it: the other way fails below four steps, and costs eight more.
    "PNDMScheduler": {"skip_prk_steps": True},
}
"""What a class is given where the model's own configuration, made for another, does not say."""


class SchedulerError(ValueError):
    """No such scheduler for this model; the message is for the person."""


def fresh_scheduler(own: Any, name: str) -> Any:
    """A new scheduler of class `name`, or of the class of `own` where the name is empty.

    Raises:
        SchedulerError: the class does not exist or does not fit the model.
    """
    if not name or name == type(own).__name__:
        return type(own).from_config(own.config)
    fitting = {cls.__name__: cls for cls in getattr(own, "compatibles", ())}
    cls = fitting.get(name)
    if cls is None or getattr(diffusers, name, None) is None:
        offered = ", ".join(sorted(fitting)) or "none but its own"
        raise SchedulerError(f"“{name}” does not fit this model: choose one of {offered}")
    needed = {key: value for key, value in _NEEDED.get(name, {}).items() if key not in own.config}
    return cls.from_config(own.config, **needed)
