"""What happened, told to whichever screen is shown."""

from dataclasses import dataclass

from textual.message import Message

from tui.engine.messages import Event


@dataclass
class EngineSaid(Message, bubble=False):
    """The engine told of something that happened to a job."""

    event: Event
    blob: bytes = b""
    """A preview's JPEG."""


@dataclass
class LinkChanged(Message, bubble=False):
    """The connection to the engine came or went."""

    connected: bool
    says: str
    """In words, for the status line."""
