"""Jacobians between steps: against autograd, differences, closed forms, and far out of the range of floats."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.gradients.jacobians import jacobian_map_steps, jacobian_norms, jacobian_singular_values
from lstmviz.core.gradients.step_map import Pause
from lstmviz.core.progress import drain
from tests.golden_files import GOLDEN

FILES = ("lstm_small", "lstm_saturated", "rnn_tanh", "rnn_relu_exploding")
COMPANY = {
    "weight_ih_l0": [[1.65], [1.63], [0.94], [-0.19]],
    "weight_hh_l0": [[2.00], [2.70], [1.41], [4.38]],
    "bias_ih_l0": [0.62, 1.62, -0.32, 0.59],
    "bias_hh_l0": [0.0] * 4,
}
KINDS = {
    "lstm": {"cell": "lstm"},
    "lstm bidirectional": {"cell": "lstm", "bidirectional": True, "num_layers": 2},
    "rnn tanh": {"cell": "rnn"},
    "rnn relu bidirectional": {"cell": "rnn", "nonlinearity": "relu", "bidirectional": True},
    "rnn identity": {"cell": "rnn", "nonlinearity": "identity"},
}


def traced(length=7, **options):
    options = {"input_size": 2, "hidden_size": 3, "seed": 4, "recurrent_scale": 1.5} | options
    x = np.random.default_rng(length).standard_normal((length, 2))
    return lstmviz.forward(lstmviz.Network.create(**options), x)


def lstm_without_weights(forget_bias, length, c0=0.0):
    """Two units with W = U = 0, i = 0, o = 1: c[t] = sigmoid(b_f) c[t-1]."""
    bias = np.repeat([-800.0, forget_bias, 0.0, 800.0], 2)
    weights = {"weight_ih_l0": np.zeros((8, 1)), "weight_hh_l0": np.zeros((8, 2)), "bias_ih_l0": bias}
    network = lstmviz.Network.from_state_dict(weights | {"bias_hh_l0": np.zeros(8)})
    return lstmviz.forward(network, np.zeros((length, 1)), c0=np.full(2, c0))


def linear_rnn(recurrent, length, nonlinearity="identity"):
    size = len(recurrent)
    weights = {"weight_ih_l0": np.zeros((size, 1)), "weight_hh_l0": recurrent}
    return lstmviz.forward(lstmviz.Network.from_state_dict(weights, nonlinearity=nonlinearity), np.zeros((length, 1)))


def orthogonal(size):
    return np.linalg.qr(np.random.default_rng(size).standard_normal((size, size)))[0]


def total_jacobians(layer, every=1):
    """{(of, wrt): [T, T, H, H]}, of[tau] by wrt[t] in processing order, from the blocks of J[t] in MATHS, one by one.

    Each is a pair of a matrix and the power of two it is to be multiplied by; t every so many steps.
    """
    order = slice(None, None, -1 if layer.reverse else 1)
    length, H = layer.h.shape[0], layer.h.shape[2]
    weight = layer.parameters.weight_hh.reshape(-1, H, H)
    i, f, g, o, c_before, tanh_c = (
        getattr(layer, name)[order, 0] for name in ("i", "f", "g", "o", "c_before", "tanh_c")
    )
    hidden = o * (1 - tanh_c**2)
    step = []
    for t in range(length):
        C = (
            (c_before * f * (1 - f))[t, :, None] * weight[1]
            + (g * i * (1 - i))[t, :, None] * weight[0]
            + (i * (1 - g**2))[t, :, None] * weight[2]
        )
        through = (tanh_c * o * (1 - o))[t, :, None] * weight[3] + hidden[t, :, None] * C
        step.append(np.block([[np.diag(f[t]), C], [np.diag(hidden[t] * f[t]), through]]))
    found = {}
    for wrt in "ch":
        for t in range(0, length, every):
            start = np.eye(2 * H)[:, H:] if wrt == "h" else np.vstack([np.eye(H), np.diag(hidden[t])])
            exponent = 0
            for tau in range(t, length):
                start = step[tau] @ start if tau > t else start
                shift = int(np.frexp(np.abs(start).max())[1])
                start, exponent = np.ldexp(start, -shift), exponent + shift
                found["c", wrt, tau, t] = start[:H], exponent
                found["h", wrt, tau, t] = start[H:], exponent
    return found


@pytest.mark.parametrize("name", FILES)
def test_golden(name):
    with np.load(GOLDEN / f"{name}.npz") as file:
        golden = dict(file)
    weights = {key.removeprefix("param/"): golden[key] for key in golden if key.startswith("param/")}
    network = lstmviz.Network.from_state_dict(weights, nonlinearity="relu" if "relu" in name else "tanh")
    trace = lstmviz.forward(network, golden["x"], golden["h0"], golden.get("c0"))
    keys = [key for key in golden if key.startswith("jac_")]
    assert len(keys) == (8 if "c0" in golden else 2)
    for key in keys:
        kind, of, wrt = key.split("/")
        norm = {"jac_fro": "fro", "jac_spec": "spectral"}[kind]
        assert_allclose(jacobian_norms(trace, of[1], wrt[1], norm), golden[key], rtol=1e-8, atol=0, err_msg=key)


@pytest.mark.parametrize("norm", ["fro", "spectral"])
@pytest.mark.parametrize("layer", ["l0", "l1_reverse"])
def test_every_pair_of_steps_is_the_product_of_the_steps_between(layer, norm):
    trace = traced(cell="lstm", num_layers=2, bidirectional=True)
    length = trace.length
    products = total_jacobians(trace[layer])
    order = slice(None, None, -1 if trace[layer].reverse else 1)
    for of, wrt in ("hh", "hc", "ch", "cc"):
        expected = np.zeros((length, length))
        for tau, t in zip(*np.tril_indices(length), strict=True):
            matrix, exponent = products[of, wrt, tau, t]
            expected[tau, t] = np.linalg.norm(matrix, "fro" if norm == "fro" else 2) * 2.0**exponent
        expected = expected[order, order]
        assert_allclose(jacobian_norms(trace, of, wrt, norm, layer, "all"), expected, rtol=1e-12, atol=0)
        for step in (1, 3, length):
            assert_allclose(
                jacobian_norms(trace, of, wrt, norm, layer, step), expected[step - 1], rtol=1e-12, atol=1e-300
            )
        last = 1 if trace[layer].reverse else length
        assert np.array_equal(
            jacobian_norms(trace, of, wrt, norm, layer), jacobian_norms(trace, of, wrt, norm, layer, last)
        )


@pytest.mark.parametrize("kind", KINDS)
def test_central_differences(kind):
    """d h[last] / d h[t] as the change of the rest of the run with the state handed on (c held)."""
    trace = traced(**KINDS[kind])
    network, layer = trace.network, trace["l0"]
    alone = lstmviz.Network(
        (type(network.layers[0])(network.cell, (layer.parameters,), network.layers[0].nonlinearity),)
    )
    if "relu" in kind:
        assert np.abs(layer.z).min() > 1e-3, "too near a kink"
    norms = jacobian_norms(trace)
    for t in range(trace.length - 1):
        c = layer.c[t, 0] if network.cell.value == "lstm" else None
        columns = []
        for unit in np.eye(3):
            ends = [
                lstmviz.forward(alone, trace.x[t + 1 :, 0], layer.h[t, 0] + sign * 1e-5 * unit, c).y[-1, 0]
                for sign in (1, -1)
            ]
            columns.append((ends[0] - ends[1]) / 2e-5)
        assert_allclose(norms[t], np.linalg.norm(columns), rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize(("first", "expected"), [(0.0, 2.340150), (1.0, 2.238723)])
def test_company_total_from_the_cell_state(first, expected):
    network = lstmviz.Network.from_state_dict({name: np.array(array) for name, array in COMPANY.items()})
    trace = lstmviz.forward(network, [[first], [0.5], [0.25], [1.0]])
    assert_allclose(jacobian_norms(trace, "c", "c")[0], expected, atol=5e-7)


@pytest.mark.parametrize(
    ("bias", "expected"), [(0, 8.882e-16), (1, 1.576e-7), (2, 1.753e-3), (3, 8.809e-2), (5, 0.7148)]
)
def test_forget_gate_alone(bias, expected):
    trace = lstm_without_weights(bias, 51, c0=0.3)
    norms = jacobian_norms(trace, "c", "c", "spectral")
    assert_allclose(norms[0], expected, rtol=5e-4)
    assert_allclose(norms, (1 / (1 + np.exp(-float(bias)))) ** np.arange(50.0, -1, -1), rtol=1e-13)
    assert not jacobian_norms(trace)[:-1].any(), "U = 0 leaves no way from h to h"


@pytest.mark.parametrize("nonlinearity", ["tanh", "identity"])
def test_rnn_at_zero_is_a_power_of_its_recurrent_weight(nonlinearity):
    recurrent = np.random.default_rng(0).standard_normal((4, 4))
    trace = linear_rnn(recurrent, 9, nonlinearity)
    powers = [np.linalg.matrix_power(recurrent, n) for n in range(8, -1, -1)]
    assert_allclose(jacobian_norms(trace, norm="spectral"), np.linalg.norm(powers, 2, (1, 2)), rtol=1e-12)
    assert_allclose(jacobian_singular_values(trace, 8), np.linalg.svd(recurrent, compute_uv=False), rtol=1e-12)


@pytest.mark.parametrize("rho", [0.1, 0.9, 1.0, 10.0])
def test_scaled_orthogonal_weight_gives_a_straight_line(rho):
    trace = linear_rnn(rho * orthogonal(5), 5000)
    back = np.arange(4999.0, -1, -1)
    log10 = jacobian_norms(trace, norm="spectral", log10=True)
    assert_allclose(log10, back * np.log10(rho), rtol=1e-12, atol=1e-11)
    values = jacobian_singular_values(trace, 1, log10=True)
    assert_allclose(values, np.full(5, 4999 * np.log10(rho)), rtol=1e-12, atol=1e-11)
    plain = jacobian_norms(trace, norm="spectral")
    assert_allclose(plain[-300:], float(rho) ** back[-300:], rtol=1e-11)
    if rho in (0.1, 10.0):
        assert plain[0] == (0 if rho < 1 else np.inf)


def test_long_product_of_forget_gates_does_not_underflow():
    trace = lstm_without_weights(np.log(0.1 / 0.9), 5000, c0=1.0)
    expected = -np.arange(4999.0, -1, -1)
    assert_allclose(jacobian_norms(trace, "c", "c", "spectral", log10=True), expected, rtol=1e-12, atol=1e-13)
    assert_allclose(jacobian_norms(trace, "c", "c", log10=True), expected + np.log10(2) / 2, rtol=1e-12, atol=1e-13)
    # h[T] = tanh(c[T]), and c[T] itself is 0 by then
    assert_allclose(jacobian_norms(trace, "h", "c", "spectral", log10=True), expected, rtol=1e-12, atol=1e-13)
    assert (jacobian_norms(trace, log10=True)[:-1] == -np.inf).all()
    plain = jacobian_norms(trace, "c", "c", "spectral")
    assert plain[0] == 0
    assert_allclose(plain[-300:], 10.0 ** expected[-300:], rtol=1e-11)


@pytest.mark.parametrize("norm", ["fro", "spectral"])
def test_long_product_with_every_path_open(norm):
    trace = traced(400, cell="lstm", forget_bias=-9.0, recurrent_scale=0.1)
    products = total_jacobians(trace["l0"], every=50)
    for of, wrt in ("hh", "hc", "ch", "cc"):
        expected = []
        for t in range(0, 400, 50):
            matrix, exponent = products[of, wrt, 399, t]
            expected.append(np.log10(np.linalg.norm(matrix, "fro" if norm == "fro" else 2)) + exponent * np.log10(2))
        assert expected[0] < -400
        assert_allclose(jacobian_norms(trace, of, wrt, norm, log10=True)[::50], expected, rtol=1e-12)


def test_units_that_differ_by_more_than_floats_hold():
    """Unit 0 keeps everything; unit 1 is multiplied by 1e-4 a step, and alone reaches h."""
    recurrent = np.diag([1.0, 1e-4])
    trace = linear_rnn(recurrent, 300)
    assert_allclose(jacobian_norms(trace), np.hypot(1, 10.0 ** (-4 * np.arange(299.0, -1, -1))), rtol=1e-14)
    values = jacobian_singular_values(trace, 297)
    assert_allclose(values, [1, 1e-12], rtol=1e-12)
    assert np.array_equal(np.isnan(jacobian_singular_values(trace, 1)), [False, True])


def test_singular_values_belong_to_the_norms():
    trace = traced(cell="lstm")
    for of, wrt in ("hh", "hc", "ch", "cc"):
        for t in (1, 4, 7):
            values = jacobian_singular_values(trace, t, of, wrt)
            assert values.shape == (3,)
            assert (np.diff(values) <= 0).all()
            assert_allclose(values[0], jacobian_norms(trace, of, wrt, "spectral")[t - 1], rtol=1e-12)
            assert_allclose(np.linalg.norm(values), jacobian_norms(trace, of, wrt)[t - 1], rtol=1e-12)
    assert not jacobian_singular_values(trace, 5, step=4).any()
    assert (jacobian_singular_values(trace, 5, step=4, log10=True) == -np.inf).all()


def test_dead_and_broken_networks_say_so_without_warnings():
    dead = linear_rnn(-np.eye(2), 5, "relu")
    assert (jacobian_norms(dead, log10=True)[:-1] == -np.inf).all()
    assert jacobian_norms(dead, step="all").tolist() == (np.sqrt(2) * np.eye(5)).tolist()
    broken = linear_rnn(np.array([[np.nan, 0], [0, 1]]), 5)
    assert np.isnan(jacobian_norms(broken, norm="spectral")[:-1]).all()
    assert np.isnan(jacobian_singular_values(broken, 1)).all()
    huge = linear_rnn(1e200 * np.eye(2), 5)
    assert_allclose(jacobian_norms(huge, norm="spectral", log10=True), [800, 600, 400, 200, 0], rtol=1e-12)
    assert np.isinf(jacobian_norms(huge)[0])


def test_float32_traces_are_measured_in_float64():
    trace = traced(cell="lstm", dtype=np.float32)
    assert jacobian_norms(trace).dtype == np.float64
    assert_allclose(jacobian_norms(trace), jacobian_norms(traced(cell="lstm")), rtol=1e-4)


def test_a_sequence_of_a_batch():
    random = np.random.default_rng(1)
    network, x = lstmviz.Network.create("lstm", 2, 3, seed=1), random.standard_normal((6, 3, 2))
    batch = lstmviz.forward(network, x)
    alone = lstmviz.forward(network, x[:, 2])
    assert_allclose(jacobian_norms(batch, sequence=2), jacobian_norms(alone), rtol=1e-12)


def test_one_unit_and_one_step():
    trace = traced(1, cell="lstm", hidden_size=1)
    assert jacobian_norms(trace).tolist() == jacobian_norms(trace, step="all")[0].tolist() == [1]
    layer = trace["l0"]
    assert_allclose(jacobian_norms(trace, "h", "c"), (layer.o * (1 - layer.tanh_c**2))[0, 0], rtol=1e-14)
    assert jacobian_norms(trace, "c", "h").tolist() == [0]


@pytest.mark.parametrize("layer", ["l0", "l0_reverse"])
def test_coarse_maps_are_part_of_the_whole(layer, monkeypatch):
    monkeypatch.setattr(Pause, "due", lambda *_: True)
    trace = traced(50, cell="lstm", bidirectional=True)
    whole = jacobian_norms(trace, "c", "h", "spectral", layer, "all", log10=True)
    steps = jacobian_map_steps(trace, "c", "h", "spectral", layer)
    fractions, coarse = [], []
    while True:
        try:
            progress = next(steps)
        except StopIteration as finished:
            result = finished.value
            break
        fractions.append(progress.fraction)
        if progress.coarse is not None and progress.coarse not in coarse:
            coarse.append(progress.coarse)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert len(fractions) > 50
    assert [len(each.ends) for each in coarse] == [13]
    for each in (*coarse, result):
        assert 50 in each.ends
        assert_allclose(each.norms.log10, whole[np.ix_(each.ends - 1, each.starts - 1)], rtol=1e-12, atol=1e-12)
    assert result.ends.tolist() == result.starts.tolist() == list(range(1, 51))


@pytest.mark.parametrize("layer", ["l0", "l0_reverse"])
def test_a_part_of_the_map(layer):
    trace = traced(30, cell="rnn", bidirectional=True)
    part = drain(jacobian_map_steps(trace, layer=layer, steps=range(20, 3, -5)))
    assert part.ends.tolist() == part.starts.tolist() == [5, 10, 15, 20]
    whole = jacobian_norms(trace, layer=layer, step="all")
    assert_allclose(part.norms.value, whole[4:20:5, 4:20:5], rtol=1e-12)


def test_a_map_can_be_stopped(monkeypatch):
    monkeypatch.setattr(Pause, "due", lambda *_: True)
    settings = np.geterr()
    steps = jacobian_map_steps(traced(50, cell="lstm"))
    assert next(steps).fraction < 0.1
    assert np.geterr() == settings
    steps.close()
    assert list(steps) == []


@pytest.mark.parametrize(
    ("cell", "arguments", "message"),
    [
        ("rnn", {"of": "c"}, r"A vanilla RNN has no cell state \(of\)\. Choose h"),
        ("rnn", {"wrt": "c"}, r"A vanilla RNN has no cell state \(wrt\)"),
        ("lstm", {"of": "z"}, r"There is no state called 'z' \(of\)\. Choose h or c"),
        ("lstm", {"norm": "l1"}, r"There is no norm called 'l1' \(norm\)\. Choose fro or spectral"),
        ("lstm", {"layer": "l3"}, r"There is no layer called 'l3' \(layer\)\. Choose one of l0"),
        ("lstm", {"step": 0}, r"There is no step 0 \(step\)\. Choose one from 1 to 7, T or all"),
        ("lstm", {"step": 8}, r"There is no step 8"),
        ("lstm", {"step": 2.5}, r"There is no step 2.5"),
        ("lstm", {"step": "last"}, r"There is no step 'last'"),
        ("lstm", {"sequence": 1}, r"There is no sequence 1 \(sequence\)\. Choose one from 0 to 0"),
    ],
)
def test_bad_arguments(cell, arguments, message):
    with pytest.raises(lstmviz.LstmvizError, match=message):
        jacobian_norms(traced(cell=cell), **arguments)


def test_bad_arguments_of_the_generator_and_of_singular_values():
    trace = traced(cell="lstm")
    with pytest.raises(lstmviz.LstmvizError, match=r"There is no step 9 \(steps\)\. Choose from 1 to 7"):
        jacobian_map_steps(trace, steps=[3, 9])
    with pytest.raises(lstmviz.LstmvizError, match="There are no steps to show"):
        jacobian_map_steps(trace, steps=[])
    with pytest.raises(lstmviz.LstmvizError, match=r"A map of 20,000 x 20,000 steps would take 4.47 GiB \(steps\)"):
        jacobian_map_steps(linear_rnn(np.eye(1), 20_000))
    with pytest.raises(lstmviz.LstmvizError, match=r"There is no step 0 \(t\)\. Choose one from 1 to 7\."):
        jacobian_singular_values(trace, 0)
    batch = lstmviz.forward(lstmviz.Network.create("lstm", 2, 3), np.zeros((4, 2, 2)))
    with pytest.raises(
        lstmviz.LstmvizError, match=r"The trace holds 2 sequences \(sequence\)\. Choose one, from 0 to 1"
    ):
        jacobian_norms(batch)
