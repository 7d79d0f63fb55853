"""What a change of tokens or objective does to a trained read-out: nothing that it need not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lstmviz.core.arrays import frozen
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.experiments.token_table import TokenTable
from lstmviz.core.networks.network import Network
from lstmviz.core.run import analyse
from lstmviz.gui.panels.edits import edited, with_objective_kind, with_sequence
from lstmviz.io.sequences import parse_sequence
from tests.tokens import next_word, typed, words


def test_a_read_out_of_an_output_a_token_foretells_the_next() -> None:
    experiment = replace(next_word(), objective=Objective())
    result = edited(experiment, lambda e: with_objective_kind(e, ObjectiveKind.CROSS_ENTROPY)).experiment
    assert (result.objective.next_input, result.objective.where) == (True, Where.EVERY)
    assert result.recipe.weights == experiment.recipe.weights


def test_a_read_out_of_fewer_outputs_chooses_among_classes_and_stays() -> None:
    network = Network.create("lstm", 3, 4, output_size=2)
    experiment = replace(next_word(), recipe=NetworkRecipe.given(network), objective=Objective())
    result = edited(experiment, lambda e: with_objective_kind(e, ObjectiveKind.CROSS_ENTROPY)).experiment
    assert not result.objective.next_input
    assert result.objective.target is not None
    assert result.recipe.weights == network
    assert analyse(result).network == network


@pytest.mark.parametrize("width", [1, 3, 20])
def test_other_tokens_leave_the_weights_alone(width: int) -> None:
    table = words(width=width)
    experiment = next_word(table=table)
    result = edited(experiment, lambda e: with_sequence(e, typed("dog", table)))
    assert result.experiment.recipe == experiment.recipe
    assert result.experiment.objective.kind is ObjectiveKind.CROSS_ENTROPY
    longer = edited(result.experiment, lambda e: with_sequence(e, typed("dog sat", table))).experiment
    assert longer.recipe == experiment.recipe
    assert analyse(longer).network == experiment.recipe.weights


def test_rows_of_numbers_of_the_same_width_leave_the_weights_alone() -> None:
    experiment = next_word()
    rows = parse_sequence("1, 2, 3\n4, 5, 6", SequenceKind.NUMBERS)
    assert edited(experiment, lambda e: with_sequence(e, rows)).experiment.recipe == experiment.recipe


def test_more_one_hot_tokens_get_more_outputs() -> None:
    table = TokenTable(("a b", "c", "d"))
    drawn = NetworkRecipe(hidden_size=3, output_size=3)
    experiment = replace(next_word("c d", table), recipe=drawn)
    larger = typed("c f", TokenTable(("a b", "c", "d", "e", "f")))
    assert edited(experiment, lambda e: with_sequence(e, larger)).experiment.recipe.output_size == 5


def test_a_target_of_its_own_is_kept_while_tokens_are_typed() -> None:
    objective = Objective(ObjectiveKind.CROSS_ENTROPY, Where.LAST, frozen([[7.0]]))
    experiment = replace(next_word(), objective=objective)
    result = edited(experiment, lambda e: with_sequence(e, typed("dog sat", words()))).experiment
    assert result.objective == objective
