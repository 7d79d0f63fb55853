"""Marks for what was before the what-ifs, and for what they hold: quiet, and only where something differs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from lstmviz.core.arrays import Array
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import number
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Align, Canvas, binned, cells_of, colour_index, ink
from lstmviz.gui.views.cell.curve import places_on_curve
from lstmviz.gui.views.cell.geometry import VALVE_RADIUS
from lstmviz.gui.views.cell.valves import filled, tracks_of

LEAST_SHIFT = 1.0
"""A mark nearer than this to what is drawn now, in drawing units, would only blur it."""

_LEAST_COLOURS = 6
"""So many steps of a colour map can be told apart."""

_THIN = 2.0
_DOT = 3.4
_LOCK = 7.0


def was(before: float, now: float, *, signed: bool = False) -> str:
    """``was 0.753``; empty where both read the same."""
    text = number(before, signed=signed)
    return "" if text == number(now, signed=signed) else f"was {text}"


def draw_was(canvas: Canvas, rect: QRectF, text: str, align: Align = LEFT, *, grows: bool = True) -> None:
    """Small and quiet, once the value is known; nothing for an empty text."""
    if text:
        canvas.text(rect, text, canvas.theme.muted, 9, mono=True, align=align, value=True, grows=grows)


def draw_struck(canvas: Canvas, rect: QRectF, text: str) -> None:
    """A number of before where the word "was" has no room: struck out, at the right end of ``rect``."""
    if not canvas.tells:
        return
    canvas.text(rect, text, canvas.theme.muted, 9, mono=True, align=RIGHT, grows=False)
    width = canvas.painter.fontMetrics().horizontalAdvance(text)
    canvas.painter.setPen(ink(canvas.theme.faint))  # a strong line would hide the digits
    canvas.painter.drawLine(QLineF(rect.right() - width, rect.center().y(), rect.right(), rect.center().y()))


def draw_frame_before(canvas: Canvas, rect: QRectF, colour: QColor) -> None:
    """The dashed outline of what was before."""
    painter, smooth = canvas.painter, QPainter.RenderHint.Antialiasing
    # smooth dashes take six times as long
    painter.setRenderHint(smooth, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(dashed_pen(colour))
    painter.drawRect(rect)
    painter.setRenderHint(smooth, True)


def dashed_pen(colour: QColor) -> QPen:
    """The line of what was before, a pixel wide whatever the scale."""
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    pen.setDashPattern([3.0, 2.0])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def draw_strip_before(
    canvas: Canvas, strip: QRectF, now: Array, before: Array, *, gate: bool, largest: float, vertical: int = 0
) -> None:
    """A thin line in the colours of before, under the cells of a strip that differ.

    Of a strip that stands upright: ``vertical`` -1 for left of it, 1 for right of it.
    """
    if not canvas.tells or now.shape != before.shape:
        return
    shown, then = binned(now)[0], binned(before)[0]
    index, _ = colour_index(shown, gate=gate, largest=largest)
    index_then, _ = colour_index(then, gate=gate, largest=largest)
    colours, fill = canvas.theme.colours(signed=not gate), canvas.painter.fillRect
    line = QRectF(strip.left(), strip.bottom() + 1.6, strip.width(), _THIN)
    if vertical:
        x = strip.right() + 1.6 if vertical > 0 else strip.left() - 1.6 - _THIN
        line = QRectF(x, strip.top(), _THIN, strip.height())
    cells = cells_of(line, len(shown), vertical=bool(vertical), gap=1.0)
    for k in np.flatnonzero(np.abs(index - index_then) >= _LEAST_COLOURS).tolist():
        fill(cells[k], colours[int(index_then[k])])


def draw_levels_before(
    canvas: Canvas, valve: QRectF, gate: Quantity, now: Array, before: Array, pinned: int, *, vertical: bool
) -> None:
    """In the tracks of several units' valves: a line at the level of before; the pinned one's change is framed."""
    if not canvas.tells:
        return
    shown, then = (np.nan_to_num(binned(values)[0], nan=1.0).clip(0, 1) for values in (now, before))
    framed = pinned // binned(now)[1]
    tracks, painter = tracks_of(valve, len(shown), vertical=vertical), canvas.painter
    room = tracks[0].width() if vertical else tracks[0].height()
    for k in np.flatnonzero(np.abs(shown - then) * room >= LEAST_SHIFT).tolist():
        # over what is filled in the colour of the empty track, over what is empty in that of the filling
        colour = canvas.hue(gate) if then[k] > shown[k] else ink(canvas.theme.raised)
        here, there = (filled(tracks[k], float(values[k]), vertical=vertical) for values in (shown, then))
        start, end = (here.topRight(), there.bottomRight()) if vertical else (here.topLeft(), there.topRight())
        if k == framed:
            draw_frame_before(canvas, QRectF(start, end).normalized().adjusted(0.5, 0.5, -0.5, -0.5), colour)
        else:
            painter.setPen(QPen(colour, 1.0))
            painter.drawLine(QPointF(end.x(), start.y()) if vertical else QPointF(start.x(), end.y()), end)


def draw_jaws_before(canvas: Canvas, centre: QPointF, gate: Quantity, now: float, before: float, *, flat: bool) -> None:
    """Dashed lines where the jaws of a single unit's valve stood."""
    share, then = (float(np.clip(np.nan_to_num(value), 0, 1)) for value in (now, before))
    if not canvas.tells or abs(share - then) * VALVE_RADIUS < LEAST_SHIFT:
        return
    # over the jaws in the colour of the bore, over the bore in that of the jaws
    colour = canvas.hue(gate) if then < share else ink(canvas.theme.raised)
    canvas.painter.setPen(dashed_pen(colour))
    away, half = then * VALVE_RADIUS, float(np.sqrt(1 - then * then)) * VALVE_RADIUS
    for side in (-away, away):
        ends = (-half, side, half, side) if flat else (side, -half, side, half)
        canvas.painter.drawLine(QLineF(*ends).translated(centre))


def draw_dot_before(
    canvas: Canvas, rect: QRectF, span: tuple[float, float], hue: QColor, *, now: _Dot, before: _Dot
) -> None:
    """A hollow dot where the pinned unit stood on its curve, (z, value) each."""
    if not canvas.tells:
        return
    here, there = (next(_points(rect, span, dot)) for dot in (now, before))
    if (here - there).manhattanLength() < LEAST_SHIFT:
        return
    canvas.painter.setBrush(ink(canvas.theme.raised))
    canvas.painter.setPen(QPen(hue, 1.2))
    canvas.painter.drawEllipse(there, _DOT, _DOT)


_Dot = tuple[float, float]


def _points(rect: QRectF, span: tuple[float, float], dot: _Dot) -> Iterator[QPointF]:
    yield from map(QPointF, *places_on_curve(rect, span, np.array(dot[:1]), np.array(dot[1:])))


def draw_held(
    canvas: Canvas, rect: QRectF, words: str, colour: QColor, pixels: int = 10, *, mono: bool = False
) -> None:
    """A lock in front of some words, from the left: a what-if holds what they are about."""
    painter, left, middle = canvas.painter, rect.left(), rect.center().y()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 1.3))
    painter.drawArc(QRectF(left + 1.4, middle - 5.4, _LOCK - 2.8, 7.0), 0, 180 * 16)
    painter.fillRect(QRectF(left, middle - 1.8, _LOCK, 5.6), colour)
    canvas.text(rect.adjusted(_LOCK + 4, 0, 0, 0), words, colour, 10, mono=mono, align=LEFT)
