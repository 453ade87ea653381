"""What is known of each family of models by the name of its pipeline: defaults, and who reads.

The numbers are those of diffusers' pipelines, or of the models' own cards where these say more.
"""

import re
from dataclasses import dataclass

STRICTEST = 0
"""For `Family.longest`: the tokenizers' own limit counts."""


@dataclass(frozen=True)
class Family:
    """One family of models."""

    name: str
    """In words."""
    steps: int
    guidance: float
    side: int
    """Pixels a side, where the model's own configuration does not say."""
    readers: tuple[str, ...] = ("tokenizer",)
    """Folders of the tokenizers whose limit counts; where there are several, the stricter one."""
    longest: int = STRICTEST
    """Tokens that the pipeline cuts at; the worker leaves it at the pipeline's default."""
    lead: int = 0
    """Tokens of the pipeline's own in front of the words, within that length."""
    negatives_above: float | None = 1.0
    """Guidance above which negatives are read; None where they never are."""
    strength: float = 0.6
    """What a picture that is started from may change; all of it where the network looks at it."""
    distils: bool = False
    """Its pipelines take true guidance and the distilled kind; a model's network may obey both."""
    templated: bool = False
    """The pipeline wraps the words into a text of its own: what is cut cannot be told."""


_CLIPS = ("tokenizer", "tokenizer_2")
_PRIOR = ("prior_tokenizer",)

FAMILIES: dict[str, Family] = {
    "StableDiffusionXL": Family("SDXL", 30, 5.0, 1024, _CLIPS),
    "StableDiffusion3": Family("Stable Diffusion 3", 28, 7.0, 1024, ("tokenizer_3",), 256),
    "StableDiffusion": Family("Stable Diffusion", 30, 7.5, 512),
    "LatentConsistencyModel": Family("LCM", 4, 8.5, 768, negatives_above=None),
    # Guidance is the true one: the distilled guidance stays at the pipeline's default.
    "Flux2": Family(
        "Flux 2", 50, 4.0, 1024, longest=512, negatives_above=None, strength=1.0, templated=True
    ),
    # Its guidance is the distilled one: the pipeline takes no other.
    "FluxFill": Family("Flux Fill", 50, 30.0, 1024, ("tokenizer_2",), 512, negatives_above=None),
    "Flux": Family("Flux", 28, 1.0, 1024, ("tokenizer_2",), 512, distils=True),
    "FluxKontext": Family(
        "Flux Kontext", 28, 1.0, 1024, ("tokenizer_2",), 512, strength=1.0, distils=True
    ),
    "QwenImageEdit": Family(
        "Qwen-Image Edit", 50, 4.0, 1024, longest=512, strength=1.0, distils=True, templated=True
    ),
    "QwenImage": Family("Qwen-Image", 50, 4.0, 1024, longest=512, distils=True),
    "QwenImage21": Family("Qwen-Image 2.1", 40, 1.0, 1024, longest=512),
    "ZImage": Family("Z-Image", 50, 5.0, 1024, longest=512, lead=3, negatives_above=0.0),
    "Chroma": Family("Chroma", 35, 5.0, 1024, longest=512),
    "PixArt": Family("PixArt", 20, 4.5, 1024, longest=300),
    "Sana": Family("Sana", 20, 4.5, 1024, longest=300, templated=True),
    # It draws in exactly two steps unless told its timesteps.
    "SanaSprint": Family(
        "Sana Sprint", 2, 4.5, 1024, longest=300, negatives_above=None, templated=True
    ),
    "Lumina": Family("Lumina", 30, 4.0, 1024, longest=256, templated=True),
    "AuraFlow": Family("AuraFlow", 50, 3.5, 1024, longest=256),
    "CogView4": Family("CogView 4", 50, 5.0, 1024, longest=1024),
    "Kandinsky5": Family("Kandinsky 5", 50, 3.5, 1024, longest=512, templated=True),
    "HunyuanDiT": Family("Hunyuan-DiT", 50, 5.0, 1024, _CLIPS),
    # Those in two stages: steps are the last one's, and the first one reads the words.
    "KandinskyCombined": Family("Kandinsky 2.1", 100, 4.0, 512, _PRIOR),
    "KandinskyV22": Family("Kandinsky 2.2", 100, 4.0, 512, _PRIOR),
    "StableCascade": Family("Stable Cascade", 12, 4.0, 1024, _PRIOR),
    "Wuerstchen": Family("Würstchen", 12, 4.0, 1024, _PRIOR),
    "Kandinsky3": Family("Kandinsky 3", 25, 3.0, 1024, longest=128),
    "IF": Family("DeepFloyd IF", 100, 7.0, 64, longest=77),
    "Kolors": Family("Kolors", 50, 5.0, 1024, longest=256),
    "HiDream": Family("HiDream", 50, 5.0, 1024, ("tokenizer_3",), 128),
    # Guidance is the guider's, or where the network is told one, that; it reads two texts.
    "HunyuanImage": Family("HunyuanImage", 50, 3.5, 2048, templated=True),
    "OmniGen": Family("OmniGen", 50, 2.5, 1024, negatives_above=None, templated=True),
    "GlmImage": Family("GLM-Image", 50, 1.5, 1024, negatives_above=None, templated=True),
    "Bria": Family("Bria", 30, 5.0, 1024, longest=128),
    "BriaFibo": Family("Bria Fibo", 30, 5.0, 1024, longest=3000),
    "PRX": Family("PRX", 28, 4.0, 512, templated=True),
    "Krea2": Family("Krea 2", 28, 4.5, 1024, longest=512, negatives_above=0.0, templated=True),
    "LongCatImage": Family("LongCat-Image", 50, 4.5, 1024, templated=True),
    "Cosmos2TextToImage": Family("Cosmos 2", 35, 7.0, 1024, longest=512),
}
"""By the start of the pipeline's class name; the longest that fits counts."""

_DISTILLED_FAMILIES = frozenset(("LCM", "Sana Sprint"))
"""All models of these were; their own numbers count, whatever their names say."""

_IN_CHUNKS = frozenset(
    f"{name}{kind}Pipeline"
    for name in ("StableDiffusion", "StableDiffusionXL")
    for kind in ("", "Img2Img", "Inpaint")
)
"""Those whose networks take words of any length, and only whose readers are short; the same are
led by words that are made larger or smaller, as far as the field has tried it."""

UNKNOWN = Family("unknown", 30, 5.0, 1024, templated=True)
"""A pipeline that is not in the table: nothing is claimed of what it reads."""

_BY_ID = (
    ("sdxl", "StableDiffusionXL"),
    ("stable-diffusion-xl", "StableDiffusionXL"),
    ("stable-diffusion-3", "StableDiffusion3"),
    ("sd3", "StableDiffusion3"),
    ("stable-diffusion", "StableDiffusion"),
    ("flux.2", "Flux2"),
    ("flux.1-fill", "FluxFill"),
    ("kontext", "FluxKontext"),
    ("flux", "Flux"),
    ("qwen-image-edit", "QwenImageEdit"),
    ("qwen-image", "QwenImage"),
    ("z-image", "ZImage"),
    ("chroma", "Chroma"),
    ("pixart", "PixArt"),
    ("sana_sprint", "SanaSprint"),
    ("sana-sprint", "SanaSprint"),
    ("sana", "Sana"),
    ("lumina", "Lumina"),
    ("auraflow", "AuraFlow"),
    ("cogview4", "CogView4"),
    ("kandinsky-5", "Kandinsky5"),
    ("kandinsky-3", "Kandinsky3"),
    ("kandinsky-2-2", "KandinskyV22"),
    ("kandinsky-2-1", "KandinskyCombined"),
    ("stable-cascade", "StableCascade"),
    ("wuerstchen", "Wuerstchen"),
    ("deepfloyd", "IF"),
    ("kolors", "Kolors"),
    ("hidream", "HiDream"),
    ("hunyuanimage", "HunyuanImage"),
    ("omnigen", "OmniGen"),
    ("glm-image", "GlmImage"),
    ("fibo", "BriaFibo"),
    ("briaai/", "Bria"),
    ("krea-2", "Krea2"),
    ("longcat-image", "LongCatImage"),
    ("hunyuandit", "HunyuanDiT"),
)
"""Words in the id of a model that is not on this machine yet, and the family they mean."""

_FAST = (
    (("schnell",), 4, 1.0),
    (("turbo",), 4, 0.0),
    (("lightning",), 4, 1.0),
    (("hyper", "sd"), 8, 1.0),
    (("hyper", "sdxl"), 8, 1.0),
    (("hyper", "flux"), 8, 1.0),
    (("lcm",), 6, 1.5),
)
"""Words, one after the other, in the name of a model distilled to few steps, with its steps and
guidance."""
_KLEIN = (4, 1.0)
"""Of the distilled Flux 2 Klein, which says so in its index; its base model is called “base”."""


def family_of(class_name: str) -> Family:
    """The family of a pipeline class."""
    fitting = [start for start in FAMILIES if class_name.startswith(start)]
    return FAMILIES[max(fitting, key=len)] if fitting else UNKNOWN


def reads_in_chunks(class_name: str) -> bool:
    """Whether long prompts are read in parts by a pipeline class, and not cut."""
    return class_name in _IN_CHUNKS


def reads_weights(class_name: str) -> bool:
    """Whether weights such as `(red hat:1.2)` are obeyed by a pipeline class, and not read."""
    return class_name in _IN_CHUNKS


def family_by_id(reference: str) -> Family:
    """The family that the name of a model suggests."""
    lowered = reference.lower()
    return next((FAMILIES[start] for word, start in _BY_ID if word in lowered), UNKNOWN)


def usual(family: Family, reference: str, *, distilled: bool = False) -> tuple[int, float]:
    """Steps and guidance to start with: few of both where a model was distilled.

    Args:
        family: its family; some are distilled as a whole.
        reference: of the model: its name may say so.
        distilled: whether the model itself says so.
    """
    words = _words(reference)
    if family.name == "Flux 2" and (distilled or ("klein" in words and "base" not in words)):
        return _KLEIN
    if family.name in _DISTILLED_FAMILIES:
        return family.steps, family.guidance
    for name, steps, guidance in _FAST:
        if any(words[n : n + len(name)] == name for n in range(len(words))):
            # Z-Image Turbo wants eight network calls, which its pipeline counts as nine steps.
            return (9, guidance) if family.name == "Z-Image" else (steps, guidance)
    return family.steps, family.guidance


def _words(reference: str) -> tuple[str, ...]:
    """The words of a model's own name: not those of the folders that it lies in."""
    name = reference.rstrip("/").rpartition("/")[2].partition("@")[0]
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return tuple(word.lower() for word in found)
