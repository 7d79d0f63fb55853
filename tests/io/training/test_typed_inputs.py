"""The inputs of a task as text, and back."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.catalogue import TASKS, make_task
from lstmviz.core.training.inference import drawn_sequence
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.io.training.typed_inputs import inputs_as_text, inputs_of_text


@pytest.mark.parametrize("name", [*TASKS, "text"])
def test_a_text_gives_back_its_inputs(name: str) -> None:
    task = NextCharacter("a b, c.\n" * 30, 12) if name == "text" else make_task(name)
    x = drawn_sequence(task, 2).x[:, 0]
    assert_allclose(inputs_of_text(task, inputs_as_text(task, x)), x, atol=6e-4)


def test_symbols_are_typed_by_their_names() -> None:
    recall = make_task("recall", 2, keys=2)
    assert inputs_of_text(recall, "key 2,noise 1,\n question ").argmax(1).tolist() == [1, 2, 4]
    assert inputs_of_text(make_task("reber"), " BT BT\n").argmax(1).tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("name", "text", "words", "span"),
    [
        ("reber", "BTQ", "no symbol “Q”.*step 3", (2, 3)),
        ("recall", "key 1, what", "no symbol “what”", (7, 11)),
        ("recall", "  ", "no sequence", None),
    ],
)
def test_what_is_no_symbol_is_said_with_its_place(
    name: str, text: str, words: str, span: tuple[int, int] | None
) -> None:
    with pytest.raises(LstmvizError, match=words) as refused:
        inputs_of_text(make_task(name), text)
    assert refused.value.span == span


def test_numbers_are_written_to_be_read() -> None:
    task = make_task("sine", 3)
    assert inputs_as_text(task, np.array([[0.12345], [-0.0001], [1.0]])) == "0.123, 0, 1"
    with pytest.raises(LstmvizError):
        inputs_of_text(task, "0.1, much")
