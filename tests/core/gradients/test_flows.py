"""What flows between steps adds up to the gradients of the nodes, in every layer, direction and sequence."""

from __future__ import annotations

import numpy as np
import pytest

import lstmviz
from lstmviz.core.engine.backward_step import gradient_from_above
from lstmviz.core.errors import LstmvizError
from lstmviz.core.gradients.flows import entering_gradient, gradient_flows
from lstmviz.core.run import analyse
from tests.experiments import company_b, linear_loop


def passes(cell, length=9, scale=1.0, batch=2):
    """A random network of two layers and both directions, forwards and backwards, and its dL/dy."""
    network = lstmviz.Network.create(
        cell, 3, 4, num_layers=2, bidirectional=True, output_size=2, seed=1, recurrent_scale=scale
    )
    random = np.random.default_rng(1)
    trace = lstmviz.forward(network, random.standard_normal((length, batch, 3)))
    dy = random.standard_normal(trace.y.shape)
    return trace, lstmviz.backward(trace, dy), dy


def log10_lengths(vectors):
    with np.errstate(divide="ignore"):
        return np.log10(np.linalg.norm(vectors, axis=-1))


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
@pytest.mark.parametrize("layer", ["l0", "l0_reverse", "l1", "l1_reverse"])
@pytest.mark.parametrize("sequence", [0, 1])
def test_every_node_receives_what_enters_and_what_flows(cell, layer, sequence):
    trace, gradients, dy = passes(cell)
    above = gradient_from_above(trace, gradients, dy, layer)[:, sequence]
    flows = gradient_flows(trace, gradients, layer, sequence=sequence)
    traced, grads = trace[layer], gradients[layer]
    receivers = slice(1, None) if flows.reverse else slice(None, -1)
    h_path = (grads.h[:, sequence] - above)[receivers]
    assert 10**flows.hidden == pytest.approx(np.linalg.norm(h_path, axis=-1), rel=1e-12, abs=1e-12)
    if cell == "rnn":
        assert flows.cell is None
        return
    from_h = grads.h * traced.o * (1 - np.tanh(traced.c) ** 2)
    cell_path = (grads.c - from_h)[receivers, sequence]
    assert 10**flows.cell == pytest.approx(np.linalg.norm(cell_path, axis=-1), rel=1e-12, abs=1e-12)


def test_the_gradient_of_the_worked_example_flows_through_h_alone_into_h():
    run = analyse(company_b())
    flows = gradient_flows(run.trace, run.gradients)
    assert 10**flows.hidden == pytest.approx([5.434823e-3, 3.026626e-3, 4.195797e-3], rel=1e-6)
    f, dc = run.trace["l0"].f[1:, 0, 0], run.gradients["l0"].c[1:, 0, 0]
    assert 10**flows.cell == pytest.approx(np.abs(f * dc), rel=1e-12)


def test_extremes_are_kept_apart():
    run = analyse(linear_loop(1e200, 5))
    assert gradient_flows(run.trace, run.gradients).hidden.tolist() == [np.inf, np.inf, np.inf, 200.0]
    still = analyse(linear_loop(0.0, 5))
    assert gradient_flows(still.trace, still.gradients).hidden.tolist() == [-np.inf] * 4


def test_what_enters_is_the_loss_or_the_layer_above():
    trace, gradients, dy = passes("lstm", batch=1)
    head = trace.network.head.weight
    assert entering_gradient(trace, gradients, dy, "l1") == pytest.approx(log10_lengths((dy @ head)[:, 0, :4]))
    below = gradients["l1"].x + gradients["l1_reverse"].x
    assert entering_gradient(trace, gradients, dy, "l0_reverse") == pytest.approx(log10_lengths(below[:, 0, 4:]))


def test_one_step_has_no_flow():
    trace, gradients, _ = passes("lstm", length=1, batch=1)
    flows = gradient_flows(trace, gradients, "l0")
    assert flows.hidden.shape == flows.cell.shape == (0,)


def test_what_is_not_there_is_refused():
    trace, gradients, dy = passes("lstm")
    with pytest.raises(LstmvizError, match="no layer called 'l7'"):
        gradient_flows(trace, gradients, "l7", sequence=0)
    with pytest.raises(LstmvizError, match="2 sequences"):
        gradient_flows(trace, gradients)
    with pytest.raises(LstmvizError, match="2 sequences"):
        entering_gradient(trace, gradients, dy)


@pytest.mark.parametrize("power", [-300, -150, 0, 150, 300])
def test_length_neither_underflows_nor_overflows(power):
    trace, gradients, dy = passes("rnn", batch=1)
    scaled = lstmviz.backward(trace, dy * 10.0**power)
    for layer in ("l0", "l1_reverse"):
        flows, plain = gradient_flows(trace, scaled, layer), gradient_flows(trace, gradients, layer)
        assert flows.hidden == pytest.approx(plain.hidden + power, rel=1e-9)
