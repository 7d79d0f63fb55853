from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.io.sequences import MAX_VOCABULARY, parse_sequence
from lstmviz.io.tables import MAX_STEPS

NUMBERS, TEXT, FORMULA = SequenceKind.NUMBERS, SequenceKind.TEXT, SequenceKind.FORMULA


def mistake(text: str, kind: SequenceKind, vocabulary: str = "") -> LstmvizError:
    with pytest.raises(LstmvizError) as caught:
        parse_sequence(text, kind, length=5, vocabulary=vocabulary)
    assert caught.value.span is not None
    return caught.value


def test_numbers_of_one_feature() -> None:
    text = "0, 0.50, \u22120.123456789, 1234567890, 1e-12"
    sequence = parse_sequence(text, NUMBERS)
    assert sequence.values.tolist() == [[0.0], [0.5], [-0.123456789], [1234567890.0], [1e-12]]
    assert sequence.labels == ("0", "0.50", "-0.123457", "1.23457e+09", "1e-12")
    assert sequence.features == ("x",)
    assert (sequence.source, sequence.kind, sequence.vocabulary) == (text, NUMBERS, ())
    assert not sequence.values.flags.writeable


def test_numbers_of_several_features() -> None:
    sequence = parse_sequence("1, 0\n0.5, 1\n2, 3", NUMBERS)
    assert sequence.values.tolist() == [[1.0, 0.0], [0.5, 1.0], [2.0, 3.0]]
    assert sequence.labels == ("1", "2", "3")
    assert sequence.features == ("x0", "x1")


def test_a_header_names_the_features() -> None:
    assert parse_sequence("speed;load\n1;2\n3;4", NUMBERS).features == ("speed", "load")
    assert parse_sequence("speed\n1\n3", NUMBERS).features == ("speed",)


@pytest.mark.parametrize(
    ("text", "culprit", "messages"),
    [
        ("", "", ["The sequence is empty", "Type numbers such as 0, 0.5, 0.25, 1"]),
        ("0, hello", "hello", ["“hello” is not a number", "switch to “text” or “formula”"]),
        ("0, nan", "nan", ["nan is not a finite number"]),
        ("0, 1e999", "1e999", ["1e999 is too large for a float64"]),
        ("1, 2\n3", "3", ["Row 2 has 1 value, the first row has 2"]),
    ],
)
def test_a_mistake_in_numbers(text: str, culprit: str, messages: list[str]) -> None:
    error = mistake(text, NUMBERS)
    assert text[slice(*error.span or ())] == culprit
    for message in messages:
        assert message in str(error)


def test_text_is_one_hot_over_its_own_characters() -> None:
    sequence = parse_sequence("ba b\n", TEXT)
    assert sequence.vocabulary == ("\n", " ", "a", "b")
    assert sequence.features == ("⏎", "␣", "a", "b")
    assert sequence.labels == ("b", "a", "␣", "b", "⏎")
    assert sequence.values.tolist() == np.eye(4)[[3, 2, 1, 3, 0]].tolist()
    assert sequence.kind is TEXT


def test_text_over_a_given_vocabulary_keeps_its_order() -> None:
    sequence = parse_sequence("cab", TEXT, vocabulary=["c", "b", "a", "z"])
    assert sequence.vocabulary == ("c", "b", "a", "z")
    assert sequence.values.tolist() == np.eye(4)[[0, 2, 1]].tolist()


def test_a_windows_line_end_is_one_character_and_a_byte_order_mark_none() -> None:
    sequence = parse_sequence("\ufeffa\r\n\rb", TEXT)
    assert sequence.labels == ("a", "⏎", "U+000D", "b")
    error = mistake("\ufeffa\r\nxb", TEXT, vocabulary="ab\n")
    assert error.span == (4, 5)


def test_a_character_outside_the_vocabulary() -> None:
    error = mistake("abca dz", TEXT, vocabulary="abc")
    assert error.span == (4, 5)
    assert "“␣” is not in the vocabulary abc" in str(error)
    assert "Type another character, or take the vocabulary from the text." in str(error)
    assert mistake("a\U0010ffff", TEXT, vocabulary="a").span == (1, 2)


def test_a_vocabulary_has_a_limit() -> None:
    characters = "".join(map(chr, range(1000, 1000 + MAX_VOCABULARY)))
    assert parse_sequence(characters[::-1], TEXT).input_size == MAX_VOCABULARY
    text = "".join(reversed(characters)) + "ab"
    error = mistake(text, TEXT)
    assert "258 different characters; the limit is 256" in str(error)
    assert text[slice(*error.span or ())] == "a"


@pytest.mark.parametrize(
    ("vocabulary", "message"),
    [
        (["a", "bc"], "“bc”. Each of its entries must be a single character."),
        (["a", ""], "Each of its entries must be a single character"),
        ("aba", "holds “a” twice"),
        (map(chr, range(257)), "257 characters; the limit is 256"),
    ],
)
def test_a_vocabulary_that_cannot_be_used(vocabulary: list[str], message: str) -> None:
    with pytest.raises(LstmvizError) as caught:
        parse_sequence("a", TEXT, vocabulary=vocabulary)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message", "start"),
    [
        ("", "The sequence is empty", 0),
        ("\ufeff", "The sequence is empty", 0),
        ("ab" * MAX_STEPS, "400,000 characters, one a step; the limit is 200,000", MAX_STEPS),
        ("x" + "\r\n" * MAX_STEPS, "characters, one a step; the limit is 200,000", MAX_STEPS),
        ("\r\n" * (MAX_STEPS - 1) + "ab", "200,001 characters, one a step", 2 * MAX_STEPS - 1),
        ("abcdefghijklmnopqrstuvwxyz" * 7_000, "182,000 characters one-hot over 26 are 4,732,000 values", 153_846),
    ],
)
def test_a_text_that_is_empty_or_too_long(text: str, message: str, start: int) -> None:
    error = mistake(text, TEXT)
    assert message in str(error)
    assert error.span == (start, len(text))


def test_formula() -> None:
    sequence = parse_sequence("t/2\n-t", FORMULA, length=3)
    assert sequence.values.tolist() == [[0.5, -1.0], [1.0, -2.0], [1.5, -3.0]]
    assert sequence.labels == ("1", "2", "3")
    assert sequence.features == ("x0", "x1")
    assert parse_sequence("t", FORMULA, length=1).features == ("x",)
    error = mistake("t\nlog(t - 3)", FORMULA)
    assert error.span == (2, 12)
    assert "log(t - 3) is not a number at t = 1" in str(error)


def is_sound(sequence: Sequence) -> bool:
    return (
        sequence.length == len(sequence.labels) > 0
        and sequence.input_size == len(sequence.features) > 0
        and bool(np.isfinite(sequence.values).all())
    )


@given(st.text(st.characters(), max_size=60), st.sampled_from(SequenceKind), st.sampled_from(["", "abc 01"]))
def test_any_text_gives_a_sequence_or_a_marked_mistake(text: str, kind: SequenceKind, vocabulary: str) -> None:
    try:
        sequence = parse_sequence(text, kind, length=4, vocabulary=vocabulary)
    except LstmvizError as error:
        assert error.span is not None  # noqa: PT017 - most texts are refused, some are not
        assert 0 <= error.span[0] <= error.span[1] <= len(text)  # noqa: PT017
        return
    assert is_sound(sequence)
    assert parse_sequence(sequence.source, kind, length=4, vocabulary=sequence.vocabulary) == sequence
