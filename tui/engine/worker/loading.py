"""A diffusers folder becomes a pipeline, and a pipeline its siblings for other routes."""

import contextlib
import inspect
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffusers
import torch

from tui.domain.recipe import Route
from tui.engine.model_parts import class_name_of, index_of, parts_of, variant_in
from tui.engine.models import size_multiple, vae_factor
from tui.engine.worker.adapters import Adapters
from tui.engine.worker.autoencoder import Autoencoder
from tui.engine.worker.compiling import Compiled
from tui.engine.worker.encodings import Encodings
from tui.engine.worker.errors import LoadingError
from tui.engine.worker.float8 import FLOAT8, store_as_float8
from tui.engine.worker.kinds import check_kind
from tui.engine.worker.ladder import Offload
from tui.engine.worker.layout import lay_out
from tui.engine.worker.missing import check_pipeline, lacking_in_words, missing_in_words
from tui.engine.worker.moved import find_moved
from tui.engine.worker.networks import autoencoder_name, autoencoder_of, denoiser_of, prior_of
from tui.engine.worker.offloading import apply_offload
from tui.engine.worker.placement import Placement
from tui.engine.worker.running_out import ran_out
from tui.engine.worker.signatures import accepted_by, only_changes
from tui.engine.worker_messages import LoraFile, ModelPlace, VaePlace

__all__ = ["LoadingError", "Model", "load"]

_BROKEN = (
    "ChromaInpaintPipeline",
    "IFImg2ImgPipeline",
    "KandinskyImg2ImgCombinedPipeline",
    "KandinskyV22Img2ImgCombinedPipeline",
)
"""In diffusers 0.42 these fail: Chroma's looks for a setting that its network does not have,
DeepFloyd's draws in a size of its own, and Kandinsky's take width for height."""


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
    """Linear map from latent channels to RGB, (channels + 1) × 3; fitted when first wanted."""
    previews_fail: bool = False
    blanks: dict[Any, Any] = field(default_factory=dict)
    """Shapes of the denoiser's answers by those of its questions (see `branching`)."""
    encodings: Encodings = field(default_factory=Encodings)
    """What its text encoders answered."""
    offload: Offload = Offload.NONE
    """How much of it is on the device."""
    adapters: Adapters = field(default_factory=Adapters)
    """The LoRAs in it."""
    autoencoder: Autoencoder = field(default_factory=Autoencoder)
    """The one that was put into the place of its own."""
    compiled: Compiled = field(default_factory=Compiled)
    """The blocks of its denoiser, where they are compiled."""

    def wear(self, loras: tuple[LoraFile, ...], vae: VaePlace | None) -> None:
        """Have these LoRAs and this autoencoder, and nothing of any batch before.

        Raises:
            LoadingError: one of them cannot be read, or does not fit the model.
        """
        if self.autoencoder.wear(self.pipe, self.placement, vae, self.offload):
            self.factors, self.previews_fail = None, False
            self.siblings.clear()
        if loras and self.placement.precision == FLOAT8:
            # peft would round them to float8 too, which leaves little of them.
            raise LoadingError(
                "no LoRA goes on a model in float8: set precision to auto in config.toml, or take "
                "the LoRA away"
            )
        self.adapters.wear(self.pipe, self.place.reference, loras)

    def mend_vae(self) -> None:
        """Have the autoencoder in its own precision again.

        That of SDXL decodes in another one, and stays in it where memory runs out meanwhile.
        """
        own = self.placement.dtype
        if own is torch.float16 and getattr(self.vae, "dtype", own) is torch.float32:
            self.vae.to(own)

    def rest_encoder(self) -> None:
        """Give back what the autoencoder's half takes that only pictures to start from need."""
        name = autoencoder_name(self.pipe)
        if self.offload or not name:
            return
        # Where its file is gone by now, it stays as it is.
        with contextlib.suppress(LoadingError):
            own = Path(self.place.folder) / name
            self.autoencoder.rest_encoder(self.vae, self.placement, own)

    @property
    def denoiser(self) -> torch.nn.Module | None:
        """The network that runs once a step."""
        return denoiser_of(self.pipe)

    @property
    def networks(self) -> list[torch.nn.Module]:
        """Those that run once a step, of all stages."""
        return [each for each in (prior_of(self.pipe), self.denoiser) if each is not None]

    @property
    def vae(self) -> Any:
        """The autoencoder; None where the network draws pixels."""
        return autoencoder_of(self.pipe)

    @property
    def factor(self) -> int:
        """How many pixels a side become one latent cell."""
        if self.vae is None:
            return 1
        names = ("vae_scale_factor", "vae_scale_factor_spatial")
        return next(
            (int(found) for name in names if (found := getattr(self.pipe, name, 0))),
            vae_factor(Path(self.place.folder)),
        )

    @property
    def multiple(self) -> int:
        """Pixels that both sides must be a multiple of."""
        return size_multiple(Path(self.place.folder))

    @property
    def native(self) -> int:
        """Pixels a side that the model was trained on."""
        size = getattr(getattr(self.denoiser, "config", None), "sample_size", None)
        size = size or getattr(self.pipe, "default_sample_size", None)
        return int(size) * self.factor if isinstance(size, int) else 1024

    def check_size(self, size: tuple[int, int], *, whole: bool) -> None:
        """Refuse what a family of a few fixed sizes would draw at another one.

        Args:
            size: width and height to draw.
            whole: False for a part of a picture, whose size nobody chooses.

        Raises:
            LoadingError: it is none of these.
        """
        fixed = getattr(self.pipe, "resolutions", None)
        if not fixed or size in fixed:
            return
        sizes = ", ".join(f"{width} × {height}" for width, height in fixed)
        if whole:
            rest = f"not {size[0]} × {size[1]}: choose one of these"
        else:
            rest = "so it cannot repair a part of a picture: choose another model"
        raise LoadingError(f"{self.place.reference} draws only {sizes}, {rest}")

    def route(self, *, init_image: bool, mask: bool) -> Route:
        """The best way this family has."""
        if not init_image:
            return Route.TEXT_TO_IMAGE
        if not mask:
            return Route.IMAGE_TO_IMAGE
        return Route.INPAINT if self._can_inpaint() else Route.BLEND

    def pipeline(self, route: Route) -> Any:
        """The pipeline for a route, made from the same modules.

        A family without one that starts from a picture is given the picture's latents in the
        middle of its own pipeline, so that one serves (see `known_latents`).

        Raises:
            LoadingError: the model was made for another route.
        """
        if route is not Route.INPAINT and self._only_inpaints():
            raise LoadingError(
                f"{self.place.reference} only repairs parts of a picture: give it a picture and a "
                "mask, or choose another model"
            )
        if route is Route.TEXT_TO_IMAGE and only_changes(type(self.pipe)):
            raise LoadingError(
                f"{self.place.reference} only changes pictures that it is given: iterate from an "
                "edited or imported image, or choose another model"
            )
        if route is Route.TEXT_TO_IMAGE:
            return self.pipe
        cls = self._sibling_class("Inpaint" if route is Route.INPAINT else "Img2Img")
        if cls is None or cls is type(self.pipe):
            return self.pipe
        if cls not in self.siblings:
            self.siblings[cls] = _rebuilt(cls, self.pipe)
        return self.siblings[cls]

    def _only_inpaints(self) -> bool:
        """Whether its network reads a mask and a masked picture too."""
        unet = getattr(self.pipe, "unet", None)
        if unet is None:
            return "mask_image" in accepted_by(type(self.pipe))
        return bool(unet.config.get("in_channels") == 9)

    def _can_inpaint(self) -> bool:
        channels = getattr(getattr(self.pipe, "unet", None), "config", {}).get("in_channels")
        if channels is not None and channels not in (4, 9):
            return False
        return self._sibling_class("Inpaint") is not None

    def _sibling_class(self, wished: str) -> type | None:
        """The family's pipeline class that is given a picture and a strength; None without."""
        own = type(self.pipe)
        base = own.__name__.removesuffix("Pipeline")
        kind = "Combined" if base.endswith("Combined") else ""
        base = base.removesuffix("Combined").removesuffix("Inpaint").removesuffix("Img2Img")
        named = getattr(diffusers, f"{base}{wished}{kind}Pipeline", None)
        masked = wished == "Inpaint"
        for cls in (own, named):
            accepted = accepted_by(cls) if cls and cls.__name__ not in _BROKEN else set()
            if {"image", "strength"} <= accepted and ("mask_image" in accepted) is masked:
                return cls
        return None


def load(place: ModelPlace, placement: Placement, offload: Offload = Offload.NONE) -> Model:
    """Read a model from disk onto its device.

    Raises:
        LoadingError: the folder is not a pipeline that diffusers can read.
    """
    folder = Path(place.folder)
    find_moved(folder)
    try:
        check_pipeline(class_name_of(folder))
        pipe = diffusers.DiffusionPipeline.from_pretrained(
            place.folder,
            dtype=placement.dtype,
            # Some models have only files such as `….fp16.safetensors`.
            variant=variant_in(folder, parts_of(folder, index_of(folder))) or None,
            use_safetensors=True,
            local_files_only=True,
        )
    except Exception as error:
        if ran_out(error):
            raise
        if needed := lacking_in_words(error) or missing_in_words(error):
            raise LoadingError(f"{place.reference} {needed}") from error
        raise LoadingError(f"the model in {place.folder} cannot be read: {error}") from error
    check_kind(pipe, place)
    pipe.set_progress_bar_config(disable=True)
    loaded = Model(place, placement, pipe, pipe.scheduler, offload=offload)
    if placement.precision == FLOAT8:
        store_as_float8(loaded.denoiser, place.reference, placement.dtype)
    if not offload:
        pipe.to(placement.device)
    for part in (getattr(pipe, "unet", None), loaded.vae):
        lay_out(part, placement.device)
    if offload:
        apply_offload(pipe, placement.device, offload)
    return loaded


def _rebuilt(cls: type, pipe: Any) -> Any:
    """Another pipeline class around the same modules, without casting or copying them."""
    accepted = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    parts = {name: part for name, part in pipe.components.items() if name in accepted}
    # Settings that are no modules, such as what an empty negative prompt stands for.
    settings = {name for name in accepted if name not in parts and not name.startswith("_")}
    parts |= {name: pipe.config[name] for name in settings if name in pipe.config}
    sibling = cls(**parts)
    sibling.set_progress_bar_config(disable=True)
    return sibling
