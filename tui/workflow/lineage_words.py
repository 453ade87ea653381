"""The tree of a project in words: what is known of one image, and how two differ."""

from tui.domain.change import changes, vae_in_words
from tui.domain.distilled_guidance import DISTILLED, distilled_in_words
from tui.domain.lora import in_words
from tui.domain.recipe import Recipe, circumstances
from tui.domain.step_cache import STEP_CACHE, threshold_in_words
from tui.domain.text import model_name
from tui.store.errors import StoreError
from tui.store.images import ImageRecord
from tui.workflow.batches_view import Slot, slot_words
from tui.workflow.workspace import Workspace

_FOLLOWS_FROM_LAYERS = ("prompt ", "negative prompt ")


def told(workspace: Workspace, image: ImageRecord) -> tuple[tuple[str, str], ...]:
    """What is known of an image: pairs of a word and its text, what matters most first."""
    recipe, own = _recipe(workspace, image)
    marks = slot_words(Slot(image.seed or 0, image, workspace.marks(image)))
    found = [("", f"{image.origin.value}, {image.width} × {image.height}")]
    if marks:
        found.append(("", marks))
    if recipe is not None:
        intent = recipe.intent
        found.append(("" if own else "drawn from", intent.layers.prompt))
        found += [("not", intent.layers.negative_prompt)] if intent.layers.negative_prompt else []
        model = model_name(intent.model)
        settings = f"{model} · {intent.steps} steps · guidance {intent.guidance:g}"
        found.append(("", f"{settings} · {recipe.scheduler}"))
        if intent.lora_list:
            found.append(("LoRAs", in_words(intent.lora_list)))
        if intent.own_vae:
            found.append(("VAE", vae_in_words(intent.own_vae)))
        if intent.distilled:
            found.append((DISTILLED, distilled_in_words(intent.distilled)))
        if intent.threshold:
            found.append((STEP_CACHE, threshold_in_words(intent.threshold)))
    return tuple(found)


def compared(workspace: Workspace, first: ImageRecord, second: ImageRecord) -> tuple[str, ...]:
    """How the recipes of two images differ, a phrase each: the intent first, then the rest.

    An image that was edited or imported has the recipe of its nearest ancestor, and that is said.
    """
    (before, first_own), (after, second_own) = (
        _recipe(workspace, image) for image in (first, second)
    )
    if before is None or after is None:
        return ("nobody knows how one of them was made: it was imported",)
    found = [str(change) for change in changes(before.intent, after.intent)]
    found += [
        phrase
        for phrase in circumstances(before, after)
        if not phrase.startswith(_FOLLOWS_FROM_LAYERS)
    ]
    for image, own, side in ((first, first_own, "left"), (second, second_own, "right")):
        if not own:
            found.append(f"the {side} one was {image.origin.value} since it was drawn")
    return tuple(found) or ("nothing: both have the same recipe",)


def _recipe(workspace: Workspace, image: ImageRecord) -> tuple[Recipe | None, bool]:
    """The recipe of an image or of its nearest ancestor with one, and whether it is its own."""
    try:
        line = workspace.store.images.line(image.id)
    except StoreError:
        line = (image,)
    for made in line:
        if (recipe := made.recipe) is not None:
            return recipe, made.id == image.id
    return None, False
