"""What can go wrong on disk, said in one sentence that tells a person what to do next."""

import errno

from tui.domain.text import clean

_LONGEST_SENTENCE = 1_000


class StoreError(Exception):
    """Something could not be read or kept; the message is one harmless sentence for a person."""

    def __init__(self, message: str) -> None:
        # Paths and stored text come from anywhere; nothing of them may drive a terminal.
        super().__init__(clean(message, limit=_LONGEST_SENTENCE))


class NotFoundError(StoreError):
    """There is no such project, job or image."""


_WORDS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", "free some space there and try again"),
    errno.EDQUOT: ("your quota on that disk is used up", "delete something of yours there"),
    errno.EFBIG: ("the file would be larger than is allowed here", "raise the limit (ulimit -f)"),
    errno.EACCES: ("you have no permission", "make the folder yours, or set KEEPERS_HOME"),
    errno.EPERM: ("you have no permission", "make the folder yours, or set KEEPERS_HOME"),
    errno.EROFS: ("that disk is read-only", "set KEEPERS_HOME to a folder that can be written"),
    errno.ENOENT: ("it is not there", "check the path"),
    errno.ENOTDIR: ("a part of the path is a file, not a folder", "move that file away"),
    errno.EISDIR: ("it is a folder, not a file", "move that folder away"),
    errno.EEXIST: ("something else has that name", "move it away"),
    errno.ENOTEMPTY: ("something else has that name", "move it away"),
    errno.ENAMETOOLONG: ("the name is too long for that disk", "choose a shorter one"),
    errno.ELOOP: ("it is a link, or links there run in a circle", "replace it by a real file"),
    errno.EMFILE: ("too many files are open", "raise the limit (ulimit -n)"),
    errno.ENFILE: ("too many files are open on this machine", "try again later"),
    errno.EIO: ("the disk reported an error", "check the disk, and keep a copy elsewhere"),
    errno.ESTALE: ("the server took the folder away", "mount it again"),
    errno.ETXTBSY: ("the file is in use", "try again later"),
}
"""For each errno: why it failed, and what to do."""


def explain(error: OSError, doing: str) -> str:
    """One sentence for a person.

    Args:
        error: what the system said.
        doing: what was tried, after "could not", with the path: `write /home/a/b.png`.
    """
    unknown = (error.strerror or str(error) or "the system did not say why", "check the path")
    why, remedy = _WORDS.get(error.errno or 0, unknown)
    return f"could not {doing}: {why}; {remedy}"
