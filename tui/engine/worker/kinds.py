"""Which pipelines make images from words, and why the others do not."""

import inspect
from typing import Any

from tui.domain.text import clean
from tui.engine.worker.errors import LoadingError
from tui.engine.worker.networks import denoiser_of
from tui.engine.worker.signatures import accepted_by
from tui.engine.worker_messages import ModelPlace

_ANOTHER = "choose another model"
_FILMS = frozenset(("num_frames", "video", "video_length", "num_video_frames"))
_SOUNDS = frozenset(("audio_length_in_s", "audio_end_in_s", "audio_duration"))
_FIRST_HALF = frozenset(("image_embeds", "image_embeddings"))
"""What a pipeline draws from that the first half of its model has made of the words."""
_STEERED = ("Control", "Adapter", "GLIGEN")
_REWORKS = ("Upscale", "SuperResolution", "Refiner")
_ONE_BY_ONE = ("AmusedScheduler", "VQDiffusionScheduler")
"""Those that take one source of chance for all images of a batch, so that seeds mean nothing."""


def check_kind(pipe: Any, place: ModelPlace) -> None:
    """Refuse a pipeline that cannot be drawn with.

    Raises:
        LoadingError: it says what it makes or lacks, and what would do.
    """
    if why := _why_not(pipe):
        raise LoadingError(f"{type(pipe).__name__} in {clean(place.folder, limit=300)} {why}")


def _why_not(pipe: Any) -> str:
    cls = type(pipe)
    accepted = accepted_by(cls) if callable(pipe) else set()
    if accepted & _FILMS:
        return f"makes films, not images: {_ANOTHER}"
    if accepted & _SOUNDS:
        return f"makes sounds, not images: {_ANOTHER}"
    if any(word in cls.__name__ for word in _STEERED):
        return f"wants a picture that steers it, which Keepers does not give: {_ANOTHER}"
    if any(word in cls.__name__ for word in _REWORKS):
        return f"only reworks what another model has drawn: {_ANOTHER}"
    if "prompt" not in accepted or _is_half(cls, accepted):
        return f"does not make images from words: {_ANOTHER}"
    scheduler = getattr(pipe, "scheduler", None)
    if scheduler is None or denoiser_of(pipe) is None:
        return f"does not draw step by step with one scheduler, as Keepers needs it: {_ANOTHER}"
    if type(scheduler).__name__ in _ONE_BY_ONE:
        return f"cannot draw each image from a seed of its own: {_ANOTHER}"
    return ""


def _is_half(cls: type, accepted: set[str]) -> bool:
    """Whether its words become something that only another pipeline draws from, or it is that."""
    if "Prior" in cls.__name__:
        return True
    parameters = inspect.signature(cls.__call__).parameters
    return any(
        parameters[name].default is inspect.Parameter.empty for name in accepted & _FIRST_HALF
    )
