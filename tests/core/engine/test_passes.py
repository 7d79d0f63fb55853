"""The engine's surface: what it accepts, what it refuses, and what its results are like."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.engine import lstm, rnn
from lstmviz.core.engine.blas import single_threaded_blas
from lstmviz.core.engine.passes import backward_steps, forward_steps
from lstmviz.core.progress import chunks, drain, in_time_order

LSTM = lstmviz.Network.create("lstm", 2, 3, seed=1)
RNN = lstmviz.Network.create("rnn", 2, 3, seed=1)
X = np.random.default_rng(0).standard_normal((11, 2))


def arrays_of(*holders):
    """(name, array) of every array of traces and gradients, views included."""
    for holder in holders:
        for name in dir(holder):
            value = None if name.startswith("_") else getattr(holder, name)
            if isinstance(value, np.ndarray):
                yield f"{type(holder).__name__}.{name}", value


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_results_are_read_only_and_keep_the_dtype(cell, bidirectional, dtype):
    net = lstmviz.Network.create(
        cell, 2, 3, num_layers=2, output_size=2, bidirectional=bidirectional, dtype=dtype, seed=2
    )
    trace = lstmviz.forward(net, X)
    grads = lstmviz.backward(trace, np.ones((11, 2)))
    holders = (trace, grads, *trace.layers.values(), *grads.layers.values())
    named = [*arrays_of(*holders), *grads.params.items()]
    assert len(named) > 30
    for name, array in named:
        assert not array.flags.writeable, name
        assert array.dtype == dtype, name


def test_float32_agrees_with_float64():
    exact = lstmviz.forward(LSTM, X)
    rough = lstmviz.forward(LSTM.astype(np.float32), X)
    assert_allclose(rough.y, exact.y, rtol=1e-4, atol=1e-6)
    assert_allclose(lstmviz.backward(rough, rough.y).x, lstmviz.backward(exact, exact.y).x, rtol=1e-3, atol=1e-5)


def test_shapes_of_one_sequence():
    trace = lstmviz.forward(LSTM, X.tolist(), h0=[1, 0, 0], c0=[[0, 1, 0]])
    assert trace.x.shape == (11, 1, 2)
    assert trace.y.shape == trace["l0"].f.shape == (11, 1, 3)
    assert trace["l0"].h_before[0].tolist() == [[1, 0, 0]]
    assert trace["l0"].c_before[0].tolist() == [[0, 1, 0]]
    grads = lstmviz.backward(trace, np.ones((11, 3)))
    assert np.array_equal(grads.x, lstmviz.backward(trace, np.ones((11, 1, 3))).x)
    assert grads.h0.shape == grads.c0.shape == (1, 1, 3)


def test_the_caller_may_change_their_arrays_afterwards():
    x = X.copy()
    trace = lstmviz.forward(LSTM, x)
    x[:] = 7
    assert np.array_equal(trace.x[:, 0], X)


def test_a_vanilla_rnn_has_no_cell_state():
    trace = lstmviz.forward(RNN, X)
    assert lstmviz.backward(trace, trace.y).c0 is None
    with pytest.raises(lstmviz.LstmvizError, match="A vanilla RNN has no cell state"):
        lstmviz.forward(RNN, X, c0=np.zeros(3))


def test_unknown_layer_lists_the_names():
    with pytest.raises(KeyError, match="'l7'; there are l0"):
        lstmviz.forward(LSTM, X)["l7"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": [1.0, 2.0]}, r"The input has the shape \[2\] \(x\). It must be \[steps, 2\]"),
        ({"x": np.zeros((4, 3))}, r"The input has the shape \[4, 3\] \(x\)"),
        ({"x": np.zeros((0, 2))}, r"The input is empty \(x\)"),
        ({"x": np.zeros((3, 0, 2))}, r"The input is empty \(x\)"),
        ({"x": [[1, 2], [3]]}, r"The rows have different lengths \(x\)"),
        ({"x": [["a", "b"]]}, r"This is not an array of real numbers \(x\)"),
        ({"x": np.zeros((4, 2), complex)}, r"This is not an array of real numbers \(x\)"),
        (
            {"x": X, "h0": np.zeros(4)},
            r"The initial state has the shape \[4\] \(h0\). .*\[1, 1, 3\] or \[1, 3\] or \[3\]",
        ),
        ({"x": X, "c0": np.zeros((2, 3))}, r"The initial state has the shape \[2, 3\] \(c0\)"),
        ({"x": X, "c0": [None]}, r"This is not an array of real numbers \(c0\)"),
    ],
)
def test_bad_input_is_refused_at_once(arguments, message):
    with pytest.raises(lstmviz.LstmvizError, match=message):
        forward_steps(LSTM, **arguments)


@pytest.mark.parametrize("shape", [(11, 2), (10, 3), (11, 1, 3, 1), (3,)])
def test_bad_output_gradient_is_refused_at_once(shape):
    with pytest.raises(lstmviz.LstmvizError, match=r"\(dy\). It must be \[11, 1, 3\] or \[11, 3\]"):
        backward_steps(lstmviz.forward(LSTM, X), np.zeros(shape))


def test_a_batch_needs_its_axis_in_the_output_gradient():
    trace = lstmviz.forward(LSTM, np.zeros((3, 2, 2)))
    with pytest.raises(lstmviz.LstmvizError, match=r"It must be \[3, 2, 3\], like y"):
        lstmviz.backward(trace, np.zeros((6, 3)))


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("length", "size"), list(itertools.product([1, 4, 7], [1, 3, 7, 100])))
def test_chunks_cover_every_step_once(length, size, backwards):
    parts = list(chunks(length, size, backwards=backwards))
    steps = [step for part, _ in parts for step in range(length)[part]]
    assert steps == sorted(range(length), reverse=backwards)
    assert parts[-1][1] == 1
    for part, _ in parts:
        assert list(range(length)[in_time_order(part, length)]) == sorted(range(length)[part])


@pytest.fixture
def short_chunks(monkeypatch):
    for module in (lstm, rnn):
        monkeypatch.setattr(module, "chunk_size", lambda *_: 2)


@pytest.mark.parametrize("inputs", [2, 40])
@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_the_bits_do_not_depend_on_the_chunks(cell, inputs, request):
    net = lstmviz.Network.create(cell, inputs, 5, num_layers=2, bidirectional=True, seed=4)
    x = np.random.default_rng(0).standard_normal((11, inputs))
    trace = lstmviz.forward(net, x)
    grads = lstmviz.backward(trace, trace.y)
    request.getfixturevalue("short_chunks")
    pieces = lstmviz.forward(net, x)
    piece_grads = lstmviz.backward(pieces, trace.y)
    whole = [*arrays_of(trace, grads, *trace.layers.values(), *grads.layers.values()), *grads.params.items()]
    parts = [*arrays_of(pieces, piece_grads, *pieces.layers.values(), *piece_grads.layers.values())]
    for (name, array), (_, part) in zip(whole, [*parts, *piece_grads.params.items()], strict=True):
        assert np.array_equal(array, part), name


@pytest.mark.usefixtures("short_chunks")
def test_progress_rises_to_one():
    net = lstmviz.Network.create("lstm", 2, 3, num_layers=2, seed=4)
    steps = forward_steps(net, X)
    fractions = []
    while True:
        try:
            fractions.append(next(steps))
        except StopIteration as finished:
            trace = finished.value
            break
    assert len(fractions) == 12
    assert fractions == sorted(set(fractions))
    assert fractions[-1] == 1
    assert np.array_equal(trace.y, lstmviz.forward(net, X).y)
    assert list(backward_steps(trace, trace.y)) == fractions


@pytest.mark.parametrize("inputs", [2, 40])
@pytest.mark.usefixtures("short_chunks")
def test_runs_of_the_same_shape_do_not_disturb_each_other(inputs):
    """They work in the same arrays, one after the other: also if one is given up half way, or two take turns."""
    one, other = (lstmviz.Network.create("lstm", inputs, 5, seed=seed) for seed in (4, 5))
    x = np.random.default_rng(0).standard_normal((11, inputs))
    alone = [lstmviz.forward(net, x) for net in (one, other)]
    alone_grads = [lstmviz.backward(trace, trace.y) for trace in alone]
    given_up = forward_steps(other, 1e300 * x)
    next(given_up)
    given_up.close()
    for trace in (lstmviz.forward(one, x), _finished(*[forward_steps(net, x) for net in (one, other)])[0]):
        assert np.array_equal(trace["l0"].c, alone[0]["l0"].c)
    pieces = _finished(*[backward_steps(trace, trace.y) for trace in alone])
    for grads, expected in zip(pieces, alone_grads, strict=True):
        assert np.array_equal(grads["l0"].z, expected["l0"].z)


def _finished(*passes):
    """The results of passes that take turns, piece by piece."""
    results = {}
    while len(results) < len(passes):
        for number, steps in enumerate(passes):
            try:
                next(steps)
            except StopIteration as finished:
                results.setdefault(number, finished.value)
    return [results[number] for number in range(len(passes))]


@pytest.mark.usefixtures("short_chunks")
def test_nothing_leaks_from_a_suspended_run():
    settings = np.geterr()
    steps = forward_steps(LSTM, X)
    next(steps)
    assert np.geterr() == settings
    with single_threaded_blas():
        next(steps)
    steps.close()
    assert np.geterr() == settings
    assert list(steps) == []


def test_drain_gives_the_result():
    assert drain(forward_steps(LSTM, X)).y.shape == (11, 1, 3)
