"""Numbers as people read them. Every number on screen goes through here."""

from __future__ import annotations

import math

MINUS = "−"


def number(value: float, *, signed: bool = False, digits: int = 3) -> str:
    """A number with ``digits`` places after the point; very large and very small ones as 1.23e-05.

    ``signed`` writes the plus of a positive number too.
    """
    value = float(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        text = "∞"
    elif value == 0 or 10.0**-digits <= abs(value) < 1e5:
        text = f"{abs(value):.{digits}f}"
    else:
        text = f"{abs(value):.{max(digits - 1, 1)}e}"
    sign = MINUS if value < 0 else "+" if signed else ""
    return sign + text


def percent(fraction: float) -> str:
    """A gate value as a percentage, such as ``97.5 %``."""
    return f"{100 * fraction:.1f} %"


def count(number_of: int, noun: str) -> str:
    """A number with its noun: ``1 unit``, ``8 units``."""
    return f"{number_of:,} {noun}{'' if number_of == 1 else 's'}"
