"""What is known of each family of models by the name of its pipeline: defaults, and who reads.

The numbers are those of diffusers' pipelines, or of the models' own cards where these say more.
"""

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
    distils: bool = False
    """Its pipelines take true guidance and the distilled kind; a model's network may obey both."""
    templated: bool = False
    """The pipeline wraps the words into a text of its own: what is cut cannot be told."""


_CLIPS = ("tokenizer", "tokenizer_2")

FAMILIES: dict[str, Family] = {
    "StableDiffusionXL": Family("SDXL", 30, 5.0, 1024, _CLIPS),
    "StableDiffusion3": Family("Stable Diffusion 3", 28, 7.0, 1024, ("tokenizer_3",), 256),
    "StableDiffusion": Family("Stable Diffusion", 30, 7.5, 512),
    "LatentConsistencyModel": Family("LCM", 4, 8.5, 768, negatives_above=None),
    # Guidance is the true one: the distilled guidance stays at the pipeline's default.
    "Flux2": Family("Flux 2", 50, 4.0, 1024, longest=512, negatives_above=None, templated=True),
    # Its guidance is the distilled one: the pipeline takes no other.
    "FluxFill": Family("Flux Fill", 50, 30.0, 1024, ("tokenizer_2",), 512, negatives_above=None),
    "Flux": Family("Flux", 28, 1.0, 1024, ("tokenizer_2",), 512, distils=True),
    "QwenImage": Family("Qwen-Image", 50, 4.0, 1024, longest=512, distils=True),
    "ZImage": Family("Z-Image", 50, 5.0, 1024, longest=512, lead=3, negatives_above=0.0),
    "Chroma": Family("Chroma", 35, 5.0, 1024, longest=512),
    "PixArt": Family("PixArt", 20, 4.5, 1024, longest=300),
    "Sana": Family("Sana", 20, 4.5, 1024, longest=300, templated=True),
    "Lumina": Family("Lumina", 30, 4.0, 1024, longest=256, templated=True),
    "AuraFlow": Family("AuraFlow", 50, 3.5, 1024, longest=256),
    "CogView4": Family("CogView 4", 50, 5.0, 1024, longest=1024),
    "Kandinsky5": Family("Kandinsky 5", 50, 3.5, 1024, longest=512, templated=True),
    "HunyuanDiT": Family("Hunyuan-DiT", 50, 5.0, 1024, _CLIPS),
}
"""By the start of the pipeline's class name; the longest that fits counts."""

_IN_CHUNKS = frozenset(
    f"{name}{kind}Pipeline"
    for name in ("StableDiffusion", "StableDiffusionXL")
    for kind in ("", "Img2Img", "Inpaint")
)
"""Those whose networks take words of any length, and only whose readers are short."""

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
    ("flux", "Flux"),
    ("qwen-image", "QwenImage"),
    ("z-image", "ZImage"),
    ("chroma", "Chroma"),
    ("pixart", "PixArt"),
    ("sana", "Sana"),
    ("lumina", "Lumina"),
    ("auraflow", "AuraFlow"),
    ("cogview4", "CogView4"),
    ("kandinsky-5", "Kandinsky5"),
    ("hunyuandit", "HunyuanDiT"),
)
"""Words in the id of a model that is not on this machine yet, and the family they mean."""

_FAST = (
    ("schnell", 4, 1.0),
    ("turbo", 4, 0.0),
    ("lightning", 4, 1.0),
    ("hyper", 8, 1.0),
    ("lcm", 6, 1.5),
)
"""Words in an id that mean a model distilled to few steps, with its steps and guidance."""


def family_of(class_name: str) -> Family:
    """The family of a pipeline class."""
    fitting = [start for start in FAMILIES if class_name.startswith(start)]
    return FAMILIES[max(fitting, key=len)] if fitting else UNKNOWN


def reads_in_chunks(class_name: str) -> bool:
    """Whether long prompts are read in parts by a pipeline class, and not cut."""
    return class_name in _IN_CHUNKS


def family_by_id(reference: str) -> Family:
    """The family that the name of a model suggests."""
    lowered = reference.lower()
    return next((FAMILIES[start] for word, start in _BY_ID if word in lowered), UNKNOWN)


def usual(family: Family, reference: str) -> tuple[int, float]:
    """Steps and guidance to start with: few of both where the name says that it was distilled."""
    lowered = reference.lower()
    for word, steps, guidance in _FAST:
        if word in lowered:
            # Z-Image Turbo wants eight network calls, which its pipeline counts as nine steps.
            return (9, guidance) if family.name == "Z-Image" else (steps, guidance)
    return family.steps, family.guidance
