"""`keepers doctor`: what this machine can do, in words, with what to do about the rest."""

import click

from tui.cli.findings import (
    Finding,
    device_findings,
    engine_findings,
    extra_findings,
    folder_findings,
    terminal_findings,
)

_MARKS = {"good": "ok  ", "note": "note", "bad": "bad "}


@click.command()
def doctor() -> None:
    """Look at device, terminal, folders and engine; exit code 1 if something is wrong."""
    wrong = False
    sections = (
        ("Device", device_findings),
        ("Terminal", terminal_findings),
        ("Folders", folder_findings),
        ("Engine", engine_findings),
        ("Extras", extra_findings),
    )
    for title, look in sections:
        click.echo(title)
        for finding in look():
            wrong = wrong or finding.level == "bad"
            click.echo(f"  {_MARKS[finding.level]}  {finding.says}")
            if finding.do:
                click.echo(f"        → {finding.do}")
    raise click.exceptions.Exit(1 if wrong else 0)


__all__ = ["Finding", "doctor"]
