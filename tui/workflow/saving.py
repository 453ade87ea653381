"""Step 7: what is typed about a keeper until it is in the library, and the numbers beside it."""

import threading
import time
from pathlib import Path
from typing import ClassVar

import msgspec

from tui.domain.text import clean
from tui.domain.versioned import UnreadableError, from_json, to_json
from tui.store.errors import StoreError
from tui.store.files import write_durably
from tui.store.images import ImageRecord
from tui.store.library_entry import LONGEST_NAME, LibraryEntry
from tui.store.store import Store
from tui.workflow.library import save_keeper
from tui.workflow.workspace import Workspace

FILE_NAME = "keeper-drafts.json"
_LARGEST_FILE = 1 << 20
_writing = threading.Lock()


class KeeperDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person typed about one image before it is saved."""

    name: str = ""
    purpose: str = ""
    """What it is for."""
    worked: str = ""
    tags: str = ""
    """As typed, between commas."""

    @property
    def tag_list(self) -> tuple[str, ...]:
        """The tags one by one."""
        return tuple(tag for tag in map(clean, self.tags.split(",")) if tag)


class _Drafts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    VERSION: ClassVar[int] = 1

    drafts: dict[str, KeeperDraft] = {}
    """By image id."""
    version: int = VERSION


def draft_of(workspace: Workspace, image: ImageRecord) -> KeeperDraft:
    """What stands in the fields: typed before, or saved before, or taken from the brief.

    An image that came from one with a draft goes on with that.
    """
    drafts = _read(workspace.store, image).drafts
    if image.id in drafts:
        return drafts[image.id]
    saved = workspace.store.library.for_image(image.id)
    if saved is not None:
        return KeeperDraft(saved.name, saved.purpose, saved.worked, ", ".join(saved.tags))
    for ancestor in workspace.store.images.line(image.id)[1:]:
        if ancestor.id in drafts:
            return drafts[ancestor.id]
    purpose = workspace.project.brief.purpose
    return KeeperDraft(name=clean(purpose, limit=LONGEST_NAME), purpose=purpose)


def save_draft(store: Store, image: ImageRecord, draft: KeeperDraft | None) -> None:
    """Keep what was typed about an image; None forgets it. Safe on any thread.

    Raises:
        StoreError: the disk refuses.
    """
    with _writing:
        drafts = dict(_read(store, image).drafts)
        if draft is None:
            if drafts.pop(image.id, None) is None:
                return
        else:
            drafts[image.id] = draft
        write_durably(_path(store, image), to_json(_Drafts(drafts)).encode() + b"\n")


def keep(workspace: Workspace, image: ImageRecord, draft: KeeperDraft) -> LibraryEntry:
    """Put the image into the library, or bring what is said of it there up to date.

    Raises:
        StoreError: its file is gone or was changed, or the disk refuses; the draft stays then.
    """
    store = workspace.store
    saved = store.library.for_image(image.id)
    words = {"name": draft.name, "purpose": draft.purpose, "worked": draft.worked}
    if saved is None:
        entry = save_keeper(
            store,
            workspace.project,
            image,
            **words,
            tags=draft.tag_list,
            options=_options(workspace, image),
        )
    else:
        entry = store.library.update(saved.id, **words, tags=draft.tag_list)
        if entry.archived is not None:
            entry = store.library.archive(entry.id, archived=False)
    save_draft(store, image, None)
    return entry


def unsaved(workspace: Workspace) -> str:
    """A sentence about a chosen image that is in no library yet; empty where there is none."""
    if not workspace.is_open:
        return ""
    image = workspace.chosen()
    if image is None or workspace.store.library.for_image(image.id) is not None:
        return ""
    name = clean(workspace.project.name, limit=60)
    return f"The image you chose for “{name}” is not in the library yet (7, then K saves it)."


def is_kept(workspace: Workspace) -> bool:
    """Whether the chosen image is in the library."""
    image = workspace.chosen()
    return image is not None and workspace.store.library.for_image(image.id) is not None


def leave_question(workspace: Workspace) -> str:
    """What to ask a person who is about to leave."""
    if workspace.unsaved:
        return "Leave Keepers? What you typed last is not on the disk yet: it would be lost."
    try:
        kept = unsaved(workspace)
    except StoreError as error:
        # Whatever is wrong with the disk, one must be able to leave.
        kept = f"{error}."
    return f"Leave Keepers? {kept or 'Everything is saved, and what runs goes on.'}"


def numbers(workspace: Workspace, until: float | None = None) -> str:
    """Time, images and rounds of the open project, and the last five keepers' minutes."""
    project, store = workspace.project, workspace.store
    spent = span((until or time.time()) - project.created)
    images, rounds = len(workspace.images()), len(store.rounds.list(project.id))
    says = f"{spent} · {_many(images, 'image')} · {_many(rounds, 'round')}"
    last = _last_minutes(workspace)
    if not last:
        return says
    return f"{says}  (your last {len(last)}: {', '.join(map(str, last))} min)"


def origin(workspace: Workspace, image: ImageRecord) -> str:
    """Which image it is: `round 3, image 9, seed 8`."""
    jobs = [made.job_id for made in workspace.store.rounds.list(workspace.project.id)]
    ids = [other.id for other in workspace.images()]
    parts = []
    if image.job_id in jobs:
        parts.append(f"round {jobs.index(image.job_id) + 1}")
    if image.id in ids:
        parts.append(f"image {ids.index(image.id) + 1}")
    if image.seed is not None:
        parts.append(f"seed {image.seed}")
    return ", ".join(parts)


def span(seconds: float) -> str:
    """A length of time as a person says it: `6 min 40 s`, `3 h 5 min`, `2 days`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return _many(whole // 86_400, "day")


def _last_minutes(workspace: Workspace) -> list[int]:
    """Minutes from brief to keeper of the newest five projects that have one, newest first."""
    found: dict[str, int] = {}
    for entry in workspace.store.library.of_projects():
        project_id = entry.project_id
        if project_id is None or project_id == workspace.project.id:
            continue
        made = workspace.store.projects.get(project_id).created
        found.setdefault(project_id, max(1, round((entry.created - made) / 60)))
    return list(found.values())[:5]


def _options(workspace: Workspace, image: ImageRecord) -> str:
    """The settings that made the image, as the options panel holds them."""
    options, recipe = workspace.options, image.recipe
    if recipe is not None and recipe.intent.mask is None:
        options = options.taken_from(recipe.intent)
    return to_json(options)


def _path(store: Store, image: ImageRecord) -> Path:
    return store.projects.folder(store.projects.get(image.project_id)) / FILE_NAME


def _read(store: Store, image: ImageRecord) -> _Drafts:
    try:
        with _path(store, image).open("rb") as file:
            return from_json(file.read(_LARGEST_FILE), _Drafts)
    except (OSError, UnreadableError, StoreError):
        # A draft is a convenience: a damaged one must not stand in the way of saving.
        return _Drafts()


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
