import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.lineage import Lineage, Node, Origin


def node(id_: str, parent: str | None) -> Node:
    return Node(id_, parent, Origin.ITERATED)


@given(st.lists(st.integers(0, 20), max_size=20), st.randoms(use_true_random=False))
def test_paths_lead_from_a_root_along_parents(picks: list[int], shuffler: random.Random) -> None:
    parents: dict[str, str | None] = {"0": None}
    for n, pick in enumerate(picks, 1):
        parents[str(n)] = str(pick % n)
    nodes = [node(id_, parent) for id_, parent in parents.items()]
    shuffler.shuffle(nodes)
    lineage = Lineage(nodes)
    assert lineage.roots() == ["0"]
    for id_, parent in parents.items():
        path = lineage.path(id_)
        assert path[0] == "0"
        assert path[-1] == id_
        assert all(parents[child] == before for before, child in pairwise(path))
        assert parent is None or id_ in lineage.children(parent)


def test_a_missing_parent_makes_a_root() -> None:
    lineage = Lineage([node("b", "gone"), node("c", "b"), node("a", None)])
    assert lineage.roots() == ["b", "a"]
    assert lineage.path("c") == ["b", "c"]
    assert lineage.children("gone") == []


@pytest.mark.parametrize("nodes", [[("a", "a")], [("a", "b"), ("b", "a")]])
def test_a_circle_is_an_error_not_a_hang(nodes: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="image a is its own ancestor"):
        Lineage(node(*pair) for pair in nodes).path("a")


def test_a_circle_above_is_an_error_too() -> None:
    with pytest.raises(ValueError, match="own ancestor"):
        Lineage([node("a", "b"), node("b", "a"), node("c", "b")]).path("c")


def test_an_unknown_image_is_an_error() -> None:
    with pytest.raises(KeyError):
        Lineage([]).path("a")
