from hypothesis import given
from hypothesis import strategies as st

from tui.engine.jobs import Batch, JobRequest, batches

from .helpers import request


@st.composite
def jobs(draw: st.DrawFn) -> JobRequest:
    seeds = tuple(draw(st.lists(st.integers(0, 500), min_size=1, max_size=20, unique=True)))
    wanted = draw(st.lists(st.integers(0, len(seeds) - 1), unique=True, max_size=len(seeds)))
    return request(*seeds, wanted=tuple(wanted), batch_size=draw(st.integers(0, 6)))


def shapes(found: list[Batch]) -> dict[int, tuple[int, int]]:
    """For each wanted seed, the size of its batch and its slot: what decides its pixels."""
    return {batch.seeds[slot]: (len(batch.seeds), slot) for batch in found for slot in batch.wanted}


@given(jobs(), st.integers(1, 6), st.data())
def test_what_is_left_is_covered_once_and_in_unchanged_batches(
    job: JobRequest, size: int, data: st.DataObject
) -> None:
    done = data.draw(st.frozensets(st.sampled_from(job.seeds)))
    whole, left = batches(job, size, frozenset()), batches(job, size, done)
    covered = [batch.seeds[slot] for batch in left for slot in batch.wanted]
    assert sorted(covered) == sorted(set(job.wanted_seeds) - done)
    assert covered == [seed for seed in job.seeds if seed in covered]
    assert all(batch.wanted for batch in left)
    assert all(len(batch.seeds) <= (job.batch_size or size) for batch in left)
    assert shapes(left) == {seed: shapes(whole)[seed] for seed in covered}
    neighbours = [batch.seeds for batch in whole]
    assert [batch.seeds for batch in left] == [
        seeds for seeds in neighbours if set(seeds) & set(covered)
    ]


def test_five_seeds_in_twos_with_the_second_batch_half_done() -> None:
    job = request(1, 2, 3, 4, 5, batch_size=2)
    assert batches(job, 4, frozenset({3})) == [
        Batch((1, 2), (0, 1)),
        Batch((3, 4), (1,)),
        Batch((5,), (0,)),
    ]
    assert batches(job, 4, frozenset(job.seeds)) == []


def test_a_rerun_repeats_the_batch_for_one_slot() -> None:
    job = request(7, 8, 9, wanted=(2,), batch_size=3)
    assert job.wanted_seeds == (9,)
    assert batches(job, 1, frozenset()) == [Batch((7, 8, 9), (2,))]
