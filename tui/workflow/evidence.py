"""Step 6: what the program can say to each item of the check without knowing what it sees.

Words, sizes, marks and measurements only. A person reads it and looks; nothing here passes or
fails. Everything runs off the event loop: files are read and hashed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from tui.domain.brief import Brief
from tui.domain.check import CheckItem
from tui.domain.found import Area
from tui.domain.lettering import quoted
from tui.domain.prompt import Layers
from tui.domain.text import clean
from tui.imaging.errors import ImagingError
from tui.imaging.pixels import open_picture
from tui.store.errors import StoreError
from tui.store.files import sha256_of
from tui.store.images import ImageRecord
from tui.store.store import Store
from tui.workflow import wordings
from tui.workflow.brief_facts import covered, with_avoided
from tui.workflow.licences import licence

WHOLE = "picture"
"""The key of what was measured on the picture itself, whatever is asked."""
_SCALE_SOFT = 1.05
"""Scaling above which pixels are made up."""
_SHAPE_DIFFERS = 0.01


class Evidence(NamedTuple):
    """What the program can say to one item."""

    says: str
    look: bool = False
    """Whether it is a reason to look closely."""
    areas: tuple[Area, ...] = ()
    """Where to look."""

    @property
    def line(self) -> str:
        """As it is shown."""
        return f"{self.says}: look" if self.look else self.says


class Facts(msgspec.Struct, frozen=True):
    """What is known of an image before its pixels are read."""

    brief: Brief
    layers: Layers
    """Of the nearest recipe in its line."""
    words: str
    """All positive prompts in its line."""
    models: tuple[str, ...]
    flaws: frozenset[str]
    """Marked on it, or on an image it came from."""
    size: tuple[int, int]
    """Width and height in pixels."""
    sha256: str
    file: Path
    names: tuple[str, ...] = ()
    """That the person wants to be asked about."""


def facts_of(
    store: Store,
    image: ImageRecord,
    brief: Brief,
    draft: Layers,
    names: tuple[str, ...] = (),
) -> Facts:
    """Gather the facts from the store.

    Args:
        store: where the image is.
        image: what is checked.
        brief: what it is checked against.
        draft: the layers to fall back on where no recipe is known.
        names: that raise a question wherever the prompts have them.

    Raises:
        StoreError: the image is gone.
    """
    line = store.images.line(image.id)
    recipes = [recipe for made in line if (recipe := made.recipe)]
    whole = [recipe for recipe in recipes if recipe.intent.mask is None]
    flaws = {flaw for made in line for flaw in store.marks.get(made.id).flaws}
    return Facts(
        brief=brief,
        layers=whole[0].intent.layers if whole else draft,
        words=" · ".join(dict.fromkeys(recipe.prompt for recipe in recipes)) or draft.prompt,
        models=tuple(dict.fromkeys(recipe.intent.model for recipe in recipes)),
        flaws=frozenset(flaws),
        size=(image.width, image.height),
        sha256=image.sha256,
        file=store.images.file(image),
        names=tuple(name for name in map(clean, names) if name),
    )


def evidence(facts: Facts, items: tuple[CheckItem, ...]) -> Mapping[str, Evidence]:
    """What can be said to each item, by its id, and under `WHOLE` to the picture.

    Blocking: the file is read twice. A file that cannot be read is evidence too.
    """
    found = {item.id: _spoken(facts, item) for item in items}
    found[WHOLE] = _of_pixels(facts)
    return {name: said for name, said in found.items() if said.says}


def size_evidence(brief: Brief, size: tuple[int, int]) -> Evidence:
    """What was drawn against what the brief's place needs.

    Args:
        brief: what was wanted.
        size: width and height that were drawn.
    """
    width, height = size
    drawn = f"{width} × {height} drawn"
    if brief.aspect is None or min(size) < 1:
        return Evidence(f"{drawn}; the brief names no size", look=True)
    wanted = f"{brief.width} × {brief.height} wanted, {drawn}"
    scale = max(brief.width / width, brief.height / height)
    parts = []
    if scale > _SCALE_SOFT:
        parts.append(f"scaled {scale:.1f} ×, {'soft' if scale > 1.5 else 'a little soft'}")
    shape = brief.aspect / (width / height)
    if abs(shape - 1) > _SHAPE_DIFFERS:
        lost = 1 - min(shape, 1 / shape)
        parts.append(f"{lost:.0%} cropped at ".replace("%", " %") + _sides(shape))
    return Evidence(f"{wanted}: {'; '.join(parts) or 'large enough'}", look=bool(parts))


def _sides(shape: float) -> str:
    return "top and bottom" if shape > 1 else "the sides"


def _spoken(facts: Facts, item: CheckItem) -> Evidence:
    kind, _, _number = item.id.partition("-")
    asked = item.question.partition(": ")[2]
    match kind:
        case "hands" | "faces":
            return _of_people(facts, kind)
        case "text":
            return _of_text(facts)
        case "must":
            return _of_must(facts.layers, asked)
        case "avoid":
            return _of_avoid(facts.layers, asked)
        case "size":
            return size_evidence(facts.brief, facts.size)
        case "person":
            return _questions(wordings.persons(facts.words), "a real person?")
        case "artist":
            listed = wordings.listed(facts.words, facts.names)
            found = (*wordings.artists(facts.words), *listed)
            return _questions(tuple(dict.fromkeys(found)), "somebody's style?")
        case "rights":
            return _questions(wordings.protected(facts.words), "somebody's?")
        case "licence":
            return _of_licences(facts.models)
        case "disclosure":
            return Evidence("the exported file says, in its metadata, that a model made it")
    return Evidence("")


def _of_people(facts: Facts, kind: str) -> Evidence:
    marked = sorted(facts.flaws & {"hands": {"hands", "anatomy"}, "faces": {"face"}}[kind])
    if marked:
        return Evidence(f"marked in the batch: {', '.join(marked)}", look=True)
    people = wordings.people(facts.words)
    if people:
        return Evidence(f"the words name “{people[0]}”", look=True)
    return Evidence("the words name nobody")


def _of_text(facts: Facts) -> Evidence:
    if "text" in facts.flaws:
        return Evidence("marked in the batch: text", look=True)
    wanted = quoted(facts.words)
    if wanted:
        return Evidence(f"asked for “{wanted[0]}”", look=True)
    if _negated(facts.layers, "text"):
        return Evidence("the negatives name it; the words ask for none")
    return Evidence("the words ask for none")


def _of_must(layers: Layers, item: str) -> Evidence:
    layer = covered(item, layers)
    place = wordings.place(item)
    where = f"; {place}" if place else ""
    if layer:
        return Evidence(f"the {layer} speaks of it{where}", look=bool(place))
    return Evidence(f"no layer speaks of it{where}", look=True)


def _of_avoid(layers: Layers, item: str) -> Evidence:
    layer = covered(item, layers)
    if layer:
        return Evidence(f"the {layer} names it", look=True)
    if _negated(layers, item):
        return Evidence("the negatives name it")
    return Evidence("no layer speaks of it", look=True)


def _negated(layers: Layers, item: str) -> bool:
    return with_avoided(layers, Brief(must_avoid=(item,))) == layers


def _questions(found: tuple[str, ...], what: str) -> Evidence:
    if not found:
        return Evidence("nothing found in the words; you?")
    named = ", ".join(f"“{phrase}”" for phrase in found[:3])
    return Evidence(f"{named}: {what}", look=True)


def _of_licences(models: tuple[str, ...]) -> Evidence:
    found = [licence(model) for model in models]
    if not found:
        return Evidence("no model is known to have made it")
    says = "; ".join(each.says for each in found)
    if any(each.not_for_money for each in found):
        return Evidence(f"NOT FOR COMMERCIAL USE, and this is a campaign: {says}", look=True)
    return Evidence(says, look=not all(each.known for each in found))


def _of_pixels(facts: Facts) -> Evidence:
    from tui.workflow.measuring import measure

    try:
        if sha256_of(facts.file) != facts.sha256:
            return Evidence("the file was changed outside Keepers, put it back", look=True)
        measured = measure(open_picture(facts.file))
    except (StoreError, ImagingError) as error:
        return Evidence(clean(str(error), limit=200), look=True)
    return Evidence(measured.in_words(), measured.look)
