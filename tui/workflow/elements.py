"""Step 4: every element of the wish: one is changed, or put back as it is in the parent."""

from dataclasses import dataclass
from typing import Any

import msgspec

from tui.domain.change import VAE, Element
from tui.domain.distilled_guidance import DISTILLED, distilled_in_words, typed_distilled
from tui.domain.intent import Intent
from tui.domain.lora import ORDER
from tui.domain.prompt import LAYERS, phrases
from tui.domain.schedulers import UnknownSchedulerError, scheduler_class
from tui.domain.step_cache import STEP_CACHE, threshold_in_words, typed_threshold
from tui.domain.text import clean
from tui.engine.parts import typed_vae
from tui.workflow.lora_elements import is_lora, lora_weights, put_lora_back, weighed
from tui.workflow.parents import differences, start_of
from tui.workflow.rounds import GuardError
from tui.workflow.workspace import Workspace


@dataclass(frozen=True)
class Row:
    """One element that can be changed: a phrase of a layer, or a setting."""

    where: str
    """The layer, or the setting."""
    text: str
    place: int = -1
    """Of the phrase in its layer; the number of phrases for a new one; -1 for a setting."""
    change: Element | None = None
    """How it differs from the parent."""

    @property
    def is_new(self) -> bool:
        """Whether it is where a phrase can be added."""
        return self.place >= 0 and not self.text and self.change is None


def rows(workspace: Workspace) -> list[Row]:
    """Every element of the wish, with what differs from the parent marked on it."""
    found = differences(workspace)
    left = list(found)
    result: list[Row] = []
    for layer in LAYERS:
        texts = phrases(workspace.project.draft.get(layer))
        result.append(Row(layer, "", len(texts)))
        for place, text in enumerate(texts):
            change = next((e for e in left if e.where == layer and e.after == text), None)
            if change is not None:
                left.remove(change)
            result.append(Row(layer, text, place, change))
        gone = [element for element in left if element.where == layer]
        result += [Row(layer, "", len(texts), element) for element in gone]
    changed = {element.where: element for element in found}
    result += [
        Row(name, text, change=changed.get(name)) for name, text in settings(workspace).items()
    ]
    if (order := changed.get(ORDER)) is not None:
        result.append(Row(ORDER, order.after, change=order))
    return result


def settings(workspace: Workspace) -> dict[str, str]:
    """The settings that may be the one change, as they are typed."""
    options, parent = workspace.options, workspace.parent()
    found = {
        "steps": str(options.steps),
        "guidance": f"{options.guidance:g}",
        "scheduler": options.scheduler,
        "size": f"{options.width} × {options.height}",
        "seed": str(options.seed),
        "model": options.model,
    }
    if parent is not None:
        start = start_of(workspace, parent)
        if start.from_picture or (start.base is not None and start.base.init_image):
            found["strength"] = f"{options.strength:g}"
        if start.from_picture:
            del found["size"]
    base = _base(workspace)
    found |= lora_weights(options, base)
    if options.vae or (base is not None and base.own_vae):
        found[VAE] = options.vae
    if options.distilled_guidance or (base is not None and base.distilled):
        found[DISTILLED] = distilled_in_words(options.distilled_guidance)
    if options.step_cache or (base is not None and base.threshold):
        found[STEP_CACHE] = threshold_in_words(options.step_cache)
    return found


def edit(workspace: Workspace, row: Row, text: str) -> None:
    """Put another text in an element's place; an empty one takes a phrase away.

    Raises:
        GuardError: a setting that is none; nothing is changed then.
    """
    text = clean(text)
    if is_lora(row.where):
        options = weighed(workspace.options, _base(workspace), row.where, text)
        workspace.save_options(options)
        return
    if row.where == ORDER:
        raise GuardError("the order follows from the list: u puts it back, or choose anew with o")
    if row.place < 0:
        workspace.save_options(msgspec.structs.replace(workspace.options, **_setting(row, text)))
        return
    texts = list(phrases(workspace.project.draft.get(row.where)))
    texts[row.place : row.place + 1] = [text]
    _save_layer(workspace, row.where, texts)


def put_back(workspace: Workspace, element: Element) -> None:
    """Make one element what it is in the parent."""
    base = _base(workspace)
    if base is None:
        return
    if is_lora(element.where) or element.where == ORDER:
        workspace.save_options(put_lora_back(workspace.options, base, element))
        return
    if element.where not in LAYERS:
        fields = _fields_of(base, element.where)
        workspace.save_options(msgspec.structs.replace(workspace.options, **fields))
        return
    layer, old = element.where, list(phrases(base.layers.get(element.where)))
    texts = list(phrases(workspace.project.draft.get(layer)))
    if element.before == element.after or sum(e.where == layer for e in differences(workspace)) < 2:
        texts = old
    elif not element.after:
        texts.insert(min(old.index(element.before), len(texts)), element.before)
    elif not element.before:
        texts.remove(element.after)
    else:
        texts[texts.index(element.after)] = element.before
    _save_layer(workspace, layer, texts)


def put_all_back(workspace: Workspace) -> None:
    """Make draft and options those of the parent."""
    base = _base(workspace)
    if base is not None:
        workspace.take_from(base)


def _base(workspace: Workspace) -> Intent | None:
    parent = workspace.parent()
    return None if parent is None else start_of(workspace, parent).base


def _save_layer(workspace: Workspace, layer: str, texts: list[str]) -> None:
    text = ", ".join(filter(None, texts))
    workspace.save_draft(msgspec.structs.replace(workspace.project.draft, **{layer: text}))


def _fields_of(base: Intent, setting: str) -> dict[str, Any]:
    if setting == "size":
        return {"width": base.width, "height": base.height}
    if setting == VAE:
        return {"vae": base.own_vae}
    if setting == DISTILLED:
        return {"distilled_guidance": base.distilled}
    if setting == STEP_CACHE:
        return {"step_cache": base.threshold}
    value = getattr(base, setting, None)
    return {} if value is None else {setting: value}


def _setting(row: Row, text: str) -> dict[str, Any]:
    """The options' fields for what was typed.

    Raises:
        GuardError: it is no such setting.
    """
    name = row.where
    try:
        match name:
            case "steps" | "seed":
                return {name: _within(int(text), 1 if name == "steps" else 0)}
            case "guidance" | "strength":
                return {name: _within(float(text.replace(",", ".")), 0.0)}
            case "size":
                width, _, height = text.lower().replace("×", "x").partition("x")
                return {"width": _within(int(width), 8), "height": _within(int(height), 8)}
            case "scheduler":
                return {name: scheduler_class(text)}
            case _ if name == DISTILLED:
                return {"distilled_guidance": typed_distilled(text)}
            case _ if name == STEP_CACHE:
                return {"step_cache": typed_threshold(text)}
            case _ if name == VAE:
                return {"vae": typed_vae(text)}
            case _:
                return {name: text or "starter"}
    except UnknownSchedulerError as error:
        raise GuardError(str(error)) from error
    except (ValueError, OverflowError) as error:
        if name not in _EXAMPLES:
            raise GuardError(str(error)) from error
        raise GuardError(f"“{text}” is no {name}: {_EXAMPLES[name]}") from error


def _within(value: Any, least: float) -> Any:
    if not least <= value < 2**63:
        raise ValueError
    return value


_EXAMPLES = {
    "steps": "give a whole number such as 20",
    "seed": "give a whole number such as 7",
    "guidance": "give a number such as 4.5",
    "strength": "give a number above 0, up to 1, such as 0.6",
    "size": "give width × height such as 128 x 128",
}
