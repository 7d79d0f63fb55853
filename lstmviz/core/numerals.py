"""Numbers as people type them."""

from __future__ import annotations

import math

from lstmviz.core.errors import LstmvizError

NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
"""The pattern of a number without a sign."""


def finite_number(literal: str, span: tuple[int, int]) -> float:
    """The value of a number literal; raises LstmvizError where a float64 cannot hold it."""
    value = float(literal)
    if math.isinf(value):
        raise LstmvizError(
            f"{shortened(literal)} is too large for a float64; the largest is about 1.8e308",
            how="Type a smaller number.",
            span=span,
        )
    return value


def shortened(text: str, limit: int = 40) -> str:
    """``text`` for a message, cut after ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
