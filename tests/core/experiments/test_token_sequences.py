"""Sequences of tokens under what-ifs and objectives, and why their numbers are what they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.debugger.conditions import find
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence_changes import changed_sequence
from lstmviz.core.experiments.token_table import NO_TOKEN, TokenTable
from lstmviz.core.experiments.what_if import DeleteStep, InsertStep, SetInput, SetStep, SwapSteps, WhatIf
from lstmviz.core.explanations.explain import explain_value
from lstmviz.core.explanations.narration import input_in_words, stage_sentence
from lstmviz.core.run import analyse
from lstmviz.core.value_reference import ValueReference
from tests.tokens import TEXT, WORDS, embedding, next_word, typed, words

DOG = tuple(embedding()[8].astype(float).tolist())
OTHER = (0.0, 0.5, 1.0)


def test_tokens_move_with_their_steps() -> None:
    changed = changed_sequence(typed("the cat sat", words()), [SwapSteps(1, 2), DeleteStep(3), InsertStep(3, DOG)])
    assert changed.numbers == (3, 2, 8)
    assert changed.labels == ("cat", "the", "dog")
    np.testing.assert_array_equal(changed.values, embedding()[[3, 2, 8]])


def test_a_step_that_reads_another_row_is_the_token_of_that_row_or_none() -> None:
    sequence = typed("the cat sat", words())
    set_to_dog = changed_sequence(sequence, [SetStep(2, DOG)])
    assert (set_to_dog.numbers, set_to_dog.labels) == ((2, 8, 4), ("the", "dog", "sat"))
    set_to_none = changed_sequence(sequence, [SetStep(2, OTHER)])
    assert (set_to_none.numbers, set_to_none.labels) == ((2, NO_TOKEN, 4), ("the", "*", "sat"))


def test_a_token_with_one_entry_changed_is_still_what_comes_next() -> None:
    changed = changed_sequence(typed("the cat sat", words()), [SetInput(2, 1, 9.0)])
    assert (changed.numbers, changed.labels) == ((2, 3, 4), ("the", "*", "sat"))
    changed = changed_sequence(changed, [SetInput(2, 1, float(embedding()[3, 1]))])
    assert changed.labels == ("the", "cat", "sat")


def test_a_changed_token_says_which_it_is() -> None:
    assert SetStep(2, DOG, "dog").in_words() == "set step 2: “dog”"
    assert InsertStep(2, DOG, "dog").in_words() == "insert step 2: “dog”"


def test_the_target_is_the_number_of_the_next_token() -> None:
    run = analyse(next_word())
    y = run.trace.y[:, 0].astype(float)
    following = run.sequence.numbers[1:]
    expected = sum(np.log(np.exp(row).sum()) - row[number] for row, number in zip(y[:-1], following, strict=True))
    assert run.main.loss == pytest.approx(expected, rel=1e-5)
    assert run.main.dy[:-1, 0].argmin(1).tolist() == list(following)
    assert not run.main.dy[-1].any()


def test_a_one_hot_table_gives_the_targets_of_its_columns() -> None:
    sequence = typed(TEXT, TokenTable(WORDS))
    assert sequence.classes.tolist() == sequence.values.argmax(1).tolist() == [2, 3, 4, 5, 2, 6]
    assert [sequence.class_at(t) for t in (1, 6)] == [2, 6]


def test_where_no_token_comes_next_there_is_no_class() -> None:
    experiment = replace(next_word(), what_ifs=(WhatIf(SetStep(3, OTHER)),))
    with pytest.raises(LstmvizError, match="Step 3 reads no token"):
        analyse(experiment)
    first = replace(next_word(), what_ifs=(WhatIf(SetStep(1, OTHER)),))
    assert np.isfinite(analyse(first).main.loss)


@pytest.mark.parametrize("baseline", [False, True])
def test_an_entry_of_the_input_is_explained_by_its_token_and_its_place_in_the_embedding(baseline: bool) -> None:
    run = analyse(next_word())
    found = explain_value(run, ValueReference("x", 2, "l0", 1, baseline))
    assert found.formula == "embedding of “cat”, entry 1"
    assert found.substituted == "emb[3, 1]"
    assert found.value == float(embedding()[3, 1])


def test_one_hot_input_is_explained_by_what_is_read() -> None:
    run = analyse(next_word(table=TokenTable(WORDS)))
    explained = [explain_value(run, ValueReference("x", 2, "l0", feature)) for feature in (3, 4)]
    assert [each.value for each in explained] == [1, 0]
    assert [each.formula for each in explained] == ["1 for “cat”, which is read", "0 for “sat”: “cat” is read"]


def test_a_changed_entry_is_explained_by_the_what_if() -> None:
    run = analyse(replace(next_word(), what_ifs=(WhatIf(SetInput(2, 1, 0.5)),)))
    assert explain_value(run, ValueReference("x", 2, "l0", 1)).formula == "the input, as the what-ifs leave it"
    assert "“the”" not in explain_value(run, ValueReference("x", 2, "l0", 0)).formula


def test_conditions_ask_for_tokens_as_they_are_in_the_table() -> None:
    run = analyse(next_word("the cat #7 sat"))
    assert find(run, 'token == "New York"').tolist() == [False, False, True, False]
    assert find(run, 'token == "cat"').tolist() == [False, True, False, False]
    assert not find(run, 'token == "dog"').any()


def test_the_sentences_name_the_token() -> None:
    run = analyse(next_word())
    assert "reads the input “cat”" in stage_sentence(run, Cursor(2, stage=Stage.READ))
    assert input_in_words(run, Cursor(2, stage=Stage.READ)) == "input “cat”"
