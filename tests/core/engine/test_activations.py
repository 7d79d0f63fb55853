"""Sigmoid, tanh and their derivatives keep their relative accuracy over the whole range of floats."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lstmviz.core.engine.activations import mend_sigmoid_tail, phi, phi_slope, sigmoid, sigmoid_slope, tanh_slope
from lstmviz.core.networks.parameters import Nonlinearity

Z = np.array([0.0, 1e-9, 0.3, 1, 5, 15, 19, 30, 37, 40, 100, 350, 360, 700, 709, 711, 730, 744, 1e4, np.inf])
Z = np.concatenate([-Z[::-1], Z])
DENORMAL = 5e-323
"""Ten times the smallest number above zero: what an error of a few steps makes of a denormal result."""


def test_sigmoid():
    assert sigmoid(-40.0) == 4.248354255291589e-18
    expected = [math.exp(min(z, 0.0)) / (1 + math.exp(-abs(z))) for z in Z]
    assert_allclose(sigmoid(Z), expected, rtol=1e-14, atol=DENORMAL)


def test_sigmoid_slope_does_not_cancel():
    expected = [math.exp(-abs(z)) / (1 + math.exp(-abs(z))) ** 2 for z in Z]
    slope = np.empty_like(Z)
    with np.errstate(over="ignore"):
        sigmoid_slope(Z, sigmoid(Z), slope)
    assert_allclose(slope, expected, rtol=1e-14, atol=DENORMAL)


def test_tanh_slope_does_not_cancel():
    expected = [4 * math.exp(-2 * abs(z)) / (1 + math.exp(-2 * abs(z))) ** 2 for z in Z]
    slope = np.empty_like(Z)
    with np.errstate(over="ignore"):
        tanh_slope(Z, slope)
    assert_allclose(slope, expected, rtol=1e-12, atol=DENORMAL)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mended_tail_equals_the_exponential(dtype):
    limit = float(np.log(np.finfo(dtype).max))
    z = np.array([-limit - 5, -limit - 1, -limit + 1, 0, 3], dtype)
    with np.errstate(over="ignore"):
        gate = 1 / (1 + np.exp(-z))
    assert gate[0] == gate[1] == 0
    mend_sigmoid_tail(z, gate)
    assert_allclose(gate, sigmoid(z), rtol=1e-6)
    assert gate[0] > 0


def test_phi_and_its_slope():
    z = np.array([-2.0, 0.0, 0.5])
    values = {
        Nonlinearity.TANH: (np.tanh(z), 1 - np.tanh(z) ** 2),
        Nonlinearity.RELU: ([0, 0, 0.5], [0, 0, 1]),
        Nonlinearity.IDENTITY: (z, [1, 1, 1]),
    }
    for nonlinearity, (value, slope) in values.items():
        out = np.empty_like(z)
        phi(nonlinearity)(z, out)
        assert_allclose(out, value, rtol=1e-15)
        phi_slope(nonlinearity, z, out)
        assert_allclose(out, slope, rtol=1e-15)
