"""How much of a GPU processes hold at most, as its driver counts it: whatever library took it.

Both sides are measured by this, for it is what other people on the GPU have to do without: weights,
what torch keeps for later, workspaces and CUDA's own context.
"""

import threading
from collections import Counter

from tui.engine.gpus import gpus

_SECONDS = 0.1
"""Between two looks; torch gives nothing back while a batch is drawn, so that none is too late."""


class GpuWatch:
    """Looks at one GPU for as long as it is open."""

    def __init__(self, device: str) -> None:
        self._index = int(device.removeprefix("cuda:"))
        self._ended = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._held = Counter[int]()
        self._most = 0
        self._look_once()
        self._before = self._most

    def __enter__(self) -> "GpuWatch":
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._looking.join()

    def peak(self, pid: int) -> int:
        """Most bytes that a process held; 0 where nobody tells.

        In a container the driver does not know processes by their numbers there. Then it is what
        was used of the whole GPU beyond what was when this began: right while nobody else draws.
        """
        self._look_once()
        return self._held[pid] or max(0, self._most - self._before)

    def _look(self) -> None:
        while not self._ended.wait(_SECONDS):
            self._look_once()

    def _look_once(self) -> None:
        for gpu in gpus():
            if gpu.index == self._index:
                self._most = max(self._most, gpu.total - gpu.free)
                for user in gpu.users:
                    self._held[user.pid] = max(self._held[user.pid], user.memory or 0)
