"""The interface's line to the engine: kept up in the background, told of by callbacks."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator

from tui.engine.client import Client, EngineGoneError, RefusedError
from tui.engine.jobs import JobRequest
from tui.engine.messages import (
    AskModel,
    AskStatus,
    Cancel,
    Done,
    EngineStatus,
    Event,
    Follow,
    JobIs,
    JobView,
    ModelFacts,
    Submit,
)
from tui.engine.model_messages import AskModels, ConvertFile, FetchModel, Models, StopFetch
from tui.engine.queue_messages import (
    AskQueue,
    MoveJob,
    PauseQueue,
    Queue,
    QueueChanged,
    RetryJob,
)
from tui.engine.supervisor import connect
from tui.engine.token_messages import AskTokens, TokenCounts
from tui.engine.waiting import came
from tui.store.errors import StoreError
from tui.store.paths import Home

_RETRY_SECONDS = 2.0
_PATIENCE = 30.0
"""Seconds that a job waits for an engine that is being started."""


class NoEngineError(Exception):
    """Nothing can be asked of the engine now; the message says why and what happens next."""


class EngineLink:
    """Connects, starts the engine if need be, and connects again when it is gone."""

    def __init__(
        self,
        home: Home,
        *,
        on_event: Callable[[Event, bytes], None],
        on_change: Callable[[bool, str], None],
    ) -> None:
        self._home, self._on_event, self._on_change = home, on_event, on_change
        self._client: Client | None = None
        self.trouble = "the engine is starting"
        """Why there is no connection; empty while there is one."""
        self.paused = False
        """Whether what waits in the queue waits until somebody lets it go on."""
        self.difference = ""
        """In what the engine's shell differs from this one, in a sentence; empty for nothing."""
        self._known = asyncio.Event()
        """Whether there is a connection, or it is known that there can be none."""

    async def run(self) -> None:
        """Until cancelled: connect, pass events on, connect again."""
        while True:
            try:
                self._client = await connect(self._home, previews=True)
                self.paused = self._client.welcome is not None and self._client.welcome.paused
                self.difference = self._client.difference
                self._known.set()
                self._say("")
                while True:
                    event, blob = await self._client.next_event()
                    if isinstance(event, QueueChanged):
                        self.paused = event.paused
                    self._on_event(event, blob)
            except (StoreError, RefusedError) as error:
                self._known.set()
                self._say(str(error))
            except EngineGoneError:
                self._known.clear()
                self._say("the engine went away and is started again; the queue is safe")
            finally:
                client, self._client = self._client, None
                if client is not None:
                    await client.close()
            await asyncio.sleep(_RETRY_SECONDS)

    async def submit(self, project: str, job: JobRequest) -> JobView:
        """Put a job into the queue; wait for an engine that is being started.

        Raises:
            NoEngineError: there is no engine now.
            RefusedError: the engine said no; the message says why.
        """
        await came(self._known, _PATIENCE)
        with _gone():
            return (await self._asked().request(Submit(project=project, job=job), JobIs)).job

    async def follow(self, job: str) -> JobView:
        """Where a job stands, with its images. Raises like `submit`."""
        with _gone():
            return (await self._asked().request(Follow(job=job), JobIs)).job

    async def cancel(self, job: str, *, finish_images: bool = False) -> None:
        """End a job. Raises like `submit`."""
        with _gone():
            await self._asked().request(Cancel(job=job, finish_images=finish_images), Done)

    async def queue(self) -> Queue:
        """All that runs, waits, and has ended lately. Raises like `submit`."""
        with _gone():
            return await self._asked().request(AskQueue(), Queue)

    async def move(self, job: str, by: int) -> None:
        """Move a job that waits by so many places. Raises like `submit`."""
        with _gone():
            await self._asked().request(MoveJob(job=job, by=by), Done)

    async def retry(self, job: str) -> None:
        """Put a job that was cancelled or failed back into the queue. Raises like `submit`."""
        with _gone():
            await self._asked().request(RetryJob(job=job), Done)

    async def pause(self, *, paused: bool) -> None:
        """Let what waits wait, or go on. Raises like `submit`."""
        with _gone():
            await self._asked().request(PauseQueue(paused=paused), Done)

    async def status(self) -> EngineStatus:
        """How the engine is. Raises like `submit`."""
        with _gone():
            return await self._asked().request(AskStatus(), EngineStatus)

    async def tokens(self, model: str, texts: tuple[str, ...]) -> TokenCounts:
        """How the model cuts these texts. Raises like `submit`."""
        with _gone():
            return await self._asked().request(AskTokens(model=model, texts=texts), TokenCounts)

    async def model(self, model: str, width: int = 0, height: int = 0) -> ModelFacts:
        """What is known of a model, and whether it draws that size. Raises like `submit`."""
        asked = AskModel(model=model, width=width, height=height)
        with _gone():
            return await self._asked().request(asked, ModelFacts)

    async def models(self, folders: tuple[str, ...]) -> Models:
        """All models on this machine, those in `folders` among them. Raises like `submit`."""
        with _gone():
            return await self._asked().request(AskModels(folders=folders), Models)

    async def fetch(self, model: str) -> None:
        """Download a model, or go on with a download. Raises like `submit`."""
        with _gone():
            await self._asked().request(FetchModel(model=model), Done)

    async def convert(self, file: str, like: str = "") -> None:
        """Make a folder of a model in one file. Raises like `submit`.

        Args:
            file: absolute.
            like: a model of the same family on this machine; empty for none.
        """
        with _gone():
            await self._asked().request(ConvertFile(file=file, like=like), Done)

    async def stop_fetch(self, model: str) -> None:
        """Break a download or a conversion off. Raises like `submit`."""
        with _gone():
            await self._asked().request(StopFetch(model=model), Done)

    def _asked(self) -> Client:
        if self._client is None:
            raise NoEngineError(f"{self.trouble}: try again in a moment")
        return self._client

    def _say(self, trouble: str) -> None:
        self.trouble = trouble
        self._on_change(not trouble, trouble)


@contextlib.contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except EngineGoneError as error:
        raise NoEngineError("the engine went away and is started again: try again") from error
