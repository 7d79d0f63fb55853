"""Networks as values: PyTorch's names, what is refused, and what ``create`` promises."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lstmviz import LstmvizError, Network
from lstmviz.core.networks.parameters import Cell


def weights(rows=8, hidden=2, inputs=3, suffix="l0", bias=True):
    """A state dict of one direction."""
    arrays = {f"weight_ih_{suffix}": np.ones((rows, inputs)), f"weight_hh_{suffix}": np.ones((rows, hidden))}
    if bias:
        arrays |= {f"bias_ih_{suffix}": np.ones(rows), f"bias_hh_{suffix}": np.ones(rows)}
    return arrays


def test_rows_tell_the_cell():
    assert Network.from_state_dict(weights(rows=8)).cell is Cell.LSTM
    assert Network.from_state_dict(weights(rows=2)).cell is Cell.RNN


def test_names_are_those_of_pytorch():
    net = Network.create("lstm", 3, 4, num_layers=2, bidirectional=True, output_size=2)
    shapes = {name: array.shape for name, array in net.state_dict().items()}
    assert len(shapes) == 18
    assert shapes["weight_ih_l0"] == shapes["weight_ih_l0_reverse"] == (16, 3)
    assert shapes["weight_ih_l1"] == (16, 8)
    assert shapes["weight_hh_l1_reverse"] == (16, 4)
    assert shapes["bias_hh_l1"] == (16,)
    assert shapes["head.weight"] == (2, 8)
    assert net.num_parameters == sum(np.prod(shape) for shape in shapes.values())


def test_dtype():
    single = {name: array.astype(np.float32) for name, array in weights().items()}
    assert Network.from_state_dict(single).dtype == np.float32
    assert Network.from_state_dict(single, dtype=np.float64).dtype == np.float64
    assert Network.from_state_dict({name: array.astype(int) for name, array in weights().items()}).dtype == np.float64


def test_forget_bias_and_recurrent_scale():
    plain = Network.create("lstm", 3, 4, seed=3, forget_bias=None)
    changed = Network.create("lstm", 3, 4, seed=3, forget_bias=2.0, recurrent_scale=0.5)
    ours, theirs = changed.layers[0].directions[0], plain.layers[0].directions[0]
    assert ours.bias[4:8].tolist() == [2.0] * 4
    assert np.array_equal(np.delete(ours.bias, range(4, 8)), np.delete(theirs.bias, range(4, 8)))
    assert np.array_equal(ours.weight_hh, 0.5 * theirs.weight_hh)


def test_same_seed_same_weights():
    assert Network.create("rnn", 3, 4, seed=3) == Network.create("rnn", 3, 4, seed=3)
    assert Network.create("rnn", 3, 4, seed=3) != Network.create("rnn", 3, 4, seed=4)


def test_orthogonal_recurrent_weights():
    weight = Network.create("lstm", 3, 4, initialisation="orthogonal").layers[0].directions[0].weight_hh
    for block in weight.reshape(4, 4, 4):
        assert_allclose(block.T @ block, np.eye(4), atol=1e-12)


def test_weights_cannot_be_changed_behind_its_back():
    arrays = weights()
    net = Network.from_state_dict(arrays)
    arrays["weight_ih_l0"][:] = 7
    assert (net.state_dict()["weight_ih_l0"] == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        net.state_dict()["weight_ih_l0"][0, 0] = 2


def test_without_biases():
    net = Network.from_state_dict(weights(bias=False))
    assert list(net.state_dict()) == ["weight_ih_l0", "weight_hh_l0"]
    assert net.layers[0].directions[0].bias.tolist() == [0] * 8


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "an empty state dict"),
        (weights(suffix="l1"), "not numbered from 0"),
        (weights() | {"decoder.weight": np.ones((1, 2))}, r"not the name of a recurrent weight \(decoder.weight\)"),
        ({"weight_ih_l0": np.ones((8, 3))}, r"A weight is missing \(weight_hh_l0\)"),
        (weights(rows=6), "6 rows: this is a GRU"),
        (weights(rows=10), "An LSTM has 4H = 8 rows, a vanilla RNN H = 2"),
        (weights() | {"bias_hh_l0": np.ones(7)}, r"The shape \[7\] does not fit \(bias_hh_l0\). It must be \[8\]"),
        (weights() | weights(suffix="l1"), r"To fit the layer below it needs \[8, 2\] and \[8, 2\]"),
        (weights() | weights(suffix="l1", inputs=2, rows=2), "To fit the layer below"),
        (weights() | {"head.weight": np.ones((1, 5))}, "The head reads 5 values, the top layer gives 2"),
    ],
)
def test_what_does_not_fit_is_named(arrays, message):
    with pytest.raises(LstmvizError, match=message):
        Network.from_state_dict(arrays)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"hidden_size": 0}, "The hidden size is 0. It must be 1 or more"),
        ({"hidden_size": 100_000}, r"would take 298 GiB \(hidden size\)"),
        ({"input_size": 0}, "The input size is 0"),
        ({"num_layers": 0}, "The number of layers is 0"),
    ],
)
def test_impossible_sizes_are_refused(sizes, message):
    with pytest.raises(LstmvizError, match=message):
        Network.create(**{"cell": "lstm", "input_size": 1, "hidden_size": 2} | sizes)


def test_replacing_weights():
    net = Network.create("rnn", 2, 3, nonlinearity="relu")
    changed = net.with_parameters({"weight_hh_l0": np.eye(3)})
    assert np.array_equal(changed.state_dict()["weight_hh_l0"], np.eye(3))
    assert changed.layers[0].nonlinearity is net.layers[0].nonlinearity
    with pytest.raises(LstmvizError, match="There is no weight called weight_hh_l9"):
        net.with_parameters({"weight_hh_l9": np.eye(3)})
    with pytest.raises(LstmvizError, match=r"The shape \[2, 2\] does not fit \(weight_hh_l0\). It must be \[3, 3\]"):
        net.with_parameters({"weight_hh_l0": np.eye(2)})
