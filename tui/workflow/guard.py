"""What keeps a batch from breaking the process."""


class GuardError(ValueError):
    """The next batch would break the process; the message names why, and the ways out."""
