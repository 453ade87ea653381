"""`keepers engine`: look at it, stop it, or run it in the foreground."""

import asyncio
import sys
import time

import click
import msgspec

from tui.engine.messages import AskStatus, EngineStatus
from tui.store.paths import Home, find_home


@click.group()
def engine() -> None:
    """The process that owns the queue and outlives the interface."""


@engine.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def status(as_json: bool) -> None:
    """Say whether the engine runs and what it does; exit code 1 where none runs."""
    found = asyncio.run(_status(find_home()))
    if found is None:
        click.echo("{}" if as_json else "no engine runs; it starts when it is needed")
        raise click.exceptions.Exit(1)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    click.echo(
        f"engine {found.version}, process {found.pid}, up {_span(time.time() - found.started)}, "
        f"{found.memory / 2**20:.0f} MiB, {found.clients - 1} other clients"
    )
    doing = f"job {found.running}" if found.running else "nothing"
    click.echo(f"doing: {doing}; {found.queued} waiting")
    if found.worker_pid is None:
        click.echo("worker: none; no memory is held")
    else:
        click.echo(
            f"worker: {found.worker}, process {found.worker_pid}, "
            f"{found.model or 'no model yet'} {found.device} {found.precision}".rstrip()
        )


@engine.command()
def stop() -> None:
    """Stop the engine; what it was doing goes back to the queue."""
    from tui.engine.supervisor import stop_engine

    stopped = asyncio.run(stop_engine(find_home()))
    click.echo("stopped" if stopped else "no engine runs")


@engine.command("run")
def run_here() -> None:
    """Run the engine here until ctrl+c, for containers and job schedulers."""
    from tui.engine.foreground import run_engine

    code = run_engine()
    if code == 3:
        click.echo("keepers: another engine serves this home already", err=True)
    sys.exit(code)


async def _status(home: Home) -> EngineStatus | None:
    from tui.engine.supervisor import connect_running

    client = await connect_running(home)
    if client is None:
        return None
    try:
        return await client.request(AskStatus(), EngineStatus)
    finally:
        await client.close()


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
