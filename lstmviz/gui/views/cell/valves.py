"""Gates drawn as valves: one unit as a round valve with jaws, several as columns or rows of fill levels."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPen

from lstmviz.core.arrays import Array
from lstmviz.core.quantity import Quantity
from lstmviz.gui.views.cell.canvas import GAPS_FROM, Canvas, Cells, binned, cells_of, ink, mixed, part
from lstmviz.gui.views.cell.geometry import VALVE_RADIUS

_SIXTEENTHS = 16
"""Qt counts angles in these parts of a degree."""


def round_valve(canvas: Canvas, centre: QPointF, gate: Quantity, open_share: float, *, lit: bool, flat: bool) -> None:
    """One unit's valve: two jaws leave ``open_share`` of the bore free; ``flat`` for a horizontal flow."""
    painter, hue, raised = canvas.painter, canvas.hue(gate), ink(canvas.theme.raised)
    disc = QRectF(centre.x() - VALVE_RADIUS, centre.y() - VALVE_RADIUS, 2 * VALVE_RADIUS, 2 * VALVE_RADIUS)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mixed(raised, hue, 0.14) if lit else raised)
    painter.drawEllipse(disc)
    half = math.degrees(math.acos(min(max(float(np.nan_to_num(open_share)), 0.0), 1.0)))
    painter.setBrush(hue)
    for middle in (90, 270) if flat else (0, 180):
        painter.drawChord(disc, round((middle - half) * _SIXTEENTHS), round(2 * half * _SIXTEENTHS))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(hue, 3.0 if lit else 2.0))
    painter.drawEllipse(disc)
    canvas.text(disc, "×", canvas.theme.text, 16, bold=True)
    canvas.place(disc, gate, 0, box=False)


def draw_tracks(canvas: Canvas, rect: QRectF, count: int, *, vertical: bool) -> None:
    """The empty tracks in the valve ``rect``, which ``fill_levels`` fills."""
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(mixed(ink(canvas.theme.raised), ink(canvas.theme.text), 0.10))
    canvas.painter.drawRects(*tracks_of(rect, count, vertical=vertical))


def fill_levels(canvas: Canvas, rect: QRectF, gate: Quantity, values: Array, pinned: int, *, vertical: bool) -> None:
    """Several units' valves: a track a unit, filled as far as the gate is open. ``vertical`` stacks the units."""
    painter = canvas.painter
    shown, size = binned(values)
    tracks = tracks_of(rect, len(shown), vertical=vertical)
    finite = np.isfinite(shown)
    levels = [
        filled(cell, level, vertical=vertical)
        for cell, level in zip(tracks, np.where(finite, shown, 1.0).clip(0, 1).tolist(), strict=True)
    ]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(canvas.hue(gate))
    painter.drawRects(*levels)
    for k in np.flatnonzero(~finite).tolist():
        painter.fillRect(tracks[k], ink(canvas.theme.warning))
    inner = _inner(rect, vertical=vertical)
    canvas.places.append(Cells(inner, gate, len(shown), len(values), vertical, gate.symbol))
    canvas.outline(part(inner, pinned // size, len(shown), vertical=vertical))


def _inner(rect: QRectF, *, vertical: bool) -> QRectF:
    return rect.adjusted(6, 9, -6, -9) if vertical else rect.adjusted(6, 4, -6, -4)


def tracks_of(rect: QRectF, count: int, *, vertical: bool) -> tuple[QRectF, ...]:
    """The tracks in the valve ``rect``, one a unit."""
    inner = _inner(rect, vertical=vertical)
    gap = 1.0 if (inner.height() if vertical else inner.width()) / count > GAPS_FROM else 0.0
    return cells_of(inner, count, vertical=vertical, gap=gap)


def filled(cell: QRectF, level: float, *, vertical: bool) -> QRectF:
    """The share ``level`` of a cell: from the left when the cells are stacked, else from below."""
    if vertical:
        return QRectF(cell.left(), cell.top(), cell.width() * level, cell.height())
    return QRectF(cell.left(), cell.bottom() - cell.height() * level, cell.width(), cell.height() * level)
