"""What is done now and then so that the database can be had again if it breaks."""

from contextlib import suppress

from tui.store.backups import make_daily
from tui.store.errors import NotFoundError
from tui.store.library_file import entry_file, write_entry
from tui.store.replacing import delete_old
from tui.store.store import Store
from tui.store.summaries import last_changed

_EVERYTHING = 1_000_000_000


def keep_safe(store: Store) -> bool:
    """Once a day: a backup, and everything that the files beside the pictures do not say yet.

    It reads much, so it belongs on a thread of its own; several processes may do it at once.

    Returns:
        Whether it was done; it is not where today has a backup.

    Raises:
        StoreError: there is no room, the database is damaged, or the disk refuses.
    """
    if make_daily(store.home) is None:
        return False
    # Not before: today's backup is whole.
    delete_old(store.home)
    note_down(store)
    for entry in store.library.list(_EVERYTHING, archived=True):
        if not entry_file(store.home, entry.id).exists():
            write_entry(store.home, entry)
    return True


def note_down(store: Store, *, since: float = 0.0) -> None:
    """Bring `project.json` up to date for the projects that were changed since then.

    `since` is in seconds since 1970.

    Raises:
        StoreError: the disk refuses; what cannot be read is left as it is.
    """
    everything = (*store.projects.list(archived=True), *store.projects.list(trashed=True))
    for project in everything:
        if project.unreadable or last_changed(store.database, project.id) < since:
            continue
        # Somebody may have deleted it for good since.
        with suppress(NotFoundError):
            store.write_sidecar(project.id)
