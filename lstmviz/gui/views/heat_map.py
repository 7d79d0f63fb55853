"""Heat maps: values to colours to an image with one pixel a value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QColor, QImage

from lstmviz.core.arrays import Array
from lstmviz.gui.style import COLOUR_STEPS, Theme


class ScaleKind(Enum):
    """What a colour scale runs over."""

    GATE = "from 0 to 1"
    SIGNED = "symmetric about 0"
    LOG = "log10 of a magnitude"


@dataclass(frozen=True)
class Scale:
    """Which value has which colour; a signed scale has low = -high."""

    kind: ScaleKind
    low: float
    high: float

    def fractions(self, values: Array) -> Array:
        """Values as a position on the scale, 0 at ``low`` to 1 at ``high``, beyond the ends held there."""
        with np.errstate(all="ignore"):
            signed = self.kind is ScaleKind.SIGNED  # its high - low may overflow
            position: Array = values / self.high / 2 + 0.5 if signed else (values - self.low) / (self.high - self.low)
        return position.clip(0, 1)

    def lookup(self, theme: Theme) -> NDArray[np.uint32]:
        """COLOUR_STEPS colours 0xAARRGGBB from ``low`` to ``high``. Gradients fade into the ground as they vanish."""
        if self.kind is ScaleKind.LOG:
            return replace(theme, gate=(theme.border, theme.muted, theme.text)).lookup(signed=False)
        return theme.lookup(signed=self.kind is ScaleKind.SIGNED)

    def colours(self, values: Array, theme: Theme) -> NDArray[np.uint32]:
        """The colour 0xAARRGGBB of every value.

        What is not finite has the warning colour; -inf on a log scale is a plain zero and is left transparent.
        """
        finite = np.isfinite(values)
        steps = np.rint(self.fractions(np.where(finite, values, self.low)) * (COLOUR_STEPS - 1))
        colours = np.where(finite, self.lookup(theme)[steps.astype(np.intp)], np.uint32(QColor(theme.warning).rgba()))
        if self.kind is ScaleKind.LOG:
            colours = np.where(np.isneginf(values), np.uint32(0), colours)
        return colours.astype(np.uint32)

    def colour(self, value: float, theme: Theme) -> QColor:
        """The colour of one value."""
        return QColor.fromRgba(int(self.colours(np.array([value]), theme)[0]))


def image_of(colours: NDArray[np.uint32]) -> QImage:
    """An image of its own of colours [height, width], one pixel each; transparent or opaque."""
    pixels = np.ascontiguousarray(colours).tobytes()
    height, width = colours.shape
    image = QImage(pixels, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()  # ``pixels`` lives only as long as this function


def symmetric_scale(values: Array) -> Scale:
    """The signed scale that just holds every finite value; -1 to 1 where all are zero."""
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    largest = max(-low, high)
    return Scale(ScaleKind.SIGNED, -largest, largest) if largest > 0 else Scale(ScaleKind.SIGNED, -1.0, 1.0)


def log_scale(log_values: Array, floor: float, ceiling: float) -> Scale:
    """The log10 scale from the smallest to the largest finite value in whole powers, within floor and ceiling."""
    finite = log_values[np.isfinite(log_values)]
    if not finite.size:
        return Scale(ScaleKind.LOG, -1.0, 0.0)
    high = min(max(float(np.ceil(finite.max())), floor + 1), ceiling)
    low = max(min(float(np.floor(finite.min())), high - 1), floor)
    return Scale(ScaleKind.LOG, low, high)
