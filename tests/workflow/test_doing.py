"""What the status line says of one job and of several, and which of them a stop is meant for."""

from tui.engine.messages import JobChanged, JobSays, StepDone
from tui.store.jobs import JobState
from tui.workflow.doing import Doing


def step(job: str, done: int, of: int = 20) -> StepDone:
    return StepDone(
        job=job, batch=0, batches=1, step=done, steps=of, seeds=(1,), device="cuda:0",
        done=done, of=of,
    )  # fmt: skip


def changed(job: str, state: JobState, error: str = "") -> JobChanged:
    return JobChanged(job=job, state=state, error=error)


def test_one_job_is_told_step_by_step() -> None:
    doing = Doing()
    assert (doing.says, doing.is_any, doing.progress) == ("starting the engine", False, None)
    doing.link_changed(True, "")
    assert (doing.says, doing.meant(None)) == ("idle", "")
    doing.hear(changed("a", JobState.RUNNING))
    doing.hear(JobSays(job="a", text="loading starter"))
    assert (doing.says, doing.progress, doing.meant(None)) == ("loading starter", None, "a")
    doing.hear(step("a", 3))
    assert (doing.says, doing.progress) == ("step 3/20", (3, 20))
    # One that waits is cancelled: that is no end of what runs.
    assert not doing.hear(changed("w", JobState.CANCELLED))
    assert doing.says == "step 3/20"
    assert doing.hear(changed("a", JobState.FAILED, "it failed"))
    assert (doing.says, doing.is_any, doing.progress) == ("it failed", False, None)


def test_several_are_told_together_and_a_stop_is_for_the_one_that_is_shown() -> None:
    doing = Doing()
    doing.hear(changed("a", JobState.RUNNING))
    doing.hear(step("a", 3))
    doing.hear(changed("b", JobState.RUNNING))
    assert (doing.meant("b"), doing.meant("x"), doing.meant(None)) == ("b", "", "")
    doing.hear(step("b", 4, 10))
    assert (doing.says, doing.progress) == ("2 jobs, step 7/30", (7, 30))
    assert doing.hear(changed("a", JobState.DONE))
    assert doing.meant(None) == "b"
    doing.hear(step("b", 5, 10))
    assert doing.says == "step 5/10"
    assert doing.hear(changed("b", JobState.DONE))
    assert (doing.says, doing.is_any) == ("idle", False)


def test_what_ended_while_the_engine_was_gone_is_forgotten() -> None:
    doing = Doing()
    doing.hear(step("a", 3))
    doing.link_changed(False, "the engine went away")
    assert (doing.says, doing.meant(None)) == ("the engine went away", "a")
    doing.link_changed(True, "")
    assert not doing.is_any
