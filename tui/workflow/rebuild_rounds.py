"""Jobs, rounds with what they taught, and sweeps of a project, as `project.json` tells them."""

import sqlite3
from typing import Any

import msgspec

from tui.domain.round import Verdict
from tui.domain.text import clean
from tui.domain.versioned import to_json
from tui.store.jobs import ENDED, Job, JobState
from tui.store.lessons import bring_up_to_date
from tui.store.rounds import Round, cleaned
from tui.store.rows import put
from tui.store.sidecar import Sidecar
from tui.store.store import Store
from tui.workflow.rebuild_values import plausible, usable_id

_NOT_ASKED_AGAIN = "the database was lost before this was drawn: ask for it again"


def take_in_rounds(
    store: Store, connection: sqlite3.Connection, said: Sidecar, written: float, *, replace: bool
) -> None:
    """Jobs, rounds and sweeps of a project; call in a transaction, after its images.

    Raises:
        StoreError: the database refuses.
    """
    for job in said.jobs:
        _put_job(connection, said.id, job, written, replace=replace)
    judged = {made.id for made in store.rounds.list(said.id) if made.verdict is not Verdict.OPEN}
    for made in said.rounds:
        # A verdict has no time of its own, so one that was given is never taken back.
        newer = replace and not (made.verdict is Verdict.OPEN and made.id in judged)
        _put_round(connection, said.id, made, written, replace=newer)
    for made in store.rounds.list(said.id):
        bring_up_to_date(connection, made)
    for record in said.sweeps:
        if usable_id(record.id):
            row = {
                "id": record.id,
                "project_id": said.id,
                "name": clean(record.sweep.name),
                "sweep": to_json(record.sweep),
                "created": plausible(record.created, written),
                "updated": plausible(record.updated, written),
            }
            put(connection, "sweeps", row, owner="project_id", replace=replace)


def _put_job(
    connection: sqlite3.Connection, project: str, job: Job, written: float, *, replace: bool
) -> None:
    """One job. One that has not ended is not taken up: a file may not ask for anything."""
    if not usable_id(job.id):
        return
    ended = job.state in ENDED
    row: dict[str, Any] = msgspec.structs.asdict(job) | {
        "project_id": project,
        "state": (job.state if ended else JobState.CANCELLED).value,
        "error": job.error if ended else _NOT_ASKED_AGAIN,
        "created": plausible(job.created, written),
        "started": None if job.started is None else plausible(job.started, written),
        "finished": plausible(job.finished, written),
    }
    put(connection, "jobs", row, owner="project_id", replace=replace and ended)


def _put_round(
    connection: sqlite3.Connection, project: str, made: Round, written: float, *, replace: bool
) -> None:
    if not (usable_id(made.id) and usable_id(made.job_id)):
        return
    row: dict[str, Any] = msgspec.structs.asdict(made) | {
        "project_id": project,
        "parent_image_id": usable_id(made.parent_image_id),
        "kind": made.kind.value,
        "changes": msgspec.json.encode(tuple(map(cleaned, made.changes))).decode(),
        "verdict": made.verdict.value,
        "created": plausible(made.created, written),
    }
    put(connection, "rounds", row, owner="project_id", replace=replace)
