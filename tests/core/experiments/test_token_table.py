"""Tables of tokens: names, rows, unknown words, and equality that is quick where it can be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.token_table import MOST_ONE_HOT, NO_TOKEN, TokenTable, token_label
from tests.tokens import WORDS, embedding, words


def test_rows_of_an_embedding_are_its_own_in_float64_and_it_is_not_copied() -> None:
    table = words()
    again = replace(table, unknown=0)
    assert again.vectors is table.vectors
    rows = table.rows(np.array([3, 3, 0]))
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows, embedding()[[3, 3, 0]])
    assert (table.size, table.width, table.features) == (9, 3, ("x0", "x1", "x2"))
    assert [table.number_of(row) for row in rows] == [3, 3, 0]
    assert table.number_of(rows[0] + 1e-9) == NO_TOKEN


def test_tokens_without_an_embedding_are_one_hot() -> None:
    table = TokenTable(("a b", "", "\n"))
    np.testing.assert_array_equal(table.rows(np.array([2, 0])), [[0, 0, 1], [1, 0, 0]])
    assert table.features == ("a␣b", "∅", "⏎")
    assert table.number_of(np.array([0.0, 1.0, 0.0])) == 1
    assert table.number_of(np.array([0.0, 2.0, 0.0])) == NO_TOKEN


def test_of_a_token_that_is_there_twice_the_first_counts() -> None:
    assert TokenTable(("x", "y", "x")).numbers == {"x": 0, "y": 1}


def test_tokens_that_nobody_knows_go_by_their_numbers() -> None:
    table = TokenTable((), embedding(4), "emb")
    assert (table.size, table.token(2), token_label(table, 3), table.by_characters) == (4, "2", "3", False)


@pytest.mark.parametrize(
    ("tokens", "by_characters"),
    [(("a", "b"), True), (("a", "", "<eos>", "[PAD]"), True), (("a", "bc"), False), (("<eos>",), False)],
)
def test_whether_a_text_is_read_by_characters(tokens: tuple[str, ...], by_characters: bool) -> None:
    assert TokenTable(tokens).by_characters is by_characters


def test_the_token_for_unknown_words_is_known_by_its_name() -> None:
    assert words().unknown_token == 0
    assert TokenTable(("unk", "<UNK>", "b")).unknown_token == 1
    assert TokenTable(("a", "b")).unknown_token is None


def test_tables_of_the_same_content_are_equal_and_others_are_not() -> None:
    table = words()
    assert table == words()
    assert table != replace(table, unknown=0)
    assert table != TokenTable(WORDS, embedding() + 1, "emb")
    assert table != TokenTable(WORDS)
    assert table != "emb"


def test_the_same_table_is_not_looked_through() -> None:
    class Watched(tuple[str, ...]):
        def __eq__(self, other: object) -> bool:
            raise AssertionError

        __hash__ = tuple.__hash__

    table = TokenTable(Watched(("a", "b")))
    assert table == table


@pytest.mark.parametrize(
    ("tokens", "vectors", "unknown", "said"),
    [
        ((), None, None, "0 tokens"),
        (("a",), embedding(2), None, "There are 1 token; the embedding has 2 rows"),
        (("a",), np.zeros(3), None, "no table of numbers"),
        (("a",), np.zeros((1, 2), int), None, "no table of numbers"),
        (("a",), np.zeros((1, 0)), None, "no table of numbers"),
        (("a", "b"), None, 2, "no token 2 for unknown words"),
        (("a", "b"), None, -1, "no token -1 for unknown words"),
        (("a",) * (MOST_ONE_HOT + 1), None, None, "One-hot needs 1 to 100,000 tokens"),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    tokens: tuple[str, ...], vectors: np.ndarray | None, unknown: int | None, said: str
) -> None:
    with pytest.raises(LstmvizError, match=said):
        TokenTable(tokens, vectors, unknown=unknown)
