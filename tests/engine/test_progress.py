"""How far a job is, with batches on several devices, and one of them drawn in parts."""

from tui.engine.progress import Progress


def test_a_batch_in_parts_is_as_much_of_the_job_as_another() -> None:
    progress = Progress(batches=2)
    for batch, device in enumerate(("cuda:0", "cuda:1")):
        progress.begin(batch, device)
    # Memory ran out on the first: it is drawn in two halves of 20 steps.
    progress.advance(0, 35, 40)
    progress.advance(1, 18, 20)
    assert (progress.step, progress.steps) == (17 + 18, 40)
    progress.end(0, done=True)
    assert progress.step == 20 + 18
    progress.end(1, done=True)
    assert progress.step == progress.steps == 40
