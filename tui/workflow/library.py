"""Step 7: save a keeper with what made it, and start the next project from one."""

import msgspec

from tui.domain.prompt import Layers
from tui.domain.template import filled
from tui.store.errors import StoreError
from tui.store.images import ImageRecord
from tui.store.library_entry import LibraryEntry
from tui.store.projects import Project
from tui.store.store import Store


def save_keeper(
    store: Store,
    project: Project,
    image: ImageRecord,
    *,
    name: str,
    purpose: str,
    worked: str,
    tags: tuple[str, ...],
    options: str,
) -> LibraryEntry:
    """Put an image into the library, with a copy of its file that outlives the project.

    Layers and model are those of the image's own recipe. An image without one, and one whose
    recipe only painted what lies inside a mask, has them from its nearest ancestor that was
    painted whole; where there is none, the project's draft stands in.

    Raises:
        StoreError: the brief cannot be read, the image's file is gone or was changed, or the
            disk refuses; nothing is in the library then.
    """
    if project.unreadable:
        raise StoreError(project.unreadable)
    layers, model = made_with(store, image) or (project.draft, "")
    return store.library.add(
        image,
        name=name or project.name,
        purpose=purpose,
        worked=worked,
        tags=tags,
        brief=project.brief,
        layers=layers,
        options=options,
        model=model,
    )


def start_from(store: Store, entry_id: str, name: str | None = None) -> Project:
    """A new project that begins where a keeper ended, and the note that the keeper was used.

    Prompt, options and the brief's frame (place, size, kind, stakes, style, what to avoid) are
    the entry's, but for the `{prompt}` of a style. What the new image is for and what it must
    contain are left for the person.

    Raises:
        NotFoundError: there is no such entry.
        StoreError: its brief or layers cannot be read, or the disk refuses.
    """
    with store.database.transaction():
        entry = store.library.get(entry_id)
        if entry.unreadable:
            raise StoreError(entry.unreadable)
        brief = msgspec.structs.replace(entry.brief, purpose="", must_contain=())
        project = store.projects.add(entry.name if name is None else name, brief=brief)
        project = store.projects.update(project.id, draft=filled(entry.layers, ""))
        store.positions.update(project.id, options=entry.options, begun_from=entry_id)
        store.library.used(entry_id)
    return project


def made_with(store: Store, image: ImageRecord) -> tuple[Layers, str] | None:
    """Layers and model of the nearest recipe in an image's line; None where there is none."""
    recipe = store.images.whole_recipe(image.id)
    return None if recipe is None else (recipe.intent.layers, recipe.intent.model)
