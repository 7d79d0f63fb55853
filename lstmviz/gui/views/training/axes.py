"""Axes of plots of a training: round values and how they are written."""

from __future__ import annotations

import math

from lstmviz.core.text import superscript_power

Tick = tuple[float, str]
"""Where it stands, and what is written there."""


def log_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Powers of ten between two log10 values; 2 and 5 times them, too, where there are few."""
    every = max(math.ceil((high - low) / max(most, 1)), 1)
    powers = range(math.ceil(low / every) * every, math.floor(high) + 1, every)
    ticks = [(float(power), power_of_ten(power)) for power in powers]
    if high - low < 1.6:
        for power in range(math.floor(low), math.ceil(high) + 1):
            ticks += [(power + math.log10(factor), f"{factor * 10.0**power:.6g}") for factor in (2, 5)]
    return sorted(tick for tick in ticks if low <= tick[0] <= high)


def linear_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Multiples of 1, 2 or 5 times a power of ten."""
    span = max(high - low, 1e-300)
    power = 10.0 ** math.floor(math.log10(span / max(most, 1)))
    step = next((factor * power for factor in (1, 2, 5) if span / (factor * power) <= most), 10 * power)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(number * step, f"{number * step:.6g}") for number in range(first, last + 1)]


def power_of_ten(exponent: int) -> str:
    """0.001 to 1000 as they are, the others with an exponent."""
    return f"{10.0**exponent:g}" if -3 <= exponent <= 3 else superscript_power(exponent)
