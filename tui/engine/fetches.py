"""Downloads, and conversions of single files, that somebody asked for; what is told of them."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from tui.engine.announcing import Announce
from tui.engine.converting import check_convertible, converted
from tui.engine.hub import downloaded
from tui.engine.hub_choice import check_reference
from tui.engine.model_messages import Fetch, FetchChanged, FetchState
from tui.engine.models import ModelError
from tui.engine.telling import Counts, Says

_MOST_REMEMBERED = 20
"""Those that ended without success and are still listed."""

_Work = Callable[[Says, Counts], Awaitable[object]]


class Fetches:
    """Runs them; each ends with the engine, and a download asked again goes on where it was."""

    def __init__(self, announce: Announce, models: Path) -> None:
        """Args: whom to tell, and the folder that folders made of files go to."""
        self._announce, self._models = announce, models
        self._fetches: dict[str, Fetch] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def is_busy(self) -> bool:
        """Whether something is being downloaded or converted."""
        return bool(self._tasks)

    def listed(self) -> tuple[Fetch, ...]:
        """Those that run, and those that ended without success, the newest first."""
        return tuple(reversed(self._fetches.values()))

    def begin(self, model: str) -> None:
        """Download it, or go on with it; nothing where it is on its way already.

        Raises:
            ModelError: it is nothing that the hub can have, or a pickle.
        """
        check_reference(model)
        self._begin(
            Fetch(model=model, state=FetchState.RUNNING),
            lambda says, counts: downloaded(model, says, counts),
        )

    async def convert(self, file: str, like: str) -> None:
        """Make a folder of a file, as `converted`; nothing where that is done already.

        Raises:
            ModelError: it is none that can be converted.
        """
        await asyncio.to_thread(check_convertible, file)
        self._begin(
            Fetch(model=file, state=FetchState.RUNNING, converts=True, like=like),
            lambda says, counts: converted(file, like, self._models, says, counts),
        )

    async def stop(self, model: str) -> None:
        """Break one off; one that has ended leaves the list."""
        task = self._tasks.get(model)
        if task is None:
            self._fetches.pop(model, None)
            return
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def close(self) -> None:
        """Break all of them off."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, fetch: Fetch, work: _Work) -> None:
        if fetch.model in self._tasks:
            return
        self._fetches.pop(fetch.model, None)
        self._change(fetch)
        self._tasks[fetch.model] = asyncio.create_task(self._run(fetch, work))

    async def _run(self, fetch: Fetch, work: _Work) -> None:
        model = fetch.model

        def says(text: str) -> None:
            self._update(model, says=text)

        def counts(done: int, total: int) -> None:
            self._update(model, done=done, total=total)

        try:
            await work(says, counts)
        except ModelError as error:
            self._end(model, FetchState.FAILED, str(error))
        except asyncio.CancelledError:
            stays = "nothing of it stays" if fetch.converts else "files that are whole stay"
            self._end(model, FetchState.STOPPED, f"stopped: {stays}")
            raise
        except OSError as error:
            self._end(model, FetchState.FAILED, f"it could not be started ({error.strerror})")
        else:
            self._end(model, FetchState.DONE, "")

    def _update(self, model: str, **fields: object) -> None:
        self._change(msgspec.structs.replace(self._fetches[model], **fields))

    def _end(self, model: str, state: FetchState, says: str) -> None:
        del self._tasks[model]
        self._update(model, state=state, says=says)
        if state is FetchState.DONE:
            del self._fetches[model]
        ended = [name for name in self._fetches if name not in self._tasks]
        for name in ended[:-_MOST_REMEMBERED]:
            del self._fetches[name]

    def _change(self, fetch: Fetch) -> None:
        self._fetches[fetch.model] = fetch
        self._announce(FetchChanged(fetch=fetch), key=("fetch", fetch.model))
