from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.objective import Where
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.experiments.sequence_changes import changed_objective, changed_sequence, changed_values
from lstmviz.core.experiments.what_if import DeleteStep, InsertStep, SetInput, SetStep, Silence, SwapSteps
from lstmviz.io.sequences import parse_sequence
from tests.experiments import squared_error


def numbers(text="0.5, 1, 2.25, 4"):
    return parse_sequence(text, SequenceKind.NUMBERS)


@pytest.mark.parametrize(
    ("change", "values", "labels"),
    [
        (SetInput(2, 0, -3.0), [0.5, -3, 2.25, 4], ("0.5", "-3", "2.25", "4")),
        (SetStep(2, (-3.0,)), [0.5, -3, 2.25, 4], ("0.5", "-3", "2.25", "4")),
        (SwapSteps(1, 4), [4, 1, 2.25, 0.5], ("4", "1", "2.25", "0.5")),
        (InsertStep(1, (7.0,)), [7, 0.5, 1, 2.25, 4], ("7", "0.5", "1", "2.25", "4")),
        (InsertStep(5, (7.0,)), [0.5, 1, 2.25, 4, 7], ("0.5", "1", "2.25", "4", "7")),
        (DeleteStep(2), [0.5, 2.25, 4], ("0.5", "2.25", "4")),
        (Silence("l0", 0), [0.5, 1, 2.25, 4], ("0.5", "1", "2.25", "4")),
    ],
)
def test_values_and_labels_change_together(change, values, labels):
    before = numbers()
    sequence = changed_sequence(before, [change])
    assert_array_equal(sequence.values[:, 0], values)
    assert sequence.labels == labels
    assert not sequence.values.flags.writeable
    assert_array_equal(before.values[:, 0], [0.5, 1, 2.25, 4])


def test_changes_follow_one_another():
    sequence = changed_sequence(numbers(), [DeleteStep(1), InsertStep(1, (9.0,)), SwapSteps(1, 4), SetInput(1, 0, 5.0)])
    assert_array_equal(sequence.values[:, 0], [5, 1, 2.25, 9])


def test_numbers_that_happen_to_count_move_with_their_steps():
    assert changed_sequence(numbers("1, 2, 3"), [DeleteStep(2)]).labels == ("1", "3")


@pytest.mark.parametrize(
    "sequence",
    [numbers("5, 6\n7, 8\n9, 10"), parse_sequence("sin(t)", SequenceKind.FORMULA, length=3)],
)
def test_labels_that_count_count_on(sequence):
    new = InsertStep(2, (0.0,) * sequence.input_size)
    assert changed_sequence(sequence, [new]).labels == ("1", "2", "3", "4")
    assert changed_sequence(sequence, [SwapSteps(1, 3), DeleteStep(1)]).labels == ("1", "2")


def test_letters_are_labelled_by_what_is_in_the_step():
    letters = parse_sequence("abca", SequenceKind.TEXT)
    assert changed_sequence(letters, [SwapSteps(1, 2)]).labels == ("b", "a", "c", "a")
    assert changed_sequence(letters, [InsertStep(2, (0.0, 0.0, 1.0))]).labels == ("a", "c", "b", "c", "a")
    assert changed_sequence(letters, [SetStep(3, (0.0, 1.0, 0.0))]).labels == ("a", "b", "b", "a")
    assert changed_sequence(letters, [SetStep(3, (0.0, 1.0, 1.0))]).labels == ("a", "b", "*", "a")
    assert changed_sequence(letters, [SetInput(1, 2, 0.5)]).labels == ("*", "b", "c", "a")
    assert changed_sequence(letters, [SetInput(1, 0, 0.0), SetInput(1, 2, 1.0)]).labels[0] == "c"


def test_digits_of_a_text_are_characters_and_do_not_count():
    digits = parse_sequence("123", SequenceKind.TEXT)
    assert changed_sequence(digits, [SetStep(1, (0.0, 0.0, 1.0))]).labels == ("3", "2", "3")
    assert changed_sequence(digits, [DeleteStep(1)]).labels == ("2", "3")


def test_a_batch_is_changed_in_every_sequence():
    x = np.arange(12.0).reshape(3, 2, 2)
    changed = changed_values(x, [SetInput(1, 1, -1.0), SetStep(3, (5.0, 6.0)), DeleteStep(2)])
    assert_array_equal(changed, [[[0, -1], [2, -1]], [[5, 6], [5, 6]]])


def test_targets_move_with_their_steps():
    objective = squared_error([[1.0], [2.0], [3.0]], Where.EVERY)

    def targets(*changes):
        return changed_objective(objective, 3, changes).target[:, 0].tolist()

    assert targets(SwapSteps(1, 3)) == [3, 2, 1]
    assert targets(DeleteStep(2)) == [1, 3]
    assert targets(InsertStep(2, (0.0,))) == [1, 2, 2, 3]
    assert targets(InsertStep(4, (0.0,))) == [1, 2, 3, 3]
    assert changed_objective(objective, 3, [SetInput(1, 0, 0.0)]) is objective


def test_one_target_for_all_steps_stays():
    objective = squared_error([[1.0]])
    assert changed_objective(objective, 3, [DeleteStep(2)]) is objective


def test_a_change_must_fit_what_the_ones_before_have_left():
    with pytest.raises(LstmvizError, match="delete step 4” does not fit: there is no step 4"):
        changed_sequence(numbers(), [DeleteStep(1), DeleteStep(4)])
