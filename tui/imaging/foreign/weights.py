"""Weights as InvokeAI and NovelAI write them, in the form that most others have: `(words:1.2)`."""

import re

from tui.domain.weights import LARGEST, VALUE

_INVOKEAI = re.compile(r"[()]|(?:\\.|[^\s()\\,])+", re.DOTALL)
_SQUARE = re.compile(r"\\.|[\[\]]", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+|\++|-+")
_SIGNED = re.compile(r"(.*[^+-])(\++|-+)", re.DOTALL)
_BLENDS = re.compile(r"\)\s*\.\s*(?:and|blend|swap)\s*\(")
_MORE, _LESS = 1.1, 0.9
"""Each + and each - of InvokeAI."""
_MOST_SIGNS = 24
"""More of them would be no weight here."""

_NOVELAI = re.compile(rf"(?<![\d.]){VALUE}::|::|[{{}}\[\]()]")
_BRACES, _BRACKETS = 1.05, 1 / 1.05


def from_invokeai(text: str) -> str:
    """The same weights of `(red hat)1.2`, `(red hat)++` and `soft-`.

    There brackets without a number only hold together, and square ones are words. A prompt that
    blends several is left as it is: nothing here does that.
    """
    if _BLENDS.search(text):
        return text
    out: list[str] = []
    opened: list[int] = []
    end = 0
    for match in _INVOKEAI.finditer(text):
        if match.start() < end:
            continue
        out.append(text[end : match.start()])
        sign, end = match.group(), match.end()
        if sign == "(":
            opened.append(len(out))
            out.append("(")
        elif sign == ")" and opened:
            begin = opened.pop()
            number = _NUMBER.match(text, end)
            if number is None:
                out[begin] = ""
                continue
            end = number.end()
            out.append(f":{_worth(number.group()):g})")
        elif signed := _SIGNED.fullmatch(sign):
            out.append(_word(*signed.groups()))
        else:
            out.append(sign)
    found = "".join([*out, text[end:]])
    return _SQUARE.sub(lambda sign: sign[0] if len(sign[0]) > 1 else f"\\{sign[0]}", found)


def from_novelai(text: str) -> str:
    """The same weights of `{more}`, `[less]` and `1.3::much more::`; round brackets are words."""
    out: list[str] = []
    opened: list[tuple[str, int, str]] = []
    end = 0
    for match in _NOVELAI.finditer(text):
        out.append(text[end : match.start()])
        sign, end = match.group(), match.end()
        if sign in "()":
            out.append(f"\\{sign}")
            continue
        if sign == "::" or sign in "}]":
            kind = {"}": "{", "]": "["}.get(sign, sign)
            at = next((n for n in range(len(opened) - 1, -1, -1) if opened[n][0] == kind), None)
            if at is not None:
                _kind, begin, worth = opened[at]
                del opened[at:]
                out[begin] = "("
                out.append(f":{worth})")
                continue
        elif sign in "{[":
            worth = f"{_BRACES if sign == '{' else _BRACKETS:.4g}"
            opened.append((sign, len(out), worth))
        else:
            opened.append(("::", len(out), sign[:-2]))
        out.append(sign)
    return "".join([*out, text[end:]])


def _worth(number: str) -> float:
    if number[0] not in "+-":
        return min(LARGEST, float(number))
    signs = min(len(number), _MOST_SIGNS)
    return round((_MORE if number[0] == "+" else _LESS) ** signs, 4)


def _word(word: str, signs: str) -> str:
    # One dash behind a word may be nothing but a dash.
    return f"({word}:{_worth(signs):g})" if signs != "-" else word + signs
