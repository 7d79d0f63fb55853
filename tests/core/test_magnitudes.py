from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.magnitudes import (
    log10_norms,
    log10_per_step,
    magnitude,
    power_of_ten,
    signed_magnitude,
    superscript_power,
)


def test_norms_of_rows_are_euclidean() -> None:
    vectors = np.random.default_rng(0).standard_normal((7, 5))
    assert log10_norms(vectors) == pytest.approx(np.log10(np.linalg.norm(vectors, axis=1)), abs=1e-14)


@pytest.mark.parametrize("scale", [1e300, 1e-300])
def test_norms_neither_overflow_nor_underflow(scale: float) -> None:
    assert log10_norms(np.array([[3.0, 4.0]]) * scale)[0] == pytest.approx(math.log10(5) + math.log10(scale))


def test_zero_infinite_and_missing_rows_stay_what_they_are() -> None:
    norms = log10_norms(np.array([[0.0, 0.0], [np.inf, 1.0], [np.nan, 1.0], [5e-324, 0.0]]))
    assert norms[0] == -np.inf
    assert norms[1] == np.inf
    assert np.isnan(norms[2])
    assert norms[3] == pytest.approx(math.log10(5e-324))


def test_change_a_step_is_that_of_a_geometric_sequence() -> None:
    # the last step has 0.5 ** 0, the first 0.5 ** 9
    assert log10_per_step(np.log10(0.5) * np.arange(9, -1, -1)) == pytest.approx(math.log10(0.5))


def test_change_a_step_leaves_out_what_is_not_finite() -> None:
    assert log10_per_step(np.array([-np.inf, 2.0, 1.0, 0.0, np.nan])) == pytest.approx(1.0)
    assert log10_per_step(np.array([-np.inf, 2.0, np.inf])) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.00315, "0.00315"),
        (0.71, "0.710"),
        (99.99, "100"),
        (12_345, "12,300"),
        (3.146e-9, "3.15×10⁻⁹"),
        (9.999e-9, "1.00×10⁻⁸"),
        (2e300, "2.00×10³⁰⁰"),
    ],
)
def test_magnitudes_have_three_digits(value: float, words: str) -> None:
    assert magnitude(math.log10(value)) == words
    assert signed_magnitude(-value) == "−" + words


def test_magnitudes_without_a_logarithm() -> None:
    assert [magnitude(each) for each in (-math.inf, math.inf, math.nan)] == ["0", "∞", "nan"]
    assert [signed_magnitude(each) for each in (0.0, -math.inf, math.nan)] == ["0", "−∞", "nan"]


@given(st.floats(min_value=-4, max_value=5, exclude_max=True))
def test_plain_magnitudes_are_right_to_half_a_percent(log10_value: float) -> None:
    written = magnitude(log10_value).replace(",", "").replace("×10⁵", "e5")
    assert float(written) == pytest.approx(10**log10_value, rel=5.1e-3)


def test_factors_turn_to_powers_of_ten_far_from_one() -> None:
    assert [power_of_ten(each) for each in (0.0, math.log10(0.71), 5.21, -25.14, 200.4)] == [
        "1.00",
        "0.710",
        "10^5.2",
        "10^−25.1",
        "10^200",
    ]


def test_powers_on_an_axis() -> None:
    assert [superscript_power(each) for each in (-15, 0, 300)] == ["10⁻¹⁵", "10⁰", "10³⁰⁰"]


def test_exponents_that_are_long_themselves_are_rounded() -> None:
    """A product of forget gates over inputs of 1e176 has such a logarithm."""
    assert magnitude(-2.347577e175) == superscript_power(int(-2.347577e175)) == "10^(−2.35×10¹⁷⁵)"
    assert magnitude(3e9) == "10^(3.00×10⁹)"
    assert magnitude(-9_999_998.5) == "3.16×10⁻⁹⁹⁹⁹⁹⁹⁹"


def test_fewer_digits_where_room_is_scarce() -> None:
    assert [signed_magnitude(each, digits=2) for each in (0.00316, -9.96, 3.149e-9)] == ["0.0032", "−10", "3.1×10⁻⁹"]
