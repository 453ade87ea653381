"""Pictures to look into: with text that was drawn there, and a portrait that a package ships."""

from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont


def lettered(*lines: str, side: int = 512) -> Image.Image:
    """Lines of text on a soft ground, in the font that Pillow ships."""
    picture = Image.linear_gradient("L").resize((side, side)).convert("RGB")
    picture = Image.blend(picture, Image.new("RGB", picture.size, "white"), 0.5)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size=side / 9)
    for number, line in enumerate(lines):
        draw.text((side // 12, side // 5 + number * side // 4), line, font=font, fill="navy")
    return picture


def portrait() -> Path:
    """A photograph of one person, 512 × 600, from matplotlib's sample data."""
    spec = find_spec("matplotlib")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0])
    return folder / "mpl-data" / "sample_data" / "grace_hopper.jpg"
