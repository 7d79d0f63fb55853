"""Gates drawn as valves: one unit as a round valve with jaws, several as columns or rows of fill levels."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainterPath, QPen

from lstmviz.core.arrays import Array
from lstmviz.core.quantity import Quantity
from lstmviz.gui.views.cell.canvas import Canvas, Cells, Region, binned, mixed, part
from lstmviz.gui.views.cell.geometry import VALVE_RADIUS


def round_valve(canvas: Canvas, centre: QPointF, gate: Quantity, open_share: float, *, lit: bool, flat: bool) -> None:
    """One unit's valve: two jaws leave ``open_share`` of the bore free; ``flat`` for a horizontal flow."""
    painter, hue = canvas.painter, canvas.theme.colour(gate)
    raised = QColor(canvas.theme.raised)
    disc = QRectF(centre.x() - VALVE_RADIUS, centre.y() - VALVE_RADIUS, 2 * VALVE_RADIUS, 2 * VALVE_RADIUS)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mixed(raised, hue, 0.14) if lit else raised)
    painter.drawEllipse(disc)
    closed = (1 - min(max(float(np.nan_to_num(open_share)), 0.0), 1.0)) * VALVE_RADIUS
    if flat:
        jaws = (
            QRectF(disc.left(), disc.top(), disc.width(), closed),
            QRectF(disc.left(), disc.bottom() - closed, disc.width(), closed),
        )
    else:
        jaws = (
            QRectF(disc.left(), disc.top(), closed, disc.height()),
            QRectF(disc.right() - closed, disc.top(), closed, disc.height()),
        )
    round_path, jaw_path = QPainterPath(), QPainterPath()
    round_path.addEllipse(disc)
    for jaw in jaws:
        jaw_path.addRect(jaw)
    painter.setBrush(hue)
    painter.drawPath(round_path.intersected(jaw_path))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(hue, 3.0 if lit else 2.0))
    painter.drawEllipse(disc)
    canvas.text(disc, "×", canvas.theme.text, 16, bold=True)
    canvas.places.append(Region(disc, gate, (0, 0)))


def fill_levels(
    canvas: Canvas, rect: QRectF, gate: Quantity, values: Array, pinned: int, *, lit: bool, vertical: bool
) -> None:
    """Several units' valves: a track a unit, filled as far as the gate is open. ``vertical`` stacks the units."""
    painter, hue = canvas.painter, canvas.theme.colour(gate)
    canvas.box(rect, hue, lit=lit)
    inner = rect.adjusted(6, 9, -6, -9) if vertical else rect.adjusted(6, 4, -6, -4)
    shown, size = binned(values)
    track = mixed(QColor(canvas.theme.raised), QColor(canvas.theme.text), 0.10)
    count = len(shown)
    gap = 1.0 if (inner.height() if vertical else inner.width()) / count > 4 else 0.0
    finite = np.isfinite(shown)
    tracks = [part(inner, k, count, vertical=vertical, gap=gap) for k in range(count)]
    levels = [
        _filled(cell, level, vertical=vertical)
        for cell, level in zip(tracks, np.clip(np.where(finite, shown, 1.0), 0, 1).tolist(), strict=True)
    ]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(track)
    painter.drawRects(*tracks)
    painter.setBrush(hue)
    painter.drawRects(*levels)
    for k in np.flatnonzero(~finite).tolist():
        painter.fillRect(tracks[k], QColor(canvas.theme.warning))
    canvas.places.append(Cells(inner, gate, count, len(values), vertical))
    canvas.outline(part(inner, pinned // size, len(shown), vertical=vertical))


def _filled(cell: QRectF, level: float, *, vertical: bool) -> QRectF:
    """The share ``level`` of a cell: from the left when the cells are stacked, else from below."""
    if vertical:
        return QRectF(cell.left(), cell.top(), cell.width() * level, cell.height())
    return QRectF(cell.left(), cell.bottom() - cell.height() * level, cell.width(), cell.height() * level)
