"""How the parts of the engine tell its clients what happened."""

from typing import Protocol

from tui.engine.messages import Event


class Announce(Protocol):
    """Tells every client; of previews with the same key only the latest is kept."""

    def __call__(self, event: Event, blob: bytes = b"", *, key: object = None) -> None:
        """Tell it, without waiting for anybody to read it."""
