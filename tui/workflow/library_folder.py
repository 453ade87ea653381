"""The library as a folder: a picture and a page for each entry, made to be kept under git.

Names and order follow from the entries alone, so a second export changes only what changed.
`library.json` says what belongs to the export; nothing else in the folder is ever touched.
"""

import re
import shutil
import stat
from pathlib import Path
from typing import IO

from tui.domain.brief import Brief
from tui.domain.versioned import UnreadableError
from tui.store.errors import StoreError, explain
from tui.store.files import sha256_of, write_durably
from tui.store.ids import is_id, slug
from tui.store.library_entry import LibraryEntry
from tui.store.paths import shared_mode
from tui.store.store import Store
from tui.workflow.library_export import (
    Exported,
    all_entries,
    checked_place,
    same_file,
    same_picture,
)
from tui.workflow.library_file import (
    LARGEST_FILE,
    NAME,
    PortableEntry,
    library_json,
    portable,
    read_library,
)

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_NEUTRAL = re.compile(r"\.git.*|\.tmp-\d+-[0-9a-f]{16}|README(?:\.md)?|LICEN[CS]E.*")
"""Files beside an export that say nothing against it: git's, and what a killed export left."""
_MARKUP = re.compile(r"([\\`*_\[\]<>#|&!~])")


def export_folder(store: Store, target: Path) -> Exported:
    """Bring the folder up to date with the library; it is made where it is not there.

    Raises:
        StoreError: it holds other things, lies in Keepers' own folder, or the disk refuses.
    """
    folder = checked_place(store, target)
    troubles: list[str] = []
    planned: list[tuple[LibraryEntry, PortableEntry]] = []
    for entry in sorted(all_entries(store), key=lambda entry: (entry.created, entry.id)):
        if entry.unreadable:
            troubles.append(f"left out: {entry.unreadable}")
            continue
        picture = f"{_stem(entry.name, entry.id)}{_suffix(entry.path)}"
        if entry.has_picture and (trouble := _missing(store, entry)):
            troubles.append(trouble)
            picture = ""
        planned.append((entry, portable(entry, picture if entry.has_picture else "")))
    wanted = {name for _, plan in planned for name in _names(plan)}
    before = _before(folder)
    _check(folder, wanted | before)
    try:
        folder.mkdir(exist_ok=True)
        if not before:
            mode = shared_mode()
            folder.chmod(stat.S_IRWXU | mode | (mode & 0o444) >> 2)
        written = sum(_written(store, folder, entry, plan) for entry, plan in planned)
        # What is stale goes first: were the new list there, nobody would know that it is ours.
        for name in sorted(before - wanted - {NAME}):
            (folder / name).unlink(missing_ok=True)
            written += 1
    except OSError as error:
        raise StoreError(explain(error, f"export to {folder}")) from error
    written += _put(folder / NAME, library_json(plan for _, plan in planned))
    return Exported(len(planned), written, tuple(troubles))


def _names(plan: PortableEntry) -> set[str]:
    """The files of an entry, from its name and id alone: no path in a file is believed."""
    stem = _stem(plan.name, plan.id)
    names = {f"{stem}.md", NAME}
    return names | {f"{stem}{_suffix(plan.picture)}"} if plan.picture else names


def _stem(name: str, entry_id: str) -> str:
    return f"{slug(name)}-{entry_id}"


def _suffix(path: str) -> str:
    suffix = Path(path).suffix.lower()
    return suffix if suffix in _SUFFIXES else ".png"


def _before(folder: Path) -> set[str]:
    """The files of an earlier export in this folder; none where there was none."""
    index = folder / NAME
    if not index.exists():
        return set()
    try:
        with index.open("rb") as file:
            found = read_library(file.read(LARGEST_FILE))
    except (OSError, UnreadableError) as error:
        raise StoreError(
            f"{index} is no list of an export that can be read: choose an empty folder"
        ) from error
    return {name for plan in found.entries if is_id(plan.id) for name in _names(plan)} | {NAME}


def _check(folder: Path, ours: set[str]) -> None:
    """Refuse a folder that holds anything else."""
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder} is a file: name a folder, or choose --format json")
    try:
        names = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise StoreError(explain(error, f"read {folder}")) from error
    others = [name for name in names if name not in ours and not _NEUTRAL.fullmatch(name)]
    if others:
        raise StoreError(
            f"{folder} holds other things, such as {others[0]}: choose an empty folder"
        )


def _missing(store: Store, entry: LibraryEntry) -> str:
    try:
        if sha256_of(store.library.file(entry)) == entry.sha256:
            return ""
    except StoreError as error:
        return f"“{entry.name}” goes without its picture: {error}"
    return f"“{entry.name}” goes without its picture: its file was changed, put back a copy"


def _written(store: Store, folder: Path, entry: LibraryEntry, plan: PortableEntry) -> int:
    """Write what of an entry is new or different; how many files that were."""
    stem = _stem(entry.name, entry.id)
    written = _put(folder / f"{stem}.md", _page(entry, plan.picture).encode())
    if not plan.picture or same_picture(folder / plan.picture, entry.sha256):
        return written
    source = store.library.file(entry)

    def copy(target: IO[bytes]) -> None:
        with source.open("rb") as file:
            shutil.copyfileobj(file, target)

    write_durably(folder / plan.picture, copy, mode=shared_mode())
    return written + 1


def _put(path: Path, content: bytes) -> int:
    if same_file(path, content):
        return 0
    write_durably(path, content, mode=shared_mode())
    return 1


def _page(entry: LibraryEntry, picture: str) -> str:
    """The entry as Markdown; foreign text is shown letter by letter, never as markup."""
    size = f"{entry.width} × {entry.height}" if entry.has_picture else ""
    brief = "" if entry.brief == Brief() else entry.brief.place
    facts = {
        "For": entry.purpose,
        "Place": brief,
        "What worked": entry.worked,
        "Tags": ", ".join(entry.tags),
        "Model": entry.model,
        "Size": size,
    }
    parts = [f"# {_plain(entry.name)}", f"![]({picture})" if picture else ""]
    parts.append("\n".join(f"- {name}: {_plain(text)}" for name, text in facts.items() if text))
    for layer, text in entry.layers.items():
        if text:
            parts.append(f"{layer.capitalize()}:\n\n    {text}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
