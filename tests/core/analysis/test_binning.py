from __future__ import annotations

import itertools

import numpy as np
import pytest

from lstmviz.core.analysis.binning import BinnedSteps, bin_size, log_means, mean_of_units, unit_edges


@pytest.mark.parametrize(
    ("steps", "columns", "size"), [(1, 1, 1), (10, 10, 1), (11, 10, 2), (40, 10, 4), (41, 10, 8), (5, 0, 8)]
)
def test_bins_are_the_smallest_power_of_two_that_fits(steps: int, columns: int, size: int) -> None:
    assert bin_size(steps, columns) == size


@pytest.mark.parametrize("size", [1, 2, 16, 32, 64, 256])
def test_means_of_steps_are_plain_means_with_a_shorter_last_bin(size: int) -> None:
    stacked = np.random.default_rng(0).standard_normal((1003, 12))
    values = stacked[:, 4:8]  # a view, as the gates of a trace are
    bins = -(-1003 // size)
    expected = [values[number * size : (number + 1) * size].mean(axis=0) for number in range(bins)]
    binned = BinnedSteps(values)
    np.testing.assert_allclose(binned.means(size, 0, bins), expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(binned.means(size, bins // 2, bins), expected[bins // 2 :], rtol=1e-12, atol=1e-15)


def test_a_value_that_is_not_finite_stays_visible_in_its_bin_alone() -> None:
    values = np.zeros((256, 2))
    values[70, 0], values[200, 1] = np.nan, np.inf
    means = BinnedSteps(values).means(64, 0, 4)
    assert np.isfinite(means).tolist() == [[True, True], [False, True], [True, True], [True, False]]


def test_means_of_logs_leave_zeros_out_and_are_zero_where_all_are() -> None:
    logs = np.array([-1.0, -3.0, -np.inf, -5.0, -np.inf, -np.inf, np.nan])
    np.testing.assert_array_equal(log_means(logs, 2, 0, 4), [-2, -5, -np.inf, np.nan])
    np.testing.assert_array_equal(log_means(logs, 1, 1, 4), [-3, -np.inf, -5])


def test_means_of_units_cover_every_unit_once() -> None:
    values = np.random.default_rng(1).standard_normal((3, 10))
    edges = unit_edges(10, 4)
    assert edges.tolist() == [0, 2, 5, 7, 10]
    expected = np.stack([values[:, a:b].mean(axis=1) for a, b in itertools.pairwise(edges)], axis=1)
    np.testing.assert_allclose(mean_of_units(values, 4), expected, rtol=1e-12)
    assert mean_of_units(values, 10) is values
