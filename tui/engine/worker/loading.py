"""A diffusers folder becomes a pipeline, and a pipeline its siblings for other routes."""

import inspect
from dataclasses import dataclass, field
from typing import Any

import diffusers
import torch

from tui.domain.recipe import Route
from tui.engine.worker.placement import Placement
from tui.engine.worker_messages import ModelPlace


class LoadingError(RuntimeError):
    """The model cannot be loaded; the message is for the person."""


@dataclass
class Model:
    """A loaded pipeline, where it is, and the siblings made from its modules."""

    place: ModelPlace
    placement: Placement
    pipe: Any
    scheduler: Any
    """The model's own, never run: each batch gets a fresh one from its configuration."""
    siblings: dict[type, Any] = field(default_factory=dict)
    factors: torch.Tensor | None = None
    """Linear map from latent channels to RGB, (channels + 1) × 3; fitted at the first preview."""
    previews_fail: bool = False
    blanks: dict[Any, Any] = field(default_factory=dict)
    """Shapes of the denoiser's answers by those of its questions (see `branching`)."""

    @property
    def denoiser(self) -> torch.nn.Module | None:
        """The network that runs once a step."""
        return getattr(self.pipe, "unet", None) or getattr(self.pipe, "transformer", None)

    @property
    def multiple(self) -> int:
        """Pixels that both sides must be a multiple of."""
        # Pipelines insist on 8 also where the autoencoder shrinks by less.
        factor = max(8, int(getattr(self.pipe, "vae_scale_factor", 8) or 8))
        # Transformers cut the latent into patches of two.
        return factor * 2 if hasattr(self.pipe, "transformer") else factor

    @property
    def native(self) -> int:
        """Pixels a side that the model was trained on."""
        factor = int(getattr(self.pipe, "vae_scale_factor", 8) or 8)
        size = getattr(getattr(self.denoiser, "config", None), "sample_size", None)
        size = size or getattr(self.pipe, "default_sample_size", None)
        return int(size) * factor if isinstance(size, int) else 1024

    def route(self, *, init_image: bool, mask: bool) -> Route:
        """The best way this family has."""
        if not init_image:
            return Route.TEXT_TO_IMAGE
        if not mask:
            return Route.IMAGE_TO_IMAGE
        return Route.INPAINT if self._can_inpaint() else Route.BLEND

    def pipeline(self, route: Route) -> Any:
        """The pipeline for a route, made from the same modules.

        Raises:
            LoadingError: the family has none.
        """
        if route is not Route.INPAINT and self._only_inpaints():
            raise LoadingError(
                f"{self.place.reference} only repairs parts of a picture: give it a picture and a "
                "mask, or choose another model"
            )
        if route is Route.TEXT_TO_IMAGE:
            return self.pipe
        wished = "Inpaint" if route is Route.INPAINT else "Img2Img"
        cls = self._sibling_class(wished)
        if cls is None:
            raise LoadingError(
                f"{type(self.pipe).__name__} cannot start from a picture: choose another model"
            )
        if cls not in self.siblings:
            self.siblings[cls] = _rebuilt(cls, self.pipe)
        return self.siblings[cls]

    def _only_inpaints(self) -> bool:
        """Whether its network reads a mask and a masked picture too."""
        channels = getattr(getattr(self.pipe, "unet", None), "config", {}).get("in_channels")
        return channels == 9

    def _can_inpaint(self) -> bool:
        channels = getattr(getattr(self.pipe, "unet", None), "config", {}).get("in_channels")
        if channels is not None and channels not in (4, 9):
            return False
        return self._sibling_class("Inpaint") is not None

    def _sibling_class(self, wished: str) -> type | None:
        name = type(self.pipe).__name__
        if wished in name:
            return type(self.pipe)
        base = name.removesuffix("Pipeline").removesuffix("Inpaint").removesuffix("Img2Img")
        return getattr(diffusers, f"{base}{wished}Pipeline", None)


def load(place: ModelPlace, placement: Placement) -> Model:
    """Read a model from disk onto its device.

    Raises:
        LoadingError: the folder is not a pipeline that diffusers can read.
    """
    try:
        pipe = diffusers.DiffusionPipeline.from_pretrained(
            place.folder,
            dtype=placement.dtype,
            use_safetensors=True,
            local_files_only=True,
        )
    except torch.OutOfMemoryError:
        raise
    except Exception as error:
        raise LoadingError(f"the model in {place.folder} cannot be read: {error}") from error
    if not hasattr(pipe, "vae") or not callable(pipe):
        raise LoadingError(f"{type(pipe).__name__} in {place.folder} does not make images")
    pipe.set_progress_bar_config(disable=True)
    pipe.to(placement.device)
    return Model(place, placement, pipe, pipe.scheduler)


def _rebuilt(cls: type, pipe: Any) -> Any:
    """Another pipeline class around the same modules, without casting or copying them."""
    accepted = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    parts = {name: part for name, part in pipe.components.items() if name in accepted}
    if "requires_safety_checker" in accepted:
        parts["requires_safety_checker"] = bool(pipe.config.get("requires_safety_checker", False))
    sibling = cls(**parts)
    sibling.set_progress_bar_config(disable=True)
    return sibling
