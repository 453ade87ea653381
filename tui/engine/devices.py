"""The devices that the setting names, each for a worker of its own."""

from collections import Counter
from collections.abc import Sequence

ALL = "all"
"""The setting for every GPU that there is."""


def device_names(setting: str, gpus: int) -> tuple[str, ...]:
    """One name for each worker; a device that is named twice gets two of them.

    Args:
        setting: as it stands in `config.toml`.
        gpus: how many a worker sees, which is what `CUDA_VISIBLE_DEVICES` leaves of them.
    """
    if setting != ALL:
        return tuple(name.strip() for name in setting.split(","))
    return tuple(f"cuda:{number}" for number in range(gpus)) or ("cpu",)


def device_labels(names: Sequence[str]) -> tuple[str, ...]:
    """What each is called before people: by its name, with a number where that comes twice."""
    counts, seen, found = Counter(names), Counter[str](), []
    for name in names:
        seen[name] += 1
        found.append(name if counts[name] == 1 else f"{name} {seen[name]}")
    return tuple(found)


def sharers(names: Sequence[str]) -> tuple[int, ...]:
    """For each worker, among how many the processor's threads are shared out.

    Those on GPUs share them all, whichever GPU each is on: they load at the same time, and a thread
    for each core and each GPU would wait for cores. Pixels do not follow from it there. A worker on
    the processor has as many as it always had, for its recipes name them.
    """
    counts = Counter("cuda" if name != "cpu" else name for name in names)
    return tuple(counts["cuda" if name != "cpu" else name] for name in names)


def counted(names: Sequence[str]) -> str:
    """`2 × NVIDIA A100 and NVIDIA L4`: devices as their makers name them, with how many of each."""
    return " and ".join(
        name if count == 1 else f"{count} × {name}" for name, count in Counter(names).items()
    )
