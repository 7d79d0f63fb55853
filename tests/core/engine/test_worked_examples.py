"""Numbers that anyone can check by hand: the one-unit worked example, two inputs and two steps, closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lstmviz


def lstm_of(rows):
    """An LSTM of one unit from gate: (W, U, b), in the order i, f, g, o of the stacked weights."""
    weight_ih, weight_hh, bias = zip(*(rows[gate] for gate in "ifgo"), strict=True)
    return lstmviz.Network.from_state_dict(
        {
            "weight_ih_l0": np.reshape(weight_ih, (4, -1)),
            "weight_hh_l0": np.reshape(weight_hh, (4, 1)),
            "bias_ih_l0": np.array(bias),
            "bias_hh_l0": np.zeros(4),
        }
    )


COMPANY = lstm_of(
    {"f": (1.63, 2.70, 1.62), "i": (1.65, 2.00, 0.62), "g": (0.94, 1.41, -0.32), "o": (-0.19, 4.38, 0.59)}
)
GOMEZ = lstm_of(
    {
        "g": ((0.45, 0.25), 0.15, 0.2),
        "i": ((0.95, 0.8), 0.8, 0.65),
        "f": ((0.7, 0.45), 0.1, 0.15),
        "o": ((0.6, 0.4), 0.25, 0.1),
    }
)


def test_company_single_step():
    layer = lstmviz.forward(COMPANY, [[1.0]], h0=[1.0], c0=[2.0])["l0"]
    expected = {"f": 0.997401, "i": 0.986211, "g": 0.966087, "o": 0.991674, "c": 2.947567, "h": 0.986229}
    for node, value in expected.items():
        assert_allclose(getattr(layer, node).item(), value, atol=5e-7)


@pytest.mark.parametrize(
    ("first", "target", "c", "h", "dh", "dc"),
    [
        pytest.param(
            0.0,
            0.0,
            [-0.201247, -0.202193, -0.324621, 0.015270],
            [-0.127755, -0.096522, -0.166218, 0.006393],
            [7.947633e-3, 4.108217e-3, 6.093486e-3, 1.278632e-2],
            [1.265835e-2, 8.704856e-3, 7.957352e-3, 5.352621e-3],
            id="Company A",
        ),
        pytest.param(
            1.0,
            1.0,
            [0.499521, 0.913569, 1.480604, 2.409093],
            [0.276438, 0.611733, 0.867005, 0.969393],
            [-5.434823e-3, -3.026626e-3, -4.195797e-3, -6.121308e-2],
            [-6.231331e-3, -3.823748e-3, -2.666324e-3, -1.918319e-3],
            id="Company B",
        ),
    ],
)
def test_company_sequences(first, target, c, h, dh, dc):
    trace = lstmviz.forward(COMPANY, [[first], [0.5], [0.25], [1.0]])
    dy = np.zeros((4, 1))
    dy[-1] = 2 * (trace.y[-1].item() - target)
    grads = lstmviz.backward(trace, dy)
    assert_allclose(trace["l0"].c.ravel(), c, atol=5e-7)
    assert_allclose(trace["l0"].h.ravel(), h, atol=5e-7)
    assert_allclose(grads["l0"].h.ravel(), dh, rtol=5e-7)
    assert_allclose(grads["l0"].c.ravel(), dc, rtol=5e-7)


def test_two_inputs_two_steps():
    trace = lstmviz.forward(GOMEZ, [[1.0, 2.0], [0.5, 3.0]])
    error = trace.y.ravel() - [0.5, 1.25]
    params = lstmviz.backward(trace, error.reshape(2, 1)).params
    assert_allclose(trace["l0"].c.ravel(), [0.785726, 1.517633], atol=5e-7)
    assert_allclose(trace.y.ravel(), [0.536313, 0.771981], atol=5e-7)
    assert_allclose((error**2).sum() / 2, 0.114910, atol=5e-7)
    expected = {
        "i": [-0.00220, -0.00664, -0.00060, -0.00276],
        "f": [-0.00315, -0.01892, -0.00338, -0.00631],
        "g": [-0.02672, -0.09220, -0.01040, -0.03641],
        "o": [-0.02592, -0.16260, -0.02970, -0.05361],
    }
    for row, values in enumerate(expected.values()):
        bias = params["bias_ih_l0"][row]
        got = [*params["weight_ih_l0"][row], *params["weight_hh_l0"][row], bias]
        assert_allclose(got, values, atol=6e-6)
        assert params["bias_hh_l0"][row] == bias


@pytest.mark.parametrize(
    ("forget_bias", "expected"), [(0, 8.882e-16), (1, 1.576e-7), (2, 1.753e-3), (3, 8.809e-2), (5, 0.7148)]
)
def test_cell_state_decays_by_the_forget_gate_alone(forget_bias, expected):
    """With W = U = 0 and i = 0, dc[T]/dc[0] is sigmoid(b_f)**T, seen through h[T] = o tanh(c[T]) at c = 0."""
    network = lstm_of({"f": (0, 0, forget_bias), "i": (0, 0, -800), "g": (0, 0, 0), "o": (0, 0, 800)})
    trace = lstmviz.forward(network, np.zeros((50, 1)))
    dy = np.zeros((50, 1))
    dy[-1] = 1
    dc0 = lstmviz.backward(trace, dy).c0.item()
    assert_allclose(dc0, expected, rtol=5e-4)
    assert_allclose(dc0, (1 / (1 + np.exp(-float(forget_bias)))) ** 50, rtol=1e-13)


@pytest.mark.parametrize("nonlinearity", ["tanh", "identity"])
def test_rnn_at_zero_multiplies_by_the_recurrent_weight(nonlinearity):
    """At x = b = h = 0, dh[T]/dh[0] is U^T, the matrix power."""
    network = lstmviz.Network.create("rnn", 1, 3, nonlinearity=nonlinearity, seed=3)
    state = network.state_dict()
    network = network.with_parameters({name: np.zeros(3) for name in state if "bias" in name})
    trace = lstmviz.forward(network, np.zeros((7, 1)))
    for unit in range(3):
        dy = np.zeros((7, 3))
        dy[-1, unit] = 1
        row = np.linalg.matrix_power(state["weight_hh_l0"], 7)[unit]
        assert_allclose(lstmviz.backward(trace, dy).h0.ravel(), row, rtol=1e-12)


@pytest.mark.parametrize("weight", [0.5, 1.0, 1.5])
def test_linear_feedback_loop_is_a_power(weight):
    network = lstmviz.Network.from_state_dict(
        {"weight_ih_l0": np.ones((1, 1)), "weight_hh_l0": np.full((1, 1), weight)}, nonlinearity="identity"
    )
    trace = lstmviz.forward(network, np.eye(60, 1))
    grads = lstmviz.backward(trace, np.eye(60, 1)[::-1])
    powers = weight ** np.arange(60.0)
    assert_allclose(trace.y.ravel(), powers, rtol=1e-13)
    assert_allclose(grads["l0"].h.ravel(), powers[::-1], rtol=1e-13)
