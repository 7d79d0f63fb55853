from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.arrays import frozen
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from lstmviz.core.run import analyse
from lstmviz.gui.panels import edits
from lstmviz.io.sequences import parse_sequence


def numbers(text):
    return parse_sequence(text, SequenceKind.NUMBERS)


def text(characters):
    return parse_sequence(characters, SequenceKind.TEXT)


def given_weights(input_size=1, hidden_size=2, **options):
    return NetworkRecipe.given(Network.create("lstm", input_size, hidden_size, seed=5, **options))


def experiment(sequence=None, recipe=None, **objective):
    return Experiment(
        "",
        "",
        sequence or numbers("1 2 3"),
        recipe or NetworkRecipe(hidden_size=2),
        BaselineRecipe(),
        Objective(**objective),
    )


def test_given_weights_stay_while_they_fit():
    before = experiment(recipe=given_weights())
    after = edits.edited(before, partial(edits.with_sequence, sequence=numbers("4 5")))
    assert after.experiment.recipe == before.recipe
    assert after.notes == ()


def test_given_weights_of_another_width_are_drawn_anew_with_an_open_forget_gate():
    before = experiment(recipe=given_weights())
    after = edits.edited(before, partial(edits.with_sequence, sequence=numbers("4 5\n6 7")))
    recipe = after.experiment.recipe
    assert recipe.weights is None
    assert recipe.forget_bias == 1.0
    assert recipe.hidden_size == 2
    assert "1 feature a step" in after.notes[0]


def test_what_was_asked_still_holds_the_given_weights():
    before = experiment(recipe=given_weights())
    once = edits.edited(before, partial(edits.with_sequence, sequence=numbers("4 5\n6 7")))
    again = edits.edited(once.asked, partial(edits.with_sequence, sequence=numbers("4 5")))
    assert again.experiment.recipe == before.recipe


@pytest.mark.parametrize("change", [{"hidden_size": 3}, {"seed": 9}, {"num_layers": 2}, {"cell": Cell.RNN}])
def test_changes_that_determine_weights_draw_them(change):
    after = edits.edited(experiment(recipe=given_weights()), partial(edits.with_recipe, **change))
    assert after.experiment.recipe.weights is None
    assert after.notes[0] == "New weights were drawn."


def test_other_changes_leave_given_weights_alone():
    before = experiment(recipe=given_weights())
    after = edits.with_recipe(before, forget_bias=2.0, recurrent_scale=0.5)
    assert after.recipe.weights == before.recipe.weights


def test_a_read_out_for_given_weights_draws_the_head_alone():
    before = experiment(recipe=given_weights())
    after = edits.with_recipe(before, output_size=3)
    weights = after.recipe.weights
    assert weights.layers == before.recipe.weights.layers
    assert weights.head.weight.shape == (3, 2)
    assert edits.with_recipe(after, output_size=0).recipe.weights == before.recipe.weights


def test_another_nonlinearity_of_given_weights():
    network = Network.create("rnn", 1, 1, seed=1)
    after = edits.with_recipe(experiment(recipe=NetworkRecipe.given(network)), nonlinearity=Nonlinearity.RELU)
    assert after.recipe.weights.layers[0].nonlinearity is Nonlinearity.RELU
    assert after.recipe.weights.state_dict().keys() == network.state_dict().keys()


def test_a_next_character_read_out_follows_the_vocabulary():
    before = experiment(
        text("abab"),
        NetworkRecipe(hidden_size=2, output_size=2),
        kind=ObjectiveKind.CROSS_ENTROPY,
        where=Where.EVERY,
        next_input=True,
    )
    longer = edits.edited(before, partial(edits.with_sequence, sequence=text("abcd"))).experiment
    assert longer.recipe.output_size == 4
    shorter = edits.edited(longer, partial(edits.with_sequence, sequence=text("abc"))).experiment
    assert shorter.recipe.output_size == 3


def test_one_character_gives_the_next_input_up_and_typing_on_takes_it_back():
    before = experiment(
        text("hello"),
        NetworkRecipe(output_size=4),
        kind=ObjectiveKind.CROSS_ENTROPY,
        where=Where.EVERY,
        next_input=True,
    )
    one = edits.edited(before, partial(edits.with_sequence, sequence=text("h")))
    assert not one.experiment.objective.next_input
    analyse(one.experiment)
    two = edits.edited(one.asked, partial(edits.with_sequence, sequence=text("he")))
    assert two.experiment.objective == before.objective
    assert two.experiment.recipe.output_size == 2


def test_unit_and_step_are_clamped():
    before = experiment(kind=ObjectiveKind.ONE_UNIT, unit=1, t=3)
    shorter = edits.edited(before, partial(edits.with_sequence, sequence=numbers("1 2"))).experiment
    assert (shorter.objective.unit, shorter.objective.t) == (1, 2)
    smaller = edits.edited(before, partial(edits.with_recipe, hidden_size=1)).experiment
    assert (smaller.objective.unit, smaller.objective.t) == (0, 3)


def test_targets_of_another_length_leave_the_last_one():
    before = experiment(kind=ObjectiveKind.SQUARED_ERROR, target=frozen([[1.0], [2.0], [3.0]]))
    after = edits.edited(before, partial(edits.with_sequence, sequence=numbers("1 2 3 4")))
    assert np.array_equal(after.experiment.objective.target, [[3.0]])
    assert after.notes


def test_typed_targets_are_never_cut():
    before = experiment(kind=ObjectiveKind.SQUARED_ERROR, target=frozen([[1.0]]))
    after = edits.edited(before, partial(edits.with_objective, target=frozen([[1.0], [2.0]])))
    assert len(after.experiment.objective.target) == 2


def test_wide_targets_get_a_read_out_and_a_chosen_read_out_narrows_the_target():
    before = experiment(kind=ObjectiveKind.SQUARED_ERROR, target=frozen([[1.0]]))
    wide = edits.edited(before, partial(edits.with_objective, target=frozen([[1.0, 2.0, 3.0]]))).experiment
    assert wide.recipe.output_size == 3
    chosen = edits.edited(wide, partial(edits.with_recipe, output_size=2)).experiment
    assert chosen.recipe.output_size == 2
    assert np.array_equal(chosen.objective.target, [[1.0]])


def test_a_huge_class_number_is_left_to_the_message():
    before = experiment(kind=ObjectiveKind.CROSS_ENTROPY, target=frozen([[0.0]]))
    after = edits.edited(before, partial(edits.with_objective, target=frozen([[1e12]])))
    assert after.experiment.recipe.output_size == 0


def test_cross_entropy_on_a_text_predicts_the_next_character():
    after = edits.edited(
        experiment(text("abcab")), partial(edits.with_objective_kind, kind=ObjectiveKind.CROSS_ENTROPY)
    )
    assert after.experiment.objective.next_input
    assert after.experiment.recipe.output_size == 3
    analyse(after.experiment)


def test_weights_are_counted_as_on_paper():
    assert edits.weights_as_counted(Network.create("lstm", 1, 1)) == 12
    assert edits.weights_as_counted(Network.create("rnn", 2, 3, output_size=2)) == 3 * (2 + 3 + 1) + 2 * 3 + 2


def test_setting_weights_changes_exactly_those():
    before = experiment(recipe=given_weights(2), sequence=numbers("1 2\n3 4"))
    after = edits.with_weights(before, (("weight_hh_l0", (2, 1), 0.5), ("bias_ih_l0", (3,), 7.0)))
    old, new = before.build_network().state_dict(), after.build_network().state_dict()
    changed = {(name, tuple(index)) for name in old for index in np.argwhere(old[name] != new[name]).tolist()}
    assert changed == {("weight_hh_l0", (2, 1)), ("bias_ih_l0", (3,))}
    assert new["weight_hh_l0"][2, 1] == 0.5


SEQUENCES = st.sampled_from([numbers("1"), numbers("1 2 3"), numbers("1 2\n3 4"), text("a"), text("abcab")])
TARGETS = st.sampled_from([None, [[0.0]], [[1.0], [0.0], [2.0]], [[1.0, 2.0]], [[1.0, 2.0, 3.0]] * 5])


@given(
    first=SEQUENCES,
    second=SEQUENCES,
    hand=st.booleans(),
    cell=st.sampled_from(Cell),
    hidden_size=st.integers(1, 3),
    output_size=st.integers(0, 3),
    bidirectional=st.booleans(),
    kind=st.sampled_from(ObjectiveKind),
    where=st.sampled_from(Where),
    target=TARGETS,
    next_input=st.booleans(),
    unit=st.integers(0, 9),
    t=st.integers(0, 9),
)
def test_whatever_fitted_returns_can_run(
    first, second, hand, cell, hidden_size, output_size, bidirectional, kind, where, target, next_input, unit, t
):
    recipe = NetworkRecipe(
        cell=cell, hidden_size=hidden_size, output_size=output_size, bidirectional=bidirectional, seed=1
    )
    if hand:
        recipe = replace(recipe, weights=recipe.build(first.input_size))
    objective = Objective(kind, where, None if target is None else frozen(target), next_input, unit, t)
    if kind is ObjectiveKind.CROSS_ENTROPY and target is not None and len(target[0]) > 1:
        objective = replace(objective, target=None)  # no class numbers: the user is told
    start = Experiment("", "", first, recipe, BaselineRecipe(), objective)
    after = edits.edited(start, partial(edits.with_sequence, sequence=second)).experiment
    analyse(after)
    assert edits.fitted(after) == (after, ())


def trained(**options):
    """An LSTM with given weights, and beside it an RNN with given ones."""
    rnn = Network.create("rnn", 1, 2, seed=8, **options)
    return replace(experiment(recipe=given_weights(**options)), baseline=BaselineRecipe.given(rnn))


@pytest.mark.parametrize("changes", [{"hidden_size": 3}, {"num_layers": 2}, {"seed": 4}, {"output_size": 2}])
def test_another_network_gets_a_newly_drawn_rnn_beside_it(changes):
    after = edits.edited(trained(), partial(edits.with_recipe, **changes))
    assert after.experiment.baseline == BaselineRecipe()
    assert "A new vanilla RNN was drawn." in after.notes
    analyse(after.experiment)


def test_a_given_rnn_stays_while_it_fits():
    before = trained()
    for change in (
        partial(edits.with_recipe, forget_bias=2.0),
        partial(edits.with_sequence, sequence=numbers("4 5")),
        partial(edits.with_weights, changes=(("weight_ih_l0", (0, 0), 0.5),)),
    ):
        assert edits.edited(before, change).experiment.baseline is before.baseline


def test_a_given_rnn_that_reads_another_width_is_drawn_anew_and_that_is_said():
    after = edits.edited(trained(), partial(edits.with_sequence, sequence=numbers("4 5\n6 7")))
    assert after.experiment.baseline == BaselineRecipe()
    assert "The given vanilla RNN does not fit any more, so a new one was drawn." in after.notes
    analyse(after.experiment)


def test_a_read_out_that_the_objective_needs_draws_the_rnn_anew():
    before = trained()
    change = partial(edits.with_objective, kind=ObjectiveKind.SQUARED_ERROR, target=frozen([[1.0, 2.0, 3.0]]))
    after = edits.edited(before, change)
    assert after.experiment.baseline == BaselineRecipe()
    analyse(after.experiment)


def test_drawing_weights_draws_those_of_the_rnn_too():
    after = edits.with_drawn_weights(trained())
    assert after.recipe.weights is None
    assert after.baseline == BaselineRecipe()
