"""Memory that ran out: how it is told from other errors, how it comes back, how much there is."""

import contextlib
import ctypes
import errno
import gc
import re
from collections.abc import Iterator

import torch

_SAID = re.compile(
    r"can't allocate memory|cannot allocate memory|out of memory|bad_alloc"
    r"|CU(BLAS|DNN)_STATUS_ALLOC_FAILED"
    # What is said where the first handle finds no memory left.
    r"|CUBLAS_STATUS_NOT_INITIALIZED"
    # A thread wants memory for its stack.
    r"|can't start new thread"
    # CUDA's allocator asks who holds the memory before it says that none is left, and on a part of
    # a GPU nobody may ask.
    r"|NVML_SUCCESS == "
    # cuDNN's own name for it since 9, and what torch says after each way of it wanted more room.
    r"|(DEVICE|HOST)_ALLOCATION_FAILED|(GET|FIND) was unable to find an engine"
    # All that oneDNN says. Something that it cannot do at all has no primitive descriptor.
    r"|could not (create|execute) a primitive\b(?! descriptor)",
    re.IGNORECASE,
)
"""What a `RuntimeError` says where no memory was to be had: torch has a type of its own for GPUs
alone, and libraries below it have none."""


def error_and_causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those that led to it, each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or error.__context__


def ran_out(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, is that no memory was left.

    That is torch's own error for GPUs, a `MemoryError`, the system's `ENOMEM`, and a
    `RuntimeError` or `OSError` that says so.
    """
    for each in error_and_causes(error):
        if isinstance(each, (torch.OutOfMemoryError, MemoryError)):
            return True
        if isinstance(each, OSError) and each.errno == errno.ENOMEM:
            return True
        if isinstance(each, (RuntimeError, OSError)) and _SAID.search(str(each)):
            return True
    return False


def give_back() -> None:
    """Give back what nobody holds; call it outside the `except` block, which holds the frames."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    trim()


def give_cache_back() -> None:
    """Give back what is kept for the next batch; a loaded model stays.

    On a shared GPU that is torch's, in the machine's memory the C library's: a hundred megabytes of
    a batch, and most of what weights took that were converted on their way to a GPU, nearly two
    gigabytes of a Stable Diffusion 1.5.
    """
    if torch.cuda.is_available():
        # A GPU that broke off says so at the next batch, which there is somebody to tell of.
        with contextlib.suppress(RuntimeError):
            torch.cuda.empty_cache()
    trim()


def held(device: str) -> int:
    """Bytes of a GPU that are in use here; 0 for the processor, where the system counts them."""
    return int(torch.cuda.memory_allocated(device)) if device.startswith("cuda") else 0


def room(device: str) -> int:
    """Bytes of a GPU that are free or already ours; 0 for the processor, where all is shared."""
    if not device.startswith("cuda"):
        return 0
    free, _total = torch.cuda.mem_get_info(device)
    return int(free) + int(torch.cuda.memory_reserved(device))


def trim() -> None:
    """The C library keeps what lies between two blocks in use; only some have a word for it."""
    if word := getattr(ctypes.CDLL(None), "malloc_trim", None):
        word(0)
