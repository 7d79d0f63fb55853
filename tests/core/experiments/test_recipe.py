from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.recipe import BaselineRecipe, BaselineSize, NetworkRecipe
from lstmviz.core.networks.initialisation import Initialisation
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell, Nonlinearity


def test_the_same_recipe_gives_the_same_network_and_another_seed_another() -> None:
    recipe = NetworkRecipe(hidden_size=5, num_layers=2, bidirectional=True, output_size=3)
    assert recipe.build(4) == recipe.build(4)
    assert recipe.build(4) != replace(recipe, seed=1).build(4)


def test_forget_bias_is_the_sum_of_both_biases_and_touches_nothing_else() -> None:
    drawn = NetworkRecipe(hidden_size=3).build(2).layers[0].directions[0]
    biased = NetworkRecipe(hidden_size=3, forget_bias=2.5).build(2).layers[0].directions[0]
    assert (biased.bias[3:6] == 2.5).all()
    assert (np.delete(biased.bias, range(3, 6)) == np.delete(drawn.bias, range(3, 6))).all()
    assert (biased.weight_hh == drawn.weight_hh).all()


def test_recurrent_scale_multiplies_every_recurrent_weight() -> None:
    for weights in (None, Network.create("lstm", 2, 3)):
        plain = NetworkRecipe(hidden_size=3, weights=weights).build(2).layers[0].directions[0]
        scaled = NetworkRecipe(hidden_size=3, weights=weights, recurrent_scale=0.5).build(2).layers[0].directions[0]
        assert (scaled.weight_hh == 0.5 * plain.weight_hh).all()
        assert (scaled.weight_ih == plain.weight_ih).all()


def test_orthogonal_recurrent_blocks_are_orthogonal() -> None:
    network = NetworkRecipe(hidden_size=6, initialisation=Initialisation.ORTHOGONAL).build(3)
    parameters = network.layers[0].directions[0]
    for gate in range(4):
        block = parameters.weight_hh[parameters.block(gate)]
        np.testing.assert_allclose(block @ block.T, np.eye(6), atol=1e-12)


def test_one_weight_set_by_hand_changes_one_number() -> None:
    recipe = NetworkRecipe(hidden_size=3, forget_bias=1.0, recurrent_scale=0.7)
    before = recipe.build(2).state_dict()
    after = recipe.with_weight(2, "weight_hh_l0", (4, 1), 9.5).build(2).state_dict()
    changed = {name: np.argwhere(before[name] != after[name]).tolist() for name in before}
    assert changed == {"weight_ih_l0": [], "weight_hh_l0": [[4, 1]], "bias_ih_l0": [], "bias_hh_l0": []}
    assert after["weight_hh_l0"][4, 1] == 9.5


def test_given_weights_refuse_a_sequence_of_another_width() -> None:
    recipe = NetworkRecipe.given(Network.create("lstm", 2, 3))
    with pytest.raises(LstmvizError, match="read 2 features a step, the sequence has 5"):
        recipe.build(5)


def test_the_baseline_shares_sizes_seed_and_head() -> None:
    recipe = NetworkRecipe(hidden_size=5, num_layers=2, bidirectional=True, output_size=3, seed=4)
    network = recipe.build(4)
    rnn = BaselineRecipe(Nonlinearity.RELU).build(recipe, network)
    assert rnn.cell is Cell.RNN
    assert rnn.layers[0].nonlinearity is Nonlinearity.RELU
    assert (rnn.hidden_size, len(rnn.layers), rnn.num_directions, rnn.output_size) == (5, 2, 2, 3)
    assert rnn != BaselineRecipe(Nonlinearity.RELU).build(replace(recipe, seed=5), network)


@pytest.mark.parametrize("hidden_size", [1, 2, 8, 33])
@pytest.mark.parametrize("options", [{}, {"num_layers": 3}, {"bidirectional": True, "output_size": 4}])
def test_the_baseline_with_as_many_parameters_comes_as_near_as_it_can(
    hidden_size: int, options: dict[str, int]
) -> None:
    recipe = NetworkRecipe(hidden_size=hidden_size, **options)  # type: ignore[arg-type]
    network = recipe.build(3)
    matched = BaselineRecipe(size=BaselineSize.SAME_PARAMETERS).build(recipe, network)
    distance = abs(matched.num_parameters - network.num_parameters)
    for neighbour in (matched.hidden_size - 1, matched.hidden_size + 1):
        if neighbour:
            other = replace(recipe, cell=Cell.RNN, hidden_size=neighbour).build(3)
            assert distance <= abs(other.num_parameters - network.num_parameters)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"hidden_size": 0}, "hidden size is 0"),
        ({"hidden_size": 100_000}, "298 GiB"),
        ({"num_layers": 0}, "number of layers is 0"),
    ],
)
def test_impossible_sizes_are_refused_before_memory_is_taken(sizes: dict[str, int], words: str) -> None:
    with pytest.raises(LstmvizError, match=words):
        NetworkRecipe(**sizes).build(1)  # type: ignore[arg-type]
