"""Numbers of a file as the sequence that typing them would give."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.progress import drain
from lstmviz.io.experiments import load_example
from lstmviz.io.sequence_files import as_typed as module
from lstmviz.io.sequence_files.as_typed import MOST_TYPED, as_typed, beginning_of, typed_text
from lstmviz.io.sequences import parse_sequence
from lstmviz.io.sessions import SessionFile, load_session, save_session


@pytest.mark.parametrize("names", [("x",), ("speed",), ("x0", "x1", "x2"), ("left", "right")])
def test_the_text_of_many_numbers_is_made_when_it_is_asked_for_and_gives_them_back(names: tuple[str, ...]) -> None:
    values = np.random.default_rng(0).standard_normal((MOST_TYPED // len(names) + 1, len(names)))
    values[0], values[1] = 0.25, -3e-300
    many = drain(as_typed(values, names))
    assert many.source == ""
    assert many.features == names
    assert many.values.tobytes() == values.tobytes()
    text = drain(typed_text(many))
    assert parse_sequence(text, SequenceKind.NUMBERS) == replace(many, source=text)


def test_few_numbers_have_their_text_at_once() -> None:
    few = drain(as_typed(np.array([[0.5, 1.0], [2.0, 3.0]]), ("a", "b")))
    assert few.source == "a, b\n0.5, 1\n2, 3"
    assert drain(typed_text(few)) == few.source


def test_progress_is_told() -> None:
    fractions = list(as_typed(np.zeros((MOST_TYPED + 1, 1)), ("x",)))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


def test_a_text_that_nobody_could_type_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    many = drain(as_typed(np.zeros((MOST_TYPED + 1, 1)), ("x",)))
    monkeypatch.setattr(module, "MAX_CHARACTERS", 1000)
    with pytest.raises(LstmvizError, match="the limit is 1,000"):
        drain(typed_text(many))


def test_the_beginning_is_written_without_the_rest() -> None:
    many = drain(as_typed(np.arange(3.0 * MOST_TYPED).reshape(-1, 3), ("a", "b", "c")))
    assert beginning_of(many, 2) == "0, 1, 2\n3, 4, 5"


def test_a_session_keeps_every_bit_of_many_numbers(tmp_path: Path) -> None:
    values = np.random.default_rng(1).standard_normal((MOST_TYPED, 2))
    experiment = replace(load_example("letters").experiment, sequence=drain(as_typed(values, ("a", "b"))))
    save_session(tmp_path / "many.lstmviz", SessionFile(experiment, Cursor(1)))
    loaded = load_session(tmp_path / "many.lstmviz").experiment.sequence
    assert loaded == experiment.sequence
    assert loaded.values.tobytes() == values.tobytes()
