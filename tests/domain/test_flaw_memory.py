"""What went wrong before: counted right, told of the thing that it came with, silent otherwise."""

from hypothesis import given
from hypothesis import strategies as st

from tui.domain.brief import Kind
from tui.domain.coach import look_first, remembered_flaw
from tui.domain.flaw_memory import LEAST, OFTEN, FlawMemory, Judged, remembered
from tui.domain.prompt import Layers

ROBOT = Layers(subject="robot", style="3d render")


def judged(words: str, *flaws: str, model: str = "starter", count: int = 1) -> list[Judged]:
    said = frozenset(words.split(", "))
    return [Judged(said, model, Kind.STYLISED, frozenset(flaws))] * count


def told(pictures: list[Judged], layers: Layers = ROBOT, model: str = "starter") -> list[str]:
    return [str(memory) for memory in remembered(pictures, layers, model, Kind.STYLISED)]


def test_a_flaw_is_told_of_the_words_that_it_came_with() -> None:
    pictures = [
        *judged("robot, 3d render", "hands", count=7),
        *judged("robot, 3d render", count=5),
        *judged("robot, flat illustration", count=12),
    ]
    assert told(pictures) == ["hands went wrong in 7 of 12 with “3d render”"]
    heavier = Layers(subject="robot", style="(3D render:1.2)")
    assert told(pictures, heavier) == ["hands went wrong in 7 of 12 with “(3D render:1.2)”"]
    assert told(pictures, Layers(subject="Robot", style="flat illustration")) == []


def test_what_is_as_frequent_everywhere_is_told_of_the_model() -> None:
    pictures = [
        *judged("robot, 3d render", "face", count=6),
        *judged("owl, flat illustration", "face", count=6),
        *judged("owl, flat illustration", model="other", count=20),
    ]
    assert told(pictures) == ["face went wrong in 12 of 12 with starter"]
    assert told(pictures, model="other") == ["face went wrong in 6 of 6 with “robot”"]


def test_few_pictures_and_rare_flaws_say_nothing() -> None:
    assert told(judged("robot, 3d render", "hands", count=LEAST - 1)) == []
    rare = [*judged("robot", "hands", count=3), *judged("robot", count=6)]
    assert OFTEN > 3 / 9
    assert told(rare) == []
    assert told([]) == []


words = st.sampled_from(("robot", "owl", "3d render", "navy background"))
pictures = st.lists(
    st.builds(
        Judged,
        st.frozensets(words),
        st.sampled_from(("starter", "other")),
        st.sampled_from(tuple(Kind)),
        st.frozensets(st.sampled_from(("hands", "text", "face"))),
    ),
    max_size=40,
)


@given(pictures)
def test_every_number_can_be_counted_again(seen: list[Judged]) -> None:
    found = remembered(seen, ROBOT, "starter", Kind.PHOTOREAL)
    assert len({memory.flaw for memory in found}) == len(found)
    having = {
        "“robot”": [p for p in seen if "robot" in p.phrases],
        "“3d render”": [p for p in seen if "3d render" in p.phrases],
        "starter": [p for p in seen if p.model == "starter"],
        f"{Kind.PHOTOREAL.value} pictures": [p for p in seen if p.kind is Kind.PHOTOREAL],
    }
    for memory in found:
        with_it = having[memory.what]
        assert memory.of == len(with_it) >= LEAST
        assert memory.wrong == sum(memory.flaw in p.flaws for p in with_it)
        assert memory.wrong / memory.of >= OFTEN


def test_the_coach_offers_a_negative_until_it_is_there() -> None:
    found = (FlawMemory("hands", 7, 12, "“3d render”"),)
    said = str(remembered_flaw(found, ROBOT))
    assert said == (
        "Hands went wrong in 7 of 12 with “3d render”: "
        "add “bad hands” to the negatives, or repair them in Edit."
    )
    assert remembered_flaw(found, Layers(negatives="Bad hands, text")) is None
    own = (FlawMemory("melted corner", 6, 6, "starter"),)
    assert "add “melted corner” to the negatives, or look there first" in str(
        remembered_flaw(own, ROBOT)
    )
    assert remembered_flaw((), ROBOT) is None
    assert str(look_first(found)) == (
        "Hands went wrong in 7 of 12 with “3d render”: look there first, and name it with f."
    )
    assert look_first(()) is None
