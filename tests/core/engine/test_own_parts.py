"""Peepholes, coupled gates, projections and layers of different sizes, forwards and backwards."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import lstmviz
from lstmviz.core.analysis.attribution import attribute_memory
from lstmviz.core.analysis.health import health_scan
from lstmviz.core.analysis.saturation import saturation
from lstmviz.core.analysis.step_table import step_columns
from lstmviz.core.comparison.diff import diff
from lstmviz.core.cursor import Cursor, Stage, clamped
from lstmviz.core.debugger.conditions import find
from lstmviz.core.engine.backward_step import BACKWARD_STAGES, backward_step
from lstmviz.core.engine.bug_museum import Bug, buggy_backward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.intervention import intervene
from lstmviz.core.experiments.what_if import (
    Clamp,
    MemoryBlocks,
    Peepholes,
    ScaleWeight,
    Silence,
    UseVariant,
    Variant,
    WhatIf,
)
from lstmviz.core.explanations.explain import explain_stage, explain_value
from lstmviz.core.explanations.narration import stage_sentence
from lstmviz.core.gradients.clipping import with_orthogonal_recurrence
from lstmviz.core.gradients.connectivity import connectivity, itemised_gradients
from lstmviz.core.gradients.flows import gradient_flows
from lstmviz.core.gradients.gradient_check import gradient_check
from lstmviz.core.gradients.jacobians import jacobian_norms, jacobian_singular_values
from lstmviz.core.gradients.path_split import path_split
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell, Coupling
from lstmviz.core.run import analyse
from lstmviz.core.value_reference import ValueReference, symbols_of, value_of
from tests.own_parts import FEATURES, NETWORKS, experiment, network

each_network = pytest.mark.parametrize("name", NETWORKS)


def started(net: Network, length: int = 6, batch: int = 2):
    """A trace from random inputs and initial states, and a random dL/dy."""
    random = np.random.default_rng(1)
    count = len(net.layers) * net.num_directions
    h0, c0 = (random.normal(size=(count, batch, size)) for size in (net.h_size, net.hidden_size))
    trace = lstmviz.forward(net, random.normal(size=(length, batch, FEATURES)), h0, c0)
    return trace, random.normal(size=trace.y.shape)


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
def test_explanations_add_up(name):
    run = analyse(replace(experiment(name, 4), baseline=None))
    trace = run.trace
    asked = 0
    for layer in (*trace.layers, "head"):
        for symbol in symbols_of(trace, layer):
            for ref in (ValueReference(each, 2, layer, unit) for each in (symbol, f"d{symbol}") for unit in range(2)):
                try:
                    value = value_of(run, ref)
                except LstmvizError:
                    continue
                found = explain_value(run, ref, most=10_000)
                total = math.fsum(term.value for term in found.terms)
                assert found.value == value
                if found.total_reference is None:
                    assert found.total == value
                assert total == pytest.approx(found.total, rel=1e-12, abs=1e-12), (ref, found.formula)
                asked += 1
    assert asked > 40


def test_a_projected_h_is_the_sum_over_what_every_unit_shows():
    run = analyse(experiment("projection"))
    found = explain_value(run, ValueReference("h", 3, "l0", 1), most=100)
    assert found.formula == "W_hr m[3]"
    assert {term.weight for term in found.terms} == {f"weight_hr_l0[1, {unit}]" for unit in range(5)}
    assert all(term.sources[0].symbol == "m" for term in found.terms)
    weights = run.network.state_dict()["weight_hr_l0"]
    assert sum(term.value for term in found.terms) == pytest.approx(weights[1] @ run.trace["l0"].m[2, 0], abs=1e-14)
    with pytest.raises(LstmvizError, match="no unit 2"):
        explain_value(run, ValueReference("h", 3, "l0", 2))


def test_coupled_gates_say_which_is_one_minus_which():
    for name, symbol, formula in (("i = 1 - f", "i", "1 − f[2]"), ("f = 1 - i", "f", "1 − i[2]")):
        run = analyse(experiment(name))
        assert explain_value(run, ValueReference(symbol, 2, "l0", 0)).formula == formula
        unused = explain_value(run, ValueReference(f"dz_{symbol}", 2, "l0", 0))
        assert unused.value == 0
        assert "coupled" in unused.terms[0].label


@each_network
def test_every_stage_of_every_unit_has_words(name):
    run = analyse(experiment(name, 3))
    for layer, traced in run.trace.layers.items():
        for unit in range(traced.parameters.hidden_size):
            for stage in (*Stage, *BACKWARD_STAGES[Cell.LSTM]):
                cursor = clamped(run, Cursor(2, layer, stage, unit))
                assert cursor.unit == unit
                assert stage_sentence(run, cursor)
                assert bool(explain_stage(run, cursor)) == (stage is not Stage.READ)
            assert step_columns(run, layer, unit)


@each_network
def test_a_step_of_the_backward_pass_adds_up(name):
    trace, dy = started(NETWORKS[name], batch=1)
    grads = lstmviz.backward(trace, dy)
    for layer in trace.layers:
        step = backward_step(trace, grads, dy, 3, layer)
        assert_allclose(step.dh, step.dh_above + step.dh_after, rtol=1e-12, atol=1e-13)
        assert_allclose(step.dc, step.dc_from_h + step.dc_after, rtol=1e-12, atol=1e-13)
        assert step.dm.shape == step.do.shape


@each_network
def test_maps_agree_with_the_backward_pass(name):
    trace, dy = started(NETWORKS[name], batch=1)
    grads = lstmviz.backward(trace, dy)
    assert connectivity(trace).shape == (6, 6)
    for layer in trace.layers:
        items = itemised_gradients(trace, dy, layer)
        assert_allclose(items.sum(1), grads[layer].h[:, 0], rtol=1e-9, atol=1e-12)
        parts = attribute_memory(trace, 3, 0, layer)
        assert abs(parts.residual) < 1e-13
        logs = parts.log10[np.abs(parts.values) > 0]
        assert_allclose(logs, np.log10(np.abs(parts.values[np.abs(parts.values) > 0])), rtol=1e-9, atol=1e-9)
        split = path_split(trace, layer=layer)
        assert_allclose(10**split.forget_product.log10, np.abs(split.forget_product.values), rtol=1e-9)
        assert saturation(trace, layer)


@pytest.mark.parametrize("name", ["peepholes", "projection", "wider projection"])
def test_jacobians_agree_with_differences(name):
    net = NETWORKS[name]
    trace, _ = started(net, batch=1)
    layer = trace["l0"]
    h, c = layer.h[2, 0], layer.c[2, 0]

    def last(h: np.ndarray, c: np.ndarray) -> dict[str, np.ndarray]:
        again = lstmviz.forward(net, trace.x[3:], h, c)["l0"]
        return {"h": again.h[-1, 0], "c": again.c[-1, 0]}

    for of in ("h", "c"):
        columns = [(last(h + 1e-6 * d, c)[of] - last(h - 1e-6 * d, c)[of]) / 2e-6 for d in np.eye(len(h))]
        assert_allclose(jacobian_norms(trace, of, "h")[2], np.linalg.norm(columns), rtol=1e-7)
        values, exact = (
            jacobian_singular_values(trace, 3, of, "h"),
            np.linalg.svd(np.stack(columns, 1), compute_uv=False),
        )
        rank = min(net.layers[0].hidden_size, net.h_size)
        assert_allclose(values[:rank], exact[:rank], rtol=1e-5)
        assert np.isnan(values[rank:]).all()
    held = [(last(h, c + 1e-6 * d)["c"] - last(h, c - 1e-6 * d)["c"]) / 2e-6 for d in np.eye(len(c))]
    assert_allclose(10 ** path_split(trace).held_h.log10_norm[3], np.linalg.norm(held), rtol=1e-7)


CHANGES = {
    "hold h": (Clamp("h", "l0", 1, 2, 3, 0.4),),
    "hold c": (Clamp("c", "l0", 0, 2, 4, 0.4),),
    "hold gates": (Clamp("i", "l0", 0, 2, 3, 0.9), Clamp("f", "l0", 1, 3, 5, 0.2), Clamp("o", "l0", None, 2, 2, 0.5)),
    "silence": (Silence("l0", 0),),
    "linear": (UseVariant(Variant.NO_OUTPUT_ACTIVATION), UseVariant(Variant.NO_INPUT_ACTIVATION)),
    "coupled": (UseVariant(Variant.COUPLED_GATES),),
    "peepholes": (Peepholes(0.3, -0.4, 0.5),),
}


@each_network
@pytest.mark.parametrize("change", CHANGES)
def test_what_ifs_are_laid_over_the_networks_own_parts(name, change):
    net = NETWORKS[name]
    x = np.random.default_rng(2).normal(size=(5, 1, FEATURES))
    trace = intervene(net, x, CHANGES[change])
    dy = np.random.default_rng(3).normal(size=trace.y.shape)
    check = gradient_check(trace, dy, most=1)
    assert check.passed, check.in_words()
    alteration = trace["l0"].alteration
    assert alteration is not None
    if change == "coupled":
        assert alteration.coupled is Coupling.INPUT
    else:
        assert alteration.coupled is net.layers[0].coupled
    if change == "peepholes":
        assert_array_equal(alteration.peepholes[1], -0.4)
    with_what_if = replace(experiment(name), what_ifs=tuple(WhatIf(each) for each in CHANGES[change]))
    run = analyse(with_what_if)
    assert run.before is not None
    assert_array_equal(run.before.trace.y, analyse(experiment(name)).trace.y)
    assert run.trace["l0"].h.shape == run.before.trace["l0"].h.shape


def test_a_unit_that_a_projection_does_not_show_cannot_be_held_or_silenced():
    net = NETWORKS["projection"]
    x = np.ones((4, FEATURES))
    for change in (Clamp("h", "l0", 2, 1, 2, 0.0), Silence("l0", 4)):
        with pytest.raises(LstmvizError, match="unit"):
            intervene(net, x, (change,))
    assert intervene(net, x, (Clamp("c", "l0", 4, 1, 2, 0.0),)).y.shape == (4, 1, 2)


def test_blocks_and_peepholes_of_its_own_do_not_go_together():
    with pytest.raises(LstmvizError, match="shared gates"):
        intervene(NETWORKS["peepholes"], np.ones((4, FEATURES)), (MemoryBlocks(2, None),))
    shared = intervene(NETWORKS["projection"], np.ones((4, FEATURES)), (MemoryBlocks(2, None),))
    assert_array_equal(shared["l0"].i[..., 0], shared["l0"].i[..., 1])
    with pytest.raises(LstmvizError, match="no rows of a gate"):
        intervene(NETWORKS["projection"], np.ones((4, FEATURES)), (ScaleWeight("weight_hr_l0", 2.0, "f"),))


@each_network
def test_the_debugger_knows_every_node(name):
    run = analyse(experiment(name))
    assert health_scan(run)
    same = diff(run, run)
    assert same.same
    for layer, traced in run.trace.layers.items():
        for node in traced.nodes:
            assert len(list(find(run, f"{layer}.{node}[0] < 1e9"))) == run.length
    projected = NETWORKS[name].layers[0].directions[0].weight_hr is not None
    if projected:
        assert len(list(find(run, "norm(dm) >= 0"))) == run.length


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


def test_the_gradient_of_peepholes_that_a_what_if_replaced_is_that_of_the_new_ones():
    net = NETWORKS["peepholes"]
    trace = intervene(net, np.ones((4, 1, FEATURES)), (Peepholes(0.3, -0.4, 0.5),))
    assert_array_equal(trace.network.state_dict()["peepholes_l0"][2], 0.5)
    assert gradient_check(trace, np.ones(trace.y.shape), most=3).passed


@each_network
def test_what_flows_between_the_steps_is_all_that_a_step_receives(name):
    trace, dy = started(NETWORKS[name], batch=1)
    grads = lstmviz.backward(trace, dy)
    for layer in trace.layers:
        flows = gradient_flows(trace, grads, layer)
        for t in range(2, 6):
            step = backward_step(trace, grads, dy, t, layer)
            entry = t - 2 if trace[layer].reverse else t - 1
            assert_allclose(10 ** flows.cell[entry], np.linalg.norm(step.dc_after), rtol=1e-11)
            assert_allclose(10 ** flows.hidden[entry], np.linalg.norm(step.dh_after), rtol=1e-11)
