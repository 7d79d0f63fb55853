"""How far two programs that compute the same may be apart."""

from __future__ import annotations

TOLERANCES = {2: 5e-3, 4: 1e-5, 8: 1e-10}
"""The largest difference that counts as rounding, by the bytes of a number; times the largest output where over 1.

Two programs that compute the same in another order differ by a few units of the last digit a step, 10⁻⁷ in float32
and 10⁻¹⁶ in float64 (10⁻³ in float16); sums over hundreds of units and steps leave up to a hundred times that. A wrong
equation or a wrong order of gates differs by 10⁻³ or more. The tolerances lie between, clear of both.
"""
