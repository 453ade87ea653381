"""Bringing into the library what other programs, and other homes, know of good pictures.

An entry's id follows from what it was made of, so a file that is read twice adds nothing.
"""

import hashlib
import time
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import msgspec

from tui.domain.brief import Brief
from tui.domain.layering import layered_style
from tui.domain.prompt import phrases
from tui.domain.text import clean
from tui.domain.versioned import UnreadableError
from tui.imaging import chunks
from tui.imaging.decode import decoded
from tui.imaging.errors import ImagingError, name_of
from tui.imaging.files import opened
from tui.imaging.foreign.styles import (
    LARGEST_LIST,
    Style,
    csv_styles,
    json_styles,
    parsed_json,
    style_text,
)
from tui.store.errors import StoreError
from tui.store.library_entry import LibraryEntry, cleaned_name
from tui.store.store import Store
from tui.workflow.brought import Brought, Outcome, told
from tui.workflow.library_export import all_entries
from tui.workflow.library_file import (
    LARGEST_FILE,
    NAME,
    PortableEntry,
    is_library,
    read_library,
)
from tui.workflow.picture_words import Words, safe_options, words_of

_OPTIONS = "its settings were left out: their model is not on this machine, or nobody can read them"
_ID_DIGITS = 18
"""As many as ids have that are made here."""


class Importer:
    """Takes file after file; what is wrong with one is told, and stops nobody."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pictures = set(store.library.pictures())

    def bring(self, path: Path) -> Outcome:
        """What comes of a file: a picture, a list of styles, or an export of ours."""
        name = name_of(path)
        try:
            if path.is_dir() and (path / NAME).is_file():
                path = path / NAME
            with opened(path) as (file, length):
                start = file.read(12)
                if _is_picture(start):
                    digest, content = _digest(file, start), b""
                elif length > LARGEST_FILE:
                    return Outcome(name, troubles=(_too_large(name, LARGEST_FILE),))
                else:
                    digest, content = "", start + file.read(LARGEST_FILE)
            if digest:
                return self._picture(path, name, digest)
            if is_library(content):
                return self._library(path, name, content)
            return self._styles(name, content)
        except (ImagingError, StoreError, UnreadableError) as error:
            return Outcome(name, troubles=(str(error),))

    def _picture(self, path: Path, name: str, digest: str) -> Outcome:
        if digest in self._pictures:
            return Outcome(name, known=1)
        words = words_of(path)
        size = decoded(path).image.size
        entry = LibraryEntry(
            id=digest[:_ID_DIGITS],
            image_id=words.image_id,
            project_id=None,
            name=cleaned_name(path.stem),
            purpose="",
            worked="",
            tags=() if words.program == "Keepers" else (words.program,),
            brief=Brief(),
            layers=words.layering.layers,
            options=words.options,
            model=words.model,
            kind=Brief().kind,
            path="",
            sha256=digest,
            width=size[0],
            height=size[1],
            created=time.time(),
        )
        kept = self._store.library.bring_in(entry, path)
        self._pictures.add(digest)
        return Outcome(name, known=1) if kept is None else Outcome(name, (told(kept, words),))

    def _styles(self, name: str, content: bytes) -> Outcome:
        if len(content) > LARGEST_LIST:
            return Outcome(name, troubles=(_too_large(name, LARGEST_LIST),))
        text = style_text(content, name)
        if text.lstrip().startswith(("{", "[")):
            styles, others = json_styles(parsed_json(text, name), name)
        else:
            styles, others = csv_styles(text, name)
        # The whole list or nothing of it, and one sync of the disk instead of a thousand.
        with self._store.database.transaction():
            added = [found for style in styles if (found := self._style(style)) is not None]
        return Outcome(name, tuple(added), len(styles) - len(added), others)

    def _style(self, style: Style) -> Brought | None:
        layering = layered_style(style.prompt, style.negative)
        layers = layering.layers
        keys = {
            _wording(style.name, style.prompt, style.negative),
            _wording(style.name, layers.prompt, layers.negative_prompt),
        }
        if keys & self._wordings:
            return None
        source = "\0".join(("style", style.name, style.prompt, style.negative))
        entry = LibraryEntry(
            id=hashlib.sha256(source.encode()).hexdigest()[:_ID_DIGITS],
            image_id="",
            project_id=None,
            name=style.name,
            purpose="",
            worked="",
            tags=("style",),
            brief=Brief(),
            layers=layers,
            options="",
            model="",
            kind=Brief().kind,
            path="",
            sha256="",
            width=0,
            height=0,
            created=time.time(),
        )
        kept = self._store.library.bring_in(entry)
        self._wordings.update(keys)
        return None if kept is None else told(kept, Words("", layering))

    @cached_property
    def _wordings(self) -> set["_Wording"]:
        """Names and phrases of all entries: one that was exported as a style is no other one."""
        return {
            _wording(entry.name, entry.layers.prompt, entry.layers.negative_prompt)
            for entry in all_entries(self._store)
        }

    def _library(self, path: Path, name: str, content: bytes) -> Outcome:
        added, troubles, known = [], [], 0
        for plan in read_library(content).entries:
            try:
                entry = plan.entry
                options = safe_options(entry.options)
                entry = msgspec.structs.replace(entry, options=options)
                kept = self._store.library.bring_in(entry, _beside(path, plan))
            except (ImagingError, StoreError) as error:
                troubles.append(f"“{clean(plan.name, limit=60)}” was left out: {error}")
                continue
            known += kept is None
            if kept is not None:
                notes = () if options == plan.options else (_OPTIONS,)
                added.append(Brought(kept, "Keepers", notes=notes))
                self._pictures.add(kept.sha256)
        return Outcome(name, tuple(added), known, troubles=tuple(troubles))


_Wording = tuple[str, tuple[str, ...], tuple[str, ...]]


def _wording(name: str, prompt: str, negative: str) -> _Wording:
    """A style by its name and its phrases, in whichever order layers have them."""
    return name, tuple(sorted(phrases(prompt))), tuple(sorted(phrases(negative)))


def _beside(path: Path, plan: PortableEntry) -> Path | None:
    """The picture of an entry, in the folder of the file that names it; None where it has none."""
    if not plan.picture:
        return None
    if Path(plan.picture).name != plan.picture or plan.picture in (".", ".."):
        raise StoreError("its picture has a path instead of a name: export the library again")
    picture = path.parent / plan.picture
    decoded(picture)
    return picture


def _digest(file: BinaryIO, start: bytes) -> str:
    """Hexadecimal SHA-256 of a file of which `start` has been read."""
    digest = hashlib.sha256(start)
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _is_picture(start: bytes) -> bool:
    webp = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    return start.startswith((chunks.SIGNATURE, b"\xff\xd8\xff")) or webp


def _too_large(name: str, most: int) -> str:
    return f"{name} is no picture and larger than {most // 2**20} MB: split it"
