"""`keepers engine`: look at it, stop it, or run it in the foreground."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

import click
import msgspec

from tui.cli.errors import Sentence
from tui.cli.home import look_home, make_home
from tui.cli.output import harmless, say
from tui.engine.messages import PROTOCOL, AskStatus, Done, EngineStatus
from tui.engine.queue_messages import AskQueue, PauseQueue, Queue
from tui.store.jobs import JobState
from tui.store.paths import Home, find_home

T = TypeVar("T")

ANSWER_SECONDS = 10.0
"""How long an engine may take to answer, also on a busy machine."""

LEAVE_SECONDS = 40.0
"""How long one may take to leave; a little more than the supervisor waits for it."""


@click.group(no_args_is_help=False)
def engine() -> None:
    """The process that owns the queue and outlives the interface."""


@engine.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def status(as_json: bool) -> None:
    """Say whether the engine runs and what it does; exit code 1 where none runs."""
    home = find_home()
    nothing = (None, "", (), ())
    found, differs, at_work, waiting = asyncio.run(answered(_status(home), home)) or nothing
    if found is None:
        say("{}" if as_json else "no engine runs; it starts when it is needed")
        raise click.exceptions.Exit(1)
    if as_json:
        say(msgspec.json.encode(found).decode())
        return
    say(
        f"engine {found.version}, process {found.pid}, up {_span(time.time() - found.started)}, "
        f"{found.memory / 2**20:.0f} MiB, {found.clients - 1} other clients"
    )
    if differs:
        say(differs)
    doing = f"job {found.running}" if found.running else "nothing"
    if len(found.jobs) > 1:
        doing = f"{len(found.jobs)} jobs"
    paused = "; the queue is paused: “keepers engine resume” lets it go on" if found.paused else ""
    say(f"doing: {doing}; {found.queued} waiting{paused}")
    for words in at_work:
        say(f"  ▶ {words}")
    for number, words in enumerate(waiting, 1):
        say(f"  {number}. {words}")
    if not found.workers:
        say("worker: none; no memory is held")
    for worker in found.workers:
        on = f" on {harmless(worker.place)}" if len(found.workers) > 1 else ""
        model = harmless(worker.model) or "no model yet"
        say(
            f"worker{on}: {'drawing' if worker.drawing else 'warm'}, process {worker.pid}, "
            f"{model} {harmless(worker.device)} {worker.precision}".rstrip()
        )


@engine.command()
def stop() -> None:
    """Stop the engine; what it was doing goes back to the queue."""
    from tui.engine.supervisor import stop_engine

    home = find_home()
    stopped = asyncio.run(answered(stop_engine(home), home, seconds=LEAVE_SECONDS))
    say("stopped" if stopped else "no engine runs")


@engine.command()
def pause() -> None:
    """Let what waits in the queue wait until “resume”; what runs is finished."""
    asyncio.run(_pause(_made(), paused=True))
    say("paused")


@engine.command()
def resume() -> None:
    """Let what waits in the queue go on."""
    asyncio.run(_pause(_made(), paused=False))
    say("resumed")


@engine.command(name="run")
def run_here() -> None:
    """Run the engine here until ctrl+c, for containers and job schedulers."""
    from tui.engine.foreground import run_engine

    # What is wrong with the home is said as everywhere else; the engine itself writes a log.
    _made()
    code = run_engine()
    if code == 3:
        raise Sentence("another engine serves this home already: run “keepers engine status”")
    raise click.exceptions.Exit(code)


def _made() -> Home:
    home, _settings = look_home()
    make_home(home)
    return home


async def answered(
    question: Coroutine[Any, Any, T], home: Home, *, seconds: float = ANSWER_SECONDS
) -> T:
    """What the engine answers, if it does so in time.

    Raises:
        Sentence: it does not; a stopped or swapped-out process listens but never answers.
    """
    from tui.engine.discovery import read_info

    try:
        return await asyncio.wait_for(question, seconds)
    except TimeoutError:
        info = read_info(home)
        process = f"process {info.pid}" if info else "its process"
        raise Sentence(
            f"the engine does not answer within {seconds:g} seconds: "
            f"look at {process}, and end it if it hangs"
        ) from None


async def _status(home: Home) -> tuple[EngineStatus, str, tuple[str, ...], tuple[str, ...]] | None:
    """How the engine is, in what its shell differs, and a line for each job that runs or waits.

    None where no engine runs.
    """
    from tui.engine.supervisor import connect_running
    from tui.workflow.queue import line, work_words

    client = await connect_running(home)
    if client is None:
        return None
    try:
        found = await client.request(AskStatus(), EngineStatus)
        if client.welcome is None or client.welcome.protocol != PROTOCOL:
            return found, "", (), ()  # an engine of another version would hang up on the question
        queue = await client.request(AskQueue(), Queue)
        lines: dict[JobState, list[str]] = {JobState.RUNNING: [], JobState.QUEUED: []}
        for job in queue.jobs:
            if job.state in lines:
                words = filter(None, (line(queue, job), work_words(queue, job)))
                lines[job.state].append(harmless("; ".join(words)))
        return (
            found,
            client.difference,
            tuple(lines[JobState.RUNNING]),
            tuple(lines[JobState.QUEUED]),
        )
    finally:
        await client.close()


async def _pause(home: Home, *, paused: bool) -> None:
    from tui.engine.supervisor import connect

    client = await connect(home)
    try:
        await client.request(PauseQueue(paused=paused), Done)
    finally:
        await client.close()


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
