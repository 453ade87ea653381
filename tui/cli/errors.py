"""Whatever goes wrong ends in one sentence on standard error and exit code 2.

A defect of ours is no exception: its traceback goes into a log, and the exit code is 70.
"""

import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tui.cli.output import discard, tell
from tui.domain.text import clean, clean_lines

WRONG = 2
"""Exit code for what a person can put right."""
DEFECT = 70
"""Exit code for what only we can put right; EX_SOFTWARE of sysexits.h."""
CANCELLED = 130
"""Exit code after ctrl+c, as shells have it."""

_LARGEST_LOG = 1 << 20
_LONGEST_COMPLAINT = 300
_LONGEST_STORY = 50_000


class SentenceGroup(click.Group):
    """A group whose every error is one line."""

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, *, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        """Run the command and leave with its exit code."""
        if not standalone_mode:
            return super().main(args, standalone_mode=False, **extra)
        _fill_closed_files()
        try:
            code = super().main(args, standalone_mode=False, **extra)
        except click.ClickException as error:
            tell(_complaint(error))
            code = WRONG
        except (click.Abort, KeyboardInterrupt):
            tell("cancelled")
            code = CANCELLED
        except OSError as error:
            # Only click's own printing is outside `invoke`: the help on a full disk.
            discard(1)
            tell(f"standard output cannot be written ({error.strerror}): free some space there")
            code = WRONG
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; an error that carries a sentence ends as that sentence."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            tell("cancelled")
            raise click.exceptions.Exit(CANCELLED) from None
        except Exception as error:
            sentence = sentence_of(error)
            if sentence is not None:
                raise Sentence(sentence) from error
            tell(_confession(error))
            raise click.exceptions.Exit(DEFECT) from error


class Sentence(click.ClickException):
    """One sentence for the person; exit code 2, like a wrong option."""

    exit_code = WRONG

    def __init__(self, message: str) -> None:
        super().__init__(clean(message, limit=2_000))


def sentence_of(error: Exception) -> str | None:
    """The sentence an error carries, or None for one that is a defect of ours."""
    from tui.domain.intent import InvalidIntentError
    from tui.domain.schedulers import UnknownSchedulerError
    from tui.domain.versioned import UnreadableError
    from tui.engine.client import EngineGoneError, RefusedError
    from tui.engine.models import ModelError
    from tui.imaging.errors import ImagingError
    from tui.store.errors import StoreError, explain

    if isinstance(error, EngineGoneError):
        return "the engine went away several times: run “keepers doctor” and look into its log"
    known = (InvalidIntentError, UnknownSchedulerError, UnreadableError, RefusedError)
    more = (ModelError, ImagingError, StoreError)
    if isinstance(error, (*known, *more)):
        return str(error)
    if isinstance(error, OSError) and isinstance(error.filename, str):
        return explain(error, f"use {clean(error.filename, limit=200)}")
    return None


def _complaint(error: click.ClickException) -> str:
    """What click says of a wrong option, as one line that names the help."""
    if not isinstance(error, click.UsageError):
        return error.format_message()
    said = clean(error.format_message()).rstrip(".")
    if len(said) > _LONGEST_COMPLAINT:  # what was typed is long, and the reason comes last
        said = f"{said[: _LONGEST_COMPLAINT - 100]} … {said[-100:]}"
    command = error.ctx.command_path if error.ctx else "keepers"
    return f"{said[:1].lower()}{said[1:]} (see “{command} --help”)"


def _confession(error: Exception) -> str:
    """The sentence for a defect of ours, its traceback safe in a log."""
    what = clean(f"{type(error).__name__}: {error}", limit=_LONGEST_COMPLAINT)
    try:
        log = _log_defect(error)
    except Exception as refusal:  # noqa: BLE001 - whatever it is, the first error matters more
        frame = traceback.extract_tb(error.__traceback__)[-1]
        why = clean(str(refusal), limit=_LONGEST_COMPLAINT)
        return (
            f"this is a defect of Keepers ({what}; {frame.filename}, line {frame.lineno}), and no "
            f"log of it could be kept ({why}): please report it"
        )
    return f"this is a defect of Keepers ({what}): please report it with the traceback in {log}"


def _log_defect(error: Exception) -> Path:
    from tui.store.files import make_private_folder
    from tui.store.paths import find_home

    folder = find_home().log
    make_private_folder(folder)
    log = folder / "cli.log"
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        flags |= os.O_TRUNC
    story = clean_lines("".join(traceback.format_exception(error))[-_LONGEST_STORY:])
    with os.fdopen(os.open(log, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} keepers\n{story}\n\n")
        file.flush()
        os.fsync(file.fileno())
    return log


def _fill_closed_files() -> None:
    """Give a number below 3 that came closed to nothing, before the database gets it."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is always the one that is given out.
            os.open(os.devnull, os.O_RDWR)
