"""A vanilla RNN with given weights beside the network: handed out as it is, or refused where it does not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.recipe import BaselineRecipe
from lstmviz.core.networks.network import Network
from lstmviz.core.run import analyse
from tests.experiments import random_lstm

RNN = Network.create("rnn", 3, 5, nonlinearity="relu", output_size=2, seed=9)


def test_the_run_has_the_given_weights_and_says_its_nonlinearity() -> None:
    recipe = BaselineRecipe.given(RNN)
    run = analyse(replace(random_lstm(output_size=2), baseline=recipe))
    assert run.baseline is not None
    assert run.baseline.network is RNN
    assert recipe.nonlinearity is RNN.layers[0].nonlinearity
    assert run.baseline.trace.y.shape == run.main.trace.y.shape


def test_weights_are_part_of_equality() -> None:
    one, other = BaselineRecipe.given(RNN), BaselineRecipe.given(Network.from_state_dict(RNN.state_dict()))
    assert one == BaselineRecipe.given(Network.from_state_dict(RNN.state_dict(), nonlinearity="relu"))
    assert one != other
    assert one != BaselineRecipe(nonlinearity=one.nonlinearity)
    drawn = replace(random_lstm(output_size=2), baseline=BaselineRecipe())
    assert not drawn.has_numbers_of(replace(drawn, baseline=one))


@pytest.mark.parametrize(
    ("rnn", "said"),
    [
        (Network.create("rnn", 4, 5, output_size=2), "4 inputs, the network beside it 3"),
        (Network.create("rnn", 3, 5), "0 outputs, the network beside it 2"),
        (Network.create("rnn", 3, 5, output_size=1), "1 output, the network beside it 2"),
        (Network.create("rnn", 3, 5, output_size=2, num_layers=2), "2 layers, the network beside it 1"),
        (Network.create("rnn", 3, 5, output_size=2, bidirectional=True), "2 directions, the network beside it 1"),
        (Network.create("lstm", 3, 5, output_size=2), "those of an LSTM"),
    ],
)
def test_what_does_not_fit_is_refused(rnn: Network, said: str) -> None:
    experiment = replace(random_lstm(output_size=2), baseline=BaselineRecipe.given(rnn))
    with pytest.raises(LstmvizError, match=said):
        analyse(experiment)


def test_another_hidden_size_is_no_misfit() -> None:
    wide = Network.create("rnn", 3, 40, output_size=2)
    run = analyse(replace(random_lstm(hidden_size=2, output_size=2), baseline=BaselineRecipe.given(wide)))
    assert run.baseline is not None
    assert np.isfinite(run.baseline.loss)
