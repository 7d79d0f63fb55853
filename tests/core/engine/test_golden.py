"""The engine agrees with PyTorch's autograd, values and gradients of every node."""

from __future__ import annotations

import numpy as np
import pytest

import lstmviz
from tests.golden_files import GOLDEN

FILES = sorted(GOLDEN.glob("*.npz"))


@pytest.fixture(params=FILES, ids=[file.stem for file in FILES])
def golden(request):
    with np.load(request.param) as file:
        return {key: file[key] for key in file}


def run(golden):
    """(network, trace, gradients) of a golden file."""
    weights = {key.removeprefix("param/"): golden[key] for key in golden if key.startswith("param/")}
    nonlinearity = "relu" if np.linalg.norm(golden["y"]) > 1e3 else "tanh"
    network = lstmviz.Network.from_state_dict(weights, nonlinearity=nonlinearity)
    trace = lstmviz.forward(network, golden["x"], golden["h0"], golden.get("c0"))
    return network, trace, lstmviz.backward(trace, golden["dy"])


def assert_agrees(ours, theirs, what):
    assert ours.shape == theirs.shape, what
    assert np.linalg.norm(ours - theirs) <= 1e-10 * np.linalg.norm(theirs), what


def test_there_are_seven_files():
    assert len(FILES) == 7


def test_every_value_agrees(golden):
    _, trace, _ = run(golden)
    assert_agrees(trace.y, golden["y"], "y")
    checked = 0
    for key in golden:
        layer, _, node = key.partition("/")
        if layer in trace.layers and not node.startswith("d"):
            assert_agrees(getattr(trace[layer], node), golden[key], key)
            checked += 1
    assert checked == len(trace.layers) * (6 if "c0" in golden else 1)


def test_every_gradient_agrees(golden):
    network, trace, grads = run(golden)
    for name in ("x", "h0", "c0"):
        if name in golden:
            assert_agrees(getattr(grads, name), golden[f"d{name}"], name)
    for name in network.state_dict():
        assert_agrees(grads.params[name], golden[f"grad/{name}"], name)
    checked = 0
    for key in golden:
        layer, _, node = key.partition("/")
        if layer in trace.layers and node.startswith("d"):
            assert_agrees(getattr(grads[layer], node.removeprefix("d")), golden[key], key)
            checked += 1
    assert checked == len(trace.layers) * (6 if "c0" in golden else 1)


def test_nothing_is_reported_as_not_finite(golden):
    _, trace, grads = run(golden)
    assert trace.first_nonfinite is None
    assert grads.first_nonfinite is None
