"""What moves over the timeline: what has not happened yet, the cursor, the pinned unit, the hovered cell."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.gui.views.timeline.labels import draw_unit_number
from lstmviz.gui.views.timeline.rows import STAGE_OF
from lstmviz.gui.views.timeline.scene import Place, Scene
from lstmviz.gui.views.view import Hovered

FRAMED = 6
"""The least width in pixels of a column with a frame; a narrower one gets a line."""


def still_to_come(scene: Scene, cursor: Cursor) -> list[QRect]:
    """What the pass that the cursor walks has not computed yet, in whole pixels.

    Forwards: the quantities of the steps after it in the layer's own order, and of the later stages of its step.
    Backwards: the gradients of the steps that come after it in the order of the backward pass; that of its own step
    is there from the first stage on.
    """
    area, column = scene.layout.quantity_area, scene.column(cursor.t)
    if cursor.backward:
        area = scene.layout.gradient_area
    if scene.reverse != cursor.backward:
        edge = min(max(scene.axis.x(cursor.t - 0.5), area.left()), area.right())
        later = [QRectF(area.topLeft(), QPointF(edge, area.bottom()))]
    else:
        edge = min(max(scene.axis.x(cursor.t + 0.5), area.left()), area.right())
        later = [QRectF(QPointF(edge, area.top()), area.bottomRight())]
    if not cursor.backward:
        order = tuple(Stage)
        for row, rect in zip(scene.rows.quantities, scene.layout.rows, strict=False):
            if order.index(STAGE_OF[row.quantity]) > order.index(cursor.stage):
                later.append(column.intersected(rect))
    return [rect.toRect() for rect in later if not rect.isEmpty()]


def draw_cursor(painter: QPainter, scene: Scene, t: int) -> None:
    """A frame round the column of step ``t``, or a line where it is narrow; nothing where it is out of sight."""
    column = scene.column(t)
    if column.isEmpty():
        return
    halo, ink = QPen(QColor(scene.theme.surface), 4), QPen(QColor(scene.theme.accent), 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (halo, ink):
        painter.setPen(pen)
        if column.width() >= FRAMED:
            painter.drawRoundedRect(column.adjusted(-1, -2, 1, 2), 3, 3)
        else:
            x = scene.axis.x(t)
            painter.drawLine(QPointF(x, column.top() - 3), QPointF(x, column.bottom() + 3))
    painter.restore()


def draw_pin(painter: QPainter, scene: Scene, unit: int) -> None:
    """Mark the pinned unit: its number in bold or a small triangle in front of its line, which is outlined."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for number, row in enumerate(scene.rows.quantities):
        if row.units == 1 or unit >= row.units:
            continue
        rect = scene.layout.rows[number]
        line = scene.layout.unit_line(number, unit, row.units)
        if not draw_unit_number(painter, scene, row, rect, unit, pinned=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(scene.theme.text))
            tip = QPointF(line.left() - 2, line.center().y())
            painter.drawPolygon(QPolygonF([tip, tip + QPointF(-5, -3.5), tip + QPointF(-5, 3.5)]))
        if line.height() >= 5:
            outline = QColor(scene.theme.text)
            outline.setAlpha(150)
            painter.setPen(QPen(outline, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(line.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()


def draw_hover(painter: QPainter, scene: Scene, place: Place) -> None:
    """Thin lines along the hovered column and the hovered line."""
    line = scene.layout.unit_line(place.row, place.unit, scene.rows.all[place.row].units)
    _draw_thin(painter, scene, place.t, [line])


def draw_hovered_elsewhere(painter: QPainter, scene: Scene, place: Hovered) -> None:
    """Thin lines along the column and the unit's lines that the mouse is over in another view."""
    numbered = enumerate(scene.rows.quantities)
    lines = [
        scene.layout.unit_line(number, place.unit, row.units)
        for number, row in numbered
        if place.unit is not None and place.unit < row.units
    ]
    _draw_thin(painter, scene, place.t, lines)


def _draw_thin(painter: QPainter, scene: Scene, t: int, lines: list[QRectF]) -> None:
    colour = QColor(scene.theme.text)
    colour.setAlpha(110)
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 1))
    column = scene.column(t)
    if column.width() < 3:
        column = QRectF(scene.axis.x(t) - 1, column.top(), 2, column.height())
    for rect in (column, *(line if line.height() >= 3 else line.adjusted(0, -1, 0, 1) for line in lines)):
        painter.drawRect(rect.adjusted(0, 0, -1, -1))
    painter.restore()
