"""The tour as data: at each stop what is said, and what is pressed.

To extend it, add a stop or a key. A stop whose screen does not come is left out, and a key that
does nothing there does no harm.
"""

from dataclasses import dataclass

from tui.workflow.options import Options

OPTIONS = Options(count=2, steps=12)
"""Few and quick images: the tour is about the way, not about the picture."""

WAIT_FOR_IMAGES = "wait for images"


@dataclass(frozen=True)
class Stop:
    """One screen of the tour."""

    place: str
    """The screen, by its name among the steps."""
    says: str
    """One line: what the step is for."""
    keys: tuple[str, ...] = ()
    """Textual's key names, pressed in turn; `typed` gives those of a text."""
    reading: float = 4.0
    """Seconds before the first key."""


def typed(text: str) -> tuple[str, ...]:
    """A text as it is typed, in one item."""
    return (f"type {text}",)


STOPS: tuple[Stop, ...] = (
    Stop(
        "brief",
        "Brief: say what the picture is for and where it goes; later steps test against it.",
        (
            *typed("Header of our jobs page"), "tab",
            *typed("web page, beside white text"), "tab",
            *typed("1200 x 630"), "tab",
            "l", "j", "l", "j",
            "enter", *typed("a friendly robot"), "enter", *typed("an orange background"), "escape",
            "j", "j", "enter", *typed("text"), "escape",
            "greater_than_sign",
        ),
    ),
    Stop(
        "prompt",
        "Prompt: write in layers; what the model really reads stands below, as you type.",
        (
            "enter", *typed("robot"), "tab",
            *typed("flat illustration"), "tab",
            *typed("on the right"), "tab",
            *typed("orange background"), "escape",
            "g",
        ),
    ),
    Stop(
        "batch",
        "Batch: never one picture. Mark the closest with space, x rejects, f names a flaw.",
        (WAIT_FOR_IMAGES, "l", "h", "space", "greater_than_sign"),
    ),
    Stop(
        "iterate",
        "Iterate: change exactly one thing, same seeds, and see what that alone did.",
        (
            "j", "j", "enter", "ctrl+u", *typed("3d render"), "enter",
            "g", WAIT_FOR_IMAGES,
            "d", "d", "plus", "greater_than_sign",
        ),
    ),
    Stop(
        "edit",
        "Edit: mask an area and paint only that; outside the mask not one bit changes.",
        (
            "w", *("H",) * 2, *("K",) * 2, "v", *("L",) * 4, *("J",) * 4, "enter", "escape",
            "enter", *typed("smiling face"), "enter",
            "g", WAIT_FOR_IMAGES, "enter", "greater_than_sign",
        ),
    ),
    Stop(
        "check",
        "Check: hands, text, faces, the brief. Tools show evidence; you answer.",
        (*("space",) * 10, "greater_than_sign"),
    ),
    Stop(
        "save",
        "Save: prompt, settings and your note go into the library; the next brief starts there.",
        ("j", "j", "enter", *typed("flat and warm kept it friendly"), "escape", "K"),
    ),
)  # fmt: skip
"""The seven steps, in order."""

FAREWELL = "That was the way once round. Look about as you like: all of this goes when you leave."
YOURS = "It is yours from here. All of this goes when you leave: q, then y."
