"""Under the rivers: how wide and how strong which magnitude is, and what the other marks mean."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetricsF, QLinearGradient, QPainter, QPen, QPolygonF

from lstmviz.core.magnitudes import superscript_power
from lstmviz.gui.style import text_font
from lstmviz.gui.views.cell.canvas import CENTRE, LEFT
from lstmviz.gui.views.unrolled.layout import LEGEND_TEXT
from lstmviz.gui.views.unrolled.rivers import Waters, draw_chevron, draw_warning, ghost_pen, zero_pen
from lstmviz.gui.views.unrolled.rows import LOG_CEILING
from lstmviz.gui.views.unrolled.scene import WRAPPED, Scene

SWATCH = 22
SPACING = 18
ROOM_FOR_NOTES = 200


def draw_legend(painter: QPainter, scene: Scene, waters: Waters) -> None:
    """A river of every magnitude on the scale, in the hues of the rivers, and a line a mark that is seen."""
    rect = scene.layout.legend
    if rect is None:
        return
    painter.setPen(QPen(QColor(scene.theme.border), 1))
    painter.drawLine(QLineF(rect.left(), rect.top() - 7, rect.right(), rect.top() - 7))
    wedge = QRectF(rect.left() + 22, rect.top(), min(max(0.42 * rect.width(), 200), 420), rect.height() - LEGEND_TEXT)
    _draw_wedge(painter, scene, wedge)
    notes = QRectF(wedge.right() + 34, rect.top() - 2, rect.right() - wedge.right() - 34, rect.height() + 2)
    if notes.width() >= ROOM_FOR_NOTES:
        _draw_notes(painter, scene, notes, waters)


def _draw_wedge(painter: QPainter, scene: Scene, rect: QRectF) -> None:
    """From the least width to the greatest, with powers of ten at their places."""
    bed, scale = scene.bed, scene.shown.scale
    hues = list({river.colour(scene.theme).name(): river for row in scene.shown.rows for river in row.rivers}.values())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    low, high = (bed.widths(np.array([0.0, 1.0])) / 2).tolist()
    middle = rect.center().y()
    for number, river in enumerate(hues):
        hue = river.colour(scene.theme)
        gradient = QLinearGradient(rect.left(), 0, rect.right(), 0)
        gradient.setStops([(s, bed.colour(hue, s)) for s in (0.0, 0.25, 0.5, 0.75, 1.0)])
        painter.setBrush(QBrush(gradient))
        above, below = (1 - 2 * part / len(hues) for part in (number, number + 1))
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(rect.left(), middle - low * above),
                    QPointF(rect.right(), middle - high * above),
                    QPointF(rect.right(), middle - high * below),
                    QPointF(rect.left(), middle - low * below),
                ]
            )
        )
    painter.restore()
    metrics = QFontMetricsF(text_font(11))
    painter.setFont(text_font(11))
    painter.setPen(QColor(scene.theme.muted))
    interval = next(n for n in (1, 2, 3, 6, 12, 24) if rect.width() / (scale.high - scale.low) * n >= 44)
    first, last = round(scale.low), round(scale.high)
    powers = [first, *(p for p in range(first + interval, last + 1) if (last - p) % interval == 0)]
    for power in powers:
        x = rect.left() + (power - scale.low) / (scale.high - scale.low) * rect.width()
        text = _bound(power, first, last)
        width = metrics.horizontalAdvance(text) + 4
        painter.drawText(QRectF(x - width / 2, rect.bottom(), width, LEGEND_TEXT), CENTRE, text)
    painter.setPen(QPen(QColor(scene.theme.surface), 1))
    for power in powers:
        x = rect.left() + (power - scale.low) / (scale.high - scale.low) * rect.width()
        if first < power < last:
            painter.drawLine(QLineF(x, rect.top(), x, rect.bottom()))


def _bound(power: int, first: int, last: int) -> str:
    """A power of ten; at the ends of the scale also what lies beyond it."""
    text = superscript_power(power)
    if power == first:
        return f"≤ {text}"
    return f"≥ {text}" if power == last == LOG_CEILING else text


def _draw_notes(painter: QPainter, scene: Scene, rect: QRectF, waters: Waters) -> None:
    """What width and colour are; then the marks that are seen, as many as there is room for."""
    text = "Width and colour: length ‖·‖₂ of the gradient over all units, log scale."
    if scene.bed.bin_size > 1:
        text += f" Drawn: the mean of the logs of every {scene.bed.bin_size:,} steps."
    metrics = QFontMetricsF(text_font(11))
    painter.setFont(text_font(11))
    painter.setPen(QColor(scene.theme.muted))
    painter.drawText(rect, WRAPPED, text)
    height = metrics.boundingRect(QRectF(0, 0, rect.width(), 1000), WRAPPED, text).height()
    place = QRectF(rect.left(), rect.top() + height + 3, SWATCH, LEGEND_TEXT)
    sender = "t−1" if scene.shown.reverse else "t+1"
    marks = [(_draw_direction, f"flows back, from step {sender} to t")]
    marks += [(_draw_zero, "exactly 0")] if waters.zero else []
    marks += [(_draw_overflow, "infinite or not a number")] if waters.overflowed else []
    ghosts = any(river.before is not None for row in scene.shown.rows for river in row.rivers)
    marks += [(_draw_ghost, "before the what-ifs")] if ghosts else []
    for draw, words in marks:
        width = SWATCH + 8 + metrics.horizontalAdvance(words)
        if place.left() > rect.left() and place.left() + width > rect.right():
            place.moveTopLeft(QPointF(rect.left(), place.bottom()))
        if place.bottom() > rect.bottom() + 4 or place.left() + width > rect.right() + 2:
            return
        draw(painter, scene, place)
        painter.setPen(QColor(scene.theme.muted))
        painter.drawText(QRectF(place.right() + 8, place.top(), width, place.height()), LEFT, words)
        place.translate(width + SPACING, 0)


def _draw_direction(painter: QPainter, scene: Scene, swatch: QRectF) -> None:
    draw_chevron(painter, swatch.center(), 4.0, scene.bed.back, QPen(QColor(scene.theme.muted), 1.6))


def _draw_zero(painter: QPainter, scene: Scene, swatch: QRectF) -> None:
    painter.setPen(zero_pen(scene.theme))
    painter.drawLine(QLineF(swatch.left(), swatch.center().y(), swatch.right(), swatch.center().y()))


def _draw_ghost(painter: QPainter, scene: Scene, swatch: QRectF) -> None:
    painter.setPen(ghost_pen(scene.theme))
    for y in (swatch.center().y() - 4, swatch.center().y() + 4):
        painter.drawLine(QLineF(swatch.left(), y, swatch.right(), y))


def _draw_overflow(painter: QPainter, scene: Scene, swatch: QRectF) -> None:
    draw_warning(painter, swatch.adjusted(0, 3, 0, -3), scene.theme)
