"""The queue in words: times without false precision, and nothing where nothing is known."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.about_time import about
from tui.engine.messages import StepDone
from tui.engine.queue_messages import BatchAt, Queue, QueuedJob
from tui.store.errors import StoreError
from tui.store.jobs import JobState
from tui.workflow.queue import (
    advice,
    asked_words,
    begins_in,
    left,
    line,
    open_batch,
    place_words,
    state_words,
    stepped,
    work_words,
)
from tui.workflow.workspace import Workspace


def job(id: str, state: JobState = JobState.QUEUED, **more: object) -> QueuedJob:
    fields: dict[str, object] = {
        "id": id,
        "project": "p",
        "project_name": "Robots",
        "state": state,
        "subject": "a robot",
        "wanted": 4,
        "steps": 20,
        "width": 128,
        "height": 128,
        "model": "starter",
        "seconds": 30.0,
        "created": 0.0,
    }
    return QueuedJob(**(fields | more))  # type: ignore[arg-type]


ON: dict[str, Any] = {"device": "cpu", "seeds": (3, 4)}
RUNNING = job("r", JobState.RUNNING, images=2, drawing=2, batches=2, step=10, all_steps=40)


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_longer_time_is_never_said_to_be_shorter(one: float, other: float) -> None:
    assert spoken(min(one, other)) <= spoken(max(one, other))


def spoken(seconds: float) -> int:
    words = about(seconds)
    found = re.fullmatch(r"about (\d+) (min|h)", words)
    if found is None:
        return {"a few seconds": 0, "under a minute": 1}[words]
    return int(found[1]) * (60 if found[2] == "min" else 3600)


@given(st.floats(50, 1e6))
def test_a_time_that_is_said_is_near_the_truth(seconds: float) -> None:
    assert spoken(seconds) == pytest.approx(seconds, rel=0.45)


def test_what_is_left_follows_the_steps() -> None:
    assert left(RUNNING) == pytest.approx(45)
    later = stepped(
        Queue(jobs=(RUNNING,)),
        StepDone(job="r", batch=1, batches=2, step=10, steps=20, done=30, of=40, **ON),
    )
    assert left(later.jobs[0]) == pytest.approx(15)
    assert left(job("w", images=1)) == pytest.approx(90)
    assert left(job("w", seconds=None)) is None
    # All its images were found, and nothing of it is to be drawn.
    assert left(job("w", images=4, batches=0)) == 0
    assert left(job("e", JobState.FAILED)) is None


def test_two_devices_take_the_turns_that_are_left_together() -> None:
    at_work = (
        BatchAt(batch=0, device="cuda:0", step=10, steps=20),
        BatchAt(batch=1, device="cuda:1"),
    )
    wide = job("r", JobState.RUNNING, drawing=4, batches=4, at_once=2, step=10, all_steps=80)
    wide = msgspec.structs.replace(wide, at_work=at_work)
    # Half of one and all of another, then one more each: the first ends after 1.5, not 2 turns.
    assert left(wide) == pytest.approx(30 * 2)
    queue = Queue(jobs=(wide,), devices=2)
    assert work_words(queue, wide) == (
        "cuda:0: batch 1 of 4, step 10/20 · cuda:1: batch 2 of 4, no step yet"
    )
    event = StepDone(
        job="r", batch=3, batches=4, step=1, steps=20, seeds=(4,), device="cuda:1", done=41, of=80
    )
    (later,) = stepped(queue, event).jobs
    assert work_words(queue, later).endswith("· cuda:1: batch 4 of 4, step 1/20")
    assert len(later.at_work) == 2
    assert left(job("w", batches=3, at_once=2, wanted=3)) == pytest.approx(30 * 2)
    assert place_words(queue, later) == "2 devices"
    assert work_words(Queue(jobs=(wide,)), wide) == ""
    assert place_words(Queue(jobs=(wide,)), wide) == "starter"


def test_jobs_side_by_side_tell_where_they_are_and_what_begins_next() -> None:
    one, two = (
        job(
            name, JobState.RUNNING, drawing=1, step=step, all_steps=20,
            at_work=(BatchAt(batch=0, device=device, step=step, steps=20),),
        )
        for name, step, device in (("r", 5, "cuda:0"), ("s", 10, "cuda:1"))
    )  # fmt: skip
    waits = [job(name, wanted=1) for name in ("a", "b", "c")]
    queue = Queue(jobs=(one, two, *waits), devices=2)
    assert [place_words(queue, each) for each in queue.jobs] == [
        "cuda:0", "cuda:1", "starter", "starter", "starter"
    ]  # fmt: skip
    assert work_words(queue, two) == "cuda:1: step 10/20"
    # Three quarters and a half of 30 s are left: the second is done first, then the other.
    assert [begins_in(queue, each) for each in waits] == [15, 22.5, 45]
    # A job that has more batches than there are devices has the next one.
    wide = msgspec.structs.replace(one, batches=3, drawing=3, step=5, all_steps=60, at_once=1)
    queue = Queue(jobs=(wide, two, *waits), devices=2)
    assert begins_in(queue, waits[0]) == 45


def test_one_that_waits_begins_when_all_before_it_are_done() -> None:
    queue = Queue(jobs=(RUNNING, job("a"), job("b")))
    assert begins_in(queue, queue.jobs[2]) == pytest.approx(45 + 120)
    assert begins_in(queue, RUNNING) is None
    unknown = Queue(jobs=(job("a", seconds=None), job("b")))
    assert begins_in(unknown, unknown.jobs[1]) is None
    paused = Queue(jobs=(RUNNING, job("a")), paused=True)
    assert begins_in(paused, paused.jobs[1]) is None


def test_words() -> None:
    queue = Queue(jobs=(RUNNING,))
    assert state_words(queue, RUNNING) == "under a minute"
    assert state_words(queue, job("w")) == "waits, about 2 min"
    assert state_words(queue, job("w", seconds=None)) == "waits"
    assert state_words(Queue(paused=True), job("w")) == "paused, about 2 min"
    assert state_words(queue, job("f", JobState.FAILED, finished=0.0)).startswith("failed 01 Jan")
    assert asked_words(job("w", device="cpu")) == "4 images, 20 steps, 128 × 128, starter on cpu"
    assert asked_words(job("w", wanted=0)) == "what is asked cannot be read by this version"
    assert "only what is missing" in advice(queue, job("f", JobState.CANCELLED))
    hostile = job("w", project_name="a\x1b[2J", subject="b\u202e\n")
    assert line(queue, hostile) == (
        "a [2J: b, 4 images, 20 steps, 128 × 128, starter, waits, about 2 min"
    )


def test_a_job_leads_to_its_batch(workspace: Workspace) -> None:
    store = workspace.store
    project = store.projects.add("Robots")
    made = store.jobs.add(project.id, "{}")
    listed = job(made.id, JobState.DONE, project=project.id)
    open_batch(workspace, listed)
    assert (workspace.project.id, workspace.position.job_id) == (project.id, made.id)
    store.projects.trash(project.id)
    with pytest.raises(StoreError, match="in the trash"):
        open_batch(workspace, listed)
    with pytest.raises(StoreError, match="no batch"):
        open_batch(workspace, job("x", keep=False))
