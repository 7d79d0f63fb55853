"""Tables to learn from: columns of numbers and of texts, and what is wrong said with its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.table_task import table_task
from lstmviz.io.training_tables import read_training_table, training_table_of


def test_columns_of_numbers_and_of_texts() -> None:
    table = training_table_of("# made by hand\nday,warm,sky\na,1.5,sun\nb,,rain\n\nc,2,\n", "t.csv")
    assert list(table.columns) == ["day", "warm", "sky"]
    assert table.texts == {"day", "sky"}
    assert table.numeric == ("warm",)
    assert table.rows == 3
    assert table.columns["sky"] == ("sun", "rain", "")
    assert table.columns["warm"][0] == 1.5
    assert np.isnan(float(table.columns["warm"][1]))


def test_a_stray_text_stays_in_its_column_of_numbers_and_is_named_when_it_is_read() -> None:
    table = training_table_of("x,y\n" + "1,2\n" * 20 + "1,oops\n" + "2,3\n" * 20, "t.csv")
    assert table.texts == set()
    with pytest.raises(LstmvizError, match=r"“oops” cannot be learned from.*column “y”, row 21"):
        table_task(table.columns, "y", classify=False, window=3)


def test_names_are_given_and_told_apart() -> None:
    assert list(training_table_of("1;2\n3;4\n", "t").columns) == ["column 1", "column 2"]
    assert list(training_table_of("a,a\n1,2\n3,4\n", "t").columns) == ["a", "a (2)"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing in it"),
        ("\n \n", "nothing in it"),
        ("# only this\n", "nothing in it"),
        ("a,b\n", "no rows of numbers"),
        ("a,b\n1,2\n3\n4,5\n", r"1 cell, most have 2.*line 3"),
    ],
)
def test_what_is_no_table_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(LstmvizError, match=words):
        training_table_of(text, "t.csv")


def test_files_of_text_and_of_numpy(tmp_path: Path) -> None:
    text, array, empty = tmp_path / "t.csv", tmp_path / "t.npy", tmp_path / "empty.csv"
    text.write_bytes("naïve;b\r\n1,5;2\r\n2,5;3\r\n".encode("latin-1"))
    assert read_training_table(text).columns["naïve"] == (1.5, 2.5)
    np.save(array, np.arange(6.0).reshape(3, 2))
    assert list(read_training_table(array).columns.values()) == [(0.0, 2.0, 4.0), (1.0, 3.0, 5.0)]
    empty.write_bytes(b"")
    with pytest.raises(LstmvizError, match=r"empty|nothing"):
        read_training_table(empty)
    with pytest.raises((OSError, LstmvizError), match="missing"):
        read_training_table(tmp_path / "missing.csv")


def test_a_table_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(LstmvizError, match="The limits are"):
        training_table_of(("1," * 999 + "1\n") * 1001, "t.csv")
