"""What `keepers doctor` says of the checks that read a picture: each is asked whether it could."""

import asyncio

from tui.checks.answers import HOW_TO_GET, Check, CheckError, MissingError
from tui.checks.asking import ask
from tui.cli.findings import Finding

_WORDS = {
    Check.TEXT: ("text in a picture is", "read"),
    Check.FACES: ("faces in a picture are", "found"),
}


def check_findings() -> list[Finding]:
    """One finding for each check, from the process that would really do it."""
    return asyncio.run(_asked())


async def _asked() -> list[Finding]:
    return list(await asyncio.gather(*map(_finding, Check)))


async def _finding(check: Check) -> Finding:
    what, done = _WORDS[check]
    try:
        found = await ask(check, None)
    except MissingError as error:
        return Finding("note", f"{what} not {done}: {error.package} is missing", HOW_TO_GET)
    except CheckError as error:
        return Finding("note", f"{what} not {done}: {error}", f"{HOW_TO_GET}, again")
    return Finding("good", f"{what} {done} by {found.tool}")
