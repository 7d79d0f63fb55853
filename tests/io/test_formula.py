from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.errors import LstmvizError
from lstmviz.io.formula import FUNCTIONS, MAX_FORMULAS, formula_values, noise
from lstmviz.io.tables import MAX_STEPS

T = np.arange(1.0, 21.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t", T),
        ("sin(t/5)", np.sin(T / 5)),
        ("cos(2*pi*t/T) + e", np.cos(2 * math.pi * T / 20) + math.e),
        ("tan(t) - exp(-t) * log(t) / sqrt(t)", np.tan(T) - np.exp(-T) * np.log(T) / np.sqrt(T)),
        ("abs(t - 3) + sign(t - 3) + floor(t / 2)", np.abs(T - 3) + np.sign(T - 3) + T // 2),
        ("min(t, 3) + max(t, 5)", np.minimum(T, 3) + np.maximum(T, 5)),
        ("step(t - 3)", T >= 3),
        ("t > 3 and not t > 5", (T > 3) & (T <= 5)),
        ("t % 4 == 0", T % 4 == 0),
        ("0.5", np.full(20, 0.5)),
        ("sin(t/5) + 0.2*noise(t)", np.sin(T / 5) + 0.2 * noise(T)),
        ("noise(t - 1, 7)", noise(T - 1, 7)),
        ("1/exp(1000*t)", np.zeros(20)),
    ],
)
def test_values(text: str, expected: np.ndarray) -> None:
    values = formula_values(text, 20)
    assert values.shape == (20, 1)
    assert values.dtype == np.float64
    np.testing.assert_allclose(values[:, 0], expected, rtol=1e-14, atol=0.0)


def test_a_formula_a_line_is_a_feature_each() -> None:
    assert formula_values("\ufefft\r\n\r\n2*t\n", 2).tolist() == [[1.0, 2.0], [2.0, 4.0]]


def noise_by_hand(x: float, seed: float) -> float:
    """The definition of ``noise`` in Python's unbounded integers."""

    def bits(number: float) -> int:
        return int(struct.unpack("<Q", struct.pack("<d", number))[0])

    def mixed(state: int) -> int:
        z = (state + 0x9E3779B97F4A7C15) % 2**64
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        return z ^ z >> 31

    state = mixed(bits(x) ^ mixed(bits(seed)))
    radius, angle = ((state >> 11) + 1) / 2**53, (mixed(state) >> 11) / 2**53
    return math.sqrt(-2.0 * math.log(radius)) * math.cos(2.0 * math.pi * angle)


@given(st.floats(-1e6, 1e6), st.integers(0, 10))
def test_noise_is_what_it_says(x: float, seed: int) -> None:
    assert noise(x, seed).item() == pytest.approx(noise_by_hand(x + 0.0, seed), rel=1e-9, abs=1e-9)


def test_noise_is_standard_normal_and_always_the_same() -> None:
    many = noise(np.arange(1.0, 200_001.0))
    assert abs(many.mean()) < 0.01
    assert abs(many.std() - 1.0) < 0.01
    assert abs(np.mean(np.abs(many) < 1.0) - 0.6827) < 0.005
    assert abs(np.corrcoef(many[:-1], many[1:])[0, 1]) < 0.01
    assert abs(np.corrcoef(many, noise(np.arange(1.0, 200_001.0), 1))[0, 1]) < 0.01
    assert noise(3.0).item() == many[2]
    assert noise(-0.0) == noise(0.0)


@pytest.mark.parametrize(
    ("text", "culprit", "messages"),
    [
        ("", "", ["The sequence is empty", "sin(t/5)"]),
        (" \n ", " \n ", ["The sequence is empty"]),
        ("t +\n2", "", ["ends too early"]),
        ("t\n2*tt", "tt", ["“tt” is not a name", "t, T, pi, e"]),
        ("sni(t)", "sni", ["Did you mean “sin”?"]),
        ("t[0]", "t[0]", ["“t” has one value a step", "Write t alone"]),
        ("open(t)", "open", ["is not a function"]),
        ("__import__(t)", "__import__", ["is not a function"]),
        ("2 + log(t - 3)", "log(t - 3)", ["log(t - 3) is not a number at t = 1", "above 0"]),
        ("t\n1/(t-2) + 1", "1/(t-2)", ["1/(t-2) is infinite at t = 2", "divisor"]),
        ("sqrt(3 - t)", "sqrt(3 - t)", ["is not a number at t = 4", "not negative"]),
        ("exp(300*t)", "exp(300*t)", ["is infinite at t = 3", "709"]),
        ("(2 - t)**0.5", "(2 - t)**0.5", ["is not a number at t = 3", "fractional power"]),
        ("t*1e308*1e10", "t*1e308*1e10", ["is infinite at t = 1", "stays finite from t = 1 to T"]),
        ("max(t, 1, 2)", "max(t, 1, 2)", ["“max” takes 2 arguments, here are 3"]),
    ],
)
def test_a_mistake_is_marked_and_named(text: str, culprit: str, messages: list[str]) -> None:
    with pytest.raises(LstmvizError) as caught:
        formula_values(text, 5)
    assert caught.value.span is not None
    assert text[slice(*caught.value.span)] == culprit
    for message in messages:
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "length", "message"),
    [
        ("t", 0, "T = 0 steps make no sequence"),
        ("t", -1, "T = -1 steps"),
        ("t", MAX_STEPS + 1, "T = 200,001 steps are too many; the limit is 200,000"),
        ("t\n" * (MAX_FORMULAS + 1), 1, "257 formulas; the limit is 256"),
        ("t\n" * 21, MAX_STEPS, "21 formulas at 200,000 steps give 4,200,000 values; the limit is 4,000,000"),
        ("t" * 2001, 1, "2,001 characters, the limit is 2,000"),
        ("\n" * 1_000_000, 1, "1,000,000 characters"),
    ],
)
def test_sizes_are_bounded(text: str, length: int, message: str) -> None:
    with pytest.raises(LstmvizError) as caught:
        formula_values(text, length)
    assert message in str(caught.value)
    assert caught.value.span is not None
    assert caught.value.span[1] == len(text)


@given(
    st.lists(st.sampled_from([*FUNCTIONS, *"tTe0123456789.+-*/%^()(),<>=\n", " and ", "not ", "pi", "\ufeff"])).map(
        "".join
    )
)
def test_any_text_gives_finite_values_or_a_marked_mistake(text: str) -> None:
    try:
        values, span = formula_values(text, 3), (0, 0)
    except LstmvizError as error:
        assert error.span is not None  # noqa: PT017 - most texts are refused, some are not
        values, span = np.zeros((3, 1)), error.span
    assert 0 <= span[0] <= span[1] <= len(text)
    assert values.shape[0] == 3
    assert np.isfinite(values).all()
