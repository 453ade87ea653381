"""What an interface and the engine say to each other of how a model reads words."""

import msgspec

from tui.engine.message_bases import Reply, Request


class AskTokens(Request, frozen=True, kw_only=True):
    """How many tokens does the model read of these texts?"""

    model: str
    texts: tuple[str, ...]


class TextTokens(msgspec.Struct, frozen=True):
    """How a model cuts one text."""

    spans: tuple[tuple[int, int], ...]
    """Start and end of each token, in characters; several may share one character."""
    limit: int
    """Tokens that it reads at once, those around the text not counted."""
    chunks: int = 1
    """Parts that it is read in, one after the other; 1 where what is beyond the limit is lost."""


class TokenCounts(Reply, frozen=True, kw_only=True):
    """Answer to `AskTokens`: one for each text, or why nothing can be said."""

    texts: tuple[TextTokens, ...] = ()
    unknown: str = ""
    """In words; `texts` is empty then."""
    weighs: bool = False
    """Whether weights such as `(red hat:1.2)` are obeyed; their signs are no tokens then."""
