"""Saturation, overflow and long sequences: right where floats can be right, told where they cannot.

Warnings are errors in these tests, so whatever passes was silent as well.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.engine.nonfinite import NonFinite


def gates_at(z, weight_hh=0.0):
    """An LSTM of one unit whose pre-activations i, f, g, o are the given numbers."""
    return lstmviz.Network.from_state_dict(
        {
            "weight_ih_l0": np.zeros((4, 1)),
            "weight_hh_l0": np.full((4, 1), weight_hh),
            "bias_ih_l0": np.array(z, float),
            "bias_hh_l0": np.zeros(4),
        }
    )


def feedback(weight, nonlinearity="identity"):
    return lstmviz.Network.from_state_dict(
        {"weight_ih_l0": np.ones((1, 1)), "weight_hh_l0": np.full((1, 1), float(weight))}, nonlinearity=nonlinearity
    )


@pytest.mark.parametrize("z", [-745.0, -720, -700, -100, -40, -15, 0, 15, 36, 40, 100, 700, 720, 1e4, -1e4])
def test_gates_and_their_gradients_keep_relative_accuracy(z):
    trace = lstmviz.forward(gates_at([z, z, 1, z]), [[0.0]], c0=[2.0])
    layer, grads = trace["l0"], lstmviz.backward(trace, [[1.0]])["l0"]
    e = math.exp(-abs(z))
    value, slope = (1 if z >= 0 else e) / (1 + e), e / (1 + e) ** 2
    for gate in "ifo":
        assert_allclose(getattr(layer, gate).item(), value, rtol=1e-14, atol=1e-322)
        product = getattr(grads, gate).item() * slope
        assert_allclose(getattr(grads, f"z_{gate}").item(), product, rtol=1e-12, atol=1e-322)


def test_forty_below_zero():
    layer = lstmviz.forward(gates_at([-40, -40, 0, -40]), [[0.0]])["l0"]
    assert_allclose([layer.i.item(), layer.f.item(), layer.o.item()], 4.248354255291589e-18, rtol=1e-15)


@pytest.mark.parametrize("z", [-30.0, -20, 20, 30, 300])
def test_candidate_gradient_does_not_cancel(z):
    trace = lstmviz.forward(gates_at([0, 0, z, 0]), [[0.0]])
    grads = lstmviz.backward(trace, [[1.0]])["l0"]
    assert_allclose(grads.z_g.item(), grads.g.item() / math.cosh(z) ** 2, rtol=1e-13)


def test_gradient_through_a_large_cell_state_does_not_cancel():
    trace = lstmviz.forward(gates_at([0, 50, 0, 50]), [[0.0]], c0=[25.0])
    grads = lstmviz.backward(trace, [[1.0]])["l0"]
    assert_allclose(grads.c.item(), 1 / math.cosh(25) ** 2, rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_huge_pre_activations_are_harmless(cell, dtype):
    net = lstmviz.Network.create(cell, 2, 3, seed=0, recurrent_scale=1e4, dtype=dtype)
    trace = lstmviz.forward(net, 1e4 * np.random.default_rng(0).standard_normal((50, 2)))
    grads = lstmviz.backward(trace, np.ones((50, 3)))
    assert max(np.abs(getattr(trace["l0"], node)).max() for node in trace["l0"].NODES) > 1e4
    assert trace.first_nonfinite is None
    assert np.isfinite(trace.y).all()
    assert grads.first_nonfinite is None


def test_ten_thousand_steps():
    net = lstmviz.Network.create("lstm", 1, 4, seed=0, forget_bias=3.0)
    trace = lstmviz.forward(net, np.sin(np.arange(10_000.0))[:, None])
    dy = np.zeros((10_000, 4))
    dy[-1] = 1
    grads = lstmviz.backward(trace, dy)
    assert trace.first_nonfinite is None
    assert grads.first_nonfinite is None
    assert 0 < np.abs(grads["l0"].h[9_900]).max() < 1
    assert np.abs(grads["l0"].h[0]).max() < 1e-30


def test_exploding_gradient_becomes_infinite_where_ieee_says():
    """1e300 * 2**k is above the largest float from k = 28 on."""
    trace = lstmviz.forward(feedback(2), np.zeros((60, 1)))
    dy = np.zeros((60, 1))
    dy[-1] = 1e300
    grads = lstmviz.backward(trace, dy)
    expected = [math.inf if k >= 28 else 1e300 * 2.0**k for k in reversed(range(60))]
    assert grads["l0"].h.ravel().tolist() == expected
    found = grads.first_nonfinite
    assert found == NonFinite("l0", "h", 32, 0, 0, math.inf, gradient=True)
    assert str(found) == "the gradient of h[32] of unit 0 in layer l0 is inf"
    assert grads.first_nonfinite is found


def test_exploding_state_says_where_it_began():
    trace = lstmviz.forward(feedback(1e100, "relu"), np.eye(6, 1))
    assert trace.y.ravel().tolist() == [1, 1e100, 1e200, 1e300, math.inf, math.inf]
    assert trace.first_nonfinite == NonFinite("l0", "z", 5, 0, 0, math.inf)
    assert str(trace.first_nonfinite) == "z[5] of unit 0 in layer l0 is inf"


def test_first_nonfinite_cell_state():
    net = lstmviz.Network.create("lstm", 1, 3, seed=0)
    c0 = np.zeros((1, 2, 3))
    c0[0, 1, 2] = -np.inf
    trace = lstmviz.forward(net, np.zeros((3, 2, 1)), c0=c0)
    assert trace.first_nonfinite == NonFinite("l0", "c", 1, 1, 2, -math.inf)
    assert str(trace.first_nonfinite) == "c[1] of unit 2, sequence 1, in layer l0 is -inf"


def test_first_nonfinite_follows_the_order_of_computation():
    """A reverse layer computes late steps first; the layer below comes before the one above."""
    net = lstmviz.Network.create("lstm", 1, 2, num_layers=2, bidirectional=True, seed=0)
    x = np.zeros((6, 1))
    x[2] = np.nan
    found = lstmviz.forward(net, x).first_nonfinite
    assert (found.layer, found.node, found.t) == ("l0", "z_i", 3)
    assert math.isnan(found.value)
    h0 = np.zeros((4, 1, 2))
    h0[1] = np.nan
    found = lstmviz.forward(net, np.zeros((6, 1)), h0=h0).first_nonfinite
    assert (found.layer, found.node, found.t) == ("l0_reverse", "z_i", 6)


def test_first_nonfinite_gradient_follows_the_order_of_computation():
    net = lstmviz.Network.create("lstm", 1, 2, num_layers=2, bidirectional=True, seed=0)
    trace = lstmviz.forward(net, np.zeros((6, 1)))
    dy = np.zeros((6, 4))
    dy[3, 1] = np.inf
    found = lstmviz.backward(trace, dy).first_nonfinite
    assert (found.layer, found.node, found.t, found.unit) == ("l1", "h", 4, 1)
    dy = np.zeros((6, 4))
    dy[3, 3] = dy[1, 2] = -np.inf
    found = lstmviz.backward(trace, dy).first_nonfinite
    assert str(found) == "the gradient of h[2] of unit 0 in layer l1_reverse is -inf"


def test_overflow_that_only_the_weights_see_is_told():
    net = feedback(0)
    trace = lstmviz.forward(net, np.full((2, 1), 1e200))
    found = lstmviz.backward(trace, np.full((2, 1), 1e200)).first_nonfinite
    assert str(found) == "the gradient of weight_ih in row 0 of layer l0 is inf"


def test_overflow_in_the_head_is_told():
    arrays = feedback(0).state_dict() | {"head.weight": np.full((1, 1), 1e200)}
    net = lstmviz.Network.from_state_dict(arrays, nonlinearity="identity")
    trace = lstmviz.forward(net, [[1.0], [1e200]])
    assert str(trace.first_nonfinite) == "y[2] of the head, output 0, is inf"
    found = lstmviz.backward(trace, [[0.0], [1e200]]).first_nonfinite
    assert str(found) == "the gradient of weight in row 0 of the head is inf"
