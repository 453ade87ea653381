"""Lists of styles from other programs, and files that only look like one."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.imaging.helpers import refused
from tui.domain.text import clean, clean_lines
from tui.imaging.foreign.styles import Style, csv_styles, json_styles, parsed_json, style_text

# modules/styles.py, StyleDatabase.save_styles: utf-8-sig, csv.DictWriter with these columns.
A1111 = (
    "\ufeffname,prompt,negative_prompt\r\n"
    'Cinematic,"cinematic still {prompt}, film grain","cartoon, ""anime"""\r\n'
    "-----,,\r\n"
    '"Two, lines","first\nsecond",\r\n'
)
# sdxl_styles/sdxl_styles_fooocus.json
FOOOCUS = [
    {
        "name": "Fooocus Enhance",
        "negative_prompt": "(worst quality, low quality:1.4)",
    },
    {"name": "cinematic", "prompt": "cinematic still {prompt} . emotional", "negative_prompt": ""},
]
# style_preset_records_common.py, StylePresetImportRow; default_style_presets.json
INVOKEAI = [
    {"name": "Photo", "positive_prompt": "photo of {prompt}", "negative_prompt": "painting"},
    {"name": "Old", "type": "default", "preset_data": {"positive_prompt": "{prompt}, old"}},
]


def test_lists_are_read_as_they_are_written() -> None:
    styles, others = csv_styles(style_text(A1111.encode(), "styles.csv"), "styles.csv")
    assert styles == (
        Style("Cinematic", "cinematic still {prompt}, film grain", 'cartoon, "anime"'),
        Style("Two, lines", "first\nsecond", ""),
    )
    assert others == 1
    styles, others = json_styles(FOOOCUS, "x")
    assert [(style.name, style.prompt) for style in styles] == [
        ("Fooocus Enhance", ""),
        ("cinematic", "cinematic still {prompt} . emotional"),
    ]
    styles, _ = json_styles(INVOKEAI, "x")
    assert styles == (
        Style("Photo", "photo of {prompt}", "painting"),
        Style("Old", "{prompt}, old", ""),
    )


def test_older_and_other_columns_are_known() -> None:
    assert csv_styles("name,text\nOld,a fox\n", "x")[0] == (Style("Old", "a fox", ""),)
    table = "positive_prompt, negative_prompt ,name,more\na,b,One,x,y,z\n"
    assert csv_styles(table, "x")[0] == (Style("One", "a", "b"),)
    assert json_styles({"name": "SD.Next", "prompt": "a", "negative": "b"}, "x")[0] == (
        Style("SD.Next", "a", "b"),
    )


def test_what_is_no_style_is_counted() -> None:
    items: list[object] = [7, None, [], {"name": 3, "prompt": "a"}, {"name": "a", "prompt": []}, {}]
    styles, others = json_styles([*items, {"name": "One", "prompt": "a"}], "x")
    assert (styles, others) == ((Style("One", "a", ""),), 6)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "needs the columns"),
        (b"a,b\n1,2\n", "needs the columns"),
        (b"name,prompt\n", "no style in it"),
        (b"name,prompt\na," + b"x" * 1_000_000 + b"\n", "no table that can be read"),
        (b'name,prompt\na,"x', "no table|x"),
        (b"\xff\xfe\x00\x01", "no text in UTF-8"),
        (b"PK\x03\x04" + bytes(60), "needs the columns"),
        (b"[]", "no style in it"),
        (b"{}", "no style in it"),
        (b"[" * 100_000, "no JSON that can be read"),
        (b'{"name": "a", "prompt": "b"', "no JSON that can be read"),
        (b"[" + b"[]," * 30_000 + b"[]]", "more than 20000"),
    ],
)
def test_what_is_no_list_ends_in_a_sentence(content: bytes, says: str) -> None:
    if b'"x' in content and b"name,prompt" in content:  # a quote that never ends, ends the file
        assert csv_styles(content.decode(), "s.csv")[0] == (Style("a", "x", ""),)
        return
    with refused(says, "s.csv"):
        text = style_text(content, "s.csv")
        if text[:1] in ("[", "{"):
            json_styles(parsed_json(text, "s.csv"), "s.csv")
        else:
            csv_styles(text, "s.csv")


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=30), st.text(max_size=30))))
def test_any_table_is_read_like_it_was_written(rows: list[tuple[str, str, str]]) -> None:
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerows([("name", "prompt", "negative_prompt"), ("Last", "a", "b"), *rows])
    expected = [("Last", "a", "b"), *rows]
    cleaned = [(clean(n, limit=200), clean_lines(p), clean_lines(m)) for n, p, m in expected]
    wanted = dict.fromkeys(Style(*row) for row in cleaned if row[0] and (row[1] or row[2]))
    assert csv_styles(table.getvalue(), "x")[0] == tuple(wanted)
    as_json = json.dumps([{"name": n, "prompt": p, "negative_prompt": m} for n, p, m in expected])
    assert json_styles(parsed_json(as_json, "x"), "x")[0] == tuple(wanted)
