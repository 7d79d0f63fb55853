"""Typed tokens: words, characters and numbers; mistakes at their place with what may have been meant; and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.experiments.token_table import TokenTable
from lstmviz.io.sequences import parse_sequence
from lstmviz.io.tables import MAX_VALUES
from lstmviz.io.typed_tokens import can_be_typed, parse_tokens, typed_tokens
from tests.tokens import TEXT, embedding, words


def mistake(text: str, table: TokenTable) -> LstmvizError:
    with pytest.raises(LstmvizError) as caught:
        parse_tokens(text, table)
    assert caught.value.span is not None
    return caught.value


def test_words_between_spaces_are_rows_of_the_embedding() -> None:
    table = words()
    sequence = parse_sequence(f" {TEXT}\n. ", SequenceKind.TOKENS, table=table)
    assert sequence.numbers == (2, 3, 4, 5, 2, 6, 1)
    assert sequence.labels == (*TEXT.split(), ".")
    np.testing.assert_array_equal(sequence.values, embedding()[list(sequence.numbers)])
    assert not sequence.values.flags.writeable
    assert (sequence.kind, sequence.source, sequence.vocabulary) == (SequenceKind.TOKENS, f" {TEXT}\n. ", ())
    assert sequence.table is table
    assert sequence.classes.tolist() == list(sequence.numbers)
    assert parse_sequence(sequence.source, SequenceKind.TOKENS, table=table) == sequence


def test_a_token_that_cannot_be_typed_goes_by_its_number() -> None:
    sequence = parse_tokens("the #7 #0", words())
    assert sequence.labels == ("the", "New␣York", "<unk>")
    table = TokenTable(("a", "b c", "#1"))
    assert parse_tokens("#1", table).numbers == (2,)
    assert [can_be_typed(number, table) for number in range(3)] == [True, False, True]


def test_characters_need_no_spaces_and_marks_among_them_are_one_step() -> None:
    table = TokenTable(("<pad>", "<eos>", "a", "b", " ", "\n"))
    sequence = parse_tokens("\ufeffab a\r\n<eos>", table)
    assert sequence.numbers == (2, 3, 4, 2, 5, 1)
    assert sequence.labels == ("a", "b", "␣", "a", "⏎", "<eos>")


def test_where_nobody_knows_the_tokens_their_numbers_are_typed() -> None:
    table = TokenTable((), embedding(6), "emb")
    assert parse_tokens("[5, 0]; 03\n1", table).numbers == (5, 0, 3, 1)
    for text in ("1 6", "1 -1", "1 two", "1 ²", "1 99999999999999999999"):
        error = mistake(text, table)
        assert "is not the number of a token" in error.what
        assert error.how.startswith("There are 0 to 5.")
        assert error.span == (2, len(text))


@pytest.mark.parametrize(
    ("text", "culprit", "how"),
    [
        ("the hat sat", "hat", "Did you mean “sat” or “mat” or “cat”?"),
        ("The cat", "The", "Did you mean “the”?"),
        ("the mat.", "mat.", "Did you mean “mat .”?"),
        ("the d", "d", "Type another."),
        ("the do", "do", "Did you mean “dog”?"),
        ("the #9", "#9", "Type another."),
        ("the 🙂 sat", "🙂", "Type another."),
    ],
)
def test_an_unknown_word_is_marked_and_what_may_have_been_meant_is_named(text: str, culprit: str, how: str) -> None:
    error = mistake(text, words())
    assert text[slice(*error.span or ())] == culprit
    assert error.what == f"“{culprit}” is not among the 9 tokens"
    assert error.how == f"{how} Or let unknown ones be read as “<unk>”."


def test_unknown_words_are_read_as_the_unknown_token_only_where_that_is_wanted() -> None:
    table = replace(words(), unknown=0)
    sequence = parse_tokens("the zebra sat", table)
    assert sequence.numbers == (2, 0, 4)
    assert sequence.labels == ("the", "<unk>", "sat")
    assert "#99" in mistake("the #99", table).what


def test_without_a_token_for_unknown_words_nothing_is_said_of_one() -> None:
    assert mistake("hat", words(("mat", "sat"))).how == "Did you mean “sat” or “mat”?"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_text_says_so(text: str) -> None:
    assert "empty" in mistake(text, words()).what


def test_too_many_tokens_are_marked_from_the_first_that_is_too_many() -> None:
    table = TokenTable((), np.zeros((2, 1_000_000)), "wide")
    error = mistake("0 1 0 1 0 1", table)
    assert f"more than {MAX_VALUES // 1_000_000} tokens" in error.what
    assert error.span == (8, 11)


def test_a_row_that_is_not_finite_is_named() -> None:
    vectors = embedding().copy()
    vectors[4, 1] = np.nan
    error = mistake(TEXT, TokenTable(words().tokens, vectors, "emb"))
    assert error.what == "The embedding of “sat” has numbers that are not finite"
    assert error.span == (8, 11)


def test_no_table_is_said() -> None:
    with pytest.raises(LstmvizError, match="no table of tokens"):
        parse_sequence("the", SequenceKind.TOKENS)


@given(st.lists(st.text(max_size=5), min_size=1, max_size=8), st.data())
def test_what_is_written_is_read_again(tokens: list[str], data: st.DataObject) -> None:
    table = TokenTable(tuple(tokens))
    typeable = [number for number in range(table.size) if can_be_typed(number, table)]
    if typeable:
        numbers = data.draw(st.lists(st.sampled_from(typeable), min_size=1, max_size=6))
        assert parse_tokens(typed_tokens(numbers, table), table).numbers == tuple(numbers)
