"""Downloads of models, LoRAs and VAEs that somebody asked for, and what is told of them."""

import asyncio
import contextlib

import msgspec

from tui.engine.announcing import Announce
from tui.engine.hub import downloaded
from tui.engine.hub_choice import check_reference
from tui.engine.model_messages import Fetch, FetchChanged, FetchState
from tui.engine.models import ModelError

_MOST_REMEMBERED = 20
"""Downloads that ended without success and are still listed."""


class Fetches:
    """Runs downloads; each ends with the engine, and goes on where it was when asked again."""

    def __init__(self, announce: Announce) -> None:
        self._announce = announce
        self._fetches: dict[str, Fetch] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def is_busy(self) -> bool:
        """Whether something is being downloaded."""
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
        if model in self._tasks:
            return
        self._fetches.pop(model, None)
        self._change(Fetch(model=model, state=FetchState.RUNNING))
        self._tasks[model] = asyncio.create_task(self._run(model))

    async def stop(self, model: str) -> None:
        """Break a download off; one that has ended leaves the list."""
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

    async def _run(self, model: str) -> None:
        def says(text: str) -> None:
            self._update(model, says=text)

        def counts(done: int, total: int) -> None:
            self._update(model, done=done, total=total)

        try:
            await downloaded(model, says, counts)
        except ModelError as error:
            self._end(model, FetchState.FAILED, str(error))
        except asyncio.CancelledError:
            self._end(model, FetchState.STOPPED, "stopped: files that are whole stay")
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
