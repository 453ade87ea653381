"""`keepers repair`: the database checked, and rebuilt from backup and files where it is broken."""

import click

from tui.cli.output import say


@click.command()
@click.option(
    "--rebuild", "anyway", is_flag=True, help="Also bring in what a sound database does not know."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def repair(anyway: bool, dry_run: bool, as_json: bool) -> None:
    """Check the database; rebuild it where it is broken.

    A broken or missing database is built again on the newest intact backup, from what the
    projects' own files say. The broken one is set aside, never deleted. Exit code 1 if
    something is missing, changed or unreadable, or left to do.
    """
    import msgspec

    from tui.store.paths import find_home, private_umask
    from tui.workflow.rebuild import rebuild
    from tui.workflow.rebuild_report import in_words

    private_umask()
    report = rebuild(find_home(), anyway=anyway, dry_run=dry_run)
    if as_json:
        say(msgspec.json.encode(report).decode())
    else:
        for line in in_words(report):
            say(line)
    raise click.exceptions.Exit(0 if report.all_is_well else 1)
