"""Puts real pictures into a screenshot, where a terminal with graphics would show them."""

import base64
import io

from textual.app import App

from tui.widgets.image_view import ImageView

COLUMN, ROW = 12.2, 24.4
"""Size of a cell in the screenshot's own units."""
TOP = 1.5
"""Of the first row."""


def with_pictures(svg: str, app: App[object]) -> str:
    """The screenshot with every picture of the screen on top of its cells."""
    # All cells lie in one group, moved into the window's frame; it is the last to be closed.
    end = svg.rindex("</g>")
    return svg[:end] + "".join(map(_image, app.screen.query(ImageView))) + svg[end:]


def _image(view: ImageView) -> str:
    seen, region = view.seen, view.content_region
    if seen is None or not view.is_on_screen or not region:
        return ""
    wide, tall = view.pictures.cells_of(seen.size, region.width, region.height)
    left = region.x + (region.width - wide) // 2
    top = region.y + (region.height - tall) // 2
    file = io.BytesIO()
    seen.part().save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    ground = view.rich_style.bgcolor
    colour = ground.get_truecolor().hex if ground is not None else "#121212"
    return (
        f'<rect x="{region.x * COLUMN:.1f}" y="{region.y * ROW + TOP:.1f}" '
        f'width="{region.width * COLUMN:.1f}" height="{region.height * ROW:.1f}" fill="{colour}"/>'
        f'<image x="{left * COLUMN:.1f}" y="{top * ROW + TOP:.1f}" width="{wide * COLUMN:.1f}" '
        f'height="{tall * ROW:.1f}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{data}"/>'
    )
