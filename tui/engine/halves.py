"""Models that the hub has in two halves, each of which draws nothing by itself. No torch."""

import re

_HALF = re.compile(
    r"(KandinskyV22|Kandinsky|StableCascade|Wuerstchen)"
    r"(?:Prior|PriorEmb2Emb|Decoder|Img2Img|Inpaint)?Pipeline"
)


def half_in_words(class_name: str) -> str:
    """What to do about half a model; empty for a whole one.

    Args:
        class_name: of its pipeline.
    """
    found = _HALF.fullmatch(class_name)
    if found is None:
        return ""
    return (
        "is one half of a model: put both into one folder, in Python with "
        f"diffusers.{found[1]}CombinedPipeline.from_pretrained(…).save_pretrained(…), and draw "
        "with that"
    )
