"""The models screen: what is here, what fits, choosing one, downloads with stop and go on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants
from textual.pilot import Pilot

from tests.engine.hub_layout import lay_out
from tests.engine.tiny_hub import TinyHub, tiny_hub
from tests.engine.tiny_models import save_tiny_flux, save_tiny_model
from tests.engine.tiny_models.loras import save_tiny_lora
from tests.engine.tiny_models.one_file import write_one_file
from tests.ui.conftest import OpenApp, shown, until
from tests.ui.drawn import app_of
from tui.domain.lora import Lora
from tui.engine.model_messages import Fetch, FetchState
from tui.engine.models import starter_folder
from tui.screens.models import ModelsScreen
from tui.screens.options import OptionsScreen
from tui.screens.pick import PickScreen
from tui.store.paths import Home

COMMIT = "a" * 40


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models of every kind: one that draws, one broken, a pickle, a name that is hostile."""
    folder = tmp_path_factory.mktemp("models")
    save_tiny_flux(folder / "tiny-flux")
    (folder / "broken").mkdir()
    (folder / "broken" / "model_index.json").write_text('{"_class_name": ["a", "b"]}')
    (folder / "old.ckpt").write_bytes(b"\x80\x04")
    (folder / "[red]\x1b[2Jevil.ckpt").write_bytes(b"\x80\x04")
    return folder


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyHub]:
    """A hub with a model, and with a LoRA and a VAE for the starter."""
    root = tmp_path_factory.mktemp("hub")
    for name in ("pixel", "many"):
        (root / name).mkdir()
    save_tiny_lora(starter_folder(), root / "pixel" / "pytorch_lora_weights.safetensors")
    for name in ("ink", "grain"):
        (root / "many" / f"{name}.safetensors").write_bytes(b"")
    shutil.copytree(starter_folder() / "vae", root / "soft")
    new = save_tiny_model(root / "tiny", channels=4)
    with tiny_hub(new=new, **{name: root / name for name in ("pixel", "many", "soft")}) as hub:
        yield hub


@pytest.fixture(scope="module", autouse=True)
def placed(tmp_path_factory: pytest.TempPathFactory, folders: Path, hub: TinyHub) -> Iterator[None]:
    """A hub's cache with one model, and the hub, for the engine that will be started."""
    root = tmp_path_factory.mktemp("cache")
    lay_out(root / "hub", "owner/cached", hub.models["tests/new"], COMMIT, "main")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HOME", str(root))
        # The library reads its folder when it is imported, which this process has done.
        patch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(root / "hub"))
        patch.setenv("HF_ENDPOINT", hub.address)
        patch.delenv("HF_HUB_OFFLINE", raising=False)
        patch.delenv("HF_TOKEN", raising=False)
        yield


@pytest.fixture
def settings(home: Home, folders: Path) -> None:
    home.settings_file.write_text(f'device = "cpu"\nmodel_folders = ["{folders}"]\n')


async def failed(pilot: Pilot[None], screen: ModelsScreen) -> None:
    """The one download has failed, and the cursor is on it."""

    def has_failed() -> bool:
        return [row.state for row in screen._rows if isinstance(row, Fetch)] == [FetchState.FAILED]

    await until(pilot, has_failed)
    await pilot.press("home")


async def opened(pilot: Pilot[None]) -> ModelsScreen:
    """The models screen with the models on it, over a project."""
    app = app_of(pilot)
    app.workspace.create("Robot")
    await until(pilot, lambda: not app.link.trouble)
    app.action_place("models")
    await until(pilot, lambda: " models" in shown(pilot) and "starter" in shown(pilot))
    screen = app.screen
    assert isinstance(screen, ModelsScreen)
    return screen


def row(pilot: Pilot[None], words: str) -> str:
    return next((line for line in shown(pilot).splitlines()[3:] if words in line), "")


def joined(pilot: Pilot[None]) -> str:
    return " ".join(shown(pilot).replace("│", " ").split())


async def to(pilot: Pilot[None], words: str) -> None:
    """Put the cursor on the model that has these words, by searching for it."""
    await pilot.press("slash", "ctrl+u", *words, "enter")
    await until(pilot, lambda: words in row(pilot, words))
    await pilot.pause()


@pytest.mark.usefixtures("settings")
async def test_everything_that_is_here_is_listed_with_its_facts(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await opened(pilot)
        await until(pilot, lambda: "tiny-flux" in shown(pilot))
        assert "● starter" in row(pilot, "starter")
        assert "fits" in row(pilot, "starter")
        flux = row(pilot, "tiny-flux")
        assert "Flux" in flux
        assert "fp32" in flux
        assert "Stable Diffusion" in row(pilot, "owner/cached")
        assert "✗ broken" in row(pilot, "broken")
        assert "not usable" in row(pilot, "old.ckpt")
        assert "its card says" not in shown(pilot)
        assert "Parts  text_encoder" in shown(pilot)
        assert not {"\x1b", "\x07"} & set(shown(pilot))
        assert "[red]" in shown(pilot)


@pytest.mark.usefixtures("settings")
async def test_search_and_enter_make_a_model_the_projects(open_app: OpenApp, folders: Path) -> None:
    async with open_app() as pilot:
        screen = await opened(pilot)
        await to(pilot, "flux")
        assert "1 of " in shown(pilot)
        assert "owner/cached" not in shown(pilot)
        await pilot.press("enter")
        workspace = app_of(pilot).workspace
        await until(pilot, lambda: workspace.options.model == str(folders / "tiny-flux"))
        assert workspace.options.steps == 28
        await until(pilot, lambda: "This project draws with tiny-flux now" in shown(pilot))
        assert "● tiny-flux" in row(pilot, "tiny-flux")
        await pilot.press("q")
        await until(pilot, lambda: "● tiny-flux" in shown(pilot) and "starter" in shown(pilot))
        assert app_of(pilot).screen is screen


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize(
    ("words", "reason"),
    [("old.ckpt", "is a pickle file"), ("broken", "code of its own, which Keepers never runs")],
)
async def test_what_is_not_safe_is_refused_with_the_reason(
    open_app: OpenApp, words: str, reason: str
) -> None:
    async with open_app((100, 30)) as pilot:
        await opened(pilot)
        await to(pilot, words)
        assert reason in " ".join(shown(pilot).split())
        await pilot.press("enter")
        await pilot.pause()
        assert app_of(pilot).workspace.options.model == "starter"


@pytest.mark.usefixtures("settings")
async def test_a_download_is_stopped_goes_on_and_becomes_a_model(
    open_app: OpenApp, hub: TinyHub
) -> None:
    hub.held = "unet/diffusion_pytorch_model.safetensors"
    files = sum(path.is_file() for path in hub.models["tests/new"].rglob("*"))
    async with open_app() as pilot:
        screen = await opened(pilot)
        await pilot.press("N", *"tests/new", "enter")
        await until(pilot, lambda: "⇣ tests/new" in row(pilot, "⇣ tests/new"))
        await until(pilot, lambda: "MB of " in row(pilot, "⇣ tests/new"))
        # All others are whole by the time that the one in the middle is stopped.
        await until(pilot, lambda: len(hub.sent) == files)
        await pilot.press("home", "x")
        await until(pilot, lambda: "files that are whole stay" in shown(pilot))
        assert "R goes on with it" in shown(pilot)
        hub.held = ""
        hub.sent.clear()
        await pilot.press("R")
        await until(
            pilot,
            lambda: (
                not [row for row in screen._rows if isinstance(row, Fetch)]
                and "tests/new" in [row.model for row in screen._rows]
            ),
        )
        assert hub.sent == ["unet/diffusion_pytorch_model.safetensors"]
        await until(pilot, lambda: "not usable" not in row(pilot, "tests/new"))


@pytest.mark.usefixtures("settings")
async def test_what_cannot_be_downloaded_says_why(open_app: OpenApp, hub: TinyHub) -> None:
    async with open_app((100, 30)) as pilot:
        screen = await opened(pilot)
        await pilot.press("N", *"nonsense", "enter")
        await until(pilot, lambda: "give owner/name" in shown(pilot))
        hub.models["tests/closed"] = hub.models["tests/new"]
        hub.gated.add("tests/closed")
        await pilot.press("N", *"tests/closed", "enter")
        await failed(pilot, screen)
        await until(pilot, lambda: "is gated: accept its terms" in shown(pilot))
        assert "hf auth login" in shown(pilot)
        await pilot.press("x")
        await until(pilot, lambda: not [r for r in screen._rows if isinstance(r, Fetch)])


PIXEL = "tests/pixel/pytorch_lora_weights.safetensors"


@pytest.mark.usefixtures("settings")
async def test_a_lora_and_a_vae_are_downloaded_and_drawn_with(open_app: OpenApp) -> None:
    async with open_app((120, 30)) as pilot:
        app, screen = app_of(pilot), await opened(pilot)
        for repository in ("tests/pixel", "tests/soft"):
            await pilot.press("N", *repository, "enter")

        def arrived() -> set[str]:
            return {row.model for row in screen._rows if not isinstance(row, Fetch)}

        await until(pilot, lambda: {PIXEL, "tests/soft"} <= arrived())
        await to(pilot, "pixel")
        assert "goes on a model" in row(pilot, "pixel")
        assert "enter adds it, o weighs it" in " ".join(shown(pilot).split())
        await pilot.press("enter")
        await until(pilot, lambda: app.workspace.options.loras == (Lora(PIXEL, 1.0),))
        await until(pilot, lambda: f"draws with the LoRA {PIXEL} now" in joined(pilot))
        assert "● tests/pixel" in row(pilot, "● tests/pixel")
        await pilot.press("enter")
        await until(pilot, lambda: "is there twice: give it once" in joined(pilot))
        await to(pilot, "soft")
        await pilot.press("enter")
        await until(pilot, lambda: app.workspace.options.vae == "tests/soft")


@pytest.mark.usefixtures("settings")
async def test_the_options_offer_what_was_downloaded(open_app: OpenApp, hub: TinyHub) -> None:
    cache = Path(constants.HF_HUB_CACHE)
    lay_out(cache, "owner/ink", hub.models["tests/pixel"], COMMIT, "main")
    lay_out(cache, "owner/soft", hub.models["tests/soft"], COMMIT, "main")
    lay_out(cache, "owner/deep", hub.models["tests/new"] / "vae", COMMIT, "main")
    async with open_app((100, 30)) as pilot:
        app = app_of(pilot)
        app.workspace.create("Owl")
        app.show_step("prompt")
        await until(pilot, lambda: not app.link.trouble)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, OptionsScreen))
        for field, words in (("loras", "owner/ink"), ("vae", "owner/")):
            app.screen.set_focus(app.screen.query_one(f"#{field}"))
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, PickScreen))
            # That of another family is not offered.
            assert "owner/deep" not in shown(pilot)
            await pilot.press(*words, "enter")
            await until(pilot, lambda: isinstance(app.screen, OptionsScreen))
        ink = "owner/ink/pytorch_lora_weights.safetensors"
        await until(pilot, lambda: app.workspace.options.loras == (Lora(ink, 1.0),))
        await until(pilot, lambda: app.workspace.options.vae == "owner/soft")


@pytest.mark.usefixtures("settings")
async def test_of_several_loras_the_person_is_asked_which(open_app: OpenApp) -> None:
    async with open_app((100, 30)) as pilot:
        screen = await opened(pilot)
        await pilot.press("N", *"tests/many", "enter")
        await failed(pilot, screen)
        await until(pilot, lambda: "has 2 files that may be the LoRA" in joined(pilot))
        assert "there are grain.safetensors, ink.safetensors" in joined(pilot)
        await pilot.press("x")
        await until(pilot, lambda: not [r for r in screen._rows if isinstance(r, Fetch)])
        await pilot.press("N", *"tests/many/ink.ckpt", "enter")
        await until(pilot, lambda: "is a pickle file, which can run code" in joined(pilot))


@pytest.mark.usefixtures("settings")
async def test_a_model_in_one_file_becomes_a_folder_and_the_projects(
    open_app: OpenApp, folders: Path, home: Home
) -> None:
    write_one_file(starter_folder(), folders / "icons.safetensors", ("unet",))
    async with open_app((100, 30)) as pilot:
        app, screen = app_of(pilot), await opened(pilot)
        await to(pilot, "icons")
        assert "not a folder yet" in row(pilot, "icons")
        assert "enter make a folder of it" in shown(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Make a folder of icons.safetensors? It takes" in shown(pilot))
        await pilot.press("enter")
        await failed(pilot, screen)
        await until(pilot, lambda: "icons.safetensors needs the configuration of" in joined(pilot))
        assert "R asks again what the file lacks" in joined(pilot)
        await pilot.press("R")
        await until(pilot, lambda: "Make a folder of icons.safetensors?" in shown(pilot))
        await pilot.press(*"starter", "enter")
        made = str(home.models / "icons")
        await until(pilot, lambda: made in [row.model for row in screen._rows])
        await until(pilot, lambda: not [row for row in screen._rows if isinstance(row, Fetch)])
        await pilot.press("slash", "ctrl+u", *"icons fits", "enter")
        await until(pilot, lambda: "1 of " in shown(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: app.workspace.options.model == made)
    (folders / "icons.safetensors").unlink()


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("size", [(40, 10), (160, 48)])
async def test_every_size_is_usable(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size) as pilot:
        await opened(pilot)
        await until(pilot, lambda: "fits" in row(pilot, "starter"))
        await pilot.press("slash", *"no such thing")
        await until(pilot, lambda: "N downloads" in shown(pilot))


@pytest.mark.usefixtures("settings")
async def test_the_key_leads_there_and_the_options_see_what_was_chosen(
    open_app: OpenApp, folders: Path
) -> None:
    async with open_app((100, 30)) as pilot:
        app = app_of(pilot)
        app.workspace.create("Owl")
        app.show_step("prompt")
        await until(pilot, lambda: not app.link.trouble)
        await pilot.press("o")
        await until(pilot, lambda: "usual" in shown(pilot))
        await pilot.press("M")
        await until(pilot, lambda: "tiny-flux" in shown(pilot))
        await to(pilot, "flux")
        await pilot.press("enter")
        await until(pilot, lambda: app.workspace.options.model == str(folders / "tiny-flux"))
        await pilot.press("q", "q")
        await until(
            pilot, lambda: "tiny-flux" in row(pilot, "Model") or "28" in row(pilot, "Steps")
        )
