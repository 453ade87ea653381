"""Which program made a picture, and by which recipe, told from the texts in its file."""

from pathlib import Path

from tui.imaging.errors import ImagingError, name_of
from tui.imaging.foreign.a1111 import infotext
from tui.imaging.foreign.comfyui import comfyui, from_workflow
from tui.imaging.foreign.found import ForeignRecipe
from tui.imaging.foreign.json_recipes import Record, fooocus, invokeai, novelai, swarmui
from tui.imaging.foreign.picture_texts import picture_texts
from tui.imaging.foreign_json import ForeignJsonError, lenient


def foreign_recipe(path: Path | str) -> ForeignRecipe:
    """The recipe that another program left in a PNG, JPEG or WebP file; no pixels are decoded.

    Raises:
        ImagingError: the file cannot be read, or holds no recipe that is known.
    """
    texts = picture_texts(path)
    try:
        found = _recognised(texts)
    except ForeignJsonError as error:
        raise ImagingError(
            f"the recipe in {name_of(path)} is damaged: use the original file"
        ) from error
    if found is None:
        raise ImagingError(
            f"{name_of(path)} carries no recipe that Keepers knows: "
            "use the file as the program saved it, not a screenshot or a copy from a chat"
        )
    return found


def _recognised(texts: dict[str, str]) -> ForeignRecipe | None:
    """By the most telling text first: some programs write another's form beside their own."""
    if text := texts.get("invokeai_metadata"):
        return invokeai(_record(text))
    if text := texts.get("sui_image_params"):
        return swarmui(_record(text))
    if text := texts.get("parameters"):
        return _parameters(text, texts.get("fooocus_scheme", ""))
    if texts.get("Software", "").startswith("NovelAI") and (text := texts.get("Comment")):
        return novelai(_record(text), texts.get("Source", ""))
    if text := texts.get("prompt"):
        return comfyui(lenient(text))
    if text := texts.get("workflow"):
        return comfyui(from_workflow(lenient(text)))
    return None


def _parameters(text: str, scheme: str) -> ForeignRecipe | None:
    if not text.lstrip().startswith("{"):
        return infotext(text, "Fooocus" if scheme else "A1111")
    try:
        record = _record(text)
    except ForeignJsonError:
        # A prompt may begin with a bracket too: `{{masterpiece}}, …`.
        if found := infotext(text):
            return found
        raise
    return swarmui(record) if "sui_image_params" in record else fooocus(record)


def _record(text: str) -> Record:
    record = lenient(text)
    if not isinstance(record, dict):
        raise ForeignJsonError("not an object")
    return record
