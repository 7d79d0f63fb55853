"""JSON for people, and JSON from strangers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.errors import LstmvizError
from lstmviz.io import json_text
from lstmviz.io.json_text import json_bytes, json_value

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_what_is_written_is_read(value: object) -> None:
    assert json_value(json_bytes(value), "it") == value
    assert json.loads(json_bytes(value)) == value


def test_people_can_read_it() -> None:
    value = {
        "title": "ü",
        "labels": ["a", "b"],
        "parts": [{"x": 1, "y": 2.5}, {}],
        "long": {"a": "x" * 60, "b": "y" * 60},
    }
    assert json_bytes(value).decode() == (
        "{\n"
        '  "title": "ü",\n'
        '  "labels": ["a", "b"],\n'
        '  "parts": [\n'
        '    {"x": 1, "y": 2.5},\n'
        "    {}\n"
        "  ],\n"
        '  "long": {\n'
        f'    "a": "{"x" * 60}",\n'
        f'    "b": "{"y" * 60}"\n'
        "  }\n"
        "}\n"
    )


def test_half_a_surrogate_pair_comes_back() -> None:
    assert json_value(json_bytes("half \ud800 of it"), "it") == "half \ud800 of it"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"[1, NaN]", "NaN in JSON: NaN and infinity are not numbers there"),
        (b"[-Infinity]", "-Infinity in JSON: NaN and infinity are not numbers there"),
        (b"1e999", "1e999 is larger than any float64 number"),
        (b"1" * 5000, "A number has 5,000 digits"),
        (b'{"a": 1, "b": 2, "a": 3}', "“a” stands twice in one object"),
        (b"[" * 100_000, "Lists or objects are nested too deeply"),
        (b'{"a":' * 100_000, "Lists or objects are nested too deeply"),
        (b'"\xff"', "The text is not UTF-8"),
        (b"", "The text is not JSON: Expecting value"),
        (b"[1,]", None),
        (b"{'a': 1}", None),
    ],
    ids=range(11),
)
def test_what_is_not_json_is_refused(text: bytes, what: str | None) -> None:
    with pytest.raises(LstmvizError) as caught:
        json_value(text, "it")
    assert what is None or caught.value.what == what
    assert caught.value.where.startswith("it")


def test_too_many_values_are_refused_before_they_take_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MOST_VALUES", 10)
    assert json_value(json_bytes("[" * 50 + '\\"' + "{,"), "it")
    with pytest.raises(LstmvizError, match="more than 10 values"):
        json_value(b"[" + b"[]," * 10 + b"[]]", "it")


@given(st.text(alphabet='[]{}",:1e+-.\\unNaIfity ', max_size=60) | st.text())
def test_no_text_does_more_than_being_refused(text: str) -> None:
    try:
        value = json_value(text.encode("utf-8", "surrogatepass"), "it")
    except LstmvizError:
        return
    assert json_value(json_bytes(value), "it") == value
