"""How large gradients are: norms that neither overflow nor underflow, and how people read them."""

from __future__ import annotations

import math

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.text import LONG_EXPONENT, MINUS
from lstmviz.core.text import superscript_power as superscript_power

VANISHED = -6.0
"""log10 of the gradient magnitude below which a weight hardly moves any more: 1e-6. A rule of thumb."""

EXPLODED = 3.0
"""log10 of the gradient magnitude above which one update throws the weights away: 1e3. A rule of thumb."""


def log10_norms(vectors: Array) -> Array:
    """log10 of the Euclidean norm of every row of [T, H], [T] in float64.

    -inf for a row of exact zeros, nan where the row has a nan. The largest entry is taken out first, so that
    1e300 does not overflow and 1e-300 does not underflow when squared.
    """
    magnitude = np.abs(np.asarray(vectors, np.float64))
    largest = magnitude.max(axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        scaled = magnitude / np.where((largest > 0) & np.isfinite(largest), largest, 1)
        norms = np.log10(largest[..., 0]) + np.log10(np.sqrt((scaled * scaled).sum(-1)))
    return np.where(largest[..., 0] == 0, -np.inf, norms)


def log10_per_step(log10_magnitudes: Array) -> float | None:
    """The mean change of log10 magnitude for each step back in time, over the steps where it is finite.

    None where fewer than two steps have a finite magnitude. 10 to this power is the factor a step.
    """
    steps = np.flatnonzero(np.isfinite(log10_magnitudes))
    if len(steps) < 2:
        return None
    first, last = steps[0], steps[-1]
    return float((log10_magnitudes[first] - log10_magnitudes[last]) / (last - first))


def power_of_ten(log10_value: float) -> str:
    """A factor as people read it, with three digits near one (``0.710``) and as ``10^5.2`` far from it."""
    if -3 < log10_value < 3:
        return magnitude(log10_value)
    return f"10^{log10_value:.{1 if abs(log10_value) < 100 else 0}f}".replace("-", MINUS)


def magnitude(log10_value: float, digits: int = 3) -> str:
    """A positive number, given as its log10, rounded to ``digits``: ``0.00315`` or ``3.15×10⁻⁹``; 0, ∞ and nan too."""
    if math.isnan(log10_value):
        return "nan"
    if math.isinf(log10_value):
        return "∞" if log10_value > 0 else "0"
    exponent = math.floor(log10_value)
    if abs(exponent) >= LONG_EXPONENT:
        return superscript_power(exponent)
    mantissa = round(10 ** (log10_value - exponent), digits - 1)
    if mantissa >= 10:
        mantissa, exponent = mantissa / 10, exponent + 1
    if -4 <= exponent < 5:
        return f"{mantissa * 10.0**exponent:,.{max(digits - 1 - exponent, 0)}f}"
    return f"{mantissa:.{digits - 1}f}×{superscript_power(exponent)}"


def signed_magnitude(value: float, digits: int = 3) -> str:
    """A number of either sign, rounded to ``digits``, such as ``−0.00315``."""
    value = float(value)
    with np.errstate(divide="ignore"):
        size = magnitude(float(np.log10(abs(value))), digits)
    return MINUS + size if value < 0 else size
