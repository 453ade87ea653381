"""`keepers doctor`: what this machine can do, in words, with what to do about the rest."""

from collections.abc import Callable

import click

from tui.cli.check_findings import check_findings
from tui.cli.errors import sentence_of
from tui.cli.findings import (
    Finding,
    device_findings,
    engine_findings,
    extra_findings,
    folder_findings,
    terminal_findings,
)
from tui.cli.output import harmless, say
from tui.cli.picture_findings import picture_findings

_MARKS = {"good": "ok  ", "note": "note", "bad": "bad "}


@click.command()
def doctor() -> None:
    """Look at device, terminal, folders and engine; exit code 1 if something is wrong."""
    wrong = False
    sections = (
        ("Device", device_findings),
        ("Terminal", terminal_findings),
        ("Pictures", picture_findings),
        ("Folders", folder_findings),
        ("Engine", engine_findings),
        ("Checks", check_findings),
        ("Extras", extra_findings),
    )
    for title, look in sections:
        say(title)
        for finding in findings_of(look):
            wrong = wrong or finding.level == "bad"
            say(f"  {_MARKS[finding.level]}  {harmless(finding.says)}")
            if finding.do:
                say(f"        → {harmless(finding.do)}")
    raise click.exceptions.Exit(1 if wrong else 0)


def findings_of(look: Callable[[], list[Finding]]) -> list[Finding]:
    """What one section finds; an error that carries a sentence is a finding like any other."""
    try:
        return look()
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        return [Finding("bad", sentence)]
