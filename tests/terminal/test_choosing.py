"""How pictures are shown: who decides, who is asked, and what would make it better."""

import pytest

from tui.terminal.choosing import ALLOW_LINE, by_answers, by_tmux, wanted
from tui.terminal.pictures import Pictures
from tui.terminal.questions import Answers, read, without_answers
from tui.terminal.tmux import Tmux

CELL = (9, 18)


def tmux(name: str, *, passes: bool = True, features: str = "") -> Tmux:
    return Tmux(
        version="3.5a",
        term="xterm-kitty",
        name=name,
        features=frozenset(features.split(",")),
        cell=(8, 17),
        passes_through=passes,
        client="c",
        visible=True,
    )


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (Answers("kitty(0.42.0)", kitty=True), "kitty"),
        (Answers("kitty(0.28.0)", kitty=True), "kitty"),
        (Answers("kitty(0.27.1)", kitty=True), "blocks"),
        (Answers("kitty(1.0.0)", kitty=False), "blocks"),
        (Answers("ghostty 1.2.0", kitty=True), "kitty"),
        (Answers("Konsole 24.08.0", kitty=True, sixel=True), "sixel"),
        (Answers("WezTerm 20240203", kitty=True, sixel=True), "sixel"),
        (Answers("WarpTerminal", kitty=True), "blocks"),
        (Answers("foot(1.19.0)", sixel=True), "sixel"),
        (Answers("tmux 3.5a", sixel=True), "blocks"),
        (Answers("", sixel=True), "sixel"),
        (Answers(""), "blocks"),
        (Answers("", complete=False), "blocks"),
    ],
)
def test_outside_tmux_only_known_terminals_get_placeholders(answers: Answers, kind: str) -> None:
    choice = by_answers(answers, CELL)
    assert choice.kind == kind
    assert choice.cell == CELL
    assert choice.answers_due
    assert not choice.in_tmux


@pytest.mark.parametrize(
    ("said", "kind", "do"),
    [
        (tmux("kitty(0.42.0)", features="RGB,title"), "kitty", ""),
        (tmux("kitty(0.42.0)"), "kitty", "tmux set -as terminal-features ',xterm-kitty:RGB'"),
        (tmux("kitty(0.42.0)", passes=False), "blocks", ALLOW_LINE),
        (tmux("ghostty 1.2.0", passes=False), "blocks", ALLOW_LINE),
        (tmux("kitty(0.20.0)", passes=False, features="RGB"), "blocks", ""),
        (tmux("foot(1.19.0)", features="RGB,sixel"), "blocks", ""),
        (tmux(""), "blocks", ""),
        (None, "blocks", ""),
    ],
)
def test_inside_tmux_its_word_counts(said: Tmux | None, kind: str, do: str) -> None:
    choice = by_tmux(said)
    assert (choice.kind, choice.do) == (kind, do)
    assert choice.in_tmux
    assert not choice.answers_due


def test_who_lacks_one_line_is_told_in_the_interface() -> None:
    hint = Pictures(by_tmux(tmux("kitty(0.42.0)", passes=False))).hint
    assert "tmux keeps sharp pictures from kitty(0.42.0): tmux set -p allow-passthrough on" in hint
    assert Pictures(by_tmux(tmux("kitty(0.42.0)"))).hint == ""
    assert Pictures().hint == ""


def test_the_option_wins_over_the_environment_and_that_over_the_setting() -> None:
    assert wanted("kitty", {"KEEPERS_IMAGES": "sixel"}, "blocks") == "kitty"
    assert wanted(None, {"KEEPERS_IMAGES": "sixel"}, "blocks") == "sixel"
    assert wanted(None, {}, "blocks") == "blocks"
    with pytest.raises(ValueError, match="KEEPERS_IMAGES is “gif”: give kitty, sixel"):
        wanted(None, {"KEEPERS_IMAGES": "gif"}, "auto")


def test_answers_are_read_in_any_company() -> None:
    said = b"typed\x1bP>|kitty(0.42.0)\x1b\\\x1b_Gi=31;OK\x1b\\x\x1b[6;20;10t\x1b[?62;4;22c\x1b[0n"
    assert read(said) == Answers("kitty(0.42.0)", kitty=True, sixel=True, cell=(10, 20))
    assert read(said[:-1]).complete is False
    assert read(b"\x1b_Gi=31;ENOTSUPPORTED:x\x1b\\\x1b[?64;14c\x1b[0n") == Answers()


def test_late_answers_are_no_keys_in_whatever_pieces_they_come() -> None:
    answers = (
        "\x1bP>|ghostty 1.2\x1b\\",
        "\x1b_Gi=31;OK\x1b\\",
        "\x1b[6;20;10t",
        "\x1b[?62;22c",
        "\x1b[0n",
    )
    assert without_answers(f"a{''.join(answers)}b\x1b[A") == ("ab\x1b[A", "")
    for answer in answers:
        # Esc, and Esc with a letter, are keys: only what cannot be one is held back.
        for cut in range(3, len(answer)):
            text, begun = without_answers(f"a{answer[:cut]}")
            assert without_answers(f"{begun}{answer[cut:]}b") == ("b", "")
            assert text == "a"
    assert without_answers("\x1b") == ("\x1b", "")
    assert without_answers("\x1bP") == ("\x1bP", "")
    assert without_answers("\x1b[1;5A") == ("\x1b[1;5A", "")
