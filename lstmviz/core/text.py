"""Numbers as people read them. Every number on screen goes through here."""

from __future__ import annotations

import math

MINUS = "−"

_VISIBLE = {" ": "␣", "\n": "⏎", "\t": "⇥"}
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float, *, signed: bool = False, digits: int = 3) -> str:
    """A number with ``digits`` places after the point; very large and very small ones as 1.23×10⁻⁵.

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
        text = _with_power_of_ten(abs(value), max(digits - 1, 1))
    return _sign(value, signed) + text


def significant(value: float, digits: int) -> str:
    """A number with ``digits`` digits that count, such as ``−0.00419580``."""
    value = float(value)
    if not math.isfinite(value) or value == 0:
        return number(value, digits=digits)
    exponent = int(f"{value:.{digits - 1}e}".split("e")[1])
    if -4 <= exponent < 5:
        return _sign(value, False) + f"{abs(value):.{max(digits - 1 - exponent, 0)}f}"
    return _sign(value, False) + _with_power_of_ten(abs(value), digits - 1)


def percent(fraction: float) -> str:
    """A gate value as a percentage, such as ``97.5 %``."""
    return f"{100 * fraction:.1f} %"


def count(number_of: int, noun: str) -> str:
    """A number with its noun: ``1 unit``, ``8 units``."""
    return f"{number_of:,} {noun}{'' if number_of == 1 else 's'}"


def visible(character: str) -> str:
    """How a character looks on an axis: a space as ␣, a line end as ⏎, other invisible ones by their code."""
    if character in _VISIBLE:
        return _VISIBLE[character]
    return character if character.isprintable() else f"U+{ord(character):04X}"


LONG_EXPONENT = 10**7
"""From here on an exponent is written rounded itself; digits of what stands before the power mean nothing then."""


def superscript_power(exponent: int) -> str:
    """A whole power of ten as it stands on an axis, such as ``10⁻⁵``; a very long exponent as ``10^(−2.35×10¹⁷⁵)``."""
    if abs(exponent) < LONG_EXPONENT:
        return "10" + str(exponent).translate(_SUPERSCRIPTS)
    sign = MINUS if exponent < 0 else ""
    return f"10^({sign}{_with_power_of_ten(abs(float(exponent)), 2)})"


def _with_power_of_ten(size: float, places: int) -> str:
    mantissa, exponent = f"{size:.{places}e}".split("e")
    return f"{mantissa}×{superscript_power(int(exponent))}"


def _sign(value: float, signed: bool) -> str:
    return MINUS if value < 0 else "+" if signed else ""
