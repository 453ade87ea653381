"""Every family that is built tiny, and what is to be expected of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tui.domain.recipe import Route

from . import cascade, gridded, kandinsky, packed, pixels, xl
from .parts import SIDE


@dataclass(frozen=True)
class TinyFamily:
    """One family."""

    save: Callable[[Path], Path]
    drawing: str
    """Class of the pipeline for text to image."""
    varying: str = ""
    """That for image to image, if it is another one."""
    repairing: str = ""
    """That for inpainting; empty where known latents are blended in."""
    negatives: bool = True
    """Whether it reads a negative prompt."""
    width: int = SIDE * 3 // 2
    height: int = SIDE
    repairs: bool = True
    """Whether repairing is tried: some draw that at a thousand pixels a side, whatever is told."""

    @property
    def routes(self) -> dict[Route, str]:
        """The pipeline for each route."""
        varying = self.varying or self.drawing
        found = {Route.TEXT_TO_IMAGE: self.drawing, Route.IMAGE_TO_IMAGE: varying}
        if self.repairs:
            found[Route.INPAINT if self.repairing else Route.BLEND] = self.repairing or varying
        return found


def _whole(save: Callable[[Path], Path], name: str) -> TinyFamily:
    """A family with a pipeline for each of the three."""
    varying, repairing = f"{name}Img2ImgPipeline", f"{name}InpaintPipeline"
    return TinyFamily(save, f"{name}Pipeline", varying, repairing)


TINY_FAMILIES = {
    "SDXL": _whole(xl.save_tiny_xl, "StableDiffusionXL"),
    "SD 3": _whole(xl.save_tiny_sd3, "StableDiffusion3"),
    "Flux": _whole(packed.save_tiny_flux, "Flux"),
    "Flux 2": TinyFamily(
        packed.save_tiny_flux2,
        "Flux2KleinPipeline",
        repairing="Flux2KleinInpaintPipeline",
        negatives=False,
    ),
    "Flux Kontext": TinyFamily(
        packed.save_tiny_kontext, "FluxKontextPipeline", repairing="FluxKontextInpaintPipeline"
    ),
    "Qwen-Image": _whole(packed.save_tiny_qwen, "QwenImage"),
    "Chroma": TinyFamily(packed.save_tiny_chroma, "ChromaPipeline", "ChromaImg2ImgPipeline"),
    "Z-Image": _whole(gridded.save_tiny_z_image, "ZImage"),
    "PixArt": TinyFamily(gridded.save_tiny_pixart, "PixArtSigmaPipeline"),
    "Sana": TinyFamily(gridded.save_tiny_sana, "SanaPipeline"),
    "Lumina 2": TinyFamily(gridded.save_tiny_lumina, "Lumina2Pipeline"),
    "Hunyuan-DiT": TinyFamily(gridded.save_tiny_hunyuan, "HunyuanDiTPipeline"),
    "AuraFlow": TinyFamily(gridded.save_tiny_auraflow, "AuraFlowPipeline"),
    "CogView 4": TinyFamily(gridded.save_tiny_cogview, "CogView4Pipeline"),
    "Kandinsky 3": TinyFamily(
        kandinsky.save_tiny_kandinsky3,
        "Kandinsky3Pipeline",
        "Kandinsky3Img2ImgPipeline",
        width=2 * SIDE,
        repairs=False,
    ),
    "Kandinsky 2.2": TinyFamily(
        kandinsky.save_tiny_kandinsky_22, "KandinskyV22CombinedPipeline", width=2 * SIDE
    ),
    "Stable Cascade": TinyFamily(
        cascade.save_tiny_cascade,
        "StableCascadeCombinedPipeline",
        width=4 * SIDE,
        height=2 * SIDE,
        repairs=False,
    ),
    "DeepFloyd IF": TinyFamily(pixels.save_tiny_if, "IFPipeline"),
    "of no table": TinyFamily(packed.save_tiny_ovis, "OvisImagePipeline"),
}
