"""A sequence on the command line: typed, a file, or standard input."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.io.sequence_files.given import given_sequence
from lstmviz.io.sequence_files.options import Missing, SequenceOptions
from lstmviz.io.sequences import parse_sequence
from tests.tokens import typed, words

NUMBERS = parse_sequence("1, 2", SequenceKind.NUMBERS)
TEXT = parse_sequence("abba", SequenceKind.TEXT)
FORMULA = parse_sequence("t/2", SequenceKind.FORMULA, length=3)


def test_what_is_typed_is_read_as_in_the_window() -> None:
    assert given_sequence("3, 4", NUMBERS).values.tolist() == [[3], [4]]
    assert given_sequence("bab", TEXT) == parse_sequence("bab", SequenceKind.TEXT, vocabulary="ab")
    assert given_sequence("t/4", FORMULA).values.tolist() == [[0.25], [0.5], [0.75]]


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text("a,b\n1,2\n,4\n3,4\n")
    np.save("x.npy", np.ones((4, 2)))
    Path("words.txt").write_text("baba\n")
    assert given_sequence("data.csv", NUMBERS, SequenceOptions(missing=Missing.DROP)).values.tolist() == [
        [1, 2],
        [3, 4],
    ]
    assert given_sequence("x.npy", FORMULA).values.shape == (4, 2)
    assert given_sequence("./words.txt", TEXT).source == "baba"
    assert given_sequence("x.npy", TEXT).kind is SequenceKind.NUMBERS
    with pytest.raises(LstmvizError, match="missing\\.csv"):
        given_sequence("missing.csv", NUMBERS)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def feed(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))

    feed(b"1;2\n3;4\n")
    assert given_sequence("-", FORMULA).values.tolist() == [[1, 2], [3, 4]]
    feed(b"bab")
    assert given_sequence("-", TEXT).labels == ("b", "a", "b")
    feed(b"")
    with pytest.raises(LstmvizError, match="standard input"):
        given_sequence("-", NUMBERS)


def test_tokens_are_read_with_the_table_that_is_there(tmp_path: Path) -> None:
    before = typed("the cat", words())
    assert given_sequence("the dog sat", before).numbers == (2, 8, 4)
    path = tmp_path / "text.txt"
    path.write_text("the dog\nsat\n", encoding="utf-8")
    assert given_sequence(str(path), before).numbers == (2, 8, 4)
    with pytest.raises(LstmvizError, match="“hat” is not among the 9 tokens"):
        given_sequence("the hat", before)
    np.save(tmp_path / "x.npy", np.ones((4, 3)))
    assert given_sequence(str(tmp_path / "x.npy"), before).kind is SequenceKind.NUMBERS
