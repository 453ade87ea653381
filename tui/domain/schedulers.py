"""Short names for schedulers. The intent keeps diffusers' class name."""

import difflib

SCHEDULERS: dict[str, str] = {
    "ddim": "DDIMScheduler",
    "ddpm": "DDPMScheduler",
    "deis": "DEISMultistepScheduler",
    "dpm++ 2m": "DPMSolverMultistepScheduler",
    "dpm++ single": "DPMSolverSinglestepScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler a": "EulerAncestralDiscreteScheduler",
    "heun": "HeunDiscreteScheduler",
    "kdpm2": "KDPM2DiscreteScheduler",
    "kdpm2 a": "KDPM2AncestralDiscreteScheduler",
    "lcm": "LCMScheduler",
    "pndm": "PNDMScheduler",
    "unipc": "UniPCMultistepScheduler",
}
"""Short name to diffusers class; whether it fits a model is the worker's to say."""


class UnknownSchedulerError(ValueError):
    """No scheduler of that name; the message offers the nearest ones."""


def scheduler_class(name: str) -> str:
    """The class for a short name or a class name; empty stays empty (the model's own).

    Raises:
        UnknownSchedulerError: neither.
    """
    if not name or (name.isidentifier() and name.endswith("Scheduler")):
        return name
    wanted = " ".join(name.lower().replace("_", " ").split())
    if wanted in SCHEDULERS:
        return SCHEDULERS[wanted]
    near = difflib.get_close_matches(wanted, SCHEDULERS, n=3, cutoff=0.3) or sorted(SCHEDULERS)
    raise UnknownSchedulerError(f"“{name}” is no scheduler: try {', '.join(near)}")
