"""The options panel: kept as soon as a row is right, refused in a sentence else."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.numpy import save_file
from textual.pilot import Pilot

from tests.engine.tiny_models import save_tiny_flux, save_tiny_model
from tests.ui.conftest import OpenApp, shown, until
from tests.ui.test_prompt import app_of, typed, workspace_of
from tui.domain.lora import Lora
from tui.domain.prompt import Layers
from tui.engine.models import starter_folder
from tui.screens.options import OptionsScreen
from tui.screens.pick import PickScreen
from tui.store.paths import Home
from tui.widgets.field import Field
from tui.workflow.options import Options


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny", channels=4)


def options(pilot: Pilot[None]) -> Options:
    return workspace_of(pilot).options


def row(pilot: Pilot[None], name: str) -> Field:
    return pilot.app.screen.query_one(f"#{name}", Field)


async def opened(pilot: Pilot[None], name: str = "count") -> None:
    """The panel of a new project, with what is usual for the starter, and the cursor on a row."""
    workspace_of(pilot).create("Options")
    workspace_of(pilot).save_draft(Layers(subject="owl"))
    app_of(pilot).show_step("prompt")
    await until(pilot, lambda: not app_of(pilot).link.trouble)
    await pilot.press("o")
    await until(pilot, lambda: isinstance(pilot.app.screen, OptionsScreen))
    await until(pilot, lambda: row(pilot, "steps").note == "usual 20")
    pilot.app.screen.set_focus(row(pilot, name))


async def typed_over(pilot: Pilot[None], text: str) -> None:
    await pilot.press("enter", "ctrl+u")
    await typed(pilot, text)
    await pilot.press("enter")


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("count", "3", "count", 3),
        ("seed", "42", "seed", 42),
        ("steps", "2", "steps", 2),
        ("guidance", "5", "guidance", 5.0),
        ("size", "256 x 128", "width", 256),
    ],
)
async def test_a_row_is_kept(
    open_app: OpenApp, name: str, text: str, field: str, value: object
) -> None:
    async with open_app() as pilot:
        await opened(pilot, name)
        await typed_over(pilot, text)
        await until(pilot, lambda: getattr(options(pilot), field) == value)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("count", "0", "count is 0"),
        ("seed", "soon", "is no seed"),
        ("steps", "1001", "steps are 1001"),
        ("guidance", "much", "is no guidance"),
        ("size", "130 x 128", "multiples of 8"),
        ("size", "8000 x 8000", "beyond 8 times"),
        ("model", "nonsense", "whole path"),
        ("model", "a path", "whole path"),
    ],
)
async def test_what_is_wrong_is_said_and_the_old_value_stays(
    open_app: OpenApp, name: str, text: str, says: str
) -> None:
    async with open_app() as pilot:
        await opened(pilot, name)
        before = options(pilot)
        await typed_over(pilot, text)
        await until(pilot, lambda: says in " ".join(shown(pilot).replace("│", " ").split()))
        assert options(pilot) == before
        assert row(pilot, name).value != text


async def test_a_seed_by_chance_and_what_is_usual(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await opened(pilot, "steps")
        await pilot.press("S")
        await until(pilot, lambda: options(pilot).seed != 7)
        await typed_over(pilot, "2")
        await until(pilot, lambda: options(pilot).steps == 2)
        await pilot.press("x")
        await until(pilot, lambda: options(pilot).steps == 20)
        assert row(pilot, "steps").value == "20"


async def test_a_scheduler_is_chosen_among_those_that_fit(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await opened(pilot, "scheduler")
        assert row(pilot, "scheduler").note == "own ddim"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        assert "FlowMatch" not in shown(pilot)
        await typed(pilot, "euler a")
        await pilot.press("enter")
        await until(pilot, lambda: options(pilot).scheduler == "EulerAncestralDiscreteScheduler")
        await until(pilot, lambda: row(pilot, "scheduler").value == "euler a")


async def test_another_model_brings_its_own_numbers(open_app: OpenApp, tiny: Path) -> None:
    async with open_app() as pilot:
        await opened(pilot, "model")
        workspace_of(pilot).save_options(msgspec.structs.replace(options(pilot), count=2))
        await typed_over(pilot, str(tiny))
        await until(pilot, lambda: options(pilot).model == str(tiny))
        kept = options(pilot)
        assert (kept.width, kept.height, kept.steps, kept.count) == (64, 64, 30, 2)
        assert row(pilot, "size").note == "usual 64 × 64"


async def test_what_only_some_models_have_is_shown_for_these(
    open_app: OpenApp, tmp_path: Path
) -> None:
    flux = save_tiny_flux(tmp_path / "flux", told=True)
    async with open_app() as pilot:
        await opened(pilot, "model")
        assert "Step cache" not in shown(pilot)
        assert "Distilled" not in shown(pilot)
        await typed_over(pilot, str(flux))
        await until(pilot, lambda: "faster; changes the pixels" in shown(pilot))
        assert "Step cache" in shown(pilot)
        pilot.app.screen.set_focus(row(pilot, "step_cache"))
        await typed_over(pilot, "much")
        await until(pilot, lambda: "is no step cache" in shown(pilot))
        await typed_over(pilot, "on")
        await until(pilot, lambda: options(pilot).step_cache == 0.1)
        assert row(pilot, "step_cache").value == "0.1"
        pilot.app.screen.set_focus(row(pilot, "distilled_guidance"))
        assert "the model's own" in row(pilot, "distilled_guidance").value
        await typed_over(pilot, "2.5")
        await until(pilot, lambda: options(pilot).distilled_guidance == 2.5)
        pilot.app.screen.set_focus(row(pilot, "model"))
        await typed_over(pilot, "starter")
        await until(pilot, lambda: options(pilot).model == "starter")
        assert options(pilot).step_cache == 0.0
        assert options(pilot).distilled_guidance == 0.0
        assert "Step cache" not in shown(pilot)


async def test_a_model_that_is_not_here_is_taken_with_a_word(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await opened(pilot, "model")
        await typed_over(pilot, "nobody/sdxl-turbo")
        await until(pilot, lambda: options(pilot).model == "nobody/sdxl-turbo")
        assert options(pilot).width == 1024
        assert "not on this machine yet" in shown(pilot)


async def test_the_panel_opens_over_a_small_window(open_app: OpenApp) -> None:
    async with open_app((40, 10)) as pilot:
        workspace_of(pilot).create("Small")
        app_of(pilot).show_step("prompt")
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, OptionsScreen))
        pilot.app.screen.set_focus(row(pilot, "steps"))
        await typed_over(pilot, "soon")
        await until(pilot, lambda: "is no steps" in shown(pilot))


def said(pilot: Pilot[None]) -> str:
    return " ".join(shown(pilot).replace("│", " ").split())


def lora_file(folder: Path, name: str = "pixel") -> Path:
    """A file whose header is that of a LoRA; nothing is drawn with it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.safetensors"
    halves = {"A": (4, 8), "B": (8, 4)}
    save_file(
        {
            f"unet.mid.to_q.lora_{half}.weight": np.full(shape, len(name), np.float32)
            for half, shape in halves.items()
        },
        file,
    )
    return file


async def test_loras_are_added_weighed_and_taken_away(
    open_app: OpenApp, home: Home, tmp_path: Path
) -> None:
    named, other = lora_file(home.loras), lora_file(tmp_path, "grain 2")
    (tmp_path / "model.bin").write_bytes(b"x")
    async with open_app() as pilot:
        await opened(pilot, "loras")
        await pilot.press("enter")
        await until(pilot, lambda: "add pixel" in shown(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: options(pilot).loras == (Lora(str(named), 1.0),))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await typed(pilot, f"{other}:0.5")
        await pilot.press("enter")
        await until(pilot, lambda: options(pilot).loras[1:] == (Lora(str(other), 0.5),))
        await until(pilot, lambda: row(pilot, "loras").value == "pixel 1, grain 2 0.5")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await pilot.press("enter")
        await until(pilot, lambda: "Weight of pixel" in said(pilot))
        await pilot.press("ctrl+u", "0", ".", "8", "enter")
        await until(pilot, lambda: options(pilot).loras[0].weight == 0.8)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await typed(pilot, str(tmp_path / "model.bin"))
        await pilot.press("enter")
        await until(pilot, lambda: "pickle file" in said(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await pilot.press("enter")
        await until(pilot, lambda: "Weight of pixel" in said(pilot))
        await pilot.press("ctrl+u", "enter")
        await until(pilot, lambda: options(pilot).loras == (Lora(str(other), 0.5),))
        await pilot.press("x")
        await until(pilot, lambda: options(pilot).loras == ())


async def test_another_autoencoder_is_taken_if_it_fits(open_app: OpenApp, tiny: Path) -> None:
    async def picked(pilot: Pilot[None], text: str) -> None:
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await typed(pilot, text)
        await pilot.press("enter")

    async with open_app() as pilot:
        await opened(pilot, "vae")
        await picked(pilot, str(tiny / "unet"))
        await until(pilot, lambda: "does not fit starter" in said(pilot))
        assert options(pilot).vae == ""
        fits = str(starter_folder() / "vae")
        await picked(pilot, fits)
        await until(pilot, lambda: options(pilot).vae == fits)
        await picked(pilot, "own")
        await until(pilot, lambda: options(pilot).vae == "")
        await picked(pilot, fits)
        await until(pilot, lambda: options(pilot).vae == fits)
        await pilot.press("x")
        await until(pilot, lambda: options(pilot).vae == "")
