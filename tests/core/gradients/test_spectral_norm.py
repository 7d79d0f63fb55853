"""The largest singular value of many matrices: against the SVD, whatever the gaps and the range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lstmviz.core.arrays import Array
from lstmviz.core.gradients.spectral_norm import largest_singular_values


def matrices(singular_values: Array, height: int, seed: int = 0) -> Array:
    """Random [N, height, W] with the singular values [N, W]."""
    rng = np.random.default_rng(seed)
    count, width = singular_values.shape
    left = np.linalg.qr(rng.standard_normal((count, height, width)))[0]
    right = np.linalg.qr(rng.standard_normal((count, width, width)))[0]
    result: Array = (left * singular_values[:, None, :]) @ right
    return result


def measured(blocks: Array) -> Array:
    with np.errstate(all="ignore"):
        return largest_singular_values(blocks, (blocks**2).sum((1, 2)))


@pytest.mark.parametrize("gap", [0.0, 1e-12, 1e-9, 1e-6, 1e-3, 0.02, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("others", [1, 11])
def test_any_gap_between_the_largest_two(gap: float, others: int) -> None:
    values = np.concatenate([np.ones(1), np.full(others, 1 - gap), np.zeros(11 - others)])
    blocks = matrices(np.tile(values, (20, 1)), 15)
    assert_allclose(measured(blocks), 1, rtol=2e-10)
    # wide ones have the same
    assert_allclose(measured(blocks.transpose(0, 2, 1)), 1, rtol=2e-10)


@given(st.integers(1, 12), st.integers(1, 20), st.integers(0, 2**32 - 1), st.floats(0, 6))
def test_random_matrices_of_any_shape(width: int, height: int, seed: int, decades: float) -> None:
    rng = np.random.default_rng(seed)
    spread = 10.0 ** -np.linspace(0, decades, width)
    blocks = rng.standard_normal((30, height, width)) * spread
    assert_allclose(measured(blocks), np.linalg.norm(blocks, 2, (1, 2)), rtol=2e-10)


@pytest.mark.parametrize("exponent", [-440, -100, 0, 100, 440])
def test_the_ends_of_the_range(exponent: int) -> None:
    values = 0.9 ** np.arange(12.0)
    blocks = np.ldexp(matrices(np.tile(values, (20, 1)), 12), exponent)
    assert_allclose(np.ldexp(measured(blocks), -exponent), 1, rtol=2e-10)


def test_zeros_and_what_is_not_finite_stand_beside_numbers() -> None:
    blocks = matrices(np.tile(np.arange(8.0, 0, -1), (12, 1)), 8)
    blocks[3], blocks[5, 0, 0], blocks[7, 1, 1] = 0, np.inf, np.nan
    found = measured(blocks)
    assert found[3] == 0
    assert found[5] == np.inf
    assert np.isnan(found[7])
    assert_allclose(np.delete(found, [3, 5, 7]), 8, rtol=2e-10)
