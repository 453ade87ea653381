"""A setting that is typed as a number, or as a word that stands for one."""

from collections.abc import Callable, Mapping

from tui.domain.text import clean


def typed_number(
    text: str,
    words: Mapping[str, float],
    problems: Callable[[float], list[str]],
    name: str,
    wanted: str,
) -> float:
    """The number that was typed, with a comma or a point.

    Args:
        text: what was typed.
        words: lower case, with the numbers that they stand for.
        problems: what is wrong with a number, a sentence each.
        name: of the setting.
        wanted: what would be right, for the person.

    Raises:
        ValueError: it is none; the message says what would do.
    """
    word = clean(text).lower()
    if word in words:
        return words[word]
    try:
        found = float(word.replace(",", "."))
    except ValueError as error:
        raise ValueError(f"“{clean(text, limit=40)}” is no {name}: {wanted}") from error
    for problem in problems(found):
        raise ValueError(problem)
    return found
