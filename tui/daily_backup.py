"""The daily backup of the database, made beside all that goes on in the interface."""

from textual.app import App

from tui.domain.text import as_sentence
from tui.store.errors import StoreError
from tui.store.keeping_safe import keep_safe
from tui.store.store import Store

SECONDS = 3.0
"""After the start: first paint and engine come first."""


def back_up_soon(app: App[None], store: Store) -> None:
    """Make today's backup in a while, on a thread of its own; what is in its way is said."""

    def keep() -> None:
        try:
            keep_safe(store)
        except StoreError as error:
            said = as_sentence(str(error))
            app.call_from_thread(app.notify, said, severity="warning", markup=False)

    def begin() -> None:
        app.run_worker(keep, thread=True, group="safe", exit_on_error=False)

    app.set_timer(SECONDS, begin)
