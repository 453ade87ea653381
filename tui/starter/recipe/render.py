"""Icons of the packages as pixels, with their names and tags."""

import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.icons import Icon, Icons
from tui.starter.recipe.packages import package_folder, read_package
from tui.starter.recipe.progress import Progress
from tui.starter.recipe.work_folder import WorkFolder

SIDE = 144
"""Pixels of an icon's side: more than a picture's, so that close-ups are sharp."""
_SVG = {
    "flat": "@iconify-json/fluent-emoji-flat",
    "cartoon": "@iconify-json/noto",
    "mono": "@iconify-json/fluent-emoji-high-contrast",
}
_PNG = "@lobehub/fluent-emoji-3d"
_GROUPS = frozenset((0, 1, 3, 4, 5, 6, 7))
"""All but skin tones, symbols and flags."""
_LEFT_OUT = frozenset((
    "time", "family", "country-flag", "skin-tone", "hair-style", "person-symbol", "person-resting",
))  # fmt: skip
_INK = "#1a1a1a"


def render_icons(work: WorkFolder) -> None:
    """Draw every icon in every style that has it, and write pixels and names.

    Raises:
        RecipeError: the packages or resvg-py are not there.
    """
    drawer = _Drawer(work.packages)
    wanted = list(_wanted(work.packages))
    progress = Progress("render", "icons")
    entries: list[Icon] = []
    pixels = []
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        drawn = threads.map(drawer.draw, [entry["hexcode"] for entry, _kind in wanted])
        for number, ((entry, kind), pictures) in enumerate(zip(wanted, drawn, strict=True), 1):
            for style, picture in pictures.items():
                pixels.append(np.asarray(picture))
                entries.append(
                    Icon(
                        hex=_code(entry["hexcode"]),
                        label=entry["label"],
                        tags=tuple(entry.get("tags", ())),
                        group=entry["group"],
                        style=style,
                        kind=kind,
                    )
                )
            progress.tell(number / len(wanted), len(pixels))
    progress.end()
    Icons(tuple(entries), np.stack(pixels)).save(work.pixels, work.entries)


def _wanted(packages: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Emojibase's entries that are subjects, each with its kind."""
    kinds = read_package(packages, "emojibase-data", "meta/groups.json")["subgroups"]
    for entry in read_package(packages, "emojibase-data", "en/data.json"):
        if entry.get("group") not in _GROUPS or kinds[str(entry["subgroup"])] in _LEFT_OUT:
            continue
        code = _code(entry["hexcode"])
        gendered = "-200d-" in code and ("2640" in code or "2642" in code)
        if not (entry["group"] == 1 and gendered):  # each person once
            yield entry, kinds[str(entry["subgroup"])]


class _Drawer:
    """Draws one subject in every style that has it.

    Args:
        packages: Where npm put them.

    Raises:
        RecipeError: the packages or resvg-py are not there.
    """

    def __init__(self, packages: Path) -> None:
        try:
            import resvg_py
        except ImportError as error:
            raise RecipeError("resvg-py is not here: pip install 'keepers[recipe]'") from error
        self._rasterise = resvg_py.svg_to_bytes
        self._sets = {
            style: (
                read_package(packages, name, "icons.json"),
                {
                    code.lower(): icon
                    for code, icon in read_package(packages, name, "chars.json").items()
                },
            )
            for style, name in _SVG.items()
        }
        folder = package_folder(packages, _PNG) / "assets"
        self._files = {_code(file.stem): file for file in folder.iterdir()}

    def draw(self, hexcode: str) -> dict[str, Image.Image]:
        """Pictures, RGBA of `SIDE`, by style."""
        code = _code(hexcode)
        found = {"3d": self._from_file(code)} | {style: self._drawn(style, code) for style in _SVG}
        return {style: picture for style, picture in found.items() if picture is not None}

    def _from_file(self, code: str) -> Image.Image | None:
        if code not in self._files:
            return None
        with Image.open(self._files[code]) as picture:
            return picture.convert("RGBA").resize((SIDE, SIDE), Image.Resampling.LANCZOS)

    def _drawn(self, style: str, code: str) -> Image.Image | None:
        icons, names = self._sets[style]
        name = names.get(code, "")
        parent = icons.get("aliases", {}).get(name, {}).get("parent", "")
        icon = icons["icons"].get(name) or icons["icons"].get(parent)
        if icon is None:
            return None
        width = icon.get("width", icons.get("width", 16))
        height = icon.get("height", icons.get("height", 16))
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="0 0 {width} {height}" width="{SIDE}" height="{SIDE}">'
            f"{icon['body'].replace('currentColor', _INK)}</svg>"
        )
        data = self._rasterise(svg_string=svg, width=SIDE, height=SIDE, skip_system_fonts=True)
        picture = Image.open(io.BytesIO(bytes(data))).convert("RGBA")
        return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _code(hexcode: str) -> str:
    """Code points without the sign that asks for a coloured emoji."""
    return hexcode.lower().replace("-fe0f", "")
