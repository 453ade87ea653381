"""A library with something in it, for tests of what goes in and out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from hypothesis import strategies as st
from PIL import Image

from tui.domain.brief import Brief, Kind, Stakes
from tui.domain.prompt import LAYERS, Layers
from tui.domain.versioned import to_json
from tui.store.files import sha256_of
from tui.store.ids import new_id
from tui.store.library_entry import LibraryEntry
from tui.store.paths import find_home
from tui.store.store import Store, open_store
from tui.workflow.library_export import all_entries
from tui.workflow.options import Options

BRIEF = Brief(
    purpose="header",
    place="web page",
    width=1200,
    height=630,
    kind=Kind.STYLISED,
    stakes=Stakes.PUBLIC,
    must_contain=("a robot",),
    must_avoid=("weapons",),
)


@contextmanager
def home(root: Path) -> Iterator[Store]:
    """A store of its own under that folder."""
    with open_store(find_home({"KEEPERS_HOME": str(root)})) as store:
        yield store


ROBOT = Layers(subject="a robot", negatives="text")


def put(
    store: Store, name: str = "Robot", picture: Path | None = None, layers: Layers = ROBOT
) -> LibraryEntry:
    """An entry with everything in it; with a picture where one is given."""
    entry = LibraryEntry(
        id=new_id(),
        image_id="i1",
        project_id=None,
        name=name,
        purpose=f"for {name}",
        worked="flat, warm",
        tags=("robot", "flat"),
        brief=BRIEF,
        layers=layers,
        options=to_json(Options(seed=9)),
        model="starter",
        kind=BRIEF.kind,
        path="",
        sha256="" if picture is None else sha256_of(picture),
        width=8,
        height=6,
        created=1_700_000_000.25,
        used_count=2,
        last_used=1_700_000_001.5,
    )
    kept = store.library.bring_in(entry, picture)
    assert kept is not None
    return kept


def painted(folder: Path, colour: str = "teal", suffix: str = ".png") -> Path:
    """A small picture without a recipe."""
    path = folder / f"{colour}{suffix}"
    Image.new("RGB", (8, 6), colour).save(path)
    return path


def everything(store: Store) -> dict[str, LibraryEntry]:
    """All entries by id."""
    return {entry.id: entry for entry in all_entries(store)}


ODD = st.lists(
    st.sampled_from([
        '"', "'", ",", ";", "\n", "\r\n", "\t", "\\", "=cmd()", "\ufeff", "狐", "🦊", "é", "|", "`",
        "[x](y)", "<b>", "{prompt}", "a fox", " ", "#", "\x1b[2J", "\u202e", "(red:1.2)",
    ])
    | st.text(max_size=4),
    max_size=8,
).map("".join)  # fmt: skip
"""Text that tables, JSON, Markdown and terminals trip over."""

ODD_LAYERS = st.fixed_dictionaries(dict.fromkeys(LAYERS, ODD)).map(
    lambda texts: msgspec.structs.replace(Layers(), **texts)
)
