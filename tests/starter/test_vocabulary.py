import subprocess
import sys

import pytest
from msgspec.structs import replace

from tui.domain.prompt import LAYERS, Layers
from tui.starter.vocabulary import load_vocabulary


def test_it_loads_once_and_says_what_the_model_read() -> None:
    vocabulary = load_vocabulary()
    assert vocabulary is load_vocabulary()
    assert len({s.subject for s in vocabulary.subjects}) == len(vocabulary.subjects) > 100
    assert {style for s in vocabulary.subjects for style in s.styles} == set(vocabulary.style)
    assert (*vocabulary.order, "negatives") == LAYERS
    assert set(vocabulary.defects) <= set(vocabulary.phrases("negatives"))


def test_reading_it_needs_no_torch() -> None:
    code = (
        "import sys; from tui.starter.vocabulary import load_vocabulary; load_vocabulary();"
        "print({'torch', 'diffusers', 'transformers', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("layer", "prefix", "offered"),
    [
        ("subject", "rob", "robot"),
        ("subject", "ROB", "robot"),
        ("subject", "puppy", "dog face"),
        ("style", "3d", "3d render"),
        ("composition", "on the", "on the left"),
        ("detail", "navy", "navy background"),
        ("detail", "navy to", "navy to white gradient background"),
        ("detail", "spot", "spotlight"),
        ("negatives", "blu", "blurry"),
        ("negatives", "rob", "robot"),
    ],
)
def test_completion(layer: str, prefix: str, offered: str) -> None:
    assert offered in load_vocabulary().complete(layer, prefix)


def test_completion_has_an_order_and_a_limit() -> None:
    vocabulary = load_vocabulary()
    assert vocabulary.complete("subject", "rob")[0] == "robot"
    found = vocabulary.complete("subject", "", limit=3)
    assert len(found) == 3
    assert vocabulary.complete("subject", "", limit=0) == []
    assert vocabulary.complete("style", "zzz") == []
    begins = [phrase.startswith("cat") for phrase in vocabulary.complete("subject", "cat", 50)]
    assert begins == sorted(begins, reverse=True)
    with pytest.raises(KeyError):
        vocabulary.complete("version", "rob")


def test_nearest() -> None:
    vocabulary = load_vocabulary()
    assert vocabulary.nearest("robbot")[0] == "robot"
    assert len(vocabulary.nearest("hat", n=2)) == 2
    assert vocabulary.nearest("qqqqqq") == []
    assert vocabulary.nearest("robbot", n=0) == []
    assert vocabulary.nearest("zeppelin") == []  # “kneeling” would help nobody


def test_nearest_phrases() -> None:
    vocabulary = load_vocabulary()
    assert vocabulary.nearest_phrases("subject", "plar bear")[0] == "polar bear"
    assert vocabulary.nearest_phrases("style", "flat ilustration") == ["flat illustration"]
    assert vocabulary.nearest_phrases("subject", "steam powered zeppelin") == []
    assert vocabulary.nearest_phrases("subject", "plar bear", n=0) == []


def test_unknown_words_by_layer() -> None:
    layers = Layers(
        subject="(Robot:1.2) and zeppelin, clown’s shoe, 12",
        style="3d render",
        composition="side by side",
        detail="navy to white gradient background, photon rainbow, photon",
    )
    assert load_vocabulary().unknown_words(layers) == {
        "subject": ("zeppelin",),
        "detail": ("photon",),
    }
    assert load_vocabulary().unknown_words(Layers()) == {}


def test_every_phrase_it_offers_is_known() -> None:
    vocabulary = load_vocabulary()
    for layer in LAYERS:
        text = ", ".join(vocabulary.phrases(layer)[:400])
        assert vocabulary.unknown_words(replace(Layers(), **{layer: text})) == {}
