"""Evidence for one picture of 512²: what is measured here, and what a process of its own reads."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from PIL import Image

from tests.benchmarks.timing import median_ms
from tests.checks.pictures import lettered, portrait
from tui.checks.answers import Check
from tui.checks.asking import ask
from tui.checks.faces import find as find_faces
from tui.checks.text import find as find_text
from tui.domain.lettering import matched
from tui.workflow.measuring import measure

ROUNDS = 5


def run() -> None:
    """Print the figures."""
    with Image.open(portrait()) as photograph:
        face = photograph.convert("RGB").resize((512, 512))
    text, lines = lettered("JOIN OUR", "TEEM"), ["a word or two"] * 40
    works: dict[str, Callable[[], object]] = {
        "sharpness, exposure, flatness": lambda: measure(face),
        "spelling among 40 lines": lambda: matched("Join our team", lines),
        "faces, detector alone": lambda: find_faces(face),
        "text of two lines, OCR alone": lambda: find_text(text),
    }
    for name, work in works.items():
        work()
        print(f"{name:32s} {median_ms(work, ROUNDS):8.1f} ms at 512²", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for check, picture in ((Check.FACES, face), (Check.TEXT, text)):
            path = Path(folder) / f"{check.value}.png"
            picture.save(path)
            whole = _median_of(lambda check=check, path=path: ask(check, path))  # type: ignore[misc]
            print(f"{check.value:32s} {whole:8.1f} ms with its process", flush=True)


def _median_of(work: Callable[[], Awaitable[object]]) -> float:
    async def whole() -> object:
        return await work()

    return median_ms(lambda: asyncio.run(whole()), ROUNDS)
