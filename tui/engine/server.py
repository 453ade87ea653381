"""The engine process: owns the queue, outlives every interface, leaves when nobody needs it."""

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time

import msgspec

import tui
from tui.domain.intent import InvalidIntentError
from tui.domain.versioned import UnreadableError, from_json, to_json
from tui.engine.backing_up import back_up_daily
from tui.engine.connection import Connection
from tui.engine.discovery import (
    RENEW_SECONDS,
    EngineInfo,
    check_host,
    new_info,
    read_info,
    socket_path,
    take_lock,
    write_info,
)
from tui.engine.dispatcher import Dispatcher
from tui.engine.environment import kept_environment
from tui.engine.fetches import Fetches
from tui.engine.jobs import JobRequest
from tui.engine.messages import (
    PROTOCOL,
    AskModel,
    AskStatus,
    Cancel,
    ClientMessage,
    Done,
    Event,
    Follow,
    Hello,
    JobIs,
    JobView,
    PreviewMade,
    Refused,
    Reply,
    StopEngine,
    Submit,
    Welcome,
    encode,
)
from tui.engine.model_facts import model_facts
from tui.engine.model_messages import AskModels, ConvertFile, FetchModel, Models, StopFetch
from tui.engine.models import ModelError
from tui.engine.pool import LocalPool, Pool
from tui.engine.queue_messages import AskQueue, MoveJob, PauseQueue, RetryJob
from tui.engine.queue_view import AtWork, queue_view
from tui.engine.resolving import check_request, job_view, known_place
from tui.engine.room import room_for
from tui.engine.shelf import Shelf, troubles
from tui.engine.staff import Staff
from tui.engine.status_view import status_view
from tui.engine.token_messages import AskTokens
from tui.engine.tokens import TokenCounter
from tui.store import inputs
from tui.store.errors import StoreError
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.settings import Settings
from tui.store.store import Store, open_store

WATCH_SECONDS = 2.0
"""How often the engine looks whether its home is still there."""

_log = logging.getLogger(__name__)


class Engine:
    """Serves one home until it is stopped, idle for long, or its home vanishes."""

    def __init__(
        self,
        home: Home,
        settings: Settings,
        *,
        pool: Pool | None = None,
        on_demand: bool = False,
    ) -> None:
        """`on_demand` tells whether it was started because somebody needed an engine."""
        self._home, self._settings, self._on_demand = home, settings, on_demand
        self._store: Store = open_store(home)
        self._staff = Staff(pool or LocalPool(home.engine_log), settings.device)
        self._dispatcher = Dispatcher(self._store, settings, self._staff, self._announce)
        self._tokens = TokenCounter(
            chunked=settings.long_prompts == "chunks", weighs=settings.prompt_weights == "obey"
        )
        self._shelf, self._looking = Shelf(), threading.Lock()
        self._fetches = Fetches(self._announce, self._home.models)
        self._clients: set[Connection] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._leaving = asyncio.Event()
        self._started = self._last_needed = time.time()

    async def run(self) -> bool:
        """Serve; False if another engine serves this home already.

        Raises:
            StoreError: the home or the socket's folder cannot be used.
        """
        lock = take_lock(self._home)
        if lock is None:
            self._store.close()
            return False
        with lock:
            try:
                await self._serve()
            finally:
                self._store.close()
        return True

    async def _serve(self) -> None:
        check_host(self._home)
        path = socket_path(self._home)
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._accept, path)
        path.chmod(0o600)
        info = new_info(PROTOCOL, tui.__version__, path)
        write_info(self._home, info)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._leaving.set)
        tasks = [
            asyncio.create_task(self._dispatcher.run()),
            asyncio.create_task(self._watch(info)),
            asyncio.create_task(back_up_daily(self._store)),
        ]
        leaving = asyncio.create_task(self._leaving.wait())
        try:
            await asyncio.wait([*tasks, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            server.close()
            for task in (*tasks, leaving, *self._serving):
                task.cancel()
            results = await asyncio.gather(*tasks, *self._serving, return_exceptions=True)
            await self._fetches.close()
            await self._staff.dismiss()
            if read_info(self._home) == info:
                self._home.engine_file.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                path.parent.rmdir()
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        connection = Connection(reader, writer, self._answer)
        self._clients.add(connection)
        try:
            await connection.serve()
        finally:
            self._clients.discard(connection)
            self._serving.discard(task)
            self._last_needed = time.time()

    def _announce(self, event: Event, blob: bytes = b"", *, key: object = None) -> None:
        header = encode(event)
        for client in self._clients:
            if client.greeted and (client.wants_previews or not isinstance(event, PreviewMade)):
                client.tell(header, blob, key=key)

    async def _answer(self, message: ClientMessage) -> Reply:
        try:
            reply = await self._done(message)
        except (StoreError, ModelError, InvalidIntentError, UnreadableError) as error:
            reply = Refused(sentence=str(error))
        return msgspec.structs.replace(reply, number=message.number)

    async def _done(self, message: ClientMessage) -> Reply:
        match message:
            case Hello():
                return self._welcome()
            case Submit():
                return await self._submit(message)
            case Follow(job=job):
                return JobIs(job=await asyncio.to_thread(self._view, job))
            case Cancel(job=job, finish_images=finish):
                await self._dispatcher.cancel(job, finish_images=finish)
                return Done()
            case AskStatus():
                jobs = tuple(run.job.id for run in self._dispatcher.runs)
                clients = len(self._clients)
                return status_view(self._store, self._staff, jobs, self._started, clients)
            case AskQueue():
                return await asyncio.to_thread(queue_view, self._store, self._at_work)
            case MoveJob(job=job, by=by):
                self._dispatcher.move(job, by)
                return Done()
            case RetryJob(job=job):
                self._dispatcher.retry(job)
                return Done()
            case PauseQueue(paused=paused):
                self._dispatcher.pause(paused=paused)
                return Done()
            case AskTokens(model=model, texts=texts):
                return await asyncio.to_thread(self._tokens.counts, model, texts)
            case AskModel(model=model, width=width, height=height):
                return await asyncio.to_thread(model_facts, model, (width, height))
            case AskModels(folders=folders):
                return await asyncio.to_thread(self._models, folders)
            case FetchModel(model=model):
                self._fetches.begin(model)
                return Done()
            case ConvertFile(file=file, like=like):
                await self._fetches.convert(file, like)
                return Done()
            case StopFetch(model=model):
                await self._fetches.stop(model)
                return Done()
            case StopEngine():
                # The answer goes out before the door closes.
                asyncio.get_running_loop().call_later(0.05, self._leaving.set)
                return Done()

    def _welcome(self) -> Welcome:
        return Welcome(
            version=tui.__version__,
            pid=os.getpid(),
            busy=self._is_busy,
            paused=self._store.queue.paused,
            environment=kept_environment(),
            clients=len(self._clients) - 1,
            on_demand=self._on_demand,
        )

    async def _submit(self, message: Submit) -> Reply:
        message.job.check()
        request = msgspec.structs.replace(
            message.job,
            intent=message.job.intent.with_seed(message.job.seeds[0]).cleaned(),
            long_prompts=message.job.long_prompts or self._settings.long_prompts,
            prompt_weights=message.job.prompt_weights or self._settings.prompt_weights,
        )
        await asyncio.to_thread(check_request, request)
        for wanted in (request.intent.init_image, request.intent.mask):
            if wanted is not None:
                inputs.get(self._home, wanted)
        job = self._store.jobs.add(message.project, to_json(request))
        self._dispatcher.tell_change()
        self._dispatcher.wake()
        return JobIs(job=job_view(self._store, job, request, None))

    def _view(self, job_id: str) -> JobView:
        job = self._dispatcher.unkept(job_id) or self._store.jobs.get(job_id)
        request = from_json(job.request, JobRequest)
        place = None
        if job.state is JobState.DONE:
            with contextlib.suppress(ModelError):
                place = known_place(request.intent.model)
        return job_view(self._store, job, request, place)

    @property
    def _at_work(self) -> AtWork:
        posts = max(1, len(self._staff.posts))
        runs = {run.job.id: run for run in self._dispatcher.runs}
        return AtWork(runs, self._staff.devices, posts, self._settings.batch_size)

    def _models(self, folders: tuple[str, ...]) -> Models:
        room, gpus = room_for(self._settings, self._staff.pids, self._staff.held)
        with self._looking:
            models = self._shelf.listed(folders, room)
        return Models(
            models=models, fetches=self._fetches.listed(), gpus=gpus, troubles=troubles(folders)
        )

    @property
    def _is_busy(self) -> bool:
        """Whether it would be missed: something runs, waits, or is being downloaded."""
        return self._dispatcher.is_busy or self._fetches.is_busy

    async def _watch(self, info: EngineInfo) -> None:
        """Leave when the home vanished or nobody has needed the engine for long."""
        renewed = time.time()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            now = time.time()
            if read_info(self._home) != info:
                _log.warning("the home is gone or has another engine: leaving")
                return
            if now - renewed > RENEW_SECONDS:
                renewed = now
                with contextlib.suppress(OSError):
                    os.utime(self._home.engine_file)
            # One that has nothing to do beside what runs; when nothing does, the queue sees to it.
            idle = max(WATCH_SECONDS, self._settings.worker_idle_minutes * 60)
            await self._staff.dismiss_idle(idle)
            if self._clients or self._is_busy:
                self._last_needed = now
            if now - self._last_needed > self._settings.engine_idle_minutes * 60:
                _log.warning("idle: leaving")
                return
