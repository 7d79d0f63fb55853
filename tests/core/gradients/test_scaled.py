from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lstmviz.core.gradients.scaled import ZERO_EXPONENT, Norm, Scaled, add_scaled, block_norms, normalised


def exponents(*values):
    return np.array(values, np.int32)


def test_numbers_out_of_range_have_a_logarithm():
    numbers = Scaled(np.array([0.75, 0.75, 0.0, 3.0]), exponents(-20_000, 20_000, 7, 1))
    assert_allclose(numbers.log10[[0, 1, 3]], [np.log10(0.75) - 20_000 * np.log10(2), 6020.474879, np.log10(6)])
    assert numbers.log10[2] == -np.inf
    assert numbers.value.tolist() == [0, np.inf, 0, 6]


def test_normalising_moves_powers_of_two_alone():
    columns = np.array([[3.0, 0.0, 1e-200, np.inf], [-1.0, 0.0, 0.0, 1.0]])
    moved, powers = normalised(columns, exponents(5, 5, 5, 5))
    assert moved[:, :2].tolist() == [[0.75, 0], [-0.25, 0]]
    assert powers.tolist() == [7, ZERO_EXPONENT, 5 - 664, 5]
    assert np.array_equal(np.ldexp(moved, powers - 5), columns)


@pytest.mark.parametrize("zero", ["total", "incoming"])
def test_a_zero_never_hides_what_it_is_added_to(zero):
    """Whatever exponent the zero comes with."""
    total, powers = np.array([[0.0 if zero == "total" else 1.0]]), exponents(0 if zero == "total" else -5000)
    columns, incoming = np.array([[0.0 if zero == "incoming" else 1.0]]), exponents(0 if zero == "incoming" else -5000)
    add_scaled(total, powers, columns, incoming)
    assert Scaled(total[0], powers).log10 == pytest.approx(-5000 * np.log10(2))


def test_sums_of_different_sizes():
    total, powers = np.array([[1.0, 1.0], [2.0, 2.0]]), exponents(-5000, -5000)
    add_scaled(total, powers, np.array([[1.0, 1.0]]), exponents(-5001, 5000), rows=slice(1, 2))
    assert np.array_equal(np.ldexp(total[:, 0], powers[0] + 5000), [1, 2.5])
    assert np.array_equal(np.ldexp(total[:, 1], powers[1] - 5000), [0, 1])


@pytest.mark.parametrize("norm", Norm)
def test_norms_of_matrices_side_by_side(norm):
    random = np.random.default_rng(0)
    columns, powers = random.standard_normal((3, 8)), exponents(*random.integers(-30, 30, 8))
    mantissas, shifts = block_norms(columns, powers, 4, norm)
    whole = np.ldexp(columns, powers)
    expected = [np.linalg.norm(whole[:, n : n + 4], "fro" if norm is Norm.FRO else 2) for n in (0, 4)]
    assert_allclose(np.ldexp(mantissas, shifts), expected, rtol=1e-13)


@pytest.mark.parametrize("norm", Norm)
def test_zero_columns_do_not_hide_small_ones(norm):
    columns, powers = np.array([[0.0, 3.0], [0.0, 4.0]]), exponents(0, -9000)
    found = Scaled(*block_norms(columns, powers, 2, norm))
    assert_allclose(found.log10, [np.log10(5) - 9000 * np.log10(2)], rtol=1e-14)


@pytest.mark.parametrize("size", [1e-170, 1e-320, 1e200])
@pytest.mark.parametrize("norm", Norm)
def test_entries_whose_squares_are_out_of_range(norm, size):
    columns = np.full((2, 2), size)
    expected = np.log10(2) + np.log10(size)
    with np.errstate(over="ignore", under="ignore"):
        assert_allclose(Scaled(*block_norms(columns, exponents(0, 0), 2, norm)).log10, [expected], rtol=1e-13)
