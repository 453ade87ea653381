"""What was written into each layer before, to be taken up again."""

import time

from tui.domain.prompt import LAYERS, Layers
from tui.domain.text import clean
from tui.store.database import Database


class LayerHistory:
    """The table of layer texts; each text of a layer is there once, with its last use."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, layers: Layers, *, used: float | None = None) -> None:
        """Note that these layers were used, now or then; empty ones are left out."""
        used = time.time() if used is None else used
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO layer_history VALUES (?, ?, ?) "
                "ON CONFLICT (layer, text) DO UPDATE SET used = max(used, excluded.used)",
                [(layer, text, used) for layer, text in layers.cleaned().items() if text],
            )

    def list(self, layer: str, limit: int = 50) -> tuple[str, ...]:
        """What was written into a layer, last used first.

        Raises:
            KeyError: there is no such layer.
        """
        return self._texts(layer)[: max(0, limit)]

    def search(self, layer: str, words: str, limit: int = 50) -> tuple[str, ...]:
        """The same, but only texts that hold every one of the words, in whole or in part.

        Raises:
            KeyError: there is no such layer.
        """
        wanted = clean(words).casefold().split()
        found = (
            text for text in self._texts(layer) if all(word in text.casefold() for word in wanted)
        )
        return tuple(found)[: max(0, limit)]

    def _texts(self, layer: str) -> tuple[str, ...]:
        if layer not in LAYERS:
            raise KeyError(layer)
        with self._database.read() as connection:
            # Texts noted together have one time; what was first noted last then comes first.
            rows = connection.execute(
                "SELECT text FROM layer_history WHERE layer = ? ORDER BY used DESC, rowid DESC",
                (layer,),
            ).fetchall()
        return tuple(str(row[0]) for row in rows)
