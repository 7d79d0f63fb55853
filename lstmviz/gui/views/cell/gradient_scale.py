"""Gradients as colours and widths: the logarithm of their size, and their sign."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.magnitudes import superscript_power

DECADES = 8
"""Powers of ten that the scale spans below the largest gradient of the run."""


@dataclass(frozen=True)
class GradientScale:
    """From nothing at 10^low to full at 10^high."""

    low: int
    high: int

    @staticmethod
    def of(log10_magnitudes: Array) -> GradientScale:
        """The scale for a run whose gradients have these magnitudes (-inf for exact zeros)."""
        finite = log10_magnitudes[np.isfinite(log10_magnitudes)]
        high = int(np.ceil(finite.max())) if finite.size else 0
        return GradientScale(high - DECADES, high)

    def shares(self, values: Array) -> Array:
        """Signed shares from -1 to 1; 0 for an exact zero and for what is smaller than the scale, nan as nan."""
        with np.errstate(all="ignore"):
            logs = np.log10(np.abs(values))
        share = np.clip((logs - self.low) / (self.high - self.low), 0, 1)
        return np.asarray(np.sign(values) * share)

    def size_of(self, value: float) -> float:
        """The size of the share of one value; 0 for a nan."""
        if math.isnan(value) or value == 0:
            return 0.0
        log = math.inf if math.isinf(value) else math.log10(abs(value))
        return min(max((log - self.low) / (self.high - self.low), 0.0), 1.0)

    def in_words(self) -> str:
        """The legend."""
        return (
            f"colour and width: size of the gradient, log10, from {superscript_power(self.low)} "
            f"to {superscript_power(self.high)}; dashed and blue: negative"
        )
