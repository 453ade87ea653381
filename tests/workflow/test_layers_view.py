import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.strategies import layers as any_layers
from tui.domain.brief import Brief
from tui.domain.prompt import LAYERS, Layers
from tui.engine.models import starter_folder
from tui.engine.token_messages import TextTokens, TokenCounts
from tui.engine.tokenizer_files import open_reader
from tui.workflow.layers_view import from_brief, missing_musts, notes, read_both, read_positive

READER = open_reader(starter_folder() / "tokenizer")
ROBOT = Layers(
    subject="a friendly robot",
    style="flat illustration",
    composition="on the right",
    detail="orange background, warm light",
    negatives="weapons, blurry",
)


def tokens(text: str, limit: int = 38) -> TextTokens:
    return TextTokens(READER.spans(text), limit)


def counts(layers: Layers, limit: int = 38) -> TokenCounts:
    texts = (layers.prompt, layers.negative_prompt)
    return TokenCounts(texts=tuple(tokens(text, limit) for text in texts))


@given(any_layers())
def test_the_layers_tokens_add_up_to_the_prompt_s(layers: Layers) -> None:
    positive, negative = read_both(layers, counts(layers, 10_000))
    assert sum(positive.by_layer.values()) == positive.tokens
    assert sum(negative.by_layer.values()) == negative.tokens
    assert positive.lost == negative.lost == ()


@given(any_layers(), st.integers(0, 30))
def test_what_is_lost_is_the_end_and_nothing_else(layers: Layers, limit: int) -> None:
    reading = read_positive(layers, tokens(layers.prompt, limit))
    assert reading.tokens is not None
    over = reading.tokens > limit
    assert bool(reading.text[reading.cut :]) == over
    tail = reading.text[reading.cut :]
    for layer, words in reading.lost:
        assert words in tail
        assert layer in LAYERS


def test_the_words_that_fall_off_are_named_with_their_layer() -> None:
    whole = read_positive(ROBOT, tokens(ROBOT.prompt))
    assert whole.tokens is not None
    cut = read_positive(ROBOT, tokens(ROBOT.prompt, whole.tokens - 2))
    assert cut.lost == (("detail", "warm light"),)
    assert cut.text[: cut.cut].rstrip(" ,").endswith("orange background")
    assert cut.in_words() == f"{whole.tokens} of {whole.tokens - 2} tokens, 2 cut off"


def test_nothing_is_lost_of_what_is_read_in_chunks() -> None:
    chunked = msgspec.structs.replace(tokens(ROBOT.prompt, 10), chunks=2)
    found = read_positive(ROBOT, chunked)
    assert (found.lost, found.cut) == ((), len(ROBOT.prompt))
    assert found.in_words() == f"{found.tokens} tokens, read in 2 chunks of 10"


def test_a_word_that_is_read_in_part_counts_as_lost() -> None:
    # “friendly” is four tokens: stop in its middle.
    assert read_positive(ROBOT, tokens(ROBOT.prompt, 3)).lost[0] == ("subject", "friendly robot")


def test_without_counts_nothing_is_claimed() -> None:
    positive, negative = read_both(ROBOT, TokenCounts(unknown="spiece.model only"))
    assert positive.tokens is negative.tokens is None
    assert (positive.by_layer, positive.lost) == ({}, ())
    assert positive.cut == len(positive.text)


def test_notes_say_what_of_the_brief_a_layer_answers() -> None:
    brief = Brief(must_contain=("a robot", "room on the right"), must_avoid=("no weapons",))
    found = notes(ROBOT, brief, read_both(ROBOT, counts(ROBOT)))
    assert found["subject"].startswith("✓ must 1 ")
    assert found["composition"].startswith("✓ must 2 ")
    assert found["negatives"].startswith("from brief ")
    assert found["style"].endswith("3 tok")
    short = notes(ROBOT, brief, read_both(ROBOT, counts(ROBOT)), short=True)
    assert short["subject"].strip() == "7 tok" or short["subject"].strip().endswith(" tok")
    assert "must" not in short["subject"]


def test_what_the_brief_does_not_ask_for_is_not_from_it() -> None:
    assert not from_brief(ROBOT, Brief(must_avoid=("text",)))
    assert not from_brief(ROBOT, Brief())


def test_musts_that_no_layer_speaks_of() -> None:
    brief = Brief(must_contain=("a robot", "a red umbrella"))
    assert missing_musts(ROBOT, brief) == ("a red umbrella",)
