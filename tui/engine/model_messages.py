"""What an interface and the engine say to each other of the models on this machine."""

from enum import StrEnum

import msgspec

from tui.engine.message_bases import Event, Reply, Request


class AskModels(Request, frozen=True, kw_only=True):
    """Which models are on this machine, and will they fit?"""

    folders: tuple[str, ...] = ()
    """Where to look beside the hub's cache; absolute."""


class FetchModel(Request, frozen=True, kw_only=True):
    """Download a model, LoRA or VAE, or go on with a download that was broken off."""

    model: str
    """`owner/name`, with `@revision` and `/file` if wished."""


class ConvertFile(Request, frozen=True, kw_only=True):
    """Make a diffusers folder of a model in one file."""

    file: str
    """Absolute."""
    like: str = ""
    """A model of the same family on this machine, for what the file does not hold."""


class StopFetch(Request, frozen=True, kw_only=True):
    """Break a download off, and what has come stays; or a conversion, of which nothing stays."""

    model: str


class Place(StrEnum):
    """Where a model lies."""

    BUILT_IN = "built in"
    HUB = "hub cache"
    FOLDER = "folder"
    FILE = "single file"


class Role(StrEnum):
    """What something is for that lies on this machine, or on the hub."""

    MODEL = "model"
    LORA = "LoRA"
    """Goes on top of a model."""
    VAE = "VAE"
    """Takes the place of a model's own."""


class ModelPart(msgspec.Struct, frozen=True):
    """One component of a model that has weights."""

    name: str
    """Its folder."""
    kind: str
    """Its class."""
    size: int
    """Bytes of the weights that are loaded."""
    kinds: dict[str, int]
    """Bytes by type, as safetensors names it."""


class Verdict(StrEnum):
    """Whether a model will fit into the memory that is free."""

    FITS = "fits"
    OFFLOAD = "fits with CPU offload"
    TOO_LARGE = "does not fit"
    UNKNOWN = "may fit"
    """How much is free is not known."""


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """What drawing with a model is estimated to need, and what is there."""

    verdict: Verdict
    at_once: int = 0
    """Images that can be denoised together, of those that the settings ask for."""
    wanted: int = 1
    """Images that the settings have denoised together."""
    needed: int
    """Bytes for what the verdict is about, and where it does not fit, for the least that would."""
    weights: int
    """Of these, the weights in the precision that they are loaded in."""
    free: int
    """Bytes."""
    device: str
    """As a person names it."""
    precision: str


class ListedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model, LoRA or VAE on this machine; all words in it are harmless."""

    model: str
    """The reference by which it is chosen: `starter`, a path, or a hub id."""
    name: str
    role: Role = Role.MODEL
    place: Place
    folder: str
    """Absolute; for a single file, the file."""
    family: str = "unknown"
    kind: str = ""
    """Class of its pipeline."""
    side: int = 0
    """Pixels a side that it was trained on; 0 where that is not known."""
    size: int = 0
    """Bytes on disk, of all that lies in its folder."""
    precision: str = ""
    """Of the weights on disk, in short: `bf16`, `fp16 + fp32`."""
    variant: str = ""
    """Of the weights that are loaded, such as `fp16`; empty for the plain ones."""
    revision: str = ""
    """Hub commit; empty for a folder, whose content is hashed when it is drawn with."""
    licence: str = "unknown"
    parts: tuple[ModelPart, ...] = ()
    fit: Fit | None = None
    trouble: str = ""
    """Why it cannot be used, and what would do."""
    converts: bool = False
    """Whether it is a file that a folder can be made of."""


class GpuUser(msgspec.Struct, frozen=True, kw_only=True):
    """A process that holds memory of a GPU."""

    pid: int
    owner: str
    """Who runs it; empty where the system does not say."""
    program: str
    memory: int | None
    """Bytes; None where the driver does not say."""
    ours: bool = False
    """Whether it is a worker of this engine."""


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU that may be drawn on."""

    index: int
    """As in `cuda:N`."""
    name: str
    free: int
    """Bytes, those of our own worker among them, for it gives them back."""
    total: int
    """Bytes; 0 where the driver does not say."""
    capability: tuple[int, int] = (0, 0)
    """CUDA compute capability; zeros where it is not known."""
    users: tuple[GpuUser, ...] = ()


class FetchState(StrEnum):
    """Where a download stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class Fetch(msgspec.Struct, frozen=True, kw_only=True):
    """A download, or the conversion of a file, as a list shows it."""

    model: str
    """What is downloaded, or the file."""
    state: FetchState
    says: str = ""
    """What happens, or why it failed, in words."""
    done: int = 0
    """Bytes that are here."""
    total: int = 0
    """Bytes that there will be; 0 while nobody knows."""
    converts: bool = False
    """Whether it is a file that becomes a folder."""
    like: str = ""
    """The other model that its conversion was told."""


class Models(Reply, frozen=True, kw_only=True):
    """Answer to `AskModels`."""

    models: tuple[ListedModel, ...] = ()
    fetches: tuple[Fetch, ...] = ()
    """Those that run, or ended without success, since the engine runs."""
    gpus: tuple[Gpu, ...] = ()
    troubles: tuple[str, ...] = ()
    """Folders that could not be looked into, a sentence each."""


class FetchChanged(Event, frozen=True, kw_only=True):
    """A download went on, or ended."""

    job: str = ""
    """Empty: it belongs to no job."""
    fetch: Fetch


ToModels = AskModels | FetchModel | ConvertFile | StopFetch
"""What a client may say of models."""

FromModels = Models | FetchChanged
"""What the engine may."""
