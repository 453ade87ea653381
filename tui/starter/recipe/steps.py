"""The steps in their order. What one needs is imported when it is done: help is there at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.starter.recipe.work_folder import WorkFolder


@dataclass(frozen=True)
class Wish:
    """What evaluate and card are asked."""

    model: Path | None = None
    """A diffusers folder with its vocabulary beside it; the release's own without."""
    results: Path | None = None
    """Where figures go; to the release, or beside the work for another model, without."""
    count: int = 256
    """Pictures of an evaluation's largest part."""

    def where(self, work: WorkFolder) -> tuple[Path, Path]:
        """The model and the folder of its results."""
        own = work.release / "model"
        model = self.model or own
        usual = work.release if model.resolve() == own.resolve() else work.folder / "evaluated"
        return model, self.results or usual


@dataclass(frozen=True)
class Step:
    """One of them."""

    name: str
    does: str
    do: Callable[[WorkFolder, Wish], None]


def _fetch(work: WorkFolder, _wish: Wish) -> None:
    from tui.starter.recipe.packages import fetch_packages

    fetch_packages(work.packages)


def _render(work: WorkFolder, _wish: Wish) -> None:
    from tui.starter.recipe.render import render_icons

    render_icons(work)


def _tokenizer(work: WorkFolder, _wish: Wish) -> None:
    from tui.starter.recipe.tokenizer import make_tokenizer

    make_tokenizer(work)


def _autoencoder(work: WorkFolder, _wish: Wish) -> None:
    from tui.starter.recipe.autoencoder import train_autoencoder

    train_autoencoder(work)


def _latents(work: WorkFolder, _wish: Wish) -> None:
    from tui.starter.recipe.latents import make_latents

    make_latents(work)


def _text(work: WorkFolder, _wish: Wish) -> None:
    from tui.starter.recipe.text_encoder import train_text_encoder

    train_text_encoder(work)


def _denoiser(work: WorkFolder, _wish: Wish) -> None:
    from tui.starter.recipe.denoiser import train_denoiser

    train_denoiser(work)


def _export(work: WorkFolder, _wish: Wish) -> None:
    from tui.starter.recipe.export import export_model

    export_model(work)


def _evaluate(work: WorkFolder, wish: Wish) -> None:
    from tui.starter.recipe.evaluate import evaluate_model

    evaluate_model(work, *wish.where(work), wish.count)


def _card(work: WorkFolder, wish: Wish) -> None:
    from tui.starter.recipe.card import write_card

    model, results = wish.where(work)
    write_card(work, model, results)


STEPS = {
    step.name: step
    for step in (
        Step("fetch", "the icon packages, by npm", _fetch),
        Step("render", "icons as pixels, with names and tags", _render),
        Step("tokenizer", "pieces of words, from captions of scenes", _tokenizer),
        Step("autoencoder", "pictures to latents and back", _autoencoder),
        Step("latents", "scenes drawn, captioned and encoded", _latents),
        Step("text", "the text encoder alone, before the denoiser", _text),
        Step("denoiser", "the denoiser and the text encoder together", _denoiser),
        Step("export", "the model's folder, its vocabulary and notices", _export),
        Step("evaluate", "figures, picture sheet and golden set", _evaluate),
        Step("card", "the model card, from the figures", _card),
    )
}
TRAININGS = ("autoencoder", "text", "denoiser")
"""Those that take as long as one gives them; also names in `Settings`."""
EVERY_TIME = frozenset(("evaluate", "card"))
"""Steps whose results may be of another model: they leave no mark."""


def later_than(name: str) -> list[str]:
    """The steps that build on one."""
    names = list(STEPS)
    return names[names.index(name) + 1 :]
