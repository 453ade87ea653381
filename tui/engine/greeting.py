"""How a client and an engine greet each other, and see whether they go together."""

from tui.engine.message_bases import Reply, Request

PROTOCOL = 8
"""Raised whenever a message changes its meaning or shape."""


class Hello(Request, frozen=True, kw_only=True):
    """First message of a client."""

    protocol: int = PROTOCOL
    version: str
    previews: bool = False
    """Whether the client wants previews of unfinished images."""


class Welcome(Reply, frozen=True, kw_only=True):
    """Answer to `Hello`."""

    protocol: int = PROTOCOL
    version: str
    pid: int
    busy: bool
    paused: bool = False
    """Whether what waits in the queue waits until somebody lets it go on."""
    environment: dict[str, str] | None = None
    """What it has kept of the shell that it was started from (`environment.kept_environment`)."""
    clients: int = 0
    """Others that are connected."""
    on_demand: bool = False
    """Whether it was started because somebody needed an engine, and not by a person who waits."""
