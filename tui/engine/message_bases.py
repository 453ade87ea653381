"""What every message between an interface and the engine begins with."""

import msgspec


class Request(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something a client asks; the answer carries the same number."""

    number: int = 0


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The answer to the request with this number."""

    number: int = 0


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something that happened to a job."""

    job: str
