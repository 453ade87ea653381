"""What an interface and the engine say to each other, a frame each."""

from typing import TypeVar

import msgspec

from tui.engine.greeting import PROTOCOL, Hello, Welcome
from tui.engine.jobs import JobRequest
from tui.engine.message_bases import Event, Reply, Request
from tui.engine.model_messages import FromModels, ToModels
from tui.engine.queue_messages import (
    AskQueue,
    MoveJob,
    PauseQueue,
    Queue,
    QueueChanged,
    RetryJob,
)
from tui.engine.status_messages import EngineStatus
from tui.engine.token_messages import AskTokens, TokenCounts
from tui.store.jobs import JobState

__all__ = ["PROTOCOL", "EngineStatus", "Event", "Hello", "Reply", "Request", "Welcome"]


class Submit(Request, frozen=True, kw_only=True):
    """Put a job into the queue."""

    project: str
    job: JobRequest


class Follow(Request, frozen=True, kw_only=True):
    """Where does this job stand, and which images has it made?"""

    job: str


class Cancel(Request, frozen=True, kw_only=True):
    """End a job."""

    job: str
    finish_images: bool = False
    """Let the images that are being drawn finish; what waits behind them is dropped."""


class AskStatus(Request, frozen=True, kw_only=True):
    """How is the engine?"""


class AskModel(Request, frozen=True, kw_only=True):
    """What is known of this model?"""

    model: str
    width: int = 0
    """Pixels to check as well; 0 checks no size."""
    height: int = 0


class StopEngine(Request, frozen=True, kw_only=True):
    """Leave. What runs goes back to the queue."""


ClientMessage = (
    Hello
    | Submit
    | Follow
    | Cancel
    | AskStatus
    | AskQueue
    | MoveJob
    | RetryJob
    | PauseQueue
    | AskTokens
    | AskModel
    | ToModels
    | StopEngine
)


class ImageView(msgspec.Struct, frozen=True):
    """A finished image, as a client sees it: by path, never by pixels."""

    id: str
    path: str
    """Absolute."""
    seed: int
    intent: str
    """Key of its intent."""
    recipe: str
    """Hash of its recipe."""
    sha256: str
    """Of the file."""
    width: int
    height: int
    seconds: float
    """Share of its batch's time."""
    found: bool = False
    """It existed already and was not computed again."""


class JobView(msgspec.Struct, frozen=True):
    """A job, as a client sees it."""

    id: str
    project: str
    state: JobState
    error: str = ""
    total: int = 0
    """Images wanted."""
    images: tuple[ImageView, ...] = ()


class JobIs(Reply, frozen=True, kw_only=True):
    """Answer to `Submit` and `Follow`: the job as it is now."""

    job: JobView


class ModelFacts(Reply, frozen=True, kw_only=True):
    """Answer to `AskModel`."""

    model: str
    here: bool = True
    """Whether it is on this machine; else all of this is what its name suggests."""
    revision: str = ""
    family: str = "unknown"
    side: int
    """Pixels a side that it was trained on."""
    steps: int
    """Usual steps."""
    guidance: float
    """Usual guidance."""
    strength: float = 0.6
    """Usual strength, where it starts from a picture."""
    scheduler: str = ""
    """Its own scheduler's class."""
    schedulers: tuple[str, ...] = ()
    """Classes that fit, its own among them."""
    negatives_above: float | None = None
    """Guidance above which it reads negatives; None if it never does."""
    licence: str = "unknown"
    has_vocabulary: bool = False
    """Whether all the words that it knows are known."""
    distilled_guidance: bool = False
    """Whether it obeys a distilled guidance beside the true one."""
    step_cache: bool = False
    """Whether it can be drawn with a step cache."""

    def reads_negatives(self, guidance: float) -> bool:
        """Whether negatives change anything at that guidance."""
        return self.negatives_above is not None and guidance > self.negatives_above


class Done(Reply, frozen=True, kw_only=True):
    """Done; nothing more to say."""


class Refused(Reply, frozen=True, kw_only=True):
    """It could not be done; the sentence is for the person."""

    sentence: str


class JobChanged(Event, frozen=True, kw_only=True):
    """The job's state is another one."""

    state: JobState
    error: str = ""


class JobSays(Event, frozen=True, kw_only=True):
    """What the job is doing, in words, while no step can be counted: loading, downloading."""

    text: str
    is_trouble: bool = False
    """Whether something went wrong that the engine sees to itself: worth a notice."""


class StepDone(Event, frozen=True, kw_only=True):
    """One denoising step of one batch is behind us."""

    batch: int
    """From 0."""
    batches: int
    step: int
    """From 1."""
    steps: int
    seeds: tuple[int, ...]
    """Of the images that the batch is drawn for."""
    device: str
    """That draws it, as the settings name it."""
    done: int
    """Steps that the job has behind it, over all its batches."""
    of: int
    """Steps of the job."""
    at_once: int = 1
    """Batches that are being drawn now."""

    @property
    def words(self) -> str:
        """`step 3/20`; `2 at once, step 9/80` with several batches, the steps of all of them."""
        if self.at_once == 1:
            return f"step {self.step}/{self.steps}"
        return f"{self.at_once} at once, step {self.done}/{self.of}"


class PreviewMade(Event, frozen=True, kw_only=True):
    """How an unfinished image looks now; the blob is a small JPEG."""

    seed: int
    step: int
    steps: int


class ImageFinished(Event, frozen=True, kw_only=True):
    """An image is safe on disk and in the database."""

    image: ImageView


EngineMessage = (
    Welcome
    | JobIs
    | EngineStatus
    | Queue
    | TokenCounts
    | ModelFacts
    | FromModels
    | Done
    | Refused
    | JobChanged
    | QueueChanged
    | JobSays
    | StepDone
    | PreviewMade
    | ImageFinished
)

_client = msgspec.json.Decoder(ClientMessage)
_engine = msgspec.json.Decoder(EngineMessage)
_encoder = msgspec.json.Encoder()

M = TypeVar("M")


def encode(message: msgspec.Struct) -> bytes:
    """A message as a frame's header."""
    return _encoder.encode(message)


def decode_from_client(header: bytes) -> ClientMessage:
    """What a client said.

    Raises:
        msgspec.DecodeError: no such message.
    """
    try:
        message: ClientMessage = _client.decode(header)
    except UnicodeError as error:
        raise msgspec.DecodeError(str(error)) from error
    return message


def decode_from_engine(header: bytes) -> EngineMessage:
    """What the engine said.

    Raises:
        msgspec.DecodeError: no such message.
    """
    message: EngineMessage = _engine.decode(header)
    return message
