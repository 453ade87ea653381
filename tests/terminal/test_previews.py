"""Live previews on a slow line: what cannot be taken now is dropped, and never waits."""

import io

from PIL import Image
from textual.app import App, ComposeResult

from tui.terminal.pictures import Pictures
from tui.widgets.candidate_cell import CandidateCell
from tui.widgets.image_view import ImageView
from tui.workflow.batches_view import Slot


class OneCell(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.pictures = Pictures(bytes_per_second=50_000)

    def compose(self) -> ComposeResult:
        yield CandidateCell(Slot(seed=1), 1)


def jpeg(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(buffer, "JPEG")
    return buffer.getvalue()


async def test_previews_are_dropped_while_the_line_is_full() -> None:
    app = OneCell()
    async with app.run_test(size=(40, 14)) as pilot:
        cell = app.query_one(CandidateCell)
        view = cell.query_one(ImageView)

        async def seen_after(colour: str) -> tuple[int, int, int] | None:
            cell.preview(jpeg(colour), 1, 9)
            await app.workers.wait_for_complete()
            await pilot.pause()
            found = view.picture and view.picture.getpixel((9, 9))
            return found if isinstance(found, tuple) else None  # type: ignore[return-value]

        first = await seen_after("red")
        assert first is not None
        app.pictures.pace.backlog = lambda: 1_000_000
        assert await seen_after("blue") == first
        app.pictures.pace.backlog = lambda: 0
        assert await seen_after("blue") != first
        app.pictures.pace.spend(10_000_000)
        second = await seen_after("lime")
        assert second is not None
        assert second[2] > 200  # still the blue one: the budget is spent
        assert "step 1/9" in str(cell.border_title)
