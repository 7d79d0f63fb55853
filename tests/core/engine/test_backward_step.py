"""One step of BPTT: every part adds up, in every kind of network, and comes from where it says."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.engine.backward_step import BACKWARD_STAGES, BackwardStage, LSTMBackwardStep, backward_step
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.parameters import Cell


def run(cell, length=6, seed=0, **options):
    """(trace, gradients, dy) of a random network, two sequences."""
    options = {"num_layers": 2, "bidirectional": True, "output_size": 2, "seed": seed} | options
    network = lstmviz.Network.create(cell, 2, 3, **options)
    random = np.random.default_rng(seed)
    trace = lstmviz.forward(network, random.standard_normal((length, 2, 2)))
    dy = random.standard_normal(trace.y.shape)
    return trace, lstmviz.backward(trace, dy), dy


def near(got, expected):
    assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


@given(st.sampled_from(["lstm", "rnn"]), st.integers(1, 6), st.integers(0, 99), st.booleans(), st.booleans())
def test_what_arrives_adds_up_and_is_what_the_neighbour_sent(cell, length, seed, bidirectional, head):
    trace, gradients, dy = run(cell, length, seed, bidirectional=bidirectional, output_size=2 * head)
    for name, layer in trace.layers.items():
        sent_h = sent_c = np.zeros(3)
        for t in range(1, length + 1) if layer.reverse else range(length, 0, -1):
            step = backward_step(trace, gradients, dy, t, name, sequence=1)
            near(step.dh, gradients[name].h[t - 1, 1])
            near(step.dh_after, sent_h)
            near(step.dh_above + step.dh_after, step.dh)
            sent_h = step.dh_before
            assert (step.after - t, step.before - t) == ((-1, 1) if layer.reverse else (1, -1))
            if isinstance(step, LSTMBackwardStep):
                near(step.dc_after, sent_c)
                near(step.dc_from_h + step.dc_after, step.dc)
                near(step.shares_after.sum(0), step.dh_after)
                near(step.shares.sum(0), step.dh_before)
                sent_c = step.dc_before
        near(sent_h, gradients[name].h0[1])
        if cell == "lstm":
            near(sent_c, gradients[name].c0[1])


@pytest.mark.parametrize("name", ["l0", "l0_reverse", "l1", "l1_reverse"])
def test_every_number_of_a_step_is_its_equation(name):
    trace, gradients, dy = run("lstm")
    layer = trace[name]
    U = dict(zip("ifgo", np.split(layer.parameters.weight_hh, 4), strict=True))
    for t in range(1, 7):
        at = (t - 1, 0)
        step = backward_step(trace, gradients, dy, t, name, sequence=0)
        i, f, g, o, c_before, tanh_c = (getattr(layer, n)[at] for n in ("i", "f", "g", "o", "c_before", "tanh_c"))
        near(step.do, step.dh * tanh_c)
        near(step.dz_o, step.do * o * (1 - o))
        near(step.dtanh_c, step.dh * o)
        near(step.dc_from_h, step.dtanh_c * (1 - tanh_c**2))
        near(step.df, step.dc * c_before)
        near(step.di, step.dc * g)
        near(step.dg, step.dc * i)
        near(step.dz_f, step.df * f * (1 - f))
        near(step.dz_i, step.di * i * (1 - i))
        near(step.dz_g, step.dg * (1 - g**2))
        near(step.dc_before, step.dc * f)
        for row, gate in enumerate("ifgo"):
            near(step.shares[row], U[gate].T @ getattr(step, f"dz_{gate}"))


def test_a_step_that_the_loss_does_not_see_gets_exactly_nothing_from_above():
    trace, _, dy = run("lstm", num_layers=1)
    dy = dy * (np.arange(6) == 5)[:, None, None]
    gradients = lstmviz.backward(trace, dy)
    steps = [backward_step(trace, gradients, dy, t, sequence=0) for t in range(1, 7)]
    assert not any(step.dh_above.any() for step in steps[:-1])
    assert all(step.dh.any() for step in steps)
    assert not steps[-1].shares_after.any()


def test_rnn_step_is_its_equation():
    trace, gradients, dy = run("rnn", nonlinearity="tanh")
    for name, layer in trace.layers.items():
        for t in range(1, 7):
            step = backward_step(trace, gradients, dy, t, name, sequence=1)
            near(step.dz, step.dh * (1 - layer.h[t - 1, 1] ** 2))
            near(step.dh_before, layer.parameters.weight_hh.T @ step.dz)


def test_stages_compute_every_number_once():
    computed = [name for stage in BackwardStage for name in stage.computes]
    numbers = [field.name for field in fields(LSTMBackwardStep) if field.name not in ("t", "after", "before")]
    assert sorted(computed) == sorted(numbers)
    assert BACKWARD_STAGES[Cell.LSTM][0] is BACKWARD_STAGES[Cell.RNN][0] is BackwardStage.ARRIVE


@pytest.mark.parametrize("change", [{"t": 7}, {"t": 0}, {"layer": "l2"}, {"sequence": 2}, {"dy": np.zeros((6, 1))}])
def test_what_is_not_there_is_refused(change):
    trace, gradients, dy = run("lstm")
    with pytest.raises(LstmvizError):
        backward_step(**{"trace": trace, "gradients": gradients, "dy": dy, "t": 1, "sequence": 0} | change)
