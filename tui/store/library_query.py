"""What is looked for in the library: words, and conditions typed among them.

`robot tag:header model:sdxl kind:photo style:flat sort:use`: each condition narrows. It holds the
beginning of a tag or kind, or a part of a model's name or of the style layer.
"""

from dataclasses import dataclass
from typing import Literal

import msgspec

from tui.domain.text import clean
from tui.store.library_search import LONGEST_QUERY, as_typed, column_query

Sort = Literal["use", "age", "best"]
"""By use: most often started from first; by age: newest first; best: as well as words are met."""

_SORTS: dict[str, Sort] = {"use": "use", "age": "age", "best": "best"}
CONDITIONS = ("tag", "model", "kind", "style", "sort")
"""Words before a colon that make a condition."""
_MOST_RANKED = 2_000
"""Of more matches than these, ranking all would take longer than a key press lasts."""
_ORDERS: dict[Sort, str] = {
    "use": "used_count DESC, last_used DESC, created DESC, id DESC",
    "age": "created DESC, id DESC",
}


class LibraryQuery(msgspec.Struct, frozen=True):
    """What was typed, taken apart."""

    words: str = ""
    tag: str = ""
    model: str = ""
    kind: str = ""
    style: str = ""
    sort: Sort | None = None
    """None where nothing was said: the best for words, else the newest."""

    @property
    def match(self) -> str:
        """For the index of words; empty where it has nothing to say."""
        parts = [as_typed(self.words)]
        if self.tag:
            parts.append(column_query("tags", self.tag))
        if self.style:
            parts.append(column_query("prompt", self.style))
        return " AND ".join(f"({part})" for part in parts if part)

    @property
    def order(self) -> Sort:
        """How what is found is sorted."""
        return self.sort or ("best" if as_typed(self.words) else "age")


@dataclass(frozen=True)
class Statement:
    """SQL with its values."""

    sql: str
    values: tuple[object, ...]


def parsed(text: str) -> LibraryQuery:
    """The words and conditions of what a person typed; a condition without a value is none yet."""
    words: list[str] = []
    conditions: dict[str, str] = {}
    for part in clean(text, limit=LONGEST_QUERY).split():
        name, colon, value = part.partition(":")
        if colon and name.lower() in CONDITIONS:
            conditions[name.lower()] = value.lower()
        else:
            words.append(part)
    sort = _SORTS.get(conditions.pop("sort", ""))
    return LibraryQuery(words=" ".join(words), sort=sort, **conditions)


def counting(query: LibraryQuery) -> Statement:
    """How many have the words, counted no further than matters."""
    sql = "SELECT count(*) FROM (SELECT 1 FROM library_words WHERE library_words MATCH ? LIMIT ?)"
    return Statement(sql, (query.match, _MOST_RANKED + 1))


def finding(
    query: LibraryQuery, matches: int, limit: int, offset: int = 0, *, archived: bool = False
) -> Statement:
    """What finds the entries, the best first.

    Args:
        query: what is looked for.
        matches: what `counting` counted; 0 where no words are looked for.
        limit: entries.
        offset: entries that are left out before them.
        archived: whether archived ones may be among them.
    """
    where = _conditions(query, archived=archived)
    part = (max(0, limit), max(0, offset))
    if not query.match:
        return _listed(where, _ORDERS.get(query.order, _ORDERS["age"]), part)
    if query.order == "best" and matches <= _MOST_RANKED:
        return _ranked(query.match, where, part)
    return _likely(query, where, part)


def _listed(where: Statement, order: str, part: tuple[int, int]) -> Statement:
    sql = f"SELECT number FROM library WHERE {where.sql} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - our own names
    return _shown(f"found AS ({sql})", order, (*where.values, *part))


def _ranked(match: str, where: Statement, part: tuple[int, int]) -> Statement:
    # The weights are of a hit in the name, purpose, what worked, the tags and the prompt.
    order = "distance, used_count DESC, number DESC"
    sql = (
        "SELECT number, bm25(library_words, 8, 4, 2, 6, 3) AS distance "  # noqa: S608 - our own names
        "FROM library_words JOIN library ON number = library_words.rowid "
        f"WHERE library_words MATCH ? AND {where.sql} ORDER BY {order} LIMIT ? OFFSET ?"
    )
    return _shown(f"found AS ({sql})", order, (match, *where.values, *part))


def _likely(query: LibraryQuery, where: Statement, part: tuple[int, int]) -> Statement:
    """Thousands have such common words: the newest, by use, are likeliest to be meant.

    Whoever names an order gets it exactly, if later.
    """
    order = _ORDERS.get(query.order, _ORDERS["use"])
    sql = (
        "SELECT number FROM library_words JOIN library ON number = library_words.rowid "  # noqa: S608 - our own names
        f"WHERE library_words MATCH ? AND {where.sql} ORDER BY library_words.rowid DESC LIMIT ?"
    )
    most = _MOST_RANKED if query.sort is None else -1
    found = f"SELECT number FROM library WHERE number IN ({sql}) ORDER BY {order}"  # noqa: S608 - our own names
    values = (query.match, *where.values, most, *part)
    return _shown(f"found AS ({found} LIMIT ? OFFSET ?)", order, values)


def _shown(tables: str, order: str, values: tuple[object, ...]) -> Statement:
    """Sorting numbers alone, and fetching whole rows only of what is shown, takes half the time."""
    sql = f"WITH {tables} SELECT library.* FROM found JOIN library USING (number) ORDER BY {order}"  # noqa: S608 - our own names
    return Statement(sql, values)


def _conditions(query: LibraryQuery, *, archived: bool) -> Statement:
    """The conditions that the index of words does not answer; names of columns are our own."""
    parts = ["1" if archived else "library.archived IS NULL"]
    values: list[object] = []
    if query.model:
        parts.append("instr(lower(library.model), ?) > 0")
        values.append(query.model)
    if query.kind:
        parts.append("substr(library.kind, 1, length(?)) = ?")
        values += [query.kind, query.kind]
    if query.tag:
        # Tags are stored as JSON, in lower case: the quote is where one begins.
        parts.append("instr(library.tags, ?) > 0")
        values.append(msgspec.json.encode(query.tag).decode()[:-1])
    if query.style.isascii() and query.style:
        # The index folds all letters, SQLite's `lower` only English ones.
        # Only within CASE does a damaged row stop nobody.
        style = (
            "CASE WHEN json_valid(library.layers) THEN json_extract(library.layers, '$.style') END"
        )
        parts.append(f"instr(lower({style}), ?) > 0")
        values.append(query.style)
    return Statement(" AND ".join(parts), tuple(values))
