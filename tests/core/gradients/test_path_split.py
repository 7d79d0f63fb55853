"""Forget product, held-h block and total dc[T]/dc[t]: worked numbers, the oracle, and an independent product of J's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.errors import LstmvizError
from lstmviz.core.gradients.path_split import PathKind, path_split_steps
from lstmviz.core.progress import drain
from tests.golden_files import GOLDEN

COMPANY = lstmviz.Network.from_state_dict(
    {
        "weight_ih_l0": np.array([[1.65], [1.63], [0.94], [-0.19]]),
        "weight_hh_l0": np.array([[2.00], [2.70], [1.41], [4.38]]),
        "bias_ih_l0": np.array([0.62, 1.62, -0.32, 0.59]),
        "bias_hh_l0": np.zeros(4),
    }
)


def random_trace(length, seed=0, units=3, scale=1.0, **options):
    options = {"num_layers": 2, "bidirectional": True, "seed": seed, "recurrent_scale": scale} | options
    network = lstmviz.Network.create("lstm", 2, units, **options)
    random = np.random.default_rng(seed)
    shape = (len(network.layers) * network.num_directions, 2, units)
    x = random.standard_normal((length, 2, 2))
    return lstmviz.forward(network, x, random.standard_normal(shape), random.standard_normal(shape))


def blocks_from_jacobians(layer, sequence, last):
    """(held-h block, [dc[T]/dh[t]] K[t]) of every state up to ``last`` [n, H, H], from whole matrices J[t]."""
    order = slice(None, None, -1) if layer.reverse else slice(None)
    picked = ("i", "f", "g", "o", "tanh_c", "c_before")
    i, f, g, o, tanh_c, c_before = (getattr(layer, node)[order][:, sequence] for node in picked)
    U_i, U_f, U_g, U_o = np.split(layer.parameters.weight_hh, 4)
    H = f.shape[1]
    product, held, via_h = np.eye(2 * H), [], []
    for t in range(last - 1, -1, -1):
        K = np.diag(o[t] * (1 - tanh_c[t] ** 2))
        held.append(product[:H, :H])
        via_h.append(product[:H, H:] @ K)
        C = np.diag(c_before[t] * f[t] * (1 - f[t])) @ U_f
        C = C + np.diag(g[t] * i[t] * (1 - i[t])) @ U_i + np.diag(i[t] * (1 - g[t] ** 2)) @ U_g
        D = np.diag(tanh_c[t] * o[t] * (1 - o[t])) @ U_o
        product = product @ np.block([[np.diag(f[t]), C], [K @ np.diag(f[t]), D + K @ C]])
    held.append(product[:H, :H])
    via_h.append(np.zeros((H, H)))
    return np.array(held[::-1]), np.array(via_h[::-1])


@pytest.mark.parametrize(
    ("first", "forget", "held_h", "total"),
    [(0.0, 0.716545, 1.432684, 2.340150), (1.0, 0.933006, 1.335263, 2.238723)],
    ids=["Company A", "Company B"],
)
def test_worked_numbers(first, forget, held_h, total):
    split = lstmviz.path_split(lstmviz.forward(COMPANY, [[first], [0.5], [0.25], [1.0]]))
    assert split.last == 4
    assert split.steps.tolist() == [0, 1, 2, 3, 4]
    for path, expected in ((split.forget_product, forget), (split.held_h, held_h), (split.total, total)):
        assert_allclose(path.values[1], [expected], atol=5e-7)
        assert_allclose(10**path.log10_norm, np.abs(path.values[:, 0]), rtol=1e-13)
        assert path.values[4] == 1


@given(st.integers(1, 10), st.integers(0, 99), st.sampled_from(["fro", "spectral"]), st.data())
def test_total_is_held_h_plus_the_way_through_h(length, seed, norm, data):
    trace = random_trace(length, seed, scale=2.0)
    order = 2 if norm == "spectral" else "fro"
    for name, layer in trace.layers.items():
        last = data.draw(st.integers(1, length))
        split = lstmviz.path_split(trace, last, name, norm=norm, sequence=1)
        count = length + 1 - last if layer.reverse else last
        held, via_h = blocks_from_jacobians(layer, 1, count)
        f = (layer.f[::-1] if layer.reverse else layer.f)[:count, 1]
        forget = np.array([np.diag(np.prod(f[s:], axis=0)) for s in range(count + 1)])
        for path, matrices in ((split.forget_product, forget), (split.held_h, held), (split.total, held + via_h)):
            diagonal = matrices.diagonal(axis1=1, axis2=2)
            assert_allclose(path.values, diagonal, rtol=1e-10, atol=1e-14)
            assert_allclose(10**path.log10, np.abs(path.values), rtol=1e-12)
            assert_allclose(10**path.log10_norm, np.linalg.norm(matrices, order, axis=(1, 2)), rtol=1e-10)


@pytest.mark.parametrize("file", ["lstm_small", "lstm_saturated"])
def test_total_agrees_with_autograd(file):
    with np.load(GOLDEN / f"{file}.npz") as golden:
        weights = {key.removeprefix("param/"): golden[key] for key in golden if key.startswith("param/")}
        network = lstmviz.Network.from_state_dict(weights)
        trace = lstmviz.forward(network, golden["x"], golden["h0"], golden["c0"])
        for norm, key in (("fro", "jac_fro"), ("spectral", "jac_spec")):
            total = lstmviz.path_split(trace, norm=norm).total
            assert_allclose(10 ** total.log10_norm[1:], golden[f"{key}/dc_T/dc_t"], rtol=1e-8)


def test_total_is_what_moving_the_cell_state_does():
    """Central differences of c[T] when c[t], and h[t] with it, is moved."""
    network = lstmviz.Network.create("lstm", 1, 3, seed=4)
    x = np.random.default_rng(4).standard_normal((7, 1))
    trace = lstmviz.forward(network, x)
    layer, split = trace["l0"], lstmviz.path_split(trace)

    def c_at_end(t, unit, by, h_moves):
        c = layer.c[t - 1, 0].copy()
        c[unit] += by
        h = layer.o[t - 1, 0] * np.tanh(c) if h_moves else layer.h[t - 1, 0]
        return lstmviz.forward(network, x[t:], h, c)["l0"].c[-1, 0, unit]

    for t in range(1, 7):
        for unit in range(3):
            for path, h_moves in ((split.total, True), (split.held_h, False)):
                moved = (c_at_end(t, unit, 1e-5, h_moves) - c_at_end(t, unit, -1e-5, h_moves)) / 2e-5
                assert_allclose(path.values[t, unit], moved, rtol=1e-6, atol=1e-9)


def test_nothing_underflows_over_five_thousand_steps():
    """Without recurrent weights all three are sigmoid(b)^k, far below the smallest float."""
    network = lstmviz.Network.create("lstm", 1, 2, seed=0, forget_bias=-1.0, recurrent_scale=0.0)
    network = network.with_parameters({"weight_ih_l0": np.zeros((8, 1))})
    split = lstmviz.path_split(lstmviz.forward(network, np.zeros((5000, 1))))
    expected = -np.arange(5000, -1, -1) * np.log10(1 + np.e)
    for path in (split.forget_product, split.held_h, split.total):
        assert_allclose(path.log10, np.column_stack([expected, expected]), rtol=1e-12, atol=1e-12)
        assert_allclose(path.log10_norm, expected + np.log10(2) / 2, rtol=1e-12, atol=1e-12)
        assert (path.values[0] == 0).all()


def test_an_exploding_cell_path_is_finite_in_log10():
    """At x = h = c = 0 with all gates open, dc[T]/dc[t] = (1 + U_g)^(T - t), here 10 to that power."""
    network = lstmviz.Network.from_state_dict(
        {
            "weight_ih_l0": np.zeros((4, 1)),
            "weight_hh_l0": np.array([[0.0], [0.0], [9.0], [0.0]]),
            "bias_ih_l0": np.array([50.0, 50.0, 0.0, 50.0]),
            "bias_hh_l0": np.zeros(4),
        }
    )
    split = lstmviz.path_split(lstmviz.forward(network, np.zeros((600, 1))))
    powers = np.arange(600.0, -1, -1)
    assert_allclose(split.total.log10[1:, 0], powers[1:], rtol=1e-12, atol=1e-12)
    assert_allclose(split.total.log10_norm[1:], powers[1:], rtol=1e-12, atol=1e-12)
    # h[t] held for one step: f alone, then like the total
    assert_allclose(split.held_h.log10[:-1, 0], powers[:-1] - 1, rtol=1e-12, atol=1e-12)
    assert_allclose(split.total.log10[0], split.held_h.log10[0])
    assert split.total.values[1] == np.inf
    assert_allclose(split.forget_product.values, 1)


def test_work_comes_in_pieces_that_add_up_to_the_same():
    trace = random_trace(100, num_layers=1, bidirectional=False)
    fractions = list(path_split_steps(trace, sequence=0))
    assert fractions == sorted(fractions)
    assert len(fractions) > 3
    assert fractions[-1] == 1
    assert_allclose(
        drain(path_split_steps(trace, sequence=0)).total.values, lstmviz.path_split(trace, sequence=0).total.values
    )


def test_each_of_the_three_says_what_it_is():
    assert len({kind.meaning for kind in PathKind}) == len(PathKind) == 3
    split = lstmviz.path_split(lstmviz.forward(COMPANY, [[1.0]]))
    assert [path.kind for path in (split.forget_product, split.held_h, split.total)] == list(PathKind)


@pytest.mark.parametrize("change", [{"norm": "largest"}, {"last": 5}, {"layer": "l1"}, {"sequence": 1}])
def test_what_is_not_there_is_refused(change):
    with pytest.raises(LstmvizError):
        lstmviz.path_split(lstmviz.forward(COMPANY, [[1.0]] * 4), **change)


def test_a_vanilla_rnn_has_no_cell_path():
    with pytest.raises(LstmvizError, match="no cell state"):
        lstmviz.path_split(lstmviz.forward(lstmviz.Network.create("rnn", 1, 2), [[1.0]]))
