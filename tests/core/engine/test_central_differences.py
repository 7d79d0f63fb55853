"""Every gradient against central differences, on small networks of every kind."""

from __future__ import annotations

import numpy as np
import pytest

import lstmviz

LENGTH, BATCH, INPUTS, UNITS = 4, 2, 2, 3

NETWORKS = {
    "lstm": {},
    "lstm stacked": {"num_layers": 2},
    "lstm bidirectional": {"bidirectional": True},
    "lstm stacked bidirectional with head": {"num_layers": 2, "bidirectional": True, "output_size": 2},
    "rnn tanh": {"cell": "rnn"},
    "rnn relu": {"cell": "rnn", "nonlinearity": "relu", "num_layers": 2},
    "rnn identity bidirectional with head": {
        "cell": "rnn",
        "nonlinearity": "identity",
        "bidirectional": True,
        "output_size": 1,
    },
}


def differences(function, array):
    """d function / d array by central differences."""
    gradient = np.empty_like(array)
    step = 1e-5
    for index in np.ndindex(array.shape):
        values = []
        for sign in (1, -1):
            moved = array.copy()
            moved[index] += sign * step
            values.append(function(moved))
        gradient[index] = (values[0] - values[1]) / (2 * step)
    return gradient


def assert_close(gradient, expected, what):
    assert gradient.shape == expected.shape, what
    assert np.abs(gradient - expected).max() <= 1e-8 * max(1, np.abs(expected).max()), what
    assert np.abs(expected).max() > 1e-4, f"{what} says nothing"


@pytest.mark.parametrize("kind", NETWORKS)
def test_every_gradient(kind):
    options = {"cell": "lstm", "input_size": INPUTS, "hidden_size": UNITS, "seed": 5} | NETWORKS[kind]
    network = lstmviz.Network.create(**options)
    random = np.random.default_rng(7)
    directions = len(network.layers) * network.num_directions
    given = {
        "x": random.standard_normal((LENGTH, BATCH, INPUTS)),
        "h0": random.standard_normal((directions, BATCH, UNITS)),
    }
    if options["cell"] == "lstm":
        given["c0"] = random.standard_normal((directions, BATCH, UNITS))
    dy = random.standard_normal((LENGTH, BATCH, network.output_size))

    def loss(net, **arrays):
        return float((lstmviz.forward(net, **arrays).y * dy).sum())

    trace = lstmviz.forward(network, **given)
    if options.get("nonlinearity") == "relu":
        assert all(np.abs(layer.z).min() > 1e-3 for layer in trace.layers.values()), "too near a kink"
    grads = lstmviz.backward(trace, dy)
    for name in given:
        expected = differences(lambda array, name=name: loss(network, **given | {name: array}), given[name])
        assert_close(getattr(grads, name), expected, name)
    for name, weight in network.state_dict().items():
        expected = differences(lambda array, name=name: loss(network.with_parameters({name: array}), **given), weight)
        assert_close(grads.params[name], expected, name)


def test_gates_and_states_between_the_steps():
    """dL/dc and dL/dh of step t are what a change of the state handed to step t + 1 makes of the rest."""
    network = lstmviz.Network.create("lstm", INPUTS, UNITS, seed=1)
    random = np.random.default_rng(2)
    x, dy = random.standard_normal((6, INPUTS)), random.standard_normal((6, UNITS))
    trace = lstmviz.forward(network, x)
    grads = lstmviz.backward(trace, dy)["l0"]
    layer = trace["l0"]

    def rest(t, h, c):
        return float((lstmviz.forward(network, x[t + 1 :], h, c).y[:, 0] * dy[t + 1 :]).sum())

    for t in range(5):
        h, c = layer.h[t, 0], layer.c[t, 0]
        dh = differences(lambda moved, t=t, c=c: rest(t, moved, c), h) + dy[t]
        assert_close(grads.h[t, 0], dh, f"dh[{t + 1}]")
        through_h = dh * layer.o[t, 0] * (1 - layer.tanh_c[t, 0] ** 2)
        assert_close(
            grads.c[t, 0], differences(lambda moved, t=t, h=h: rest(t, h, moved), c) + through_h, f"dc[{t + 1}]"
        )
