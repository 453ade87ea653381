"""Edit: an image enlarged with a model of one's own, by keyboard."""

from tests.engine.upscalers import nearest, repeated, save
from tui.imaging.metadata import read_edited
from tui.workflow.parents import start_of

from .conftest import shown, until
from .test_edit import app_with_image, chosen, edit, keepers, pixels, ready, said, typed

__all__ = ["app_with_image"]


async def test_an_image_is_enlarged_by_keyboard(app_with_image) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image() as pilot:
        screen, before = edit(pilot), chosen(pilot)
        folder = keepers(pilot).workspace.store.home.upscalers

        async def offered() -> None:
            await pilot.press("E")
            await typed(pilot, "upscale")
            await pilot.press("enter")
            await until(pilot, lambda: "Enlarge the image" in shown(pilot))

        await offered()
        await pilot.press("enter")
        await until(pilot, lambda: "needs a super-resolution model" in said(pilot))
        assert str(folder) in said(pilot)

        save(nearest(), folder / "two.safetensors")
        await pilot.press("E")
        await typed(pilot, "vignette")
        await pilot.press("enter")
        await until(pilot, lambda: bool(screen.session and screen.session.draft.active))
        await offered()
        await until(pilot, lambda: "upscale 2× · two, to 256 × 256" in shown(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "write them with W, then enlarge" in said(pilot))
        await pilot.press("x")
        await until(pilot, lambda: not (screen.session and screen.session.draft.steps))

        await offered()
        await pilot.press("enter")
        await until(pilot, lambda: screen.results.places == ("",))
        await until(pilot, lambda: "result 1, 256 × 256" in shown(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: chosen(pilot).id != before.id)
        await ready(pilot)
        after = chosen(pilot)
        assert (pixels(pilot, after) == repeated(pixels(pilot, before), 2)).all()
        assert read_edited(keepers(pilot).workspace.file(after)).parent == before.id
        assert "flat illustration" in shown(pilot), "its words are still the first image's"

        await pilot.press("u")
        await until(pilot, lambda: chosen(pilot).id == before.id)
        await ready(pilot)
        await offered()
        await pilot.press("enter")
        await until(pilot, lambda: chosen(pilot).id == after.id)
        assert "It was enlarged before" in said(pilot)
        await ready(pilot)
        start = start_of(keepers(pilot).workspace, after)
        assert start.from_picture
        assert start.base is not None
        assert start.base.layers.subject == "a red fox", "iterating goes on with its words"
