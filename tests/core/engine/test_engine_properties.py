"""What must hold for any network and input."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.networks.parameters import Layer

SIZES = st.integers(1, 4)


@st.composite
def networks(draw, bidirectional=None, **options):
    """A small random network of any kind."""
    return lstmviz.Network.create(
        options.get("cell") or draw(st.sampled_from(["lstm", "rnn"])),
        draw(SIZES),
        draw(SIZES),
        num_layers=draw(st.integers(1, 3)),
        bidirectional=draw(st.booleans()) if bidirectional is None else bidirectional,
        output_size=0 if options.get("headless") else draw(st.integers(0, 2)),
        nonlinearity=draw(st.sampled_from(["tanh", "relu", "identity"])),
        initialisation=draw(st.sampled_from(["uniform", "xavier", "orthogonal"])),
        seed=draw(st.integers(0, 99)),
    )


@st.composite
def runs(draw, **options):
    """(network, x [T, B, I], h0, c0)."""
    net = draw(networks(**options))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    batch = draw(st.integers(1, 3))
    state = (len(net.layers) * net.num_directions, batch, net.hidden_size)
    x = 2 * random.standard_normal((draw(st.integers(2, 7)), batch, net.input_size))
    return net, x, random.standard_normal(state), random.standard_normal(state) if net.cell.value == "lstm" else None


def last_states(trace, node):
    return np.stack([getattr(layer, node)[-1] for layer in trace.layers.values()])


@given(runs(cell="lstm"))
def test_gates_lie_strictly_between_their_bounds(run):
    for layer in lstmviz.forward(*run).layers.values():
        for gate in (layer.i, layer.f, layer.o):
            assert ((gate > 0) & (gate < 1)).all()
        assert (np.abs(layer.g) < 1).all()
        assert (np.abs(layer.h) < 1).all()
        assert_allclose(layer.c, layer.f * layer.c_before + layer.i * layer.g, rtol=1e-15, atol=1e-15)


@given(runs(bidirectional=False), st.data())
def test_a_run_can_be_split_anywhere(run, data):
    net, x, h0, c0 = run
    cut = data.draw(st.integers(1, len(x) - 1))
    whole = lstmviz.forward(net, x, h0, c0)
    first = lstmviz.forward(net, x[:cut], h0, c0)
    second = lstmviz.forward(net, x[cut:], last_states(first, "h"), None if c0 is None else last_states(first, "c"))
    assert_allclose(np.concatenate([first.y, second.y]), whole.y, rtol=1e-11, atol=1e-13)


@given(runs())
def test_a_batch_is_its_sequences_one_by_one(run):
    net, x, h0, c0 = run
    trace = lstmviz.forward(net, x, h0, c0)
    dy = np.cos(np.arange(trace.y.size, dtype=float)).reshape(trace.y.shape)
    grads = lstmviz.backward(trace, dy)
    sums = {name: np.zeros_like(array) for name, array in grads.params.items()}
    for b in range(x.shape[1]):
        one = slice(b, b + 1)
        single = lstmviz.forward(net, x[:, b], h0[:, one], None if c0 is None else c0[:, one])
        single_grads = lstmviz.backward(single, dy[:, b])
        assert_allclose(single.y, trace.y[:, one], rtol=1e-10, atol=1e-12)
        assert_allclose(single_grads.x, grads.x[:, one], rtol=1e-9, atol=1e-11)
        assert_allclose(single_grads.h0, grads.h0[:, one], rtol=1e-9, atol=1e-11)
        for name, array in single_grads.params.items():
            sums[name] += array
    for name, array in grads.params.items():
        assert_allclose(sums[name], array, rtol=1e-8, atol=1e-9)


def swapped(columns, hidden_size):
    """The two halves of the last axis, one for each direction, the other way round."""
    return np.concatenate([columns[..., hidden_size:], columns[..., :hidden_size]], -1)


@given(runs(bidirectional=True, headless=True))
def test_reversing_a_bidirectional_network_mirrors_it(run):
    """Directions exchanged and the sequence read from its end: the same numbers, mirrored in time."""
    net, x, _, _ = run
    H = net.hidden_size
    layers = []
    for number, layer in enumerate(net.layers):
        directions = layer.directions[::-1]
        if number:
            arrays = [dict(each.named()) for each in directions]
            for weights in arrays:
                weights["weight_ih"] = swapped(weights["weight_ih"], H)
            directions = tuple(type(layer.directions[0])(**weights) for weights in arrays)
        layers.append(Layer(layer.cell, tuple(directions), layer.nonlinearity))
    trace, mirrored = lstmviz.forward(net, x), lstmviz.forward(lstmviz.Network(tuple(layers)), x[::-1])
    assert_allclose(swapped(mirrored.y[::-1], H), trace.y, rtol=1e-10, atol=1e-12)
    dy = np.sin(np.arange(trace.y.size, dtype=float)).reshape(trace.y.shape)
    grads = lstmviz.backward(trace, dy)
    mirrored_grads = lstmviz.backward(mirrored, swapped(dy, H)[::-1])
    assert_allclose(mirrored_grads.x[::-1], grads.x, rtol=1e-9, atol=1e-11)


@given(networks())
def test_state_dict_round_trip(net):
    again = lstmviz.Network.from_state_dict(net.state_dict(), nonlinearity=net.layers[0].nonlinearity)
    assert again == net


@given(runs())
def test_going_again_gives_the_same_bits(run):
    first, second = lstmviz.forward(*run), lstmviz.forward(*run)
    dy = np.ones(first.y.shape)
    assert np.array_equal(first.y, second.y)
    assert np.array_equal(lstmviz.backward(first, dy).x, lstmviz.backward(second, dy).x)
