"""Step 4: the LoRAs among the elements of a wish: each one's weight is an element of its own."""

from collections.abc import Iterable

import msgspec

from tui.domain.change import Element
from tui.domain.intent import Intent
from tui.domain.lora import NAMED, ORDER, Lora, lora_names, lora_problems
from tui.workflow.guard import GuardError
from tui.workflow.options import Options


def is_lora(where: str) -> bool:
    """Whether an element is a LoRA's weight."""
    return where.startswith(NAMED)


def lora_weights(options: Options, base: Intent | None) -> dict[str, str]:
    """Each LoRA's weight as it is typed, by its element; empty where only the parent has it."""
    names = _names(options, base)
    now = {lora.reference: f"{lora.weight:g}" for lora in options.loras}
    known = (*(base.lora_list if base else ()), *options.loras)
    return {names[lora.reference]: now.get(lora.reference, "") for lora in known}


def weighed(options: Options, base: Intent | None, where: str, text: str) -> Options:
    """The options with another weight of a LoRA; an empty text takes it away.

    Raises:
        GuardError: it is no weight, or nobody knows that LoRA.
    """
    reference = _reference(options, base, where)
    if not text:
        return _with(options, (lora for lora in options.loras if lora.reference != reference))
    try:
        new = Lora(reference, float(text.replace(",", ".")))
    except ValueError as error:
        raise GuardError(f"“{text}” is no weight: give a number such as 0.8") from error
    changed = _with(options, _replaced(options.loras, new, base))
    for problem in lora_problems(changed.loras):
        raise GuardError(problem)
    return changed


def put_lora_back(options: Options, base: Intent, element: Element) -> Options:
    """The options with one LoRA, or their order, as it is in the parent."""
    before = {lora.reference: place for place, lora in enumerate(base.lora_list)}
    if element.where == ORDER:
        ordered = sorted(options.loras, key=lambda lora: before.get(lora.reference, len(before)))
        return _with(options, ordered)
    reference = _reference(options, base, element.where)
    if reference in before:
        old = base.lora_list[before[reference]]
        return _with(options, _replaced(options.loras, old, base))
    return _with(options, (lora for lora in options.loras if lora.reference != reference))


def remembered(options: Options, elements: Iterable[Element]) -> Options:
    """The options that still know the files of LoRAs which wait to be added."""
    names = _names(options, None)
    added = {element.where for element in elements if is_lora(element.where)}
    found = {reference for reference, name in names.items() if name in added}
    return msgspec.structs.replace(
        options, put_by=tuple(dict.fromkeys((*options.put_by, *sorted(found))))
    )


def _replaced(loras: tuple[Lora, ...], new: Lora, base: Intent | None) -> list[Lora]:
    """The list with this LoRA in its place; the parent's place where it was not there."""
    found = [new if lora.reference == new.reference else lora for lora in loras]
    if new not in found:
        order = [lora.reference for lora in base.lora_list] if base else []
        place = order.index(new.reference) if new.reference in order else len(found)
        found.insert(min(place, len(found)), new)
    return found


def _with(options: Options, loras: Iterable[Lora]) -> Options:
    return msgspec.structs.replace(options, loras=tuple(loras))


def _names(options: Options, base: Intent | None) -> dict[str, str]:
    """The element of each LoRA that is known here, by its reference."""
    references = [lora.reference for lora in (*(base.lora_list if base else ()), *options.loras)]
    names = lora_names(dict.fromkeys(references))
    return {reference: f"{NAMED}{name}" for reference, name in names.items()}


def _reference(options: Options, base: Intent | None, where: str) -> str:
    waiting = {ref: f"{NAMED}{name}" for ref, name in lora_names(options.put_by).items()}
    for reference, name in (waiting | _names(options, base)).items():
        if name == where:
            return reference
    raise GuardError(f"there is no {where} any more: add its file with o")
