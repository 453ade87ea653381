"""Random models of the real classes: useless pictures, but every line of the pipelines runs."""

from .packed import save_tiny_flux
from .parts import SIDE
from .stable_diffusion import save_tiny_model

__all__ = ["SIDE", "save_tiny_flux", "save_tiny_model"]
