"""What an engine keeps of the shell that it was started from, and how another shell's differs.

An engine outlives the shell, and its workers and downloads have what that one had. Whoever comes
later with other GPUs, as under SLURM, or with another login at the hub, is not to wonder why these
do not count.
"""

import hashlib
import os
from collections.abc import Mapping

from tui.domain.text import clean

_KEPT = (
    "CUDA_VISIBLE_DEVICES",
    "HF_HOME",
    "HF_HUB_CACHE",
    "HF_ENDPOINT",
    "HF_HUB_OFFLINE",
    "HF_TOKEN",
)
"""Where it draws, where models are, and what may be downloaded."""
_SECRET = "HF_TOKEN"  # noqa: S105 - its name
_LONGEST = 80


def kept_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Those variables that are set; of a secret only a hash, by which two are told apart."""
    # A path may have bytes that are no text, and this is sent as text.
    found = {
        name: environ[name].encode(errors="backslashreplace").decode().strip()
        for name in _KEPT
        if name in environ
    }
    # No GPUs is another wish than all of them; the others mean nothing when they are empty.
    found = {name: value for name, value in found.items() if value or name == _KEPT[0]}
    if secret := found.get(_SECRET):
        found[_SECRET] = hashlib.sha256(secret.encode()).hexdigest()
    return found


def difference(theirs: Mapping[str, str] | None) -> str:
    """In what an engine's variables differ from those here, and what would do; empty for nothing.

    Args:
        theirs: what it kept; None for an engine that does not say.
    """
    here = kept_environment()
    if theirs is None or dict(theirs) == here:
        return ""
    found = []
    for name in _KEPT:
        if theirs.get(name) == here.get(name):
            continue
        if name == _SECRET:
            found.append(f"{name} is another")
        else:
            there, now = _shown(theirs.get(name)), _shown(here.get(name))
            found.append(f"{name} is {there} there and {now} here")
    return (
        f"the engine was started from another shell: {', '.join(found)}; "
        "“keepers engine stop” ends it, and the next one takes what is set where it is started"
    )


def _shown(value: str | None) -> str:
    if value is None:
        return "not set"
    return clean(value, limit=_LONGEST) or "empty"
