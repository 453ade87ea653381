"""Answers belong to one exact file; evidence speaks and never answers."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PIL import Image, ImageFilter

from tests.ui.drawn import placed, put
from tui.domain.brief import Brief, Stakes
from tui.domain.candidate import Marks
from tui.domain.check import Answer
from tui.domain.prompt import Layers
from tui.store.paths import Home
from tui.store.settings import Settings
from tui.store.store import Store, open_store
from tui.workflow import wordings
from tui.workflow.checking import answer, open_check, send_to_fix, settle
from tui.workflow.evidence import WHOLE, evidence, facts_of, size_evidence
from tui.workflow.licences import licence
from tui.workflow.measuring import measure
from tui.workflow.workspace import Workspace

BRIEF = Brief(
    purpose="jobs page",
    stakes=Stakes.PUBLIC,
    width=1200,
    height=630,
    must_contain=("a friendly robot", "room on the left"),
    must_avoid=("weapons", "cats"),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    folders = (tmp_path / name for name in ("data", "config", "cache", "log"))
    with open_store(Home(*folders)) as store:
        yield store


@pytest.fixture
def workspace(store: Store) -> Workspace:
    return Workspace(store, Settings())


def test_without_a_chosen_image_there_is_no_check(workspace: Workspace) -> None:
    workspace.create()
    assert open_check(workspace) is None


def test_an_answer_is_stored_when_it_is_given(workspace: Workspace) -> None:
    placed(workspace, BRIEF)
    check = open_check(workspace)
    assert check is not None
    assert workspace.store.sign_offs.get(check.image.id) is None
    settle(workspace.store, check, "hands")
    again = open_check(workspace)
    assert again is not None
    assert again.item("hands").answer is Answer.CLEAN
    assert again.settled == 1
    assert again.in_words() == "signed off 1 of 11: export waits"
    assert again.next_open("hands") == "text"
    assert again.next_open("rights") == "text"


def test_accepting_needs_a_reason(workspace: Workspace) -> None:
    placed(workspace, BRIEF)
    check = open_check(workspace)
    assert check is not None
    with pytest.raises(ValueError, match="needs a reason"):
        answer(workspace.store, check, "size", Answer.ACCEPTED, "  ")
    check = answer(workspace.store, check, "size", Answer.ACCEPTED, "because web\x1b[31m only")
    assert check.item("size").settled
    assert check.item("size").reason == "web [31m only"


def test_another_file_starts_anew_and_what_was_sent_to_edit_is_answered_fixed(
    workspace: Workspace,
) -> None:
    first = placed(workspace, BRIEF)
    check = open_check(workspace)
    assert check is not None
    check = settle(workspace.store, check, "hands")
    check = send_to_fix(workspace.store, check, "faces")
    check = send_to_fix(workspace.store, check, "faces")
    assert check.item("faces").reason == "to fix"
    workspace.choose(put(workspace, first).id)
    after = open_check(workspace)
    assert after is not None
    assert after.settled == 0
    assert "another image" in after.news
    after = settle(workspace.store, after, "faces")
    after = settle(workspace.store, after, "hands")
    assert after.item("faces").answer is Answer.FIXED
    assert after.item("hands").answer is Answer.CLEAN
    workspace.choose(first.id)
    back = open_check(workspace)
    assert back is not None
    assert back.settled == 1


def test_a_changed_brief_opens_what_it_asks_anew_and_ends_a_waiver(workspace: Workspace) -> None:
    image = placed(workspace, Brief(must_contain=("a robot",)))
    check = open_check(workspace)
    assert check is not None
    for item in check.items:
        check = settle(workspace.store, check, item.id)
    assert check.sign_off.complete
    workspace.save_brief(Brief(must_contain=("a cat", "a robot")))
    changed = open_check(workspace)
    assert changed is not None
    assert [item.id for item in changed.items if not item.settled] == ["must-1"]
    assert "open" in changed.news
    assert changed.image == image


def test_taking_an_answer_back_ends_a_waiver(workspace: Workspace) -> None:
    import msgspec

    image = placed(workspace, Brief())
    check = open_check(workspace)
    assert check is not None
    check = settle(workspace.store, check, "hands")
    waived = msgspec.structs.replace(check.sign_off, waiver="a draft")
    workspace.store.sign_offs.update(image.id, waived)
    check = open_check(workspace)
    assert check is not None
    assert "waived" in check.in_words()
    check = answer(workspace.store, check, "hands", Answer.OPEN)
    assert check.sign_off.waiver == ""


def test_evidence_speaks_to_every_item_without_answering(workspace: Workspace) -> None:
    layers = Layers(
        subject="a friendly robot by greg rutkowski, Ada Lovelace",
        style="in the style of Studio Ghibli",
        composition="cats by the sea",
        negatives="weapons",
    )
    image = placed(workspace, BRIEF, layers)
    workspace.mark(image, Marks(flaws=("hands",)))
    check = open_check(workspace)
    assert check is not None
    facts = facts_of(workspace.store, image, workspace.project.brief, workspace.project.draft)
    found = evidence(facts, check.items)
    lines = {name: said.line for name, said in found.items()}
    assert lines["hands"] == "marked in the batch: hands: look"
    assert lines["must-1"] == "the subject speaks of it"
    assert lines["must-2"] == "no layer speaks of it; left half: look"
    assert lines["avoid-1"] == "the negatives name it"
    assert lines["avoid-2"] == "the composition names it: look"
    assert lines["size"].startswith("1200 × 630 wanted, 64 × 48 drawn: scaled 18.8 ×, soft; ")
    assert lines["size"].endswith("30 % cropped at top and bottom: look")
    assert "greg rutkowski" in lines["artist"]
    assert "Studio Ghibli" in lines["artist"]
    assert "the sea" not in lines["artist"]
    assert "Ada Lovelace" in lines["person"]
    assert "Ghibli" in lines["rights"]
    assert WHOLE in lines
    assert open_check(workspace) == check
    assert not any(word in " ".join(lines.values()) for word in ("pass", "fail"))


def test_a_file_changed_outside_is_evidence(workspace: Workspace) -> None:
    image = placed(workspace, Brief())
    facts = facts_of(workspace.store, image, Brief(), Layers())
    Image.new("RGB", (64, 48)).save(facts.file)
    assert "changed outside" in evidence(facts, ())[WHOLE].says
    facts.file.unlink()
    assert evidence(facts, ())[WHOLE].look


def test_sizes_are_compared_in_words() -> None:
    brief = Brief(width=128, height=128)
    assert (
        size_evidence(brief, (128, 128)).line == "128 × 128 wanted, 128 × 128 drawn: large enough"
    )
    assert size_evidence(Brief(), (10, 10)).look
    assert "the sides" in size_evidence(brief, (256, 128)).says
    assert "a little soft" in size_evidence(brief, (100, 100)).says


def test_sharp_soft_and_flat_pictures_are_told_apart() -> None:
    board = Image.effect_noise((96, 96), 60).resize((384, 384), Image.Resampling.NEAREST)
    sharp = measure(board.convert("RGB"))
    soft = measure(board.filter(ImageFilter.GaussianBlur(3)).convert("RGB"))
    flat = measure(Image.new("RGB", (64, 64), (255, 255, 255)))
    assert (sharp.soft, soft.soft, flat.soft) == (False, True, False)
    assert flat.flat
    assert flat.look
    assert flat.white == 1
    assert "soft edges" in soft.in_words()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("a cat by the window", ()),
        ("a cat, by moonlight", ()),
        ("a cat by Leonora Carrington", ("by Leonora Carrington",)),
        ("in the style of somebody, at night", ("in the style of somebody",)),
        ("portrait inspired by frida kahlo", ("inspired by frida kahlo",)),
    ],
)
def test_styles_that_name_somebody_are_found(words: str, found: tuple[str, ...]) -> None:
    assert wordings.artists(words) == found


def test_persons_brands_text_and_places_are_found() -> None:
    assert wordings.persons("Ada Lovelace at a desk, portrait of Cher") == ("Ada Lovelace", "Cher")
    assert wordings.persons("a cat in Paris") == ()
    assert wordings.protected("a pikachu with an iPhone") == ("pikachu", "iPhone")
    assert wordings.place("room at the top left") == "top left"
    assert wordings.people("a woman waving") == ("woman", "waving")


def test_listed_names_are_asked_about(workspace: Workspace) -> None:
    names = ("greg rutkowski", "H.R. Giger (estate)", "Ada", "Zoë")
    words = "Robot, GREG Rutkowski, h.r. giger (estate), adamant, zoë"
    assert wordings.listed(words, names) == ("greg rutkowski", "H.R. Giger (estate)", "Zoë")
    image = placed(workspace, BRIEF, Layers(subject="a robot, trending, Moebius"))
    check = open_check(workspace)
    assert check is not None
    facts = facts_of(workspace.store, image, BRIEF, workspace.project.draft, ("moebius", "\u200b"))
    assert evidence(facts, check.items)["artist"].line == "“moebius”: somebody's style?: look"


@pytest.mark.parametrize(
    ("stated", "refused"),
    [
        ("cc-by-nc-4.0", True),
        ("flux-1-dev-non-commercial-license", True),
        ("noncommercial", True),
        ("research-only", True),
        ("apache-2.0", False),
        ("openrail++", False),
        ("ncsa", False),
    ],
)
def test_a_campaign_hears_loudly_of_a_licence_against_it(
    workspace: Workspace, tmp_path: Path, stated: str, refused: bool
) -> None:
    (tmp_path / "README.md").write_text(f"---\nlicense: other\nlicense_name: {stated}\n---\n")
    brief = msgspec.structs.replace(BRIEF, stakes=Stakes.CAMPAIGN)
    image = placed(workspace, brief)
    check = open_check(workspace)
    assert check is not None
    facts = facts_of(workspace.store, image, brief, Layers())
    facts = msgspec.structs.replace(facts, models=("starter", str(tmp_path)))
    said = evidence(facts, check.items)["licence"]
    assert said.look is refused
    assert said.says.startswith("NOT FOR COMMERCIAL USE, and this is a campaign") is refused
    assert f"its card says {stated}" in said.says
    unknown = msgspec.structs.replace(facts, models=("someone/model",))
    assert evidence(unknown, check.items)["licence"].look


def test_licences_come_from_cards(tmp_path: Path) -> None:
    assert licence("starter").says.startswith("starter: MIT")
    assert "not known" in licence("someone/model").says
    (tmp_path / "README.md").write_text("---\nlicense: other\nlicense_name: my-own\n---\n# Hello")
    assert licence(str(tmp_path)).says.endswith("its card says my-own")
    (tmp_path / "README.md").write_bytes(b"\xff\xfe no card")
    assert "not known" in licence(str(tmp_path)).says
