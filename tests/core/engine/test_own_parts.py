"""Peepholes, coupled gates, projections and layers of different sizes: forward and backward."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.comparison.diff import diff
from lstmviz.core.engine.backward_step import backward_step
from lstmviz.core.engine.bug_museum import Bug, buggy_backward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.intervention import intervene
from lstmviz.core.experiments.what_if import (
    Silence,
)
from lstmviz.core.gradients.clipping import with_orthogonal_recurrence
from lstmviz.core.gradients.gradient_check import gradient_check
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Coupling
from lstmviz.core.run import analyse
from tests.own_parts import FEATURES, NETWORKS, each_network, experiment, network, started


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@each_network
def test_every_step_follows_the_equations(name):
    trace, _ = started(NETWORKS[name])
    for number, layer in enumerate(trace.network.layers):
        for suffix in ("", "_reverse")[: len(layer.directions)]:
            traced, p = trace[f"l{number}{suffix}"], layer.directions[bool(suffix)]
            p_i, p_f, p_o = np.zeros((3, layer.hidden_size)) if p.peepholes is None else p.peepholes
            z = traced.x @ p.weight_ih.T + traced.h_before @ p.weight_hh.T + p.bias
            z_i, z_f, z_g, z_o = np.split(z, 4, axis=-1)
            i, f = sigmoid(z_i + p_i * traced.c_before), sigmoid(z_f + p_f * traced.c_before)
            i = 1 - f if layer.coupled is Coupling.INPUT else i
            f = 1 - i if layer.coupled is Coupling.FORGET else f
            c = f * traced.c_before + i * np.tanh(z_g)
            m = sigmoid(z_o + p_o * c) * np.tanh(c)
            h = m if p.weight_hr is None else m @ p.weight_hr.T
            for node, wanted in {"i": i, "f": f, "c": c, "m": m, "h": h}.items():
                assert_allclose(getattr(traced, node), wanted, rtol=1e-13, atol=1e-15, err_msg=node)


@each_network
def test_every_gradient_agrees_with_differences(name):
    trace, dy = started(NETWORKS[name])
    check = gradient_check(trace, dy, most=2)
    assert check.passed, check.in_words()
    blocks = {block.name for block in check.blocks}
    for weight in trace.network.state_dict():
        assert any(block.startswith(weight) for block in blocks), weight
    projected = [key for key, _, p in trace.network.directions() if p.weight_hr is not None]
    assert all(f"{key} m" in blocks for key in projected)


@each_network
def test_the_gradients_of_the_initial_states_agree_with_differences(name):
    net = NETWORKS[name]
    trace, dy = started(net, batch=1)
    grads = lstmviz.backward(trace, dy)
    x = trace.x
    for which, found in (("h0", grads.h0), ("c0", grads.c0)):
        states = {key: np.zeros_like(getattr(grads, key)) for key in ("h0", "c0")}
        base = lstmviz.forward(net, x, **states)
        found = getattr(lstmviz.backward(base, dy), which)
        for index in np.ndindex(found.shape):
            moved = [dict(states, **{which: states[which].copy()}) for _ in range(2)]
            moved[0][which][index], moved[1][which][index] = 1e-6, -1e-6
            after, before = (lstmviz.forward(net, x, **each).y for each in moved)
            assert_allclose(found[index], ((after - before) * dy).sum() / 2e-6, rtol=1e-6, atol=1e-8)


@each_network
def test_the_backward_pass_of_the_museum_is_the_same(name):
    trace, dy = started(NETWORKS[name])
    right, again = lstmviz.backward(trace, dy), buggy_backward(trace, dy, None)
    assert list(right.params) == list(again.params) == list(trace.network.state_dict())
    for key, gradient in right.params.items():
        assert_allclose(again.params[key], gradient, rtol=1e-11, atol=1e-13, err_msg=key)
    for layer, grads in right.layers.items():
        for node in (*grads.nodes, "x", "h0", "c0"):
            assert_allclose(getattr(again[layer], node), getattr(grads, node), rtol=1e-10, atol=1e-13, err_msg=node)


@each_network
def test_weights_survive_the_state_dict(name):
    net = NETWORKS[name]
    again = Network.from_state_dict(net.state_dict(), coupled=net.layers[0].coupled)
    assert again == net
    assert net.with_parameters({}) == net
    assert net.astype(np.float32).astype(np.float64).layers[0].coupled == net.layers[0].coupled
    assert net.adjusted(1.0, 2.0).state_dict().keys() == net.state_dict().keys()
    assert not net.plain or name.startswith("sizes")


def test_float32_stays_float32():
    for net in NETWORKS.values():
        trace = lstmviz.forward(net.astype(np.float32), np.ones((4, FEATURES)))
        grads = lstmviz.backward(trace, np.ones(trace.y.shape))
        assert trace.y.dtype == np.float32
        assert {array.dtype for array in grads.params.values()} == {np.dtype(np.float32)}


def test_a_forget_gate_that_is_one_minus_a_nearly_closed_input_gate_keeps_its_digits():
    weights = dict(network((1, 0)).state_dict()) | {"weight_ih_l0": np.zeros((4, FEATURES))}
    weights |= {"weight_hh_l0": np.zeros((4, 1)), "bias_ih_l0": np.array([40.0, 0, 0, 0]), "bias_hh_l0": np.zeros(4)}
    net = Network.from_state_dict(weights, coupled=Coupling.FORGET)
    trace = lstmviz.forward(net, np.zeros((2, FEATURES)))
    assert_allclose(trace["l0"].f, 4.248354255291589e-18, rtol=1e-12)


@each_network
def test_a_step_of_the_backward_pass_adds_up(name):
    trace, dy = started(NETWORKS[name], batch=1)
    grads = lstmviz.backward(trace, dy)
    for layer in trace.layers:
        step = backward_step(trace, grads, dy, 3, layer)
        assert_allclose(step.dh, step.dh_above + step.dh_after, rtol=1e-12, atol=1e-13)
        assert_allclose(step.dc, step.dc_from_h + step.dc_after, rtol=1e-12, atol=1e-13)
        assert step.dm.shape == step.do.shape


def test_networks_that_are_projected_differently_are_not_compared():
    one, other = (analyse(experiment(name)) for name in ("projection", "peepholes"))
    with pytest.raises(LstmvizError, match="5 units projected to 2 a layer and the other 4 units"):
        diff(one, other)


@pytest.mark.parametrize("bug", Bug)
def test_every_mistake_can_be_made(bug):
    for name in NETWORKS:
        run = analyse(replace(experiment(name), bug=bug))
        assert run.gradients.params.keys() == run.network.state_dict().keys()


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"weight_hr_l0": np.ones((3, 5))}, r"\[3, 5\] does not fit"),
        ({"peepholes_l0": np.ones((2, 5))}, r"\[2, 5\] does not fit"),
        ({"weight_hh_l0": np.ones((20, 5))}, r"\[2, 5\] does not fit"),
        ({"weight_hr_l0": np.ones((2, 6))}, "20 rows do not fit H = 6"),
        ({"weight_hr_l0": np.ones((2, 20))}, "no projection"),
    ],
)
def test_shapes_that_misfit_are_named(changes, what):
    weights = NETWORKS["projection"].state_dict()
    with pytest.raises(LstmvizError, match=what):
        Network.from_state_dict(weights | changes)


def test_a_vanilla_rnn_has_no_gates_to_couple():
    weights = {"weight_ih_l0": np.ones((2, 1)), "weight_hh_l0": np.ones((2, 2))}
    with pytest.raises(LstmvizError, match="couple"):
        Network.from_state_dict(weights, coupled=Coupling.INPUT)


def test_an_orthogonal_recurrence_needs_a_square_one():
    with pytest.raises(LstmvizError, match="5 × 2"):
        with_orthogonal_recurrence(NETWORKS["projection"], 1.0)
    assert with_orthogonal_recurrence(NETWORKS["sizes"], 1.0).layers[1].hidden_size == 3


def test_words_say_what_a_network_has_of_its_own():
    assert NETWORKS["everything"].own_parts_in_words() == (
        "5 → 4 → 2 units",
        "h projected to 3, 4",
        "peepholes",
        "coupled gates f = 1 − i",
    )
    assert lstmviz.Network.create("lstm", 2, 3).own_parts_in_words() == ()


def test_a_trace_of_its_own_parts_alone_is_not_altered():
    net = NETWORKS["everything"]
    x = np.ones((3, 1, FEATURES))
    assert not lstmviz.forward(net, x).altered
    assert intervene(net, x, (Silence("l1", 0),)).altered
    assert lstmviz.forward(net, x).alterations
