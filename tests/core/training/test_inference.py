"""What networks answer to one sequence, drawn or typed, and what is right there."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lstmviz.core.engine.passes import forward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.training.catalogue import TASKS, make_task
from lstmviz.core.training.grammar_tasks import SYMBOLS, Counting, EmbeddedReber, draw_word, encoded, legal_symbols
from lstmviz.core.training.inference import Answers, answers, answers_to_inputs, drawn_sequence
from lstmviz.core.training.memory_tasks import AddingProblem, CopyMemory, LongLagRecall, Parity
from lstmviz.core.training.probe import Probe
from lstmviz.core.training.table_task import table_task
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.core.training.wave_tasks import SinePrediction

ALL = [make_task(name) for name in TASKS] + [NextCharacter("abc abd. " * 30, 8)]


def network_for(task: Task) -> Network:
    return Network.create("lstm", task.input_size, 4, output_size=task.output_size, seed=1)


def typed(task: Task, x: np.ndarray) -> Answers:
    return answers_to_inputs(task, {"LSTM": network_for(task)}, x)


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.name)
def test_typed_again_a_drawn_sequence_has_the_same_answers_and_the_same_targets(task: Task) -> None:
    for seed in range(4):
        batch = drawn_sequence(task, seed)
        drawn = answers(task, {"LSTM": network_for(task)}, batch)
        again = typed(task, batch.x[:, 0])
        assert_array_equal(again.answers["LSTM"].outputs, drawn.answers["LSTM"].outputs)
        assert again.target is not None
        assert again.asked.any()
        both = again.asked & drawn.asked
        if task.name == "noisy-sum":
            continue  # what the readings would be without noise is not known of typed ones
        assert_array_equal(again.target[both], drawn.target[both])
        assert not (again.asked & ~drawn.asked).any()


def test_seed_0_is_the_probe_and_others_are_others() -> None:
    task = AddingProblem(6)
    assert_array_equal(drawn_sequence(task, 0).x, Probe(task).batch.x)
    assert not np.array_equal(drawn_sequence(task, 1).x, drawn_sequence(task, 0).x)
    assert_array_equal(drawn_sequence(task, 1).x, drawn_sequence(task, 1).x)


def test_scores_are_those_of_the_sequence_alone() -> None:
    task = SinePrediction(20)
    batch, network = drawn_sequence(task, 3), network_for(task)
    found = answers(task, {"LSTM": network}, batch).answers["LSTM"]
    y = forward(network, batch.x).y
    assert_allclose(found.outputs, y[:, 0])
    assert found.score is not None
    assert found.score.metric == pytest.approx(float(((y - batch.target) ** 2).mean()))


def test_classes_come_as_probabilities() -> None:
    found = answers(CopyMemory(3), {"n": network_for(CopyMemory(3))}, drawn_sequence(CopyMemory(3), 0))
    assert_allclose(found.answers["n"].outputs.sum(1), 1)
    assert found.is_classes
    assert len(found.right(22)) == 1
    assert found.right(0) == ()


def test_what_is_right_of_typed_inputs() -> None:
    added = typed(AddingProblem(4), np.array([[0.5, 1], [0.25, 0], [2.0, 1], [9.0, 0]]))
    assert added.target is not None
    assert (added.target[-1, 0], added.asked.tolist()) == (2.5, [False, False, False, True])
    odd = typed(Parity(3), np.array([[1.0], [0.0], [1.0]]))
    assert odd.target is not None
    assert odd.target.tolist() == [1, 1, 0]
    counted = typed(Counting(5), np.eye(3)[[0, 0, 1, 2, 2]])
    assert counted.target is not None
    assert counted.target[counted.asked].tolist() == [2, 2, 3]


@pytest.mark.parametrize(
    ("task", "x"),
    [
        (Counting(5), np.eye(3)[[0, 0, 2]]),
        (Counting(5), np.eye(3)[[1, 2]]),
        (EmbeddedReber(), np.eye(7)[encoded("BTX")]),
        (LongLagRecall(3), np.eye(7)[[5, 4, 6]]),
        (CopyMemory(2), np.eye(10)[[0, 8, 9]]),
        (SinePrediction(), np.array([[0.5]])),
    ],
    ids=["no X", "no a", "illegal word", "no key", "too short", "one step"],
)
def test_inputs_that_do_not_say_what_is_right_are_answered_all_the_same(task: Task, x: np.ndarray) -> None:
    found = typed(task, x)
    assert found.target is None
    assert found.answers["LSTM"].score is None
    assert len(found.answers["LSTM"].outputs) == len(x)


def test_inputs_of_another_width_are_refused() -> None:
    with pytest.raises(LstmvizError, match="has 3 numbers a step, the network reads 2"):
        typed(AddingProblem(4), np.zeros((4, 3)))
    with pytest.raises(LstmvizError, match="value, marker"):
        typed(AddingProblem(4), np.zeros((0, 2)))


def test_legal_symbols_are_those_that_words_are_drawn_with() -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        word, allowed = draw_word(random)
        found = legal_symbols(word)
        assert found is not None
        assert_array_equal(found[:-1], allowed)
        assert not found[-1].any()
    for wrong in ("", "T", "BX", "BTBX", "BTBTXSEPE", "BTBTXSETEB"):
        assert legal_symbols(wrong) is None, wrong
    assert legal_symbols("BT") is not None


def test_all_legal_symbols_are_right() -> None:
    task = EmbeddedReber()
    found = typed(task, np.eye(7)[encoded("BTBT")])
    assert [SYMBOLS[number] for number in found.right(3)] == []
    assert [SYMBOLS[number] for number in found.right(2)] == ["T", "P"]


def test_numbers_of_a_table_are_answered_in_their_own_units() -> None:
    columns = {"x": np.arange(60.0), "y": 1000 + 50 * np.sin(np.arange(60.0))}
    task = table_task(columns, "y", window=4)
    found = answers(task, {"n": network_for(task)}, drawn_sequence(task, 2))
    assert found.target is not None
    assert 900 < found.target[-1, 0] < 1100
    assert np.abs(found.answers["n"].outputs - 1000).max() < 200
    assert typed(task, np.zeros((4, 2))).target is None
