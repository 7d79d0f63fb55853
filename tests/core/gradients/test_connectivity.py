"""Which inputs an output feels, and which losses a state answers for: against BPTT and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.gradients import connectivity as module
from lstmviz.core.gradients.connectivity import (
    connectivity,
    connectivity_steps,
    itemised_gradient_steps,
    itemised_gradients,
)
from lstmviz.core.gradients.step_map import Pause
from lstmviz.core.progress import drain

NETWORKS = {
    "lstm": {},
    "lstm stacked with head": {"num_layers": 3, "output_size": 2},
    "lstm bidirectional": {"bidirectional": True},
    "lstm stacked bidirectional with head": {"num_layers": 2, "bidirectional": True, "output_size": 2},
    "rnn tanh stacked": {"cell": "rnn", "num_layers": 2},
    "rnn relu bidirectional with head": {
        "cell": "rnn",
        "nonlinearity": "relu",
        "bidirectional": True,
        "output_size": 1,
    },
    "rnn identity stacked bidirectional": {
        "cell": "rnn",
        "nonlinearity": "identity",
        "num_layers": 2,
        "bidirectional": True,
    },
}
LENGTH = 6


def traced(kind="lstm", length=LENGTH, **changes):
    options = {"cell": "lstm", "input_size": 2, "hidden_size": 3, "seed": 8} | NETWORKS[kind] | changes
    x = np.random.default_rng(3).standard_normal((length, 2))
    return lstmviz.forward(lstmviz.Network.create(**options), x)


def input_jacobians(trace):
    """[tau, O, s, I], d y[tau] / d x[s] by BPTT, one output after the other."""
    width = trace.network.output_size
    result = np.zeros((trace.length, width, trace.length, trace.network.input_size))
    for tau, unit in np.ndindex(trace.length, width):
        dy = np.zeros((trace.length, width))
        dy[tau, unit] = 1
        result[tau, unit] = lstmviz.backward(trace, dy).x[:, 0]
    return result


def linear_stack(rho, length):
    """Two linear layers with W = 1 and U = rho: d y[tau] / d x[s] = (n + 1) rho^n, n = tau - s."""
    names = [f"{name}_l{layer}" for layer in range(2) for name in ("weight_ih", "weight_hh")]
    weights = dict(zip(names, (np.eye(1), np.full((1, 1), rho)) * 2, strict=True))
    return lstmviz.forward(lstmviz.Network.from_state_dict(weights, nonlinearity="identity"), np.ones((length, 1)))


@pytest.mark.parametrize("norm", ["spectral", "fro"])
@pytest.mark.parametrize("kind", NETWORKS)
def test_connectivity_is_what_bptt_gives(kind, norm):
    trace = traced(kind)
    expected = np.linalg.norm(input_jacobians(trace), 2 if norm == "spectral" else "fro", (1, 3)).T
    found = connectivity(trace, norm)
    assert_allclose(found, expected, rtol=1e-10, atol=1e-15)
    with np.errstate(divide="ignore"):
        assert_allclose(connectivity(trace, norm, log10=True), np.log10(found), rtol=1e-12, atol=1e-13)
    later = np.tril_indices(LENGTH, -1)
    assert found[later].any() if trace.network.bidirectional else not found[later].any()
    assert np.count_nonzero(found) > LENGTH


@pytest.mark.parametrize("kind", NETWORKS)
def test_itemised_gradients_add_up(kind):
    trace = traced(kind)
    dy = np.random.default_rng(9).standard_normal(trace.y.shape)
    grads = lstmviz.backward(trace, dy)
    for layer in trace.layers:
        found = itemised_gradients(trace, dy, layer)
        assert found.shape == (LENGTH, LENGTH, 3)
        assert_allclose(found.sum(1), grads[layer].h[:, 0], rtol=0, atol=1e-10 * np.abs(found).max())
        for tau in range(LENGTH):
            alone = np.where(np.arange(LENGTH)[:, None, None] == tau, dy, 0)
            assert_allclose(found[:, tau], lstmviz.backward(trace, alone)[layer].h[:, 0], rtol=1e-10, atol=1e-14)
        norms = drain(itemised_gradient_steps(trace, dy, layer)).norms
        assert_allclose(norms.value.T, np.linalg.norm(found, axis=2), rtol=1e-12)


@pytest.mark.parametrize("rho", [0.1, 10.0])
def test_long_ways_neither_vanish_nor_explode(rho):
    trace = linear_stack(rho, 500)
    found = connectivity(trace, log10=True)
    back = np.arange(500) - np.arange(500)[:, None]
    expected = np.where(back >= 0, np.log10(np.maximum(back + 1, 1)) + back * np.log10(rho), -np.inf)
    assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    norms = drain(itemised_gradient_steps(trace, np.full(trace.y.shape, 3.0), "l0")).norms.log10
    assert_allclose(norms.T, expected + np.log10(3), rtol=1e-12, atol=1e-12)


def test_loss_that_looks_away_has_no_gradient():
    trace = traced()
    dy = np.zeros(trace.y.shape)
    dy[3] = 1
    found = itemised_gradients(trace, dy)
    assert found[:4, 3].all()
    assert np.count_nonzero(found) == found[:4, 3].size


def test_results_do_not_depend_on_the_pieces(monkeypatch):
    trace = traced("lstm stacked bidirectional with head")
    dy = np.ones(trace.y.shape)
    whole, itemised = connectivity(trace), itemised_gradients(trace, dy, "l1_reverse")
    monkeypatch.setattr(module, "BYTES_OF_COLUMNS", 1)
    assert_allclose(connectivity(trace), whole, rtol=1e-12)
    assert_allclose(itemised_gradients(trace, dy, "l1_reverse"), itemised, rtol=1e-12)


def followed(steps):
    """(every progress, the result)."""
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as finished:
            return seen, finished.value


@pytest.mark.parametrize("kind", ["lstm", "lstm stacked bidirectional with head"])
def test_coarse_maps_come_first(kind, monkeypatch):
    monkeypatch.setattr(Pause, "due", lambda *_: True)
    trace = traced(kind, 40)
    dy = np.ones(trace.y.shape)
    for steps, whole in (
        (connectivity_steps(trace), connectivity(trace).T),
        (itemised_gradient_steps(trace, dy), np.linalg.norm(itemised_gradients(trace, dy), axis=2).T),
    ):
        seen, result = followed(steps)
        fractions = [each.fraction for each in seen]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1
        assert len(fractions) > 40
        assert seen[0].coarse is None
        assert seen[-1].coarse.ends.tolist() == list(range(4, 41, 4))
        for each in (seen[-1].coarse, result):
            assert_allclose(each.norms.value, whole[np.ix_(each.ends - 1, each.starts - 1)], rtol=1e-12)
        assert len(result.ends) == 40


def test_a_part_of_the_map_and_a_sequence_of_a_batch():
    x = np.random.default_rng(1).standard_normal((9, 2, 2))
    network = lstmviz.Network.create("lstm", 2, 3, seed=1)
    batch, alone = lstmviz.forward(network, x), lstmviz.forward(network, x[:, 1])
    whole = connectivity(alone)
    assert_allclose(connectivity(batch, sequence=1), whole, rtol=1e-12)
    part = drain(connectivity_steps(batch, steps=[2, 9, 5], sequence=1))
    assert part.ends.tolist() == [2, 5, 9]
    assert_allclose(part.norms.value.T, whole[np.ix_([1, 4, 8], [1, 4, 8])], rtol=1e-12)
    dy = np.ones(batch.y.shape)
    assert_allclose(itemised_gradients(batch, dy, sequence=1), itemised_gradients(alone, dy[:, 1]), rtol=1e-12)


def test_a_map_can_be_stopped(monkeypatch):
    monkeypatch.setattr(Pause, "due", lambda *_: True)
    for steps in (connectivity_steps(traced()), itemised_gradient_steps(traced(), np.ones((LENGTH, 3)))):
        settings = np.geterr()
        assert next(steps).fraction < 0.5
        assert np.geterr() == settings
        steps.close()
        assert list(steps) == []


def test_bad_arguments():
    trace, dy = traced(), np.ones((LENGTH, 3))
    for call, message in (
        (lambda: connectivity_steps(trace, "l1"), r"There is no norm called 'l1' \(norm\)"),
        (lambda: connectivity_steps(trace, steps=[0]), r"There is no step 0 \(steps\)"),
        (lambda: connectivity_steps(trace, sequence=4), r"There is no sequence 4"),
        (lambda: itemised_gradients(trace, dy, "l1"), r"There is no layer called 'l1' \(layer\)"),
        (lambda: itemised_gradient_steps(trace, dy, "l1"), r"There is no layer called 'l1' \(layer\)"),
        (lambda: itemised_gradients(trace, dy[1:]), r"The gradient of the output has the shape \[5, 3\] \(dy\)"),
    ):
        with pytest.raises(lstmviz.LstmvizError, match=message):
            call()


def test_gradients_too_many_for_the_memory_are_refused(monkeypatch):
    monkeypatch.setattr(module, "BYTES_LIMIT", 800)
    with pytest.raises(lstmviz.LstmvizError, match=r"6 x 6 gradients of 3 units would take 864 bytes\. Ask for"):
        itemised_gradients(traced(), np.ones((LENGTH, 3)))
