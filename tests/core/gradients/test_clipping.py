"""Clipping, the forget bias's closed form, and recurrent weights rho x orthogonal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.errors import LstmvizError
from lstmviz.core.gradients.clipping import (
    clip_by_norm,
    clip_by_value,
    clipped_curve,
    forget_bias_half_life,
    log10_forget_bias_decay,
    with_orthogonal_recurrence,
)


def norm_of(params):
    return np.linalg.norm(np.concatenate([array.ravel() for array in params.values()]))


@given(st.floats(1e-3, 1e3), st.integers(0, 99))
def test_clipping_by_norm_keeps_the_direction(threshold, seed):
    random = np.random.default_rng(seed)
    params = {"W": random.standard_normal((3, 2)) * 10, "b": random.standard_normal(3)}
    clipped = clip_by_norm(params, threshold)
    assert_allclose(10**clipped.log10_norm, norm_of(params), rtol=1e-12)
    assert_allclose(norm_of(clipped.params), min(threshold, norm_of(params)), rtol=1e-12)
    assert clipped.changed == (norm_of(params) > threshold)
    for name, array in params.items():
        assert_allclose(clipped.params[name], array * 10**clipped.log10_scale, rtol=1e-12)


def test_norms_beyond_floats_are_clipped():
    clipped = clip_by_norm({"W": np.full((2, 2), 1e308)}, 1e-10)
    assert_allclose(clipped.params["W"], np.full((2, 2), 5e-11), rtol=1e-12)
    assert clipped.log10_norm == pytest.approx(308 + np.log10(2))


def test_zero_gradients_stay_zero():
    clipped = clip_by_norm({"W": np.zeros((2, 2))}, 1.0)
    assert not clipped.changed
    assert clipped.log10_norm == -np.inf
    assert not clipped.params["W"].any()


def test_clipping_by_value_touches_what_is_too_large_only():
    clipped = clip_by_value({"W": np.array([[-3.0, 0.5]]), "b": np.array([np.inf])}, 1.0)
    assert clipped.changed
    assert clipped.params["W"].tolist() == [[-1.0, 0.5]]
    assert clipped.params["b"].tolist() == [1.0]
    assert not clip_by_value({"W": np.array([1.0])}, 1.0).changed


def test_clipped_curve_stays_below_the_threshold():
    curve = clipped_curve(np.array([5.0, 2.0, -3.0, np.inf, -np.inf]), 100.0)
    assert curve.tolist() == [2.0, 2.0, -3.0, 2.0, -np.inf]


@pytest.mark.parametrize("threshold", [0.0, -1.0, np.nan])
def test_a_threshold_is_positive(threshold):
    for clip in (clip_by_norm, clip_by_value):
        with pytest.raises(LstmvizError, match="threshold"):
            clip({"W": np.ones(2)}, threshold)
    with pytest.raises(LstmvizError, match="threshold"):
        clipped_curve(np.zeros(2), threshold)


def test_gradients_without_a_direction_are_refused():
    with pytest.raises(LstmvizError, match="cannot be clipped"):
        clip_by_norm({"W": np.array([np.inf])}, 1.0)


@pytest.mark.parametrize(
    ("bias", "left", "half_life"),
    [(0, 8.882e-16, 1.0), (1, 1.576e-7, 2.21), (2, 1.753e-3, 5.46), (3, 8.809e-2, 14.27), (5, 0.7148, 103.2)],
)
def test_closed_form_of_the_forget_bias(bias, left, half_life):
    curve = log10_forget_bias_decay(bias, 50)
    assert curve.shape == (51,)
    assert curve[0] == 0
    assert_allclose(10 ** curve[-1], left, rtol=5e-4)
    assert_allclose(forget_bias_half_life(bias), half_life, rtol=2e-3)


def test_closed_form_lies_on_the_measured_curve():
    network = lstmviz.Network.create("lstm", 1, 4, forget_bias=2.0, recurrent_scale=0.0)
    network = network.with_parameters({"weight_ih_l0": np.zeros((16, 1))})
    split = lstmviz.path_split(lstmviz.forward(network, np.zeros((3000, 1))))
    for path in (split.forget_product, split.total):
        assert_allclose(path.log10[::-1, 0], log10_forget_bias_decay(2.0, 3000), rtol=1e-12, atol=1e-12)


def test_closed_form_where_the_gate_is_one_in_floating_point():
    assert_allclose(forget_bias_half_life(50.0), np.log(2) * np.exp(50), rtol=1e-13)
    assert forget_bias_half_life(1000.0) == np.inf
    assert_allclose(log10_forget_bias_decay(-1000.0, 10)[-1], -1e4 / np.log(10), rtol=1e-13)


@pytest.mark.parametrize("rho", [0.5, 1.0, 2.0])
def test_rho_times_orthogonal_changes_the_gradient_by_rho_a_step(rho):
    network = lstmviz.Network.create("rnn", 1, 6, seed=1)
    network = network.with_parameters({f"bias_{which}_l0": np.zeros(6) for which in ("ih", "hh")})
    network = with_orthogonal_recurrence(network, rho, seed=3)
    trace = lstmviz.forward(network, np.zeros((40, 1)))
    dy = np.zeros((40, 6))
    dy[-1] = np.random.default_rng(0).standard_normal(6)
    norms = np.linalg.norm(lstmviz.backward(trace, dy)["l0"].h[:, 0], axis=1)
    assert_allclose(np.diff(np.log10(norms[::-1])), np.log10(rho), atol=1e-12)


def test_every_gate_gets_an_orthogonal_matrix_of_its_own():
    network = lstmviz.Network.create("lstm", 2, 3, num_layers=2, bidirectional=True)
    changed = with_orthogonal_recurrence(network, 0.5)
    blocks = [U for _, _, p in changed.directions() for U in np.split(p.weight_hh, 4)]
    for U in blocks:
        assert_allclose(U @ U.T, 0.25 * np.eye(3), atol=1e-14)
    assert len({U.tobytes() for U in blocks}) == 16
    assert changed == with_orthogonal_recurrence(network, 0.5)
    assert (changed.state_dict()["weight_ih_l0"] == network.state_dict()["weight_ih_l0"]).all()
