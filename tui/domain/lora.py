"""LoRAs: small files that teach a model a style or a thing, each with the weight it is given."""

import math
from collections import Counter
from collections.abc import Iterable

import msgspec

from tui.domain.branch import rounded
from tui.domain.text import clean

MOST_LORAS = 16
STRONGEST = 10.0
"""The largest weight, either way; beyond 2 hardly any picture is left."""

SUFFIX = ".safetensors"
NAMED = "LoRA "
"""What an element of a wish begins with that is a LoRA; its name follows."""

ORDER = "order of the LoRAs"
_LONGEST_NAME = 80


class Lora(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One LoRA of a wish."""

    reference: str
    """Absolute path of a safetensors file, or `owner/name/file.safetensors` on the hub."""
    weight: float = 1.0
    """How strongly it counts; 0 is not at all, below 0 is the opposite."""

    def cleaned(self) -> "Lora":
        """The LoRA in the one form that equal wishes share."""
        return msgspec.structs.replace(self, weight=rounded(self.weight))


def lora_problems(loras: tuple[Lora, ...]) -> list[str]:
    """What is wrong with a list of LoRAs, a sentence each."""
    found: list[str] = []
    if len(loras) > MOST_LORAS:
        found.append(f"there are {len(loras)} LoRAs: give at most {MOST_LORAS}")
    references = [lora.reference for lora in loras]
    for lora in loras:
        name = short_name(lora.reference)
        if not lora.reference or clean(lora.reference) != " ".join(lora.reference.split()):
            found.append(
                f"the LoRA {name or '(unnamed)'} has characters in its path that cannot be shown: "
                "rename the file"
            )
        if not math.isfinite(lora.weight) or abs(lora.weight) > STRONGEST:
            found.append(
                f"the weight of the LoRA {name} is {lora.weight}: give a number from "
                f"-{STRONGEST:g} to {STRONGEST:g}, such as 0.8"
            )
        if references.count(lora.reference) > 1:
            found.append(f"the LoRA {name} is there twice: give it once, with one weight")
    return found


def short_name(reference: str) -> str:
    """What a LoRA or an autoencoder is called: the last part of its path, harmless."""
    last = reference.rstrip("/").rpartition("/")[2].removesuffix(SUFFIX)
    return clean(last, limit=_LONGEST_NAME)


def lora_names(references: Iterable[str]) -> dict[str, str]:
    """A name for each LoRA; those whose files are called alike are told apart by their folders."""
    found = {reference: short_name(reference) for reference in references}
    counts = Counter(found.values())
    for reference, name in list(found.items()):
        if counts[name] > 1:
            folder, _, file = reference.rpartition("/")
            longer = f"{short_name(folder)}/{short_name(file)}"
            found[reference] = clean(longer, limit=_LONGEST_NAME)
    # Folders may be called alike as well; numbers follow the order of the paths.
    for reference in sorted(found):
        alike = sorted(other for other, name in found.items() if name == found[reference])
        for number, other in enumerate(alike[1:], 2):
            found[other] = f"{found[other]} ({number})"
    return found


def weight_changes(before: tuple[Lora, ...], after: tuple[Lora, ...]) -> list[tuple[str, str, str]]:
    """What differs between two lists: where, the weight before and after, empty where none is.

    Each LoRA that came, went or counts otherwise is one difference; so is another order of those
    that are in both, because sums differ in the last bit.
    """
    old = {lora.reference: f"{lora.weight:g}" for lora in before}
    new = {lora.reference: f"{lora.weight:g}" for lora in after}
    names = lora_names(old | new)
    found = [
        (NAMED + name, old.get(reference, ""), new.get(reference, ""))
        for reference, name in names.items()
        if old.get(reference) != new.get(reference)
    ]
    kept, moved = [r for r in old if r in new], [r for r in new if r in old]
    if kept != moved:
        old_order, new_order = (", ".join(names[r] for r in each) for each in (kept, moved))
        found.append((ORDER, old_order, new_order))
    return found


def in_words(loras: tuple[Lora, ...]) -> str:
    """The list as it is shown, such as `pixel 0.8, grain 0.5`; empty for none."""
    names = lora_names(lora.reference for lora in loras)
    return ", ".join(f"{names[lora.reference]} {lora.weight:g}" for lora in loras)
