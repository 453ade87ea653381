"""Pictures in the terminal's memory: each sent once, kept while it is of use, then deleted."""

import asyncio
import hashlib
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tui.terminal import kitty
from tui.terminal.pace import Pace
from tui.terminal.tmux import Tmux, ask_tmux

MOST_KEPT = 64
"""Pictures in the terminal's memory, those on the screen included."""
MOST_PIXELS = 40_000_000
"""Pixels of them; the terminal keeps 4 bytes for each, and has 320 MB."""
_SLICE = 12
"""Pieces that are sent at once: keys never wait for more than these."""
_HIDDEN_POLL = 1.0
_TRUST = 1.0
"""Seconds for which tmux's word about the pane is believed."""


class Holder(Protocol):
    """Somebody who shows a picture."""

    def picture_changed(self) -> None:
        """It has arrived, or the terminal has lost it."""


@dataclass(eq=False)
class Upload:
    """A picture for a number of cells."""

    number: int
    columns: int
    rows: int
    pixels: int
    png: bytes
    key: bytes
    holders: set[Holder] = field(default_factory=set)
    """Who shows it now."""
    arrived: bool = False
    """Whether all of it was sent."""
    alive: bool = True
    """False once the terminal was told to forget it."""


class Uploads:
    """All pictures of one program in one terminal.

    `write` takes terminal text at once; `run` sends what waits, slice by slice.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        pace: Pace,
        *,
        in_tmux: bool,
        base: int,
    ) -> None:
        """`base` has the upper bits of all numbers."""
        self._write, self._pace = write, pace
        self._in_tmux, self._base = in_tmux, base
        self._known: OrderedDict[bytes, Upload] = OrderedDict()
        self._waiting: deque[Upload] = deque()
        self._deleted: list[int] = []
        self._sending: Upload | None = None
        self._next = 0
        self._wake = asyncio.Event()
        self._client = ""
        self._asked = 0.0

    def offer(
        self, png: bytes, size: tuple[int, int], cells: tuple[int, int], holder: Holder
    ) -> Upload:
        """The upload of this picture; one that is known already is not sent again.

        Args:
            png: the file.
            size: its pixels, width and height.
            cells: columns and rows it fills.
            holder: who shows it; told as soon as it is there.
        """
        key = hashlib.blake2b(png + repr(cells).encode(), digest_size=16).digest()
        known = self._known.get(key)
        if known is None:
            known = Upload(self._number(), *cells, size[0] * size[1], png, key)
            self._known[key] = known
            self._waiting.append(known)
            self._wake.set()
        known.holders.add(holder)
        self._known.move_to_end(key)
        self._evict()
        return known

    def release(self, upload: Upload, holder: Holder) -> None:
        """Somebody shows it no longer; it stays known, unless nothing of it was sent."""
        upload.holders.discard(holder)
        if not upload.holders and upload in self._waiting:
            self._waiting.remove(upload)
            self._drop(upload)

    def forget(self) -> None:
        """The terminal may have lost them all: delete them, and have them offered again."""
        lost = list(self._known.values())
        for upload in lost:
            self._drop(upload)
        self._waiting.clear()
        self._asked = 0.0
        self._flush()
        for upload in lost:
            _tell(upload)

    async def check(self) -> None:
        """Have all of them sent again if another terminal is attached to tmux."""
        if self._in_tmux:
            before = self._client
            tmux = await asyncio.to_thread(ask_tmux)
            if tmux is not None and before and tmux.client != before:
                self._client = tmux.client
                self.forget()

    def farewell(self) -> str:
        """What removes all pictures from the terminal; afterwards none is known."""
        text = ""
        if self._sending is not None:
            text = kitty.broken_off(in_tmux=self._in_tmux)
            self._sending.alive = False
        lost = list(self._known.values())
        for upload in lost:
            upload.alive = False
            if upload.arrived or upload is self._sending:
                self._deleted.append(upload.number)
        self._known.clear()
        self._waiting.clear()
        self._sending = None
        for upload in lost:
            _tell(upload)
        return text + self._deletions()

    async def run(self) -> None:
        """Send what waits, for as long as the program runs."""
        while True:
            await self._wake.wait()
            if not self._waiting:
                self._wake.clear()
                continue
            if await self._is_seen() and self._waiting:
                await self._send(self._waiting.popleft())

    async def _send(self, upload: Upload) -> None:
        self._sending = upload
        pieces = kitty.upload(
            upload.number, upload.png, upload.columns, upload.rows, in_tmux=self._in_tmux
        )
        for at in range(0, len(pieces), _SLICE):
            await self._pace.room()
            if self._sending is not upload:
                return  # the terminal was left meanwhile
            part = "".join(pieces[at : at + _SLICE])
            self._write(part)
            self._pace.spend(len(part))
            if not upload.alive and at + _SLICE < len(pieces):
                self._write(kitty.broken_off(in_tmux=self._in_tmux))
                break
            await asyncio.sleep(0)
        self._sending = None
        upload.arrived = True
        upload.png = b""
        if not upload.alive:
            self._deleted.append(upload.number)
        self._flush()
        _tell(upload)

    async def _is_seen(self) -> bool:
        """Whether the pane is on a screen: tmux drops what is sent to a hidden one."""
        now = asyncio.get_running_loop().time()
        if not self._in_tmux or now - self._asked < _TRUST:
            return True
        tmux: Tmux | None = await asyncio.to_thread(ask_tmux)
        if tmux is None:
            return True
        if not tmux.visible:
            await asyncio.sleep(_HIDDEN_POLL)
            return False
        before, self._client = self._client, tmux.client
        if before and before != tmux.client:
            self.forget()
            return False
        self._asked = now
        return True

    def _drop(self, upload: Upload) -> None:
        self._known.pop(upload.key, None)
        upload.alive = False
        if upload.arrived:
            self._deleted.append(upload.number)

    def _evict(self) -> None:
        """Delete those that nobody shows, the longest unused first."""
        for upload in list(self._known.values()):
            pixels = sum(known.pixels for known in self._known.values())
            if len(self._known) <= MOST_KEPT and pixels <= MOST_PIXELS:
                break
            if not upload.holders and upload.arrived:
                self._drop(upload)
        if self._sending is None:
            self._flush()

    def _flush(self) -> None:
        if self._deleted and self._sending is None:
            self._write(self._deletions())

    def _deletions(self) -> str:
        deleted, self._deleted = self._deleted, []
        return "".join(kitty.deletion(number, in_tmux=self._in_tmux) for number in deleted)

    def _number(self) -> int:
        """A number that no picture has, and that was free the longest."""
        taken = {upload.number for upload in self._known.values()} | set(self._deleted)
        if self._sending is not None:
            taken.add(self._sending.number)
        count = kitty.LAST_NUMBER - kitty.FIRST_NUMBER + 1
        for _ in range(count):
            number = self._base | kitty.FIRST_NUMBER + self._next
            self._next = (self._next + 1) % count
            if number not in taken:
                return number
        # More pictures on one screen than there are numbers: the oldest gives its number away.
        oldest = next(iter(self._known.values()))
        self._drop(oldest)
        return oldest.number


def _tell(upload: Upload) -> None:
    for holder in list(upload.holders):
        holder.picture_changed()
