from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lstmviz.core.errors import LstmvizError
from lstmviz.io import tables
from lstmviz.io.tables import MAX_CHARACTERS, MAX_FEATURES, MAX_STEPS, MAX_VALUES, format_rows, parse_rows, read_table

ROWS = [[1.0, 0.0], [0.5, 1.0]]
COLUMN = [[0.0], [0.5], [0.25], [1.0]]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("0, 0.5, 0.25, 1", COLUMN),
        ("0 0.5 0.25 1", COLUMN),
        ("  0  .5 0.25   1. ", COLUMN),
        ("0\t0.5\t0.25\t1", COLUMN),
        ("0;0.5;0.25;1", COLUMN),
        ("0; 0,5; 0,25; 1", COLUMN),
        ("0\t0,5\t0,25\t1", COLUMN),
        ("0\n0.5\n\n0.25\n1\n\n", COLUMN),
        ("0,\n0.5,\n0.25,\n1,", COLUMN),
        ("0, 0.5, 0.25, 1,\n", COLUMN),
        ("0, 0.5, 0.25, 1;\r\n", COLUMN),
        ("+0,5e-1,25E-2,1e0", COLUMN),
        ("[0, 0.5, 0.25, 1]", COLUMN),
        (" [0. 0.5\n  0.25 1.]\n", COLUMN),
        ("(0, 0.5, 0.25, 1)", COLUMN),
        ("\u22121, \u22122e\u22123", [[-1.0], [-0.002]]),
        ("1, 0\n0.5, 1", ROWS),
        ("1 0\n0.5 1", ROWS),
        ("1\x1c,0\n0.5\x0b,1", ROWS),
        ("1\u00a00\n0.5\u20091", ROWS),
        ("1\t0\r\n0.5\t1\r\n", ROWS),
        ("1\t0\r0,5\t1\r", ROWS),
        ("\ufeff1;0\n0,5;1\n", ROWS),
        ("1, 0,\n0.5, 1,\n", ROWS),
        ("1, 0;\n0.5, 1;\n", ROWS),
        ("\t1, 0\n\t0.5, 1\n", ROWS),
        ("[[1,0],[0.5,1]]", ROWS),
        ("[[1., 0.],\n [0.5, 1.]]", ROWS),
        ("[[1. 0.]\n [0.5 1.]]", ROWS),
        ("[(1, 0), (0.5, 1),]", ROWS),
        ("[1, 0]\n[0.5, 1]", ROWS),
        ("[\n  [\n    1,\n    0\n  ],\n  [\n    0.5,\n    1\n  ]\n]", ROWS),
        ("[[1, 0]]", [[1.0, 0.0]]),
        ('"1","0"\n"0.5","1"', ROWS),
        ('"1";"0"\n"0,5";"1"', ROWS),
        ("1e308, 5e-324", [[1e308], [5e-324]]),
    ],
)
def test_what_people_type_and_paste(text: str, rows: list[list[float]]) -> None:
    assert parse_rows(text).tolist() == rows


@pytest.mark.parametrize(
    ("text", "header", "rows"),
    [
        ("a,b\n1,0\n0.5,1", ("a", "b"), ROWS),
        ("time of day,x\n1,0\n0.5,1", ("time of day", "x"), ROWS),
        ("a b\n1 0\n0.5 1", ("a", "b"), ROWS),
        ('"a"\t"b"\n1\t0\n0,5\t1', ("a", "b"), ROWS),
        ("Temp, °C;b\n1;0\n0,5;1", ("Temp, °C", "b"), ROWS),
        ("1,b\n1,0\n0.5,1", ("1", "b"), ROWS),
        ("a,,\n1,0\n0.5,1", ("a", "x1"), ROWS),
        ("a,b\n1,0", ("a", "b"), [[1.0, 0.0]]),
        ("speed\n1\n2", ("speed",), [[1.0], [2.0]]),
    ],
)
def test_a_first_row_with_a_word_is_the_header(text: str, header: tuple[str, ...], rows: list[list[float]]) -> None:
    table = read_table(text)
    assert table.header == header
    assert table.values.tolist() == rows


def test_one_line_can_be_a_row() -> None:
    assert parse_rows("1, 0", line_is_row=True).tolist() == [[1.0, 0.0]]
    assert parse_rows("1, 0\n0.5, 1", line_is_row=True).tolist() == ROWS


def test_the_numbers_of_one_column_are_kept_as_typed() -> None:
    assert read_table("0.50, 1e3 ,\u22122").cells == ("0.50", "1e3", "-2")
    assert read_table("1, 0\n0.5, 1").cells == ()


def test_values_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        parse_rows("1, 2")[0, 0] = 3.0


@pytest.mark.parametrize(
    ("text", "culprit", "messages"),
    [
        ("", "", ["The target is empty", "0, 0.5, 0.25, 1"]),
        (" \n\t\n", " \n\t\n", ["The target is empty"]),
        ("[[], []]", "[[], []]", ["The target is empty"]),
        ("0, nan, 1", "nan", ["nan is not a finite number", "value 2"]),
        ("0, -Inf", "-Inf", ["-Inf is not a finite number"]),
        ("nan,1\n2,3", "nan", ["nan is not a finite number", "row 1, value 1"]),
        ("0, 1e999", "1e999", ["1e999 is too large for a float64; the largest is about 1.8e308", "value 2"]),
        ("1,0\n\n2,\u22121e999", "\u22121e999", ["is too large", "row 3, value 2"]),
        ("0, hello, 1", "hello", ["“hello” is not a number", "value 2", "or do something else"]),
        ("a, b, c", "a", ["“a” is not a number"]),
        ("a\nb\n1", "b", ["“b” is not a number", "row 2"]),
        ("1, 2\n3, x4\n", "x4", ["“x4” is not a number", "row 2, value 2"]),
        ("1.2.3", "1.2.3", ["is not a number", "0, 0.5"]),
        ("1, 1_000", "1_000", ["is not a number"]),
        ("1, \u0663", "\u0663", ["is not a number"]),
        ("0x10 1", "0x10", ["is not a number"]),
        ("1, 2 3, 4", "2 3", ["is not a number", "commas separate the numbers"]),
        ("1;2, 3;4", "2, 3", ["is not a number", "semicolons separate the numbers"]),
        ("1,5;1,234.5", "1,234.5", ["a comma is the decimal point"]),
        ("1,,2", ",", ["A number is missing", "value 2"]),
        ("1,,2\n3,4,5", ",", ["A number is missing", "row 1, value 2"]),
        ("1, 2\n3\n4, 5", "3", ["Row 2 has 1 value, the first row has 2", "Give every row 2"]),
        ("1, 2\n 3, 4, 5 \n", "3, 4, 5", ["Row 2 has 3 values, the first row has 2"]),
        ("a,b\n1,2,3", "1,2,3", ["Row 2 has 3 values, the header has 2 names"]),
        ("[[1, 2], [3]]", "3", ["Row 2 has 1 value"]),
        ("[[1, 2], [3, x]]", "x", ["“x” is not a number", "row 2, value 2"]),
        ("[1, 2", "[", ["This “[” is never closed"]),
        ("[1, 2]]", "]", ["This “]” has no partner before it"]),
        ("[[[1]]]", "[", ["nested more than two deep"]),
        ("[1, [2]]", "1", ["“1” stands outside the rows"]),
        ("[[1], 2]", "2", ["“2” stands outside the rows"]),
        ("[1]\n[2] 34", "34", ["“34” stands outside the rows"]),
        ("[[1]][2]", "[", ["Lists and rows are mixed"]),
    ],
)
def test_a_mistake_is_marked_and_named(text: str, culprit: str, messages: list[str]) -> None:
    with pytest.raises(LstmvizError) as caught:
        read_table(text, subject="target", instead=", or do something else")
    assert caught.value.span is not None
    assert text[slice(*caught.value.span)] == culprit
    for message in messages:
        assert message in str(caught.value)


def test_the_third_bracket_is_the_one_too_many() -> None:
    with pytest.raises(LstmvizError) as caught:
        parse_rows("[[1], [[2]]]")
    assert caught.value.span == (7, 8)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: "0.5, " * 1_000_000, "1,000,000 numbers, one a step; the limit is 200,000. Keep the first 200,000"),
        (lambda: "1,5;" * 1_000_000, "Keep the first 200,000, or one in 5."),
        (lambda: "0.5\n" * 1_000_000, "1,000,000 rows; the limit is 200,000"),
        (lambda: "[" + "[1,2]," * 300_000 + "]", "300,001 rows in brackets; the limit is 200,000"),
        (lambda: ("1 " * 30 + "\n") * 150_000, "4,500,000 values; the limit is 4,000,000"),
        (lambda: "1 " * 5_000 + "\n1", "5,000 values in the first row, one a feature; the limit is 4,096"),
        (lambda: "[[" + "1 " * 5_000 + "]]", "5,000 values in the first row"),
        (lambda: "\n" * 5_000_000, "5,000,000 lines"),
        (lambda: "," * 5_000_000, "5,000,000 commas"),
        (lambda: " " * (MAX_CHARACTERS + 1), "64,000,001 characters"),
    ],
)
def test_too_much_is_refused_without_splitting_it(
    make: Callable[[], str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_rows(_: object) -> None:
        pytest.fail("the text was split")

    monkeypatch.setattr(tables, "_rows", no_rows)
    text = make()
    with pytest.raises(LstmvizError) as caught:
        read_table(text)
    assert message in str(caught.value)
    assert caught.value.span is not None
    assert caught.value.span[0] < caught.value.span[1] == len(text)


def test_the_first_number_too_many_is_marked() -> None:
    text = "\ufeff" + "1, " * MAX_STEPS + "7, 8"
    with pytest.raises(LstmvizError) as caught:
        read_table(text)
    assert caught.value.span == (len(text) - 4, len(text))


@pytest.mark.parametrize("text", ["1," * MAX_STEPS, "1\n" * MAX_STEPS, "name\n" + "1\n" * MAX_STEPS])
def test_the_limit_itself_is_allowed(text: str) -> None:
    assert read_table(text).values.shape == (MAX_STEPS, 1)


def test_one_row_above_the_limit_without_a_header() -> None:
    with pytest.raises(LstmvizError, match="200,001 rows; the limit is 200,000"):
        read_table("1\n" * (MAX_STEPS + 1))


def test_limits_of_columns_and_values_are_allowed() -> None:
    assert read_table("1 " * MAX_FEATURES + "\n" + "1 " * MAX_FEATURES).values.shape == (2, MAX_FEATURES)
    assert read_table(("1 " * 20 + "\n") * (MAX_VALUES // 20)).values.size == MAX_VALUES


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([[0.0], [0.5], [-0.0]], "0, 0.5, -0"),
        ([[1.0, 0.0], [0.5, 1e-30]], "1, 0\n0.5, 1e-30"),
        ([[1.0, 0.0]], "[[1, 0]]"),
        ([[3.0]], "3"),
    ],
)
def test_numbers_as_text(values: list[list[float]], text: str) -> None:
    assert format_rows(np.array(values)) == text


def test_no_text_gives_a_value_that_is_not_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        format_rows(np.array([[np.nan]]))


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_format_and_parse_is_the_identity(values: np.ndarray) -> None:
    back = parse_rows(format_rows(values))
    assert back.shape == values.shape
    assert back.tobytes() == values.tobytes()


PIECES = [*'0123456789.,;\t\n []()-+e"x', "\r\n", "1.5", "nan", "1e999", "\ufeff", "\u2212", "\u00a0", "\x1c", "\u0663"]
TYPED = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(st.one_of(st.text(max_size=60), TYPED))
def test_any_text_gives_finite_rows_or_a_marked_mistake(text: str) -> None:
    try:
        values, span = parse_rows(text), (0, 0)
    except LstmvizError as error:
        assert error.span is not None  # noqa: PT017 - most texts are refused, some are not
        values, span = np.zeros((1, 1)), error.span
    assert 0 <= span[0] <= span[1] <= len(text)
    assert values.ndim == 2
    assert values.size > 0
    assert np.abs(values).max() <= sys.float_info.max
