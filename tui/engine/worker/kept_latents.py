"""Unfinished latents on disk, so that a branch does not compute its parent's steps again.

Only a cache: what is missing or damaged is computed again, and comes out the same.
"""

import contextlib
import hashlib
import json
import logging
import os
import secrets
import time
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from tui.domain.branch import Branch
from tui.engine.worker.branching import Midway
from tui.engine.worker_messages import RunBatch
from tui.store.files import remove_leftovers

_SUFFIX = ".safetensors"
_log = logging.getLogger(__name__)


class KeptLatents:
    """A folder of drawings in the middle, each under the key of what determines it."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder, self._most_bytes = folder, most_bytes

    def get(self, key: str) -> Midway | None:
        """What is kept under a key, if it is still what was written."""
        path = self._path(key)
        try:
            with safe_open(path, framework="pt") as file:
                told = file.metadata()
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            if digest(key, told["state"], tensors) != told["sha256"]:
                raise ValueError("its bytes are others")
            state = json.loads(told["state"])
            found = Midway(state["calls"], state["tree"], tensors)
            # What is used stays longest.
            _used_now(path)
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
            _log.warning("%s is left aside: %s", path, error)
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        return found

    def put(self, key: str, midway: Midway) -> None:
        """Keep it, and let go of the oldest beyond the limit; a disk that refuses is no matter."""
        state = json.dumps({"calls": midway.calls, "tree": midway.tree})
        told = {"state": state, "sha256": digest(key, state, midway.tensors)}
        temporary = self._folder / f".tmp-{os.getpid()}-{secrets.token_hex(8)}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Without a sync: after a power cut the checksum tells what is whole.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
                file.write(save(midway.tensors, told))
            _used_now(temporary)
            temporary.replace(self._path(key))
            self._shrink()
        except OSError as error:
            _log.warning("latents are not kept: %s", error)
            with contextlib.suppress(OSError):
                temporary.unlink()

    def _shrink(self) -> None:
        remove_leftovers(self._folder)
        found = []
        for path in self._folder.glob(f"*{_SUFFIX}"):
            # Another home's worker may share the folder, and be faster.
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self._most_bytes:
                return
            path.unlink(missing_ok=True)
            total -= size

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{_SUFFIX}"


def _used_now(path: Path) -> None:
    # A file system's own clock is too coarse to tell two files of one batch apart.
    now = time.time_ns()
    os.utime(path, ns=(now, now))


def midway_key(batch: RunBatch, branch: Branch, **circumstances: Any) -> str:
    """The name of a batch in the middle: equal exactly where all is equal that determines it.

    Args:
        batch: whose seeds, in these slots, at this size, and by which model.
        branch: whose words, up to which step.
        circumstances: all else.
    """
    intent = batch.intent
    parts = [
        msgspec.to_builtins(branch),
        (intent.steps, intent.width, intent.height),
        batch.seeds,
        (batch.model.reference, batch.model.revision),
        sorted(circumstances.items()),
    ]
    if batch.loras or batch.vae is not None:
        # Only then, so that what was kept before there were any stays good.
        parts.append([(lora.sha256, lora.weight) for lora in batch.loras])
        parts.append(None if batch.vae is None else batch.vae.revision)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def digest(key: str, state: str, tensors: dict[str, torch.Tensor]) -> str:
    """Hexadecimal SHA-256 over a name, what is told of some tensors, and their numbers."""
    found = hashlib.sha256(f"{key}\n{state}\n".encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        # A single number may lie there with any stride, which no view as bytes takes.
        flat = torch.empty(tensor.numel(), dtype=tensor.dtype).copy_(tensor.reshape(-1))
        found.update(flat.view(torch.uint8).numpy().data)
    return found.hexdigest()
