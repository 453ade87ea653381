"""Names that never clash: ids that sort by time, and slugs that any disk takes."""

import re
import secrets
import time
import unicodedata

LONGEST_SLUG = 40

_ID = re.compile(r"[a-z0-9]{1,40}")
_DATED = re.compile(r"[0-9a-f]{18}(?:[0-9a-f]{2})?")
_FIRST = 1_700_000_000
"""Seconds since 1970; there was no Keepers before."""
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
"""Names that Windows shares and some sync tools refuse."""


def new_id() -> str:
    """18 hexadecimal digits: 12 of milliseconds since 1970, so that ids sort, and 6 of chance."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(3)}"


def time_of(made: str) -> float | None:
    """When an id of ours, or one that begins with it, was given out, in seconds since 1970.

    None for one that chance or a person made.
    """
    if not _DATED.fullmatch(made):
        return None
    when = int(made[:12], 16) / 1000
    return when if _FIRST <= when <= time.time() + 86_400 else None


def is_id(text: str) -> bool:
    """Whether it may stand as an id: 1 to 40 lower-case ASCII letters and digits."""
    return _ID.fullmatch(text) is not None


def slug(name: str) -> str:
    """The name as 1 to 40 of a–z, 0–9 and single inner hyphens; `untitled` if nothing is left."""
    letters = unicodedata.normalize("NFKD", name[:1_000]).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:LONGEST_SLUG].strip("-")
    if _RESERVED.fullmatch(text):
        return f"{text}-project"
    return text or "untitled"
