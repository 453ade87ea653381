"""Whatever goes wrong ends in one sentence on standard error and exit code 2."""

from typing import Any

import click

from tui.domain.text import clean


class SentenceGroup(click.Group):
    """A group that turns the program's own errors into a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; an error that carries a sentence ends as that sentence."""
        try:
            return super().invoke(ctx)
        except click.ClickException:
            raise
        except Exception as error:
            sentence = sentence_of(error)
            if sentence is None:
                raise
            raise Sentence(sentence) from error


class Sentence(click.ClickException):
    """One sentence for the person; exit code 2, like a wrong option."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(clean(message, limit=2_000))

    def show(self, file: Any = None) -> None:
        """Write it to standard error."""
        click.echo(f"keepers: {self.message}", err=True, file=file)


def sentence_of(error: Exception) -> str | None:
    """The sentence an error carries, or None for one that is a defect of ours."""
    from tui.domain.intent import InvalidIntentError
    from tui.domain.schedulers import UnknownSchedulerError
    from tui.domain.versioned import UnreadableError
    from tui.engine.client import EngineGoneError, RefusedError
    from tui.engine.models import ModelError
    from tui.imaging.errors import ImagingError
    from tui.store.errors import StoreError

    if isinstance(error, EngineGoneError):
        return "the engine went away several times: run “keepers doctor” and look into its log"
    known = (InvalidIntentError, UnknownSchedulerError, UnreadableError, RefusedError)
    more = (ModelError, ImagingError, StoreError)
    return str(error) if isinstance(error, (*known, *more)) else None
