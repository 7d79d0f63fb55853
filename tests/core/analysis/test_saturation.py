"""Saturated gates: counted by hand, always a point in the triangle, slopes that survive saturation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.analysis.saturation import SIGMOID_GATES, Side
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.core.run import analyse
from tests.experiments import random_lstm


def one_unit(biases, weight):
    """An LSTM of one unit whose forget gate alone looks at x."""
    return lstmviz.Network.from_state_dict(
        {
            "weight_ih_l0": np.array([[0.0], [weight], [0.0], [0.0]]),
            "weight_hh_l0": np.zeros((4, 1)),
            "bias_ih_l0": np.asarray(biases, float),
            "bias_hh_l0": np.zeros(4),
        }
    )


def test_fractions_and_steps_counted_by_hand():
    x = [[-5.0], [5.0], [0.0], [5.0], [2.0]]
    found = lstmviz.saturation(lstmviz.forward(one_unit([9, 0, 0, -9], 1.0), x))
    assert found.left["f"].tolist() == [0.2]
    assert found.right["f"].tolist() == [0.4]
    assert found.steps("f", 0, Side.LEFT).tolist() == [1]
    assert found.steps("f", 0, Side.RIGHT).tolist() == [2, 4]
    assert found.points("i").tolist() == [[0.0, 1.0]]
    assert found.points("o").tolist() == [[1.0, 0.0]]
    wider = lstmviz.saturation(lstmviz.forward(one_unit([9, 0, 0, -9], 1.0), x), above=0.8)
    assert wider.right["f"].tolist() == [0.6]
    assert wider.steps("f", 0, Side.RIGHT).tolist() == [2, 4, 5]


@given(st.integers(0, 99), st.floats(0, 0.5), st.floats(0.5, 1), st.sampled_from([None, 0, 1]))
def test_points_lie_in_the_triangle(seed, below, above, sequence):
    network = lstmviz.Network.create("lstm", 2, 3, num_layers=2, bidirectional=True, seed=seed, recurrent_scale=5.0)
    trace = lstmviz.forward(network, np.random.default_rng(seed).standard_normal((6, 2, 2)) * 5)
    for name in trace.layers:
        found = lstmviz.saturation(trace, name, below=below, above=above, sequence=sequence)
        for gate in SIGMOID_GATES:
            points = found.points(gate)
            assert points.shape == (3, 2)
            assert (points >= 0).all()
            assert (points.sum(1) <= 1).all()


def test_slope_is_the_mean_of_the_derivative():
    network = lstmviz.Network.create("lstm", 2, 3, seed=1)
    layer = lstmviz.forward(network, np.random.default_rng(1).standard_normal((6, 2, 2)))["l0"]
    found = lstmviz.saturation(lstmviz.forward(network, layer.x)).mean_slope
    for gate in SIGMOID_GATES:
        a = getattr(layer, gate)
        assert_allclose(found[gate], (a * (1 - a)).mean((0, 1)), rtol=1e-13)
    assert_allclose(found["g"], (1 - layer.g**2).mean((0, 1)), rtol=1e-13)
    one = lstmviz.saturation(lstmviz.forward(network, layer.x), sequence=1).mean_slope
    assert_allclose(one["f"], (layer.f * (1 - layer.f)).mean(0)[1], rtol=1e-13)


def test_one_unit_alone_has_the_same_slope_and_side():
    network = lstmviz.Network.create("lstm", 2, 3, seed=1, recurrent_scale=8.0)
    trace = lstmviz.forward(network, np.random.default_rng(1).standard_normal((6, 2, 2)) * 6)
    for sequence in (None, 1):
        found = lstmviz.saturation(trace, sequence=sequence)
        for gate in SIGMOID_GATES:
            for unit in range(3):
                assert_allclose(found.mean_slope_of(gate, unit), found.mean_slope[gate][unit], rtol=1e-13)
    alone = lstmviz.saturation(trace, sequence=1)
    sides = {t: alone.side_at("f", 2, t) for t in range(1, 7)}
    for side in Side:
        assert [t for t in sides if sides[t] is side] == alone.steps("f", 2, side).tolist()
    assert len(set(sides.values())) > 1


def test_steps_of_several_units_are_not_mixed_up():
    network = lstmviz.Network.create("lstm", 2, 3, seed=1, recurrent_scale=8.0)
    found = lstmviz.saturation(lstmviz.forward(network, np.random.default_rng(1).standard_normal((30, 2)) * 6))
    for unit in (0, 2, 0, 1):
        for gate in SIGMOID_GATES:
            values = getattr(found.layer, gate)[:, 0, unit]
            assert found.steps(gate, unit, Side.LEFT).tolist() == (np.flatnonzero(values < found.below) + 1).tolist()
            assert found.steps(gate, unit, Side.RIGHT).tolist() == (np.flatnonzero(values > found.above) + 1).tolist()


def test_a_gate_that_is_held_has_no_slope():
    run = analyse(replace(random_lstm(6, 2), what_ifs=(WhatIf(Clamp("o", "l0", 1, 1, 3, 0.95)),)))
    found = lstmviz.saturation(run.trace)
    o = run.trace["l0"].o[:, 0, 1]
    expected = np.where(np.arange(6) < 3, 0, o * (1 - o)).mean()
    assert_allclose([found.mean_slope["o"][1], found.mean_slope_of("o", 1)], expected, rtol=1e-13)
    assert found.steps("o", 1, Side.RIGHT).tolist() == [1, 2, 3]


@pytest.mark.parametrize("bias", [-700.0, -40.0, 40.0, 700.0])
def test_slope_survives_saturation(bias):
    """sigmoid'(z) = exp(-|z|) / (1 + exp(-|z|))^2, though 1 - sigmoid(40) is 0 in floating point."""
    found = lstmviz.saturation(lstmviz.forward(one_unit([0, bias, bias / 2, 0], 0.0), [[0.0]] * 3)).mean_slope
    assert_allclose(found["f"], np.exp(-abs(bias)), rtol=1e-13)
    assert_allclose(found["g"], 4 * np.exp(-abs(bias)), rtol=1e-13)


@pytest.mark.parametrize("change", [{"below": 0.9, "above": 0.1}, {"above": 1.5}, {"layer": "l1"}, {"sequence": 1}])
def test_what_makes_no_sense_is_refused(change):
    trace = lstmviz.forward(lstmviz.Network.create("lstm", 1, 2), [[1.0]])
    with pytest.raises(LstmvizError):
        lstmviz.saturation(trace, **change)


def test_a_vanilla_rnn_has_no_gates():
    with pytest.raises(LstmvizError, match="no gates"):
        lstmviz.saturation(lstmviz.forward(lstmviz.Network.create("rnn", 1, 2), [[1.0]]))
