"""`keepers library`: search it, look at an entry, bring in what others made, take it elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.errors import Sentence
from tui.cli.output import harmless, say, tell

if TYPE_CHECKING:
    from tui.store.store import Store
    from tui.workflow.library_export import Exported

_as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")


@click.group(no_args_is_help=False)
def library() -> None:
    """Keepers and styles: search, show, import, export."""


@library.command()
@click.argument("words", nargs=-1)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
@_as_json
def search(words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List entries with all of WORDS, best first; without words the newest.

    Among the words tag:T, model:M, kind:K and style:S narrow, and sort:use, sort:age sort.
    """
    from tui.cli.library_words import entry_lines, found_json

    with _store() as store:
        found = store.library.search(" ".join(words), limit)
        total = store.library.count()
    if as_json:
        say(found_json(found, total))
        return
    for entry in found:
        for line in entry_lines(entry):
            say(line)
    tell(f"{len(found)} of {total} shown" if total else "the library is empty")


@library.command()
@click.argument("id")
@_as_json
def show(id: str, as_json: bool) -> None:
    """Print an entry; the beginning or the end of its ID is enough where no other has it."""
    from tui.cli.library_words import entry_json, full_lines

    with _store() as store:
        entry = store.library.get(_whole_id(store, id))
        picture = str(store.library.file(entry)) if entry.has_picture else ""
    if as_json:
        say(entry_json(entry, picture))
        return
    for line in full_lines(entry, picture):
        say(line)


@library.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_as_json
def import_files(files: tuple[Path, ...], as_json: bool) -> None:
    """Bring FILES in: pictures with a recipe, lists of styles, exports of a library.

    Known are pictures of A1111, Forge, SD.Next, ComfyUI, InvokeAI, Fooocus, SwarmUI, NovelAI and
    Keepers; styles.csv of A1111, styles of Fooocus in JSON, presets of InvokeAI in both. What is
    there already is not added again. Exit code 1: something could not be brought in.
    """
    from tui.cli.library_words import outcome_lines, outcomes_json
    from tui.workflow.library_import import Importer

    outcomes = []
    with _store() as store:
        importer = Importer(store)
        for file in files:
            outcome = importer.bring(file)
            outcomes.append(outcome)
            if not as_json:
                for line in outcome_lines(outcome):
                    say(line)
    if as_json:
        say(outcomes_json(outcomes))
    else:
        added = sum(len(outcome.added) for outcome in outcomes)
        known = sum(outcome.known for outcome in outcomes)
        failed = sum(bool(outcome.troubles) for outcome in outcomes)
        tell(f"{added} added, {known} there already, {failed} files with trouble")
    if any(outcome.troubles for outcome in outcomes):
        raise click.exceptions.Exit(1)


@library.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "kind",
    required=True,
    type=click.Choice(["json", "csv", "folder"]),
    help="Everything but the pictures; prompts for A1111; or a folder with pictures, for git.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def export(out: Path, kind: str, force: bool) -> None:
    """Write the whole library to OUT, a file or a folder; “import” reads each of them again."""
    with _store() as store:
        done = _exported(store, out, kind, force=force)
    for trouble in done.troubles:
        tell(trouble)
    entries = "1 entry" if done.entries == 1 else f"{done.entries} entries"
    changed = "1 file" if done.written == 1 else f"{done.written} files"
    say(f"{entries} in {harmless(str(out))}, {changed} changed")


def _exported(store: "Store", out: Path, kind: str, *, force: bool) -> "Exported":
    from tui.workflow.library_export import export_csv, export_json
    from tui.workflow.library_folder import export_folder

    if kind == "folder":
        return export_folder(store, out)
    return (export_json if kind == "json" else export_csv)(store, out, force=force)


@contextmanager
def _store() -> Iterator["Store"]:
    from tui.store.paths import find_home, private_umask
    from tui.store.store import open_store

    private_umask()
    with open_store(find_home()) as store:
        yield store


def _whole_id(store: "Store", part: str) -> str:
    found = store.library.ids_like(part)
    if len(found) == 1:
        return found[0]
    shown = harmless(part[:60])
    if not found:
        raise Sentence(f"there is no library entry “{shown}”: look for it with library search")
    raise Sentence(f"“{shown}” may be {' or '.join(found[:3])}: give more of the id")
