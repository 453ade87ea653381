"""Finding library entries: words as a person types them, as a query that SQLite always takes."""

import unicodedata

from tui.domain.text import clean

LONGEST_QUERY = 400
"""Characters; what is beyond is not looked for."""

_SHORTEST_TELLING = 3
_IDLE = frozenset({
    "about", "and", "any", "are", "but", "can", "for", "from", "has", "have", "her", "his",
    "into", "its", "not", "one", "our", "out", "over", "she", "some", "than", "that", "the",
    "their", "them", "then", "there", "they", "this", "too", "use", "was", "were", "will", "with",
    "you", "your",
})  # fmt: skip
"""Words that two briefs share without having anything in common."""


def terms(words: str) -> tuple[str, ...]:
    """The parts between spaces that hold a letter or digit; anything else finds nothing."""
    return tuple(term for term in clean(words, limit=LONGEST_QUERY).split() if _has_word(term))


def as_typed(words: str) -> str:
    """A query for all of the words, the last of which may not be finished; empty for none."""
    quoted = [_quoted(term) for term in terms(words)]
    return " ".join(quoted) + "*" if quoted else ""


def column_query(column: str, beginning: str) -> str:
    """A query for words of one column that begin so; empty where nothing could be found."""
    return f"{column} : {_quoted(beginning)}*" if _has_word(beginning) else ""


def any_of(words: str) -> str:
    """A query for any of the words that tell something; empty where none does."""
    telling = dict.fromkeys(term.casefold() for term in terms(words) if _tells(term.casefold()))
    return " OR ".join(map(_quoted, telling))


def _quoted(term: str) -> str:
    # Between quotes nothing has a meaning but a quote, which doubles.
    return '"' + term.replace('"', '""') + '"'


def _has_word(term: str) -> bool:
    return any(unicodedata.category(character)[0] in "LN" for character in term)


def _tells(term: str) -> bool:
    letters = "".join(filter(str.isalnum, term))
    # Two signs are a whole word in Chinese, and nothing in English.
    return not letters.isascii() or (len(letters) >= _SHORTEST_TELLING and letters not in _IDLE)
