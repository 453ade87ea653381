"""Branches: which steps a child keeps, in which form that is stored, and what stays as it was."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.domain.branch import UNSET, Amount, Branch, branch_steps, first_steps
from tui.domain.change import changes
from tui.domain.intent import InvalidIntentError
from tui.domain.prompt import Layers
from tui.domain.recipe import Recipe
from tui.domain.versioned import from_json, to_json

from .strategies import INTENT, RECIPE

BEFORE = (
    '{"intent":{"model":"starter","layers":{"subject":"robot, red hat","style":"3d render",'
    '"composition":"","detail":"","negatives":"blurry","version":1},"seed":7,"steps":20,'
    '"guidance":4.0,"width":128,"height":128,"scheduler":"","strength":null,"init_image":null,'
    '"mask":null,"context":null,"feather":null,"version":1},"route":"text to image",'
    '"prompt":"robot, red hat, 3d render","negative_prompt":"blurry",'
    '"pipeline":"StableDiffusionPipeline","scheduler":"DDIMScheduler","model_revision":"abc",'
    '"batch_size":4,"slot":0,"precision":"float32","device":"cpu","threads":2,'
    '"versions":{"torch":"2.6","diffusers":"0.42.1","keepers":"0.1"},"adjustments":[],"version":1}'
)
"""A recipe as it was written when there were no branches; its key and hash are those of then."""
KEY = "bf45771978f3274cd9d15d626a23072d210225e387e3ad240751cdea03901edc"
HASH = "83a79895f1e4e2cd85fba9eb81ae1a16cea2061b24c2587e172710436083b708"

OTHER = replace(INTENT, layers=Layers(subject="owl"), guidance=5.0)


def test_what_was_written_before_keeps_its_key_its_hash_and_its_text() -> None:
    recipe = from_json(BEFORE, Recipe)
    assert recipe == RECIPE
    assert (recipe.intent.key, recipe.hash, to_json(recipe)) == (KEY, HASH, BEFORE)


def test_amounts_are_quarters_of_the_steps() -> None:
    assert [first_steps(amount, 20) for amount in Amount] == [0, 5, 10, 15]
    assert [first_steps(amount, 3) for amount in Amount] == [0, 0, 1, 2]
    assert branch_steps(20) == (5, 10, 15)
    assert (branch_steps(2), branch_steps(1)) == ((1,), ())


@given(st.integers(1, 1000), st.sampled_from(Amount))
def test_a_step_is_always_left_to_draw(steps: int, amount: Amount) -> None:
    assert 0 <= first_steps(amount, steps) < steps


def test_a_branch_is_another_wish_but_no_change() -> None:
    branched = replace(OTHER, branch=INTENT.begun(10))
    assert branched.key != OTHER.key
    assert branched.key != replace(OTHER, branch=INTENT.begun(15)).key
    assert branched.key != replace(OTHER, branch=replace(INTENT, guidance=9.0).begun(10)).key
    assert changes(INTENT, branched) == changes(INTENT, OTHER)
    assert branched.beginning == INTENT
    assert OTHER.beginning is None


def test_a_branch_is_read_back_and_older_programs_are_told() -> None:
    branched = replace(OTHER, branch=INTENT.begun(10)).checked()
    chained = replace(INTENT, branch=branched.begun(15)).checked()
    for intent in (branched, chained):
        recipe = replace(RECIPE, intent=intent)
        assert intent.version == 2
        assert from_json(to_json(recipe), Recipe) == recipe
    assert replace(branched, branch=UNSET).key == OTHER.key


def test_steps_that_a_parent_had_itself_taken_over_are_told_as_whose_they_are() -> None:
    branched = replace(OTHER, branch=INTENT.begun(10))
    assert branched.begun(5) == INTENT.begun(5)
    assert branched.begun(10) == INTENT.begun(10)
    longer = branched.begun(15)
    assert (longer.step, longer.layers, longer.branch) == (15, OTHER.layers, INTENT.begun(10))


def chain(*steps: int) -> Any:
    """Branches of branches; the first is the image's own."""
    found: Any = UNSET
    for step in reversed(steps):
        found = Branch(step, Layers(subject="owl"), 4.0, found)
    return found


@pytest.mark.parametrize(
    ("branch", "said"),
    [
        (chain(0), "at step 0 of 20"),
        (chain(20), "at step 20 of 20"),
        (chain(10, 10), "at step 10 of 10"),
        (chain(10, -1), "at step -1 of 10"),
        (chain(*range(19, 9, -1)), "more than 8"),
        (Branch(5, Layers(), float("nan")), "guidance is nan"),
    ],
)
def test_a_branch_that_cannot_be_is_refused(branch: Any, said: str) -> None:
    with pytest.raises(InvalidIntentError, match=said):
        replace(INTENT, branch=branch).checked()


def test_a_branch_has_no_picture_to_start_from() -> None:
    both = replace(INTENT, branch=chain(5), init_image="1" * 64, strength=0.5)
    with pytest.raises(InvalidIntentError, match="do not go together"):
        both.checked()


def test_the_deepest_nesting_is_an_error_not_a_crash() -> None:
    text = '{"step":1,"layers":{},"guidance":1,"branch":' * 50_000
    with pytest.raises((msgspec.DecodeError, RecursionError)):
        msgspec.json.decode(text, type=Branch)
