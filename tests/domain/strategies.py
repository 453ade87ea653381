"""Values of the domain, and text as bad as it comes."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from tui.domain.brief import Brief, Kind
from tui.domain.candidate import Closeness, Marks
from tui.domain.check import CheckItem, SignOff
from tui.domain.intent import Intent
from tui.domain.lineage import Node
from tui.domain.prompt import LAYERS, Layers
from tui.domain.recipe import Recipe, Route

BAD_INPUT = {
    "closing tag": "[/]",
    "action tag": "[on_click=quit]",
    "click tag": "[@click=app.quit]x",
    "python in a tag": "[type=x, v={'a[0]'}]",
    "doubled brackets": "[[cat]]",
    "title": "\x1b]2;owned\x07cat",
    "clipboard": "\x1b]52;c;b3duZWQ=\x1b\\cat",
    "cursor": "\x1b[2J\x1b[10;10Hcat",
    "c1": "\x9b2Jcat",
    "unterminated": "\x1bPq#0\x1b]8;;http://x",
    "bidi": "cat\u202egnp.exe\u2066",
    "marks": "c\u200bat\ufeff" + "e" + "\u0301" * 200,
    "nul": "c\0at",
    "surrogate": "c\ud800at",
    "ten megabytes": "cat, " * 2_000_000,
}
"""Items 1 to 15 of the corpus of bad input."""

_ALONE = "\x00\x1b\x7f\x9b\n\r\t\u00a0\u00ad\u200b\u200c\u200d\u202e\u2028\u2066\ufeff\ue000\ud800"
_UNSEEN = "\u115f\u2800\u3164\U000e0041"
NASTY = st.sampled_from([*_ALONE, *_UNSEEN, "\u0301" * 7, "👩\u200d🚀", "İ", "ം"])
TEXT = st.lists(
    st.one_of(NASTY, st.text(max_size=4), st.sampled_from(list("ab ,([)]"))), max_size=20
)
ANY_TEXT: st.SearchStrategy[str] = TEXT.map("".join)

PHRASE = st.text("abc ", min_size=1, max_size=3).map(lambda s: " ".join(s.split())).filter(bool)
"""Few letters, so that phrases repeat."""

PHRASES = st.lists(PHRASE, max_size=6)
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)


def layers(phrases: st.SearchStrategy[list[str]] = PHRASES) -> st.SearchStrategy[Layers]:
    return st.fixed_dictionaries({layer: phrases.map(", ".join) for layer in LAYERS}).map(
        lambda texts: msgspec.structs.replace(Layers(), **texts)
    )


@st.composite
def intents(draw: st.DrawFn) -> Intent:
    """Intents that `checked` takes; half of them start from a picture, some repair it."""
    extra: dict[str, Any] = {}
    if draw(st.booleans()):
        extra = {"init_image": draw(HASHES), "strength": draw(st.floats(0.5, 1))}
        if draw(st.booleans()):
            extra |= {"mask": draw(HASHES), "context": draw(st.integers(0, 64)), "feather": 4}
            extra |= {"match_seam": draw(st.sampled_from([True, False, msgspec.UNSET]))}
    return Intent(
        model=draw(st.sampled_from(["starter", "/models/sdxl"])),
        layers=draw(layers()),
        seed=draw(st.integers(0, 2**63 - 1)),
        steps=draw(st.integers(2, 50)),
        guidance=draw(st.floats(0, 100)),
        width=draw(st.integers(1, 2048)),
        height=draw(st.integers(1, 2048)),
        scheduler=draw(st.sampled_from(["", "DDIMScheduler"])),
        **extra,
    )


INTENT = Intent(
    model="starter",
    layers=Layers(subject="robot, red hat", style="3d render", negatives="blurry"),
    seed=7,
    steps=20,
    guidance=4.0,
    width=128,
    height=128,
)
INPAINT = msgspec.structs.replace(
    INTENT, strength=0.6, init_image="1" * 64, mask="2" * 64, context=32, feather=4
)
RECIPE = Recipe(
    intent=INTENT,
    route=Route.TEXT_TO_IMAGE,
    prompt="robot, red hat, 3d render",
    negative_prompt="blurry",
    pipeline="StableDiffusionPipeline",
    scheduler="DDIMScheduler",
    model_revision="abc",
    batch_size=4,
    slot=0,
    precision="float32",
    device="cpu",
    threads=2,
    versions={"torch": "2.6", "diffusers": "0.42.1", "keepers": "0.1"},
)

VALUES: st.SearchStrategy[msgspec.Struct] = st.one_of(
    layers(),
    intents(),
    st.builds(msgspec.structs.replace, st.just(RECIPE), intent=intents()),
    st.builds(
        Brief,
        purpose=ANY_TEXT,
        width=st.integers(0, 2**31),
        kind=st.sampled_from(Kind),
        must_avoid=st.lists(ANY_TEXT).map(tuple),
    ).map(Brief.cleaned),
    st.builds(
        Marks,
        closeness=st.sampled_from(Closeness),
        flaws=st.lists(ANY_TEXT).map(tuple),
        comment=ANY_TEXT,
    ).map(Marks.cleaned),
    st.builds(CheckItem, st.just("hands"), st.just("Hands?")),
    st.builds(SignOff, HASHES, st.lists(st.builds(CheckItem, PHRASE, PHRASE)).map(tuple)),
    st.builds(Node),
)
