"""Library entries as one JSON file: everything of them, for this home or another to read."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

import msgspec

from tui.domain.brief import Brief
from tui.domain.prompt import Layers
from tui.domain.text import clean
from tui.domain.versioned import from_json
from tui.store.errors import StoreError
from tui.store.ids import is_id
from tui.store.library_entry import LibraryEntry

MARK = "keepers library"
"""By this a file of ours is known."""
NAME = "library.json"
"""What it is called in a folder."""

LARGEST_FILE = 64 * 2**20
"""Bytes that are read of one."""

_LONGEST_OPTIONS = 100_000
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31)]
Time = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
"""Seconds since 1970."""
Hash = Annotated[str, msgspec.Meta(pattern=r"^(?:[0-9a-f]{64})?\Z")]


class PortableEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry, its fields as in `LibraryEntry`, with its picture by name."""

    id: str
    name: str
    created: Time
    tags: tuple[str, ...] = ()
    purpose: str = ""
    worked: str = ""
    layers: Layers
    brief: Brief = Brief()
    model: str = ""
    options: str = ""
    picture: str = ""
    """Name of the file beside this one; empty where there is none."""
    sha256: Hash = ""
    """Of the picture, also where it was left behind."""
    width: Count = 0
    height: Count = 0
    image_id: str = ""
    project_id: str | None = None
    used_count: Count = 0
    last_used: Time | None = None
    archived: Time | None = None

    @property
    def entry(self) -> LibraryEntry:
        """The entry, its picture still to be found.

        Raises:
            StoreError: its id is none.
        """
        if not is_id(self.id):
            raise StoreError(f"“{self.name}” has no usable id: export the library again")
        known = {name: getattr(self, name) for name in self.__struct_fields__ if name != "picture"}
        known["image_id"] = self.image_id if is_id(self.image_id) else ""
        if not self.options.isprintable():
            known["options"] = clean(self.options, limit=_LONGEST_OPTIONS)
        return LibraryEntry(**known, kind=self.brief.kind, path="")


class LibraryFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    VERSION: ClassVar[int] = 1

    what: Literal["keepers library"] = "keepers library"
    version: int = VERSION
    entries: tuple[PortableEntry, ...] = ()
    """Oldest first."""


def portable(entry: LibraryEntry, picture: str = "") -> PortableEntry:
    """The entry for a file, with its picture under that name."""
    fields = set(PortableEntry.__struct_fields__) - {"picture"}
    return PortableEntry(picture=picture, **{name: getattr(entry, name) for name in fields})


def library_json(entries: Iterable[PortableEntry]) -> bytes:
    """The file's content: a field a line, in an order that does not change by itself."""
    ordered = sorted(entries, key=lambda entry: (entry.created, entry.id))
    content = msgspec.json.encode(LibraryFile(entries=tuple(ordered)))
    return msgspec.json.format(content, indent=2) + b"\n"


def is_library(content: bytes) -> bool:
    """Whether it is such a file, told from its beginning."""
    return content.lstrip().startswith(b"{") and f'"{MARK}"'.encode() in content[:200]


def read_library(content: bytes) -> LibraryFile:
    """The file.

    Raises:
        UnreadableError: it is none, damaged, or from a newer version.
    """
    return from_json(content, LibraryFile)
