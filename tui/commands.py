"""Every command, once: bindings, footer, help, palette and `keepers keys` all derive from here.

A key means the same wherever it works; a test proves it. `places` are the screens' names; "*"
is everywhere. Masking is a state of its own, in which every printable key draws.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from tui.store.settings import SettingsError

EVERYWHERE = ("*",)
_OF_THE_APP = frozenset(
    (
        "next-step",
        "previous-step",
        "projects",
        "lineage",
        "help",
        "palette",
        "stop",
        "redraw",
    )
)
_PLACES = frozenset(("library", "learned", "queue", "models"))
"""Commands that lay the screen of their name over this one."""
STEPS = ("brief", "prompt", "batch", "iterate", "edit", "check", "save")
"""The seven steps, in order; also the places of their screens."""

MASKING = "masking"


class KeymapError(SettingsError):
    """A keymap that cannot be used; the message says why."""


@dataclass(frozen=True)
class Command:
    """One thing a person can do by a key."""

    id: str
    """Stable name, for remapping in `config.toml`."""
    name: str
    """A word or two, as help and palette show it."""
    keys: str
    """Textual's key names, separated by commas."""
    tooltip: str
    """One sentence: what it does."""
    places: tuple[str, ...]

    @property
    def action(self) -> str:
        """The Textual action that does it: the app's, or the screen's own."""
        if self.id.startswith("step-"):
            return f"app.step({self.id.removeprefix('step-')})"
        if self.id in _PLACES:
            return f"app.place('{self.id}')"
        name = self.id.replace("-", "_")
        return f"app.{name}" if self.id in _OF_THE_APP else name

    def works_in(self, place: str) -> bool:
        """Whether it can be pressed there."""
        if place == MASKING:
            return MASKING in self.places
        return "*" in self.places or place in self.places


def _c(id: str, name: str, keys: str, tooltip: str, *places: str) -> Command:
    return Command(id, name, keys, tooltip, places or EVERYWHERE)


COMMANDS: tuple[Command, ...] = (
    *(
        _c(f"step-{number}", f"step {number}", str(number), f"Go to step {number}, {step}.", *STEPS)
        for number, step in enumerate(STEPS, 1)
    ),
    _c("next-step", "next step", "greater_than_sign,ctrl+n", "Go to the next step.", *STEPS),
    _c("previous-step", "back a step", "less_than_sign", "Go to the step before.", *STEPS),
    _c("left", "left", "h,left", "Move left, or say that the left picture is closer.", "home", "batch", "iterate", "edit", "library", "brief", "options", "look", "check", "save", "sweep", "lineage", "learned", "tournament"),
    _c("down", "down", "j,down", "Move down."),
    _c("up", "up", "k,up", "Move up."),
    _c("right", "right", "l,right", "Move right, or say that the right picture is closer.", "home", "batch", "iterate", "edit", "library", "brief", "options", "look", "check", "save", "sweep", "lineage", "learned", "tournament"),
    _c("open", "open", "enter", "Open or edit what is under the cursor."),
    _c("mark", "mark", "space", "Mark as closest, clean, or on.", "batch", "check", "edit", "brief", "options", "iterate", "sweep", "lineage", "tournament", "library"),
    _c("new", "new", "N", "Start a new project, or bring a new model, LoRA or VAE here from the hub.", "home", "models"),
    _c("reject", "reject", "x", "Reject or remove what is under the cursor.", "batch", "brief", "prompt", "library", "home", "edit", "check", "options", "queue", "models"),
    _c("archive", "archive", "A", "Put a project out of the way, or back.", "home"),
    _c("restore", "put back", "R", "Take a project out of the archive or the trash, put a job into the queue again, or go on with a download.", "home", "queue", "models"),
    _c("earlier", "earlier", "U,shift+up", "Move what waits one place up.", "queue"),
    _c("later", "later", "D,shift+down", "Move what waits one place down.", "queue"),
    _c("finish", "stop after this", "F", "End a job after the images that are being drawn.", "queue"),
    _c("pause", "pause", "Z", "Let all that waits wait, or go on.", "queue"),
    _c("flaw", "flaw", "f", "Name a flaw, or fix it in Edit.", "batch", "check"),
    _c("merit", "merit", "m", "Name what works.", "batch"),
    _c("comment", "comment", "c", "Write a comment.", "batch", "check", "library", "iterate"),
    _c("undo", "undo", "u", "Take the last step back.", "brief", "prompt", "edit", "batch", "iterate", "library", "tournament"),
    _c("history", "history", "ctrl+r", "Choose from what was written or done before.", "prompt", "edit", "iterate", "sweep", "sweep-form"),
    _c("zoom", "zoom", "z", "Look closely; h j k l move, z and escape leave.", "batch", "iterate", "edit", "check", "save", "look", "sweep", "lineage", "tournament"),
    _c("two-up", "two-up", "v", "Show two pictures beside each other.", "batch", "iterate", "sweep", "lineage", "tournament"),
    _c("blink", "blink", "b", "Show both pictures in the same place, in turn.", "iterate", "edit", "tournament"),
    _c("difference", "difference", "d", "Tint where the change shows.", "iterate"),
    _c("better", "better", "plus", "The change made it better.", "iterate", "sweep"),
    _c("same", "same", "equals_sign", "No difference: neither is better.", "iterate", "sweep", "tournament"),
    _c("worse", "worse", "minus", "The change made it worse.", "iterate", "sweep"),
    _c("generate", "generate", "g", "Make images.", "prompt", "batch", "iterate", "edit", "sweep", "sweep-form"),
    _c("sweep", "sweep", "s", "Try several values of one element, with the same seeds.", "iterate", "sweep"),
    _c("rewrite", "rewrite", "G", "Make images although several things differ; recorded as a rewrite.", "prompt", "iterate"),
    _c("split", "split", "p", "Take several changes apart: each has a round of its own.", "iterate"),
    _c("tournament", "rank", "t", "Rank the pictures: of two at a time, which is closer to the brief.", "batch"),
    _c("none-close", "none is close", "n", "No result is close: back to the words.", "batch"),
    _c("older", "older", "left_square_bracket", "Show the batch before.", "batch"),
    _c("newer", "newer", "right_square_bracket", "Show the batch after.", "batch"),
    _c("options", "options", "o", "Change count, seed, steps, guidance, scheduler, size, LoRAs, VAE.", "prompt", "batch", "iterate", "edit"),
    _c("random-seed", "random seed", "S", "Draw a seed by chance.", "options"),
    _c("insert", "insert", "i", "Insert from the library.", "prompt"),
    _c("keep", "keep", "K", "Save the picture into the library.", "save"),
    _c("start-from", "start from this", "r", "Start from this: a new project, or here the next change.", "library", "save", "lineage", "learned"),
    _c("merge", "merge", "J", "Make one entry of those that are marked.", "library"),
    _c("accept", "accept because", "a", "Accept it as it is, with a reason.", "check"),
    _c("export", "export", "e", "Write a file for the picture's place.", "check", "save", "export"),
    _c("mask", "mask", "w", "Draw a mask on the picture; in Check, keep the part that is seen with the item.", "edit", "check"),
    _c("add-edit", "light edit", "E", "Add a light edit: crop, light, colour, sharpness.", "edit"),
    _c("on-mask", "on the mask", "B", "Limit the light edit under the cursor to the mask, or have it on the whole picture again.", "edit"),
    _c("write", "write", "W", "Write the light edits as a new image.", "edit"),
    _c("import", "import", "I", "Take in a picture: what another program made of this one, or a start.", "edit"),
    _c("copy-path", "copy path", "y", "Copy the file's path to your own clipboard.", "batch", "iterate", "edit", "check", "save", "library", "look", "export", "sweep", "lineage", "models"),
    _c("open-outside", "open outside", "O", "Open the file in a program of your own: viewer in config.toml.", "batch", "iterate", "edit", "check", "save", "library", "look", "export", "sweep", "lineage"),
    _c("grid", "grid", "V", "Show pictures in a grid, or the list.", "library"),
    _c("search", "search", "slash", "Search.", "library", "save", "home", "learned", "models"),
    _c("projects", "projects", "P", "All projects."),
    _c("library", "library", "L", "All keepers."),
    _c("lineage", "lineage", "T", "The tree of this project's rounds and images."),
    _c("learned", "what I learned", "H", "What each change did, over all projects."),
    _c("queue", "queue", "Q", "What runs, waits and failed, over all projects."),
    _c("models", "models", "M", "The models, LoRAs and VAEs of this machine, and whether they fit."),
    _c("coach", "coach", "C", "Put the coach's line away, or bring it back."),
    _c("help", "help", "question_mark", "Show the keys that work here."),
    _c("palette", "commands", "colon,ctrl+p", "Choose a command by name."),
    _c("back", "back", "q,escape", "Leave this, or go back."),
    _c("stop", "stop", "ctrl+c", "Cancel what runs, else ask to leave."),
    _c("redraw", "draw again", "ctrl+l", "Draw the screen and its pictures again."),
)  # fmt: skip
"""The registry."""


MASKING_COMMANDS: tuple[Command, ...] = (
    _c("mask-left", "left", "h,left", "Move the cursor left; a number before it says how many pixels.", MASKING),
    _c("mask-down", "down", "j,down", "Move the cursor down.", MASKING),
    _c("mask-up", "up", "k,up", "Move the cursor up.", MASKING),
    _c("mask-right", "right", "l,right", "Move the cursor right.", MASKING),
    _c("mask-far-left", "far left", "H,shift+left", "Move a sixteenth of the shorter side.", MASKING),
    _c("mask-far-down", "far down", "J,shift+down", "Move far down.", MASKING),
    _c("mask-far-up", "far up", "K,shift+up", "Move far up.", MASKING),
    _c("mask-far-right", "far right", "L,shift+right", "Move far right.", MASKING),
    _c("mask-left-edge", "left edge", "0,home", "To the left edge.", MASKING),
    _c("mask-right-edge", "right edge", "dollar_sign,end", "To the right edge.", MASKING),
    _c("mask-top-edge", "top edge", "pageup", "To the top edge.", MASKING),
    _c("mask-bottom-edge", "bottom edge", "pagedown", "To the bottom edge.", MASKING),
    _c("mask-rectangle", "rect", "v", "Begin a rectangle here; again, give it up.", MASKING),
    _c("mask-ellipse", "ellipse", "V", "Begin an ellipse here; again, give it up.", MASKING),
    _c("mask-lasso", "lasso", "p", "Begin an outline here, or set its next corner; enter closes it.", MASKING),
    _c("mask-brush", "brush", "b", "Brush down, or up again; a number before it says how wide, in pixels.", MASKING),
    _c("mask-narrower", "narrower", "left_parenthesis", "A narrower brush.", MASKING),
    _c("mask-wider", "wider", "right_parenthesis", "A wider brush.", MASKING),
    _c("mask-grid", "grid", "g", "Nine cells: a digit goes into one, enter takes it.", MASKING),
    _c("mask-segments", "segments", "f", "A letter on each place that a check found and each even area: press it to take it, again to give it back.", MASKING),
    _c("mask-back", "step back", "backspace", "One corner or one cell back.", MASKING),
    _c("mask-commit", "put in", "enter,space", "Put what is being drawn into the mask.", MASKING),
    _c("mask-corner", "other corner", "o", "Go on from the shape's other corner.", MASKING),
    _c("mask-wand", "wand", "w", "Take the area of this colour; a number before it says how near.", MASKING),
    _c("mask-add", "add", "a", "The next shape is added.", MASKING),
    _c("mask-subtract", "subtract", "s", "The next shape is taken away.", MASKING),
    _c("mask-intersect", "intersect", "i", "Only what lies in the next shape stays.", MASKING),
    _c("mask-replace", "replace", "r", "The next shape takes the mask's place.", MASKING),
    _c("mask-grow", "grow", "plus,equals_sign", "Grow the mask; a number before it says by how many pixels.", MASKING),
    _c("mask-shrink", "shrink", "minus", "Shrink the mask.", MASKING),
    _c("mask-harder", "less feather", "left_square_bracket", "Fade over fewer pixels.", MASKING),
    _c("mask-softer", "more feather", "right_square_bracket", "Fade over more pixels.", MASKING),
    _c("mask-invert", "invert", "exclamation_mark", "Mask what is not masked.", MASKING),
    _c("mask-undo", "undo", "u", "Take the last change of the mask back.", MASKING),
    _c("mask-redo", "redo", "ctrl+r", "Do it again.", MASKING),
    _c("mask-clear", "clear", "X", "Empty the mask.", MASKING),
    _c("mask-box", "box", "colon", "Type a box: left, top, right, bottom, in pixels or %.", MASKING),
    _c("mask-keep", "keep mask", "m", "Keep the mask under a name, to be drawn from again.", MASKING),
    _c("mask-take", "take mask", "apostrophe", "Put in a mask that was kept, or a greyscale PNG by its path.", MASKING),
    _c("mask-zoom", "zoom", "z", "Look closer at the cursor.", MASKING),
    _c("mask-help", "help", "question_mark", "Show these keys.", MASKING),
    _c("mask-leave", "leave", "escape", "Give up what is being drawn, else leave the mask.", MASKING),
)  # fmt: skip
"""While a mask is drawn every printable key belongs to the picture: these, and digits as counts."""


def bindings(place: str) -> list[BindingType]:
    """Textual's bindings for a screen; remapped later by their ids."""
    return [
        Binding(
            command.keys,
            command.action,
            command.name,
            show=False,
            tooltip=command.tooltip,
            id=command.id,
        )
        for command in COMMANDS
        if command.works_in(place)
    ]


def commands_in(place: str) -> list[Command]:
    """What can be pressed there, in the order of the registry."""
    table = MASKING_COMMANDS if place == MASKING else COMMANDS
    return [command for command in table if command.works_in(place)]


def keys_of(command: Command, keymap: Mapping[str, str]) -> str:
    """The keys of a command after remapping."""
    return keymap.get(command.id, command.keys)


def checked_keymap(keymap: Mapping[str, str]) -> dict[str, str]:
    """A keymap from the settings.

    Raises:
        KeymapError: an unknown command, or a key with two meanings on one screen.
    """
    known = {command.id for command in COMMANDS}
    for command_id in keymap:
        if command_id not in known:
            near = difflib.get_close_matches(command_id, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else "“keepers keys” lists them"
            raise KeymapError(f"[keys] in config.toml: {command_id} is no command: {hint}")
    for place in sorted({place for command in COMMANDS for place in command.places}):
        for key, first, second in doubled_keys(commands_in(place), keymap):
            raise KeymapError(
                f"[keys] in config.toml: {key} would mean both {first} and {second} on the screen "
                f"{place}: choose another key for one of them"
            )
    return dict(keymap)


def hints(
    place: str, words: Iterable[tuple[str, str]], keymap: Mapping[str, str]
) -> tuple[str, ...]:
    """Keys as the last line of a screen names them, such as `x trash`.

    Args:
        place: where they are pressed.
        words: ids of commands, each with the word for what it does there.
        keymap: keys after remapping, by id.
    """
    known = {command.id: command for command in commands_in(place)}
    return tuple(
        f"{key_names(keys_of(known[name], keymap)).split()[0]} {word}" for name, word in words
    )


def key_names(keys: str) -> str:
    """Keys as they stand on a keyboard: `> ctrl+n`."""
    return " ".join(_SIGNS.get(key, key) for key in keys.split(","))


def doubled_keys(
    commands: Iterable[Command], keymap: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """Keys with two meanings: key, and the ids of the two commands."""
    owners: dict[str, str] = {}
    found = []
    for command in commands:
        for key in keys_of(command, keymap).split(","):
            other = owners.setdefault(key.strip(), command.id)
            if other != command.id:
                found.append((key.strip(), other, command.id))
    return found


_SIGNS = {
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "exclamation_mark": "!",
    "dollar_sign": "$",
}
