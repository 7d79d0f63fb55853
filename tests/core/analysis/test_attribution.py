"""Who wrote the cell state: the parts add up, the worked numbers, and products that do not underflow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.analysis.attribution import follow_write, retention_half_life, survival_map
from lstmviz.core.errors import LstmvizError

ROWS = {"i": (1.65, 2.00, 0.62), "f": (1.63, 2.70, 1.62), "g": (0.94, 1.41, -0.32), "o": (-0.19, 4.38, 0.59)}


def lstm_of(rows):
    """An LSTM of one unit and one input from gate: (W, U, b)."""
    W, U, b = zip(*(rows[gate] for gate in "ifgo"), strict=True)
    shapes = {"weight_ih_l0": (4, 1), "weight_hh_l0": (4, 1), "bias_ih_l0": (4,), "bias_hh_l0": (4,)}
    values = (W, U, b, np.zeros(4))
    return lstmviz.Network.from_state_dict(
        {name: np.reshape(value, shape) for (name, shape), value in zip(shapes.items(), values, strict=True)}
    )


def company(first):
    return lstmviz.forward(lstm_of(ROWS), [[first], [0.5], [0.25], [1.0]])


def random_trace(length=9, seed=0, **options):
    options = {"num_layers": 2, "bidirectional": True, "seed": seed} | options
    network = lstmviz.Network.create("lstm", 2, 3, **options)
    random = np.random.default_rng(seed)
    shape = (len(network.layers) * network.num_directions, 2, 3)
    x = random.standard_normal((length, 2, 2))
    return lstmviz.forward(network, x, random.standard_normal(shape), random.standard_normal(shape))


@pytest.mark.parametrize(
    ("first", "expected"),
    [(0.0, [-0.144203, -0.018596, -0.143235, 0.321304]), (1.0, [0.466056, 0.421706, 0.587337, 0.933994])],
    ids=["Company A", "Company B"],
)
def test_worked_numbers(first, expected):
    found = lstmviz.attribute_memory(company(first), t=4, unit=0)
    assert found.steps.tolist() == [0, 1, 2, 3, 4]
    assert_allclose(found.values, [0, *expected], atol=5e-7)
    assert found.log10[0] == -np.inf  # c0 is exactly zero
    assert abs(found.residual) <= 1e-15


@given(st.integers(1, 12), st.integers(0, 99), st.data())
def test_contributions_add_up_to_the_cell_state(length, seed, data):
    trace = random_trace(length, seed)
    for name, layer in trace.layers.items():
        t, unit, sequence = (data.draw(st.integers(*bounds)) for bounds in ((1, length), (0, 2), (0, 1)))
        found = lstmviz.attribute_memory(trace, t, unit, name, sequence=sequence)
        assert found.c == layer.c[t - 1, sequence, unit]
        assert abs(found.residual) <= 1e-12
        assert found.steps[-1] == t
        assert found.steps[0] == (length + 1 if layer.reverse else 0)
        assert_allclose(10**found.log10, np.abs(found.values), rtol=1e-12)


@pytest.mark.parametrize("name", ["l0", "l1_reverse"])
def test_what_became_of_a_write_is_the_same_number_seen_from_the_other_end(name):
    trace = random_trace()
    steps = lstmviz.attribute_memory(trace, 5, 1, name, sequence=1).steps
    for position, s in enumerate(steps):
        fate = follow_write(trace, int(s), 1, name, sequence=1)
        seen = fate.steps.tolist().index(5)
        attributed = lstmviz.attribute_memory(trace, 5, 1, name, sequence=1)
        assert_allclose(fate.values[seen], attributed.values[position], rtol=1e-13)
        assert_allclose(fate.log10[seen], attributed.log10[position], atol=1e-13)
        assert_allclose(fate.share[seen], attributed.values[position] / attributed.c, rtol=1e-12)


def test_survival_is_the_product_of_forget_gates():
    trace = random_trace()
    for name in ("l0", "l0_reverse"):
        layer = trace[name]
        f = (layer.f[::-1] if layer.reverse else layer.f)[:, 1, 2]
        survival = survival_map(trace, 2, name, sequence=1)
        assert survival.steps.tolist() == (list(range(10, 0, -1)) if layer.reverse else list(range(10)))
        for s in range(10):
            for t in range(10):
                if t < s:
                    assert np.isnan(survival.log10[s, t])
                else:
                    assert_allclose(10 ** survival.log10[s, t], np.prod(f[s:t]), rtol=1e-13)


def test_long_sequences_are_mapped_at_evenly_spaced_steps():
    survival = survival_map(random_trace(100, bidirectional=False), 0, sequence=0, most=11)
    assert survival.steps.tolist() == list(range(0, 101, 10))
    assert survival.log10.shape == (11, 11)


def test_a_gate_that_is_exactly_closed_leaves_nothing_of_what_came_before():
    """z_f = -inf at step 3 alone."""
    network = lstm_of(ROWS | {"f": (-1e308, 0, 5)})
    trace = lstmviz.forward(network, [[0.0], [0.0], [10.0], [0.0], [0.0]])
    survival = survival_map(trace, 0)
    crossed = np.zeros((6, 6), bool)
    crossed[:3, 3:] = True
    assert_allclose(np.isneginf(survival.log10), crossed)
    assert_allclose(survival.log10[3, 5], 2 * -np.log10(1 + np.exp(-5)), rtol=1e-13)


def test_nothing_underflows_over_five_thousand_steps():
    network = lstm_of({"f": (0, 0, -1), "i": (0, 0, 2), "g": (0, 0, 1), "o": (0, 0, 0)})
    trace = lstmviz.forward(network, np.zeros((5000, 1)), c0=[3.0])
    found = lstmviz.attribute_memory(trace, 5000, 0)
    log10_f = -math.log10(1 + math.e)
    assert found.values[0] == 0
    assert_allclose(found.log10[0], 5000 * log10_f + math.log10(3), rtol=1e-12)
    assert_allclose(found.log10_survival, np.arange(5000, -1, -1) * log10_f, rtol=1e-12, atol=1e-12)
    assert_allclose(follow_write(trace, 0, 0).log10[-1], found.log10[0], rtol=1e-12)
    assert abs(found.residual) <= 1e-12


@pytest.mark.parametrize(("bias", "steps"), [(0, 1.0), (1, 2.21), (2, 5.46), (3, 14.27), (5, 103.2)])
def test_half_life_of_a_constant_gate(bias, steps):
    trace = lstmviz.forward(lstm_of({"f": (0, 0, bias), "i": (0, 0, 0), "g": (0, 0, 0), "o": (0, 0, 0)}), [[0.0]] * 7)
    assert_allclose(retention_half_life(trace), [steps], rtol=2e-3)


def test_half_life_of_a_gate_that_is_one_in_floating_point():
    network = lstm_of({"f": (0, 0, 50), "i": (0, 0, 0), "g": (0, 0, 0), "o": (0, 0, 0)})
    trace = lstmviz.forward(network, [[0.0]] * 3)
    assert (trace["l0"].f == 1).all()
    assert_allclose(retention_half_life(trace), [np.log(2) * np.exp(50)], rtol=1e-13)
    never = lstmviz.forward(lstm_of(ROWS | {"f": (0, 0, 1000)}), [[0.0]])
    assert retention_half_life(never).tolist() == [np.inf]


def test_half_life_of_one_sequence_or_of_all():
    trace = random_trace()
    mean = np.log(trace["l0"].f).mean(0)
    assert_allclose(retention_half_life(trace, sequence=1), np.log(0.5) / mean[1], rtol=1e-13)
    assert_allclose(retention_half_life(trace), np.log(0.5) / mean.mean(0), rtol=1e-13)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"t": 0}, "no step 0"),
        ({"t": 10}, "no step 10"),
        ({"unit": 3}, "no unit 3"),
        ({"layer": "l7"}, "no layer called 'l7'"),
        ({"sequence": 2}, "no sequence 2"),
        ({"sequence": None}, "holds 2 sequences"),
    ],
)
def test_what_is_not_there_is_refused(change, words):
    with pytest.raises(LstmvizError, match=words):
        lstmviz.attribute_memory(**{"trace": random_trace(), "t": 1, "unit": 0, "sequence": 0} | change)


def test_a_vanilla_rnn_has_no_cell_state():
    trace = lstmviz.forward(lstmviz.Network.create("rnn", 1, 2), [[1.0]])
    with pytest.raises(LstmvizError, match="no cell state"):
        lstmviz.attribute_memory(trace, 1, 0)
