"""Tracks of the timeline: any values over time, one a step as a curve, several a step as a heat map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF
from PyQt6.QtGui import QColor, QPainter, QPolygonF

from lstmviz.core.analysis.binning import bin_size
from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.text import count, number
from lstmviz.gui.style import Theme
from lstmviz.gui.views.heat_map import Scale, ScaleKind, symmetric_scale
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.time_axis import TimeAxis
from lstmviz.gui.views.timeline.rows import ValuesRow

if TYPE_CHECKING:
    from lstmviz.core.debugger.watch_values import Track

BROKEN_HEIGHT = 3
"""Pixels of the mark under a step whose value is not a finite number."""

DOTTED_FROM = 8
"""The least width in pixels of a step whose value is a dot on the curve."""


@dataclass(frozen=True, eq=False)
class TrackRow(ValuesRow):
    """A track laid out as a row; values [T, k], k = 1 for a curve. The scale holds every finite value."""

    @property
    def is_curve(self) -> bool:
        """Whether there is one value a step."""
        return self.units == 1

    def colour(self, theme: Theme) -> QColor:
        """The colour of text: a track has no hue of a quantity."""
        return QColor(theme.text)

    def sentence(self, t: int, unit: int) -> str:
        """Such as ``norm(dh) = 0.031 at step 5.``"""
        which = "" if self.is_curve else f"Entry {unit} of "
        value = self.value(t, unit)
        fault = "" if np.isfinite(value) else " Not a finite number."
        return f"{which}{self.title} = {number(value)} at step {t:,}.{fault}"

    @cached_property
    def span(self) -> str:
        """The range of the finite values in words."""
        finite = self.values[np.isfinite(self.values)]
        if not finite.size:
            return "no finite value"
        low, high = (number(float(end), digits=2) for end in (finite.min(), finite.max()))
        return low if low == high else f"{low} to {high}"


def track_row(track: Track) -> TrackRow:
    """The row of a track."""
    values = np.asarray(track.values, np.float64).reshape(len(track.values), -1)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if values.shape[1] > 1 and low < 0:
        scale = symmetric_scale(values)
    elif low == high:
        scale = Scale(ScaleKind.GATE, low - 1, high + 1)
    else:
        scale = Scale(ScaleKind.GATE, low, high)
    row = TrackRow(track.label, track.label, "", baseline=False, scale=scale, values=values)
    broken = int(np.count_nonzero(~np.isfinite(values).all(axis=1)))
    fault = f" Not a finite number at {count(broken, 'step')}." if broken else ""
    each = "" if row.is_curve else f", {count(row.units, 'value')} a step"
    return replace(row, tooltip=f"{track.label}: {row.span}{each}, {count(len(values), 'step')}.{fault}")


def draw_curve(painter: QPainter, axis: TimeAxis, row: TrackRow, rect: QRectF, theme: Theme) -> bool:
    """Draw a curve in ``rect``; of many steps on a pixel, from their lowest to their highest value.

    Returns whether a value that is not finite is among them: there the curve has a gap, and a mark below.
    """
    length = len(row.values)
    size = bin_size(axis.last - axis.first, max(int(rect.width()), 1))
    first, last = axis.visible(length)
    start, stop = (first - 1) // size, (last - 1) // size + 1
    values = row.values[start * size : stop * size, 0]
    finite, edges = np.isfinite(values), np.arange(0, len(values), size)
    low = np.minimum.reduceat(np.where(finite, values, np.inf), edges)
    high = np.maximum.reduceat(np.where(finite, values, -np.inf), edges)
    known, whole = low <= high, np.logical_and.reduceat(finite, edges)
    _draw_zero(painter, row, rect, theme)
    bins = np.arange(start, stop)
    lefts, rights = bins * size + 0.5, np.minimum((bins + 1) * size, length) + 0.5
    middles = [axis.x(t) for t in ((lefts + rights) / 2).tolist()]
    painter.setPen(line_pen(theme.text))
    for run in _runs(known):
        xs = middles[run.start : run.stop]
        ends = zip(xs, _heights(row, rect, low[run]), _heights(row, rect, high[run]), strict=True)
        points = [QPointF(x, y) for x, bottom, top in ends for y in ((bottom, top) if size > 1 else (bottom,))]
        painter.drawPolyline(QPolygonF(points))
        if len(points) == 1 or (size == 1 and axis.step_width >= DOTTED_FROM):
            for point in points:
                painter.fillRect(QRectF(point.x() - 1.5, point.y() - 1.5, 3, 3), QColor(theme.text))
    for run in _runs(~whole):
        left, right = axis.x(float(lefts[run.start])), axis.x(float(rights[run.stop - 1]))
        mark = QRectF(left, rect.bottom() - BROKEN_HEIGHT, max(right - left, 1.0), BROKEN_HEIGHT)
        painter.fillRect(mark, QColor(theme.warning))
    return not bool(whole.all())


def _heights(row: TrackRow, rect: QRectF, values: Array) -> list[float]:
    """Where values stand in the row, a little inside its edges."""
    heights: list[float] = (rect.bottom() - 2 - row.scale.fractions(values) * (rect.height() - 4)).tolist()
    return heights


def _draw_zero(painter: QPainter, row: TrackRow, rect: QRectF, theme: Theme) -> None:
    if row.scale.low < 0 < row.scale.high:
        (y,) = _heights(row, rect, np.zeros(1))
        painter.setPen(line_pen(theme.border))
        painter.drawLine(QLineF(rect.left(), y, rect.right(), y))


def _runs(mask: BoolArray) -> list[slice]:
    """Where ``mask`` holds, as slices of neighbours."""
    borders = np.flatnonzero(np.diff(mask, prepend=False, append=False)).tolist()
    return [slice(start, stop) for start, stop in zip(borders[::2], borders[1::2], strict=True)]
