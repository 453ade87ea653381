"""A change in words: what went, what came, word by word."""

from rich.text import Text

from tui.domain.change import Element
from tui.domain.text import clean
from tui.workflow.iterating import word_diff


def change_text(title: str, changes: tuple[Element, ...]) -> Text:
    """`Changed: style`, then − before and + after, with the words that differ underlined."""
    text = Text(overflow="fold")
    if not changes:
        return text
    where = ", ".join(dict.fromkeys(element.where for element in changes))
    text.append(f"{title}: {clean(where, limit=80)}", style="bold")
    for element in changes[:3]:
        words = word_diff(clean(element.before, limit=200), clean(element.after, limit=200))
        for sign, mark in (("-", "−"), ("+", "+")):
            line = [(kind, word) for kind, word in words if kind in (" ", sign)]
            if not line:
                continue
            text.append(f"\n{mark}")
            for kind, word in line:
                text.append(" ")
                text.append(word, style="bold underline" if kind == sign else "")
    if len(changes) > 3:
        text.append(f"\n… and {len(changes) - 3} more")
    return text
