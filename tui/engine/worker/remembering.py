"""How sparingly a batch had to be drawn, remembered, so that the next begins there.

Only a cache: without it, or with nonsense in it, memory runs out once more, and that is all.
"""

import logging
import time
from pathlib import Path
from typing import Annotated

import msgspec

from tui.engine.jobs import MOST_AT_ONCE
from tui.engine.worker.ladder import Offload, Thrift, step_up
from tui.store.errors import StoreError
from tui.store.files import make_private_folder, write_durably

TRY_AGAIN_SECONDS = 86_400.0
"""After a day less thrift is tried again: others leave a shared machine."""

MORE_ROOM = 1.1
"""At once where there is so much more memory than it was too little of."""

_MOST_ENTRIES = 200
_MOST_BYTES = 1 << 17
_log = logging.getLogger(__name__)


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was needed, and when."""

    tiled: bool
    at_once: Annotated[int, msgspec.Meta(ge=0, le=MOST_AT_ONCE)]
    offload: Offload
    when: float
    """Seconds since 1970."""
    room: int
    """Bytes of the device that could be had; 0 where that is not known."""

    @property
    def thrift(self) -> Thrift:
        return Thrift(self.tiled, self.at_once, self.offload)


_decoder = msgspec.json.Decoder(dict[str, _Entry])


class Remembered:
    """A file in the cache folder, read anew each time: other workers write it too."""

    def __init__(self, path: Path | None) -> None:
        """Args: the file; None to remember nothing beyond this object's life."""
        self._path, self._own = path, dict[str, _Entry]()
        self._seen: dict[str, _Entry | None] = {}
        """What stood there when a batch began."""

    def begin(self, key: str, count: int, room: int) -> Thrift:
        """How sparingly to begin: as it worked, or one rung up where it is time to try.

        Args:
            key: what determines how much memory is needed.
            count: images of the batch.
            room: bytes of the device that could be had now.
        """
        entry = self._seen[key] = self._entries().get(key)
        if entry is None:
            return Thrift()
        is_old = not 0 <= time.time() - entry.when < TRY_AGAIN_SECONDS
        if is_old or 0 < entry.room * MORE_ROOM < room:
            return step_up(entry.thrift, count)
        return entry.thrift

    def note(self, key: str, began: Thrift, ended: Thrift, room: int) -> None:
        """Keep what worked; nothing is written where that was known.

        Args:
            key: as above.
            began: what `begin` gave.
            ended: what worked; the plain way is kept by forgetting.
            room: bytes of the device that could be had.
        """
        entries = self._entries()
        entry = entries.pop(key, None)
        if began == ended and entry != self._seen.get(key):
            return  # another worker on this device has learned something meanwhile
        known = entry.thrift if entry is not None else Thrift()
        if known == began == ended:
            return
        if ended != Thrift():
            now = time.time()
            entries[key] = _Entry(ended.tiled, ended.at_once, ended.offload, now, room)
        newest = sorted(entries.items(), key=lambda item: item[1].when)[-_MOST_ENTRIES:]
        self._own = dict(newest)
        if self._path is None:
            return
        try:
            make_private_folder(self._path.parent)
            write_durably(self._path, msgspec.json.encode(self._own))
        except StoreError as error:
            _log.warning("what fits into memory is not kept: %s", error)

    def _entries(self) -> dict[str, _Entry]:
        if self._path is None:
            return dict(self._own)
        try:
            if not self._path.is_file():
                return dict(self._own)
            with self._path.open("rb") as file:
                return _decoder.decode(file.read(_MOST_BYTES))
        except (OSError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
            _log.warning("%s is left aside: %s", self._path, error)
            return dict(self._own)
