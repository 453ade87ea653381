"""What the engine and a worker say to each other over the worker's pipe."""

import msgspec

from tui.domain.intent import Intent
from tui.domain.recipe import Recipe
from tui.imaging.upscale import Upscale


class ModelPlace(msgspec.Struct, frozen=True):
    """A model on this machine's disk."""

    reference: str
    """As the person named it."""
    folder: str
    """diffusers folder, absolute; of a super-resolution model its file or folder."""
    revision: str
    """Hub commit, or a hash over the folder's content."""
    enlarges: int = 0
    """How many times longer a super-resolution model makes the sides; 0 for one that draws."""


class LoraFile(msgspec.Struct, frozen=True):
    """A LoRA on this machine's disk, and how strongly it counts."""

    reference: str
    """As the person named it."""
    path: str
    """The safetensors file, absolute."""
    sha256: str
    """Over the file's bytes, hexadecimal."""
    weight: float


class VaePlace(msgspec.Struct, frozen=True):
    """An autoencoder on this machine's disk."""

    reference: str
    """As the person named it."""
    folder: str
    """The folder with its configuration and weights, absolute."""
    revision: str
    """A hash over the folder's content."""


class RunBatch(msgspec.Struct, frozen=True, tag=True):
    """Draw these seeds together."""

    batch: int
    intent: Intent
    seeds: tuple[int, ...]
    wanted: tuple[int, ...]
    """Slots whose pixels are sent back."""
    model: ModelPlace
    device: str
    """`auto`, `cpu`, `cuda` or `cuda:N`."""
    precision: str
    """`auto` or a dtype's name."""
    threads: int
    """0 for torch's own choice."""
    previews: bool
    init_image: str = ""
    """Path of the picture to start from."""
    mask: str = ""
    """Path of the mask."""
    latents: str = ""
    """Folder where unfinished latents are kept for branches; empty to keep none."""
    latents_limit: int = 0
    """Bytes that they may take."""
    loras: tuple[LoraFile, ...] = ()
    """In the order in which they are added up."""
    vae: VaePlace | None = None
    """In the place of the model's own."""
    chunked: bool = False
    """Whether prompts that are too long are read in parts, by the families that can."""
    weighs: bool = False
    """Whether weights such as `(red hat:1.2)` are obeyed, by the families that can."""
    sharing: int = 1
    """Workers among whom the processor's threads are shared out (see `devices.sharers`)."""
    memory: str = ""
    """File that remembers what fits into memory; empty to remember it in the worker alone."""
    adjustments: tuple[str, ...] | None = None
    """Those of a recipe, to begin with; None for what is remembered."""
    compiled: str = ""
    """Folder for what the compiler makes; empty to draw without one."""


class CancelBatch(msgspec.Struct, frozen=True, tag=True):
    """Stop drawing this batch at the next step."""

    batch: int


ToWorker = RunBatch | CancelBatch


class WorkerReady(msgspec.Struct, frozen=True, tag=True):
    """Libraries are imported; a batch can come."""

    gpus: int = 0
    """GPUs that torch can use here."""


class ModelLoading(msgspec.Struct, frozen=True, tag=True):
    """The model is being read from disk."""

    batch: int


class ModelLoaded(msgspec.Struct, frozen=True, tag=True):
    """The model is on the device."""

    batch: int
    seconds: float
    device: str
    """As its maker names it."""
    precision: str
    place: str = ""
    """The device, as torch names it."""
    held: int = 0
    """Bytes of a GPU that the model holds; 0 on the processor."""


class WorkerSays(msgspec.Struct, frozen=True, tag=True):
    """What takes its time, in words, or what is not done that was asked for."""

    batch: int
    text: str


class SteppedDown(msgspec.Struct, frozen=True, tag=True):
    """Memory ran out or would, or compiling failed; the batch goes on with less, or without."""

    batch: int
    sentence: str


class BatchStep(msgspec.Struct, frozen=True, tag=True):
    """One denoising step is behind us."""

    batch: int
    step: int
    """From 1."""
    steps: int


class SlotPreview(msgspec.Struct, frozen=True, tag=True):
    """How one slot looks now; the blob is a JPEG."""

    batch: int
    slot: int
    step: int
    steps: int


class SlotPixels(msgspec.Struct, frozen=True, tag=True):
    """One finished image; the blob is height × width × 3 bytes of RGB."""

    batch: int
    slot: int
    recipe: Recipe
    width: int
    height: int
    seconds: float


class Enlarged(msgspec.Struct, frozen=True, tag=True):
    """A picture was enlarged; the blob is height × width × 3 bytes of RGB."""

    batch: int
    operation: Upscale
    width: int
    height: int
    seconds: float


class BatchDone(msgspec.Struct, frozen=True, tag=True):
    """All wanted slots were sent."""

    batch: int
    seconds: float
    held: int = 0
    """Bytes of a GPU that stay with the model that is loaded; 0 on the processor."""


class BatchStopped(msgspec.Struct, frozen=True, tag=True):
    """The batch was cancelled."""

    batch: int


class BatchFailed(msgspec.Struct, frozen=True, tag=True):
    """The batch cannot be drawn; the worker lives on, if only to be ended."""

    batch: int
    sentence: str
    no_device: bool = False
    """Whether that is because the device is not there."""
    device_broken: bool = False
    """Whether this worker can draw nothing more on its device; a new one can."""


FromWorker = (
    WorkerReady
    | ModelLoading
    | ModelLoaded
    | WorkerSays
    | SteppedDown
    | BatchStep
    | SlotPreview
    | SlotPixels
    | Enlarged
    | BatchDone
    | BatchStopped
    | BatchFailed
)

_to_worker = msgspec.json.Decoder(ToWorker)
_from_worker = msgspec.json.Decoder(FromWorker)


def decode_to_worker(header: bytes) -> ToWorker:
    """What the engine said to a worker."""
    message: ToWorker = _to_worker.decode(header)
    return message


def decode_from_worker(header: bytes) -> FromWorker:
    """What a worker said to the engine."""
    message: FromWorker = _from_worker.decode(header)
    return message
