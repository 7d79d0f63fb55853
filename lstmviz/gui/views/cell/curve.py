"""A nonlinearity as a curve, which stays, and the units as dots on it, which move."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPen, QPolygonF

from lstmviz.core.arrays import Array
from lstmviz.gui.views.cell.canvas import MOST_CELLS, Canvas, ink, mixed

REACH = 6.0
"""Curves run from z = -6 to 6."""


def draw_curve(
    canvas: Canvas, rect: QRectF, function: Callable[[Array], Array], span: tuple[float, float], hue: QColor
) -> None:
    """``function`` over z in ``rect``, its values running over ``span``, with its axes."""
    painter, theme = canvas.painter, canvas.theme
    painter.setPen(QPen(ink(theme.border), 1))
    middle = rect.center().x()
    painter.drawLine(QLineF(middle, rect.top(), middle, rect.bottom()))
    base = rect.bottom() if span[0] == 0 else rect.center().y()
    painter.drawLine(QLineF(rect.left(), base, rect.right(), base))
    painter.setPen(QPen(mixed(hue, ink(theme.raised), 0.35), 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    z = np.linspace(-REACH, REACH, 41)
    painter.drawPolyline(QPolygonF(map(QPointF, *places_on_curve(rect, span, z, function(z)))))


def draw_dots(
    canvas: Canvas, rect: QRectF, span: tuple[float, float], z: Array, values: Array, pinned: int, hue: QColor
) -> None:
    """A dot at (z, value) for every unit, the pinned one large; nothing while the values are not known."""
    if not canvas.tells:
        return
    painter = canvas.painter
    if len(z) > 4 * MOST_CELLS:
        z, values, pinned = z[pinned : pinned + 1], values[pinned : pinned + 1], 0
    places = list(map(QPointF, *places_on_curve(rect, span, z, values)))
    if len(places) > 1:
        faded = QColor(hue)
        faded.setAlphaF(0.45)
        painter.setPen(QPen(faded, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(QPolygonF(places))
    painter.setBrush(hue)
    painter.setPen(QPen(ink(canvas.theme.raised), 1))
    painter.drawEllipse(places[pinned], 4.2, 4.2)


def places_on_curve(
    rect: QRectF, span: tuple[float, float], z: Array, values: Array
) -> tuple[list[float], list[float]]:
    """Where points of the curve stand; those beyond its ends are held there, a nan is in the middle."""
    low, high = span
    if not np.isfinite(z).all() or not np.isfinite(values).all():
        z, values = np.nan_to_num(z), np.nan_to_num(values, nan=(low + high) / 2)
    across = z.clip(-REACH, REACH) * (rect.width() / (2 * REACH)) + rect.center().x()
    down = rect.bottom() - (values.clip(low, high) - low) * (rect.height() / (high - low))
    return across.tolist(), down.tolist()
