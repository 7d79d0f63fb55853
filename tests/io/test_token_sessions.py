"""Sessions over tokens: the table comes back bit for bit, older files open, and contradictory ones do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.token_table import TokenTable
from lstmviz.core.experiments.what_if import SetStep, WhatIf
from lstmviz.core.run import analyse
from lstmviz.io import archive
from lstmviz.io.session_format import session_bytes, session_of
from lstmviz.io.sessions import SessionFile
from tests.experiments import letters
from tests.tokens import WORDS, embedding, next_word, typed, words

VECTORS = "arrays/experiment.sequence.table.vectors.npy"


def saved(table: TokenTable | None = None) -> SessionFile:
    return SessionFile(next_word(table=table), Cursor(3))


@pytest.mark.parametrize(
    "table",
    [words(), replace(words(), unknown=0), TokenTable(WORDS), words(tuple(f"{word}\n\0🙂\ud800" for word in WORDS))],
    ids=["embedding", "unknown", "one-hot", "odd"],
)
def test_a_table_comes_back_bit_for_bit(table: TokenTable) -> None:
    text = " ".join(f"#{number}" for number in (2, 3, 4, 5, 2))
    session = SessionFile(next_word(text, table), Cursor(2))
    data = session_bytes(session)
    back = session_of(data)
    assert back == session
    assert session_bytes(back) == data
    found = back.experiment.sequence.table
    assert found is not None
    if table.vectors is not None:
        assert found.vectors is not None
        assert found.vectors.dtype == np.float32
        assert not found.vectors.flags.writeable
        assert found.vectors.tobytes() == table.vectors.tobytes()
    assert np.array_equal(analyse(back.experiment).trace.y, analyse(session.experiment).trace.y)
    assert typed(back.experiment.sequence.source, found) == session.experiment.sequence


def test_a_token_of_a_what_if_keeps_its_name() -> None:
    row = tuple(embedding()[8].astype(float).tolist())
    experiment = replace(next_word(), what_ifs=(WhatIf(SetStep(2, row, "dog")),))
    assert session_of(session_bytes(SessionFile(experiment, Cursor(1)))).experiment == experiment


def test_files_of_before_there_were_tables_open() -> None:
    files = archive.unpacked(session_bytes(SessionFile(letters(), Cursor(2))))
    header = json.loads(files["session.json"])
    assert header["experiment"]["sequence"].pop("table") is None
    assert header["experiment"]["sequence"].pop("numbers") == []
    files["session.json"] = json.dumps(header).encode()
    assert session_of(archive.packed(files)).experiment == letters()


def changed(change: Callable[[dict[str, Any], dict[str, bytes]], object], table: TokenTable | None = None) -> bytes:
    files = archive.unpacked(session_bytes(saved(table)))
    header = json.loads(files["session.json"])
    change(header["experiment"]["sequence"], files)
    files["session.json"] = json.dumps(header).encode()
    return archive.packed(files)


def without_table(sequence: dict[str, Any], files: dict[str, bytes]) -> None:
    sequence["table"] = None
    del files[VECTORS]


WRONG: list[tuple[Callable[[dict[str, Any], dict[str, bytes]], object], str]] = [
    (lambda s, f: s.update(numbers=[2, 3, 4, 5, 2, 9]), "has 9 tokens, and others are read"),
    (lambda s, f: s.update(numbers=[2, 3, 4, 5, 2, -1]), "has 9 tokens, and others are read"),
    (lambda s, f: s.update(numbers=[2, 3, 4, 5, 2, 8]), "not those of the tokens"),
    (lambda s, f: s.update(numbers=[2, 3]), "2 where 6 would fit the values: number of a token"),
    (lambda s, f: s.update(kind="NUMBERS"), "a table without tokens"),
    (lambda s, f: s.update(vocabulary=["a", "b", "c"]), "3 values for each token"),
    (lambda s, f: s["table"]["tokens"].pop(), "8 tokens; the embedding has 9 rows"),
    (lambda s, f: s["table"].update(unknown=9), "no token 9"),
    (lambda s, f: s["table"].update(tokens=[1] * 9), "1 stands where a text belongs"),
    (without_table, "6 where 0 would fit the values: number of a token"),
]


@pytest.mark.parametrize(("change", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_table_that_contradicts_the_rest_is_refused(
    change: Callable[[dict[str, Any], dict[str, bytes]], object], said: str
) -> None:
    with pytest.raises(LstmvizError, match=said):
        session_of(changed(change))


def test_one_hot_tokens_of_another_number_than_features_are_refused() -> None:
    with pytest.raises(LstmvizError, match="gives 8 values for each token"):
        session_of(changed(lambda s, f: s["table"]["tokens"].pop(), TokenTable(WORDS)))
