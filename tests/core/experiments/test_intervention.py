"""Each change does what it says, and the gradients of what comes out are right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import lstmviz
from lstmviz.core.engine.backward_step import backward_step
from lstmviz.core.engine.bug_museum import Bug, buggy_backward
from lstmviz.core.engine.cell_derivatives import lstm_derivatives
from lstmviz.core.engine.trace import peephole_gradients
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.intervention import changed_network, intervene
from lstmviz.core.experiments.sequence_changes import changed_values
from lstmviz.core.experiments.what_if import (
    Clamp,
    DeleteStep,
    InsertStep,
    MemoryBlocks,
    Peepholes,
    ScaleWeight,
    SetInput,
    SetStep,
    SetWeight,
    Silence,
    SwapSteps,
    UseVariant,
    Variant,
)
from lstmviz.core.gradients.perturbation import forward_again, initial_states
from tests.core.experiments.altered_reference import INPUTS, LENGTH, PEEPHOLES, UNITS, Nudge, outputs, setting

ALONE = {
    "clamp i": Clamp("i", "l0", 1, 2, 3, 0.3),
    "clamp f": Clamp("f", "l0", 2, 3, 99, 1.0),
    "clamp g": Clamp("g", "l0", None, 2, 4, -0.5),
    "clamp o": Clamp("o", "l0", 0, 1, 5, 0.1),
    "set c": Clamp("c", "l0", 1, 3, 3, 2.0),
    "set h": Clamp("h", "l0", None, 2, 2, 0.5),
    "silence": Silence("l0", 1),
    "set input": SetInput(3, 1, 4.0),
    "set step": SetStep(3, (4.0, -2.0)),
    "swap": SwapSteps(2, 4),
    "insert": InsertStep(3, (1.0, -1.0)),
    "delete": DeleteStep(2),
    "set weight": SetWeight("weight_hh_l0", (4, 1), 1.5),
    "scale weight": ScaleWeight("weight_ih_l0", -2.0, "g"),
    "peepholes": PEEPHOLES,
    "blocks": MemoryBlocks(2),
} | {variant.name: UseVariant(variant) for variant in Variant}

NETWORKS = {
    "one layer": {},
    "stacked": {"num_layers": 2, "output_size": 2},
    "both directions": {"bidirectional": True, "num_layers": 2, "output_size": 1},
}


def check_everything(net, x, changes, h0, c0, seed=0, most=4):
    """Forward against the reference; entries of every gradient against central differences of it."""
    trace = intervene(net, x, changes, h0, c0)
    net, x = changed_network(net, changes), changed_values(x, changes)
    assert_allclose(trace.y, outputs(net, x, h0, c0, changes), rtol=1e-12, atol=1e-12)
    dy = np.random.default_rng(seed).standard_normal(trace.y.shape)
    grads = lstmviz.backward(trace, dy)
    given = {"x": x, "h0": h0} | ({} if c0 is None else {"c0": c0})

    def loss(net=net, nudge=None, **moved):
        arrays = {"c0": None} | given | moved
        return float((outputs(net, arrays["x"], arrays["h0"], arrays["c0"], changes, nudge) * dy).sum())

    tolerance = 1e-6 * max(1.0, abs(loss()), *(np.abs(array).max() for array in grads.params.values()))

    def check(gradient, at, what):
        assert abs(gradient - (at(1e-5) - at(-1e-5)) / 2e-5) <= tolerance, what

    def moved(array, index, by):
        array = array.copy()
        array[index] += by
        return array

    random = np.random.default_rng(seed)

    def some(array):
        """At most a few of all indices."""
        indices = list(np.ndindex(array.shape))
        return [indices[k] for k in random.permutation(len(indices))[:most]]

    for name, array in given.items():
        for index in some(array):
            at = lambda by, name=name, array=array, index=index: loss(**{name: moved(array, index, by)})  # noqa: E731
            check(getattr(grads, name)[index], at, (name, index))
    for name, array in net.state_dict().items():
        for index in some(array):
            at = lambda by, name=name, array=array, index=index: loss(  # noqa: E731
                net.with_parameters({name: moved(array, index, by)})
            )
            check(grads.params[name][index], at, (name, index))
    for name, layer in trace.layers.items():
        for node in layer.NODES:
            row, batch, unit = (int(random.integers(size)) for size in layer.h.shape)
            for t in {row, 1, len(x) - 2}:
                at = lambda by, where=(name, node, t, batch, unit): loss(nudge=Nudge(*where, by))  # noqa: E731
                check(getattr(grads[name], node)[t, batch, unit], at, (name, node, t))
    return trace, dy, grads


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("name", ALONE)
def test_every_change_alone(name, kind):
    net, x, h0, c0 = setting(**NETWORKS[kind])
    trace, dy, _ = check_everything(net, x, [ALONE[name]], h0, c0, most=99 if kind == "one layer" else 4)
    assert not np.array_equal(trace.y, lstmviz.forward(net, x, h0, c0).y)
    if kind != "both directions":
        assert lstmviz.gradient_check(trace, dy, most=3).passed


@pytest.mark.parametrize("change", [SetWeight("head.weight", (1, 2), 1.5), ScaleWeight("head.bias", -2.0)])
def test_weights_of_the_head_change_the_outputs_alone(change):
    net, x, h0, c0 = setting(**NETWORKS["stacked"])
    trace, _, _ = check_everything(net, x, [change], h0, c0)
    plain = lstmviz.forward(net, x, h0, c0)
    assert not np.array_equal(trace.y, plain.y)
    for name, layer in trace.layers.items():
        assert_array_equal(layer.h, plain[name].h)


def test_the_head_has_no_rows_of_a_gate_and_no_entries_beyond_its_shape():
    net, x, _, _ = setting(**NETWORKS["stacked"])
    with pytest.raises(LstmvizError, match="no rows of a gate 'f'"):
        intervene(net, x, [ScaleWeight("head.weight", 2.0, "f")])
    with pytest.raises(LstmvizError, match=r"no entry \[0, 3\].*\[2, 3\]"):
        intervene(net, x, [SetWeight("head.weight", (0, 3), 1.0)])


def test_a_peephole_of_one_gate_reaches_that_gate_alone():
    net, x, h0, c0 = setting()
    without = intervene(net, x, [Peepholes(0.0, 0.0, 0.0)], h0, c0)["l0"]
    for gate in "ifo":
        trace = intervene(net, x, [Peepholes(**dict.fromkeys("ifo", 0.0) | {gate: 0.7})], h0, c0)["l0"]
        for other in "ifgo":
            same = np.array_equal(getattr(trace, f"z_{other}")[0], getattr(without, f"z_{other}")[0])
            assert same == (other != gate), (gate, other)


@st.composite
def changed_settings(draw):
    """(network, x, h0, c0, changes) with changes of all kinds, many of one layer."""
    cell = draw(st.sampled_from(["lstm", "lstm", "lstm", "rnn"]))
    nonlinearity = draw(st.sampled_from(["tanh", "identity"]))
    options = NETWORKS[draw(st.sampled_from(sorted(NETWORKS)))]
    net, x, h0, c0 = setting(draw(st.integers(0, 99)), cell=cell, nonlinearity=nonlinearity, **options)
    layer = st.sampled_from([name for name, _, _ in net.directions()])
    unit, step, value = st.integers(0, UNITS - 1), st.integers(1, LENGTH), st.floats(-1, 1)
    symbols = st.sampled_from("ifgoch" if c0 is not None else "h")
    first_and_last = st.tuples(step, step).map(sorted)
    clamp = st.builds(
        lambda symbol, layer, unit, steps, value: Clamp(symbol, layer, unit, *steps, value),
        symbols,
        layer,
        st.none() | unit,
        first_and_last,
        value,
    )
    name = st.sampled_from(["weight_ih_l0", "weight_hh_l0"])
    kinds = [
        clamp,
        clamp,
        st.builds(Silence, layer, unit),
        st.builds(SetInput, step, st.integers(0, INPUTS - 1), value),
        st.builds(SetStep, step, st.tuples(value, value)),
        st.builds(SwapSteps, step, step),
        st.builds(InsertStep, st.integers(1, LENGTH + 1), st.tuples(value, value)),
        st.builds(SetWeight, name, st.tuples(unit, st.integers(0, INPUTS - 1)), value),
        st.builds(ScaleWeight, name, value, st.none()),
    ]
    if c0 is not None:
        some = st.none() | layer
        kinds += [st.builds(UseVariant, st.sampled_from(Variant), some)] * 2
        kinds.append(draw(st.sampled_from([st.builds(Peepholes, value, value, value, some), st.just(MemoryBlocks(2))])))
    return net, x, h0, c0, draw(st.lists(st.one_of(kinds), min_size=1, max_size=6))


@given(changed_settings())
@settings(max_examples=40, deadline=None)
def test_changes_together(setting):
    net, x, h0, c0, changes = setting
    trace, dy, grads = check_everything(net, x, changes, h0, c0)
    again = buggy_backward(trace, dy, None)
    for name, array in grads.params.items():
        assert_allclose(again.params[name], array, rtol=1e-10, atol=1e-12)
    for name, layer in trace.layers.items():
        for node in layer.NODES:
            assert_allclose(getattr(again[name], node), getattr(grads[name], node), rtol=1e-10, atol=1e-12)


def test_nothing_flows_through_a_held_node():
    net, x, h0, c0 = setting()
    for symbol, silent in {
        "f": ("z_f",),
        "i": ("z_i",),
        "g": ("z_g",),
        "o": ("z_o",),
        "c": ("i", "f", "g", "z_i", "z_f", "z_g"),
        "h": ("o", "tanh_c", "z_o"),
    }.items():
        trace = intervene(net, x, [Clamp(symbol, "l0", 1, 3, 4, 0.25)], h0, c0)
        grads = lstmviz.backward(trace, np.ones(trace.y.shape))["l0"]
        assert (getattr(trace["l0"], symbol)[2:4, :, 1] == 0.25).all()
        for node in silent:
            gradient = getattr(grads, node)
            assert (gradient[2:4, :, 1] == 0).all(), (symbol, node)
            assert (gradient[[0, 1, 4]] != 0).all()
            assert (gradient[2:4, :, [0, 2]] != 0).all()


def test_a_cell_state_is_what_is_kept_and_what_is_written():
    net, x, h0, c0 = setting(bidirectional=True)
    changes = [Clamp("c", "l0", 1, 2, 3, 7.0), UseVariant(Variant.COUPLED_GATES), Clamp("f", "l0_reverse", 0, 1, 2, 1)]
    trace = intervene(net, x, changes, h0, c0)
    for layer in trace.layers.values():
        assert_allclose(layer.kept * layer.c_before + layer.written, layer.c, rtol=1e-14, atol=1e-15)
    assert (trace["l0"].kept[1:3, :, 1] == 0).all()
    assert (trace["l0"].written[1:3, :, 1] == 7).all()
    plain = lstmviz.forward(net, x, h0, c0)["l0"]
    assert_array_equal(plain.kept, plain.f)
    assert_array_equal(plain.written, plain.i * plain.g)


def test_the_gates_of_a_block_are_one():
    net, x, h0, c0 = setting()
    layer = intervene(net, x, [MemoryBlocks(2)], h0, c0)["l0"]
    for gate in (layer.i, layer.f, layer.o):
        assert_array_equal(gate[..., 0], gate[..., 1])
        assert (gate[..., 0] != gate[..., 2]).all()
    assert (layer.g[..., 0] != layer.g[..., 1]).all()


def test_coupled_gates_keep_the_digits_of_a_nearly_closed_input_gate():
    net, x, _, _ = setting()
    wide_open = net.with_parameters({"bias_ih_l0": np.repeat([0.0, 60.0, 0.0, 0.0], UNITS)})
    layer = intervene(wide_open, x, [UseVariant(Variant.COUPLED_GATES)])["l0"]
    assert (layer.f == 1).all()
    assert_allclose(layer.i, np.exp(-layer.z_f), rtol=1e-12)


def test_a_clamp_wins_over_a_variant_and_a_later_clamp_over_an_earlier_one():
    net, x, h0, c0 = setting()
    changes = [Clamp("f", "l0", 1, 1, 5, 0.5), Clamp("f", "l0", 1, 2, 3, 0.25), UseVariant(Variant.NO_FORGET_GATE)]
    f = intervene(net, x, changes, h0, c0)["l0"].f
    assert_array_equal(f[:, 0, 1], [0.5, 0.25, 0.25, 0.5, 0.5])
    assert (f[..., [0, 2]] == 1).all()


def test_gradients_of_peepholes():
    net, x, h0, c0 = setting()
    weights = np.array([[0.7, -0.4, 0.2], [-0.6, 0.1, 0.3], [0.9, 0.5, -0.2]])

    def trace_with(p):
        return intervene(net, x, [Peepholes(*(tuple(map(float, row)) for row in p))], h0, c0)

    trace = trace_with(weights)
    found = peephole_gradients(trace["l0"], lstmviz.backward(trace, np.ones(trace.y.shape))["l0"])
    for index in np.ndindex(weights.shape):
        move = np.zeros_like(weights)
        move[index] = 1e-5
        difference = (trace_with(weights + move).y.sum() - trace_with(weights - move).y.sum()) / 2e-5
        assert found[index] == pytest.approx(difference, rel=1e-7, abs=1e-9)
    plain = lstmviz.forward(net, x)
    assert peephole_gradients(plain["l0"], lstmviz.backward(plain, np.ones(plain.y.shape))["l0"]) is None


@pytest.mark.parametrize("name", ["clamp f", "set c", "peepholes", "COUPLED_GATES", "NO_OUTPUT_ACTIVATION", "silence"])
def test_what_follows_from_the_derivatives_within_a_step_is_right_too(name):
    net, x, h0, c0 = setting()
    trace = intervene(net, x, [ALONE[name]], h0, c0)
    dy = np.random.default_rng(1).standard_normal(trace.y.shape)
    dy[:-1] = 0
    grads = lstmviz.backward(trace, dy)
    for t in range(1, LENGTH + 1):
        step = backward_step(trace, grads, dy, t, sequence=1)
        assert_allclose(step.dh_above + step.dh_after, step.dh, atol=1e-14)
        assert_allclose(step.dc_from_h + step.dc_after, step.dc, atol=1e-14)
    h_of_c = lstmviz.jacobian_norms(trace, "h", "c", sequence=1)
    squares = sum(lstmviz.backward(trace, _one(dy.shape, unit))["l0"].c[:, 1] ** 2 for unit in range(UNITS))
    assert_allclose(h_of_c, np.sqrt(squares.sum(1)), rtol=1e-10, atol=1e-14)
    norms = lstmviz.connectivity(trace, "fro", sequence=1)[:, -1]
    squares = sum(lstmviz.backward(trace, _one(dy.shape, unit)).x[:, 1] ** 2 for unit in range(UNITS))
    assert_allclose(norms, np.sqrt(squares.sum(1)), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("name", ["clamp f", "set c", "peepholes", "COUPLED_GATES"])
def test_the_cell_path_of_altered_layers(name):
    """With h = c, dc[T]/dc[t] is the gradient dL/dc[t] for L = h[T]."""
    net, x, h0, c0 = setting()
    same = [UseVariant(Variant.NO_OUTPUT_GATE), UseVariant(Variant.NO_OUTPUT_ACTIVATION)]
    trace = intervene(net, x, [ALONE[name], *same], h0, c0)
    split = lstmviz.path_split(trace, sequence=1)
    for unit in range(UNITS):
        dc = lstmviz.backward(trace, _one(trace.y.shape, unit))["l0"].c[:, 1, unit]
        assert_allclose(split.total.values[1:, unit], dc, rtol=1e-12, atol=1e-15)
    product = np.append(np.cumprod(trace["l0"].kept[::-1, 1], axis=0)[::-1], np.ones((1, UNITS)), axis=0)
    assert_allclose(split.forget_product.values, product, rtol=1e-14)
    with np.errstate(divide="ignore"):
        assert_allclose(split.forget_product.log10, np.log10(product), atol=1e-12)


def _one(shape, unit):
    dy = np.zeros(shape)
    dy[-1, 1, unit] = 1
    return dy


def test_the_bugs_of_the_museum_are_found_in_altered_networks_too():
    net, x, h0, c0 = setting(length=6)
    trace = intervene(net, x, [Clamp("f", "l0", 0, 2, 4, 0.9), PEEPHOLES], h0, c0)
    dy = np.random.default_rng(0).standard_normal(trace.y.shape)
    for bug in Bug:
        check = lstmviz.gradient_check(trace, dy, backward=lambda trace, dy, bug=bug: buggy_backward(trace, dy, bug))
        assert not check.passed, bug


def test_running_again_keeps_the_alterations():
    net, x, h0, c0 = setting(num_layers=2, bidirectional=True)
    trace = intervene(net, x, [Clamp("h", "l1_reverse", 1, 2, 3, 0.5), PEEPHOLES], h0, c0)
    assert_array_equal(forward_again(trace, trace.network).y, trace.y)
    assert_array_equal(initial_states(trace)[0], h0)
    assert lstmviz.gradient_check(trace, np.ones(trace.y.shape), most=3).passed


def test_a_held_gate_is_cut_off_also_where_the_cell_state_is_infinite():
    net, _, _, _ = setting()
    x = np.zeros((1200, INPUTS))
    layer = intervene(net, x, [Clamp("f", "l0", 1, 1, 1200, 2.0)], c0=np.ones(UNITS))["l0"]
    assert np.isinf(layer.c[-1, 0, 1])
    with np.errstate(over="ignore", invalid="ignore"):
        dz = lstm_derivatives(layer)
    assert (dz.z_f[..., 1] == 0).all()
    assert (dz.z_f[..., 0] != 0).all()


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "identity"])
def test_the_badge_of_a_vanilla_rnn_with_held_units(nonlinearity):
    net, x, h0, c0 = setting(cell="rnn", nonlinearity=nonlinearity, num_layers=2)
    trace = intervene(net, x, [Clamp("h", "l0", 1, 2, 3, 0.5), Silence("l1", 0)], h0, c0)
    dy = np.random.default_rng(0).standard_normal(trace.y.shape)
    check = lstmviz.gradient_check(trace, dy)
    assert check.passed
    assert {block.name for block in check.blocks} >= {"l0 h", "l0 z", "l1 h", "l1 z"}
    grads = lstmviz.backward(trace, dy)
    assert (grads["l0"].z[1:3, :, 1] == 0).all()
    assert (grads["l1"].z[..., 0] == 0).all()


def test_float32_stays_float32():
    net, x, h0, c0 = setting(dtype=np.float32)
    trace = intervene(net, x, [Clamp("f", "l0", 0, 2, 4, 0.9), PEEPHOLES, UseVariant(Variant.COUPLED_GATES)], h0, c0)
    grads = lstmviz.backward(trace, np.ones(trace.y.shape))
    for layer in (trace["l0"], grads["l0"]):
        assert {getattr(layer, node).dtype for node in layer.NODES} == {np.dtype(np.float32)}
    assert lstmviz.gradient_check(trace, np.ones(trace.y.shape), most=4, tolerance=1e-4).passed
