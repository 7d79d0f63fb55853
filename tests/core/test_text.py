from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.text import MINUS, number, significant, superscript_power


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"),
        (1.4806, "1.481"),
        (-0.5, "−0.500"),
        (4.2e-4, "4.20×10⁻⁴"),
        (-9.999e-10, "−1.00×10⁻⁹"),
        (123456.0, "1.23×10⁵"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "nan"),
    ],
)
def test_numbers_have_three_places_or_a_power_of_ten(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.0041957968, "−0.00419580"),
        (1.0, "1.00000"),
        (12345.678, "12345.7"),
        (99999.99, "1.00000×10⁵"),
        (3.1e-9, "3.10000×10⁻⁹"),
        (0.0, "0.000000"),
        (-math.inf, "−∞"),
    ],
)
def test_six_digits_that_count(value: float, text: str) -> None:
    assert significant(value, 6) == text


def read(text: str) -> float:
    """The number as a computer writes it."""
    mantissa, _, power = text.replace(MINUS, "-").partition("×10")
    exponent = power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    return float(f"{mantissa}e{exponent or 0}")


@given(st.floats(-1e308, 1e308))
def test_what_is_written_is_the_number_but_for_rounding(value: float) -> None:
    assert read(significant(value, 6)) == pytest.approx(value, rel=6e-6, abs=5e-324)
    assert read(number(value)) == pytest.approx(
        value, rel=6e-3 if abs(value) < 1e-3 or abs(value) >= 1e5 else 0, abs=6e-4
    )


def test_powers_of_ten() -> None:
    assert [superscript_power(each) for each in (-15, 0, 300)] == ["10⁻¹⁵", "10⁰", "10³⁰⁰"]
