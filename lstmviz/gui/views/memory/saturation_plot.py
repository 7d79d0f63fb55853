"""How saturated the gates are: a triangle a gate, a point a unit (Karpathy, Johnson and Li 2015)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPolygonF

from lstmviz.core.analysis.saturation import SIGMOID_GATES, Saturation, Side
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import number, percent
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas, mixed
from lstmviz.gui.views.pens import line_pen, translucent

REACH = 9.0
"""So far from a point, in pixels, the mouse still means it."""

RADIUS = 3.2
LARGEST_RADIUS = 7.0

X_TITLE = "share of steps below 0.1: nearly closed"

GATES = {"f": Quantity.FORGET_GATE, "i": Quantity.INPUT_GATE, "o": Quantity.OUTPUT_GATE}

SENTENCE = (
    "A point a unit: in how many steps is its gate nearly closed (below 0.1) or nearly open (above 0.9)? "
    "On the dashed line, x + y = 1: in all of them."
)
SHORT_SENTENCE = "x, y: how often a gate is nearly closed, nearly open. Dashed: x + y = 1, always."
SLOPE = "Mean slope a(1 − a): the share of a gradient that gets through the gate to its weights; 0.25 at most."


@dataclass(frozen=True)
class Point:
    """Units whose points fall on the same pixel of one gate's panel."""

    gate: str
    at: QPointF
    units: tuple[int, ...]

    @property
    def radius(self) -> float:
        """The area grows with the number of units."""
        return min(RADIUS * float(np.sqrt(len(self.units))), LARGEST_RADIUS)


def place_in(panel: QRectF, left: float, right: float) -> QPointF:
    """Where a unit stands: x the share of steps nearly closed, y the share nearly open."""
    return QPointF(panel.left() + left * panel.width(), panel.bottom() - right * panel.height())


def points_of(saturation: Saturation, panels: tuple[QRectF, ...]) -> tuple[Point, ...]:
    """The points of all gates."""
    found = []
    for gate, panel in zip(SIGMOID_GATES, panels, strict=True):
        units: dict[tuple[int, int], list[int]] = {}
        for unit, (left, right) in enumerate(saturation.points(gate).tolist()):
            at = place_in(panel, left, right)
            units.setdefault((round(at.x()), round(at.y())), []).append(unit)
        found += [Point(gate, QPointF(*at), tuple(members)) for at, members in units.items()]
    return tuple(found)


def point_at(points: tuple[Point, ...], position: QPointF) -> Point | None:
    """The nearest point under the mouse."""
    near = [(QLineF(point.at, position).length() - point.radius, order) for order, point in enumerate(points)]
    distance, order = min(near, default=(np.inf, 0))
    return points[order] if distance <= REACH - RADIUS else None


def draw_panels(canvas: Canvas, panels: tuple[QRectF, ...], points: tuple[Point, ...], *, under_each: bool) -> None:
    """The triangles with their axes and points. ``under_each``: one panel stands under the other."""
    painter, theme = canvas.painter, canvas.theme
    painter.save()
    painter.setRenderHint(painter.RenderHint.Antialiasing)
    for number_of, (gate, panel) in enumerate(zip(SIGMOID_GATES, panels, strict=True)):
        _draw_frame(canvas, panel, gate)
        if number_of == 0 or under_each:
            _draw_y_axis(canvas, panel)
        _draw_x_ends(canvas, panel)
    lowest = panels[-1]
    across = QRectF(panels[0].left(), lowest.bottom() + 19, lowest.right() - panels[0].left(), 14)
    canvas.text(across, "below 0.1: nearly closed" if across.width() < 190 else X_TITLE, theme.muted, 11)
    for point in points:
        hue = theme.colour(GATES[point.gate])
        painter.setPen(line_pen(hue.name(), width=1.2))
        painter.setBrush(translucent(hue.name(), 0.55))
        painter.drawEllipse(point.at, point.radius, point.radius)
    _draw_counts(canvas, panels, points)
    painter.restore()


def _draw_counts(canvas: Canvas, panels: tuple[QRectF, ...], points: tuple[Point, ...]) -> None:
    """How many units share a point, the largest first, where the number covers nothing."""
    taken = [QRectF(each.at.x() - each.radius, each.at.y() - each.radius, *(2 * [2 * each.radius])) for each in points]
    for point in sorted(points, key=lambda each: -len(each.units)):
        place = _beside(point, panels)
        if len(point.units) > 1 and not any(place.intersects(other) for other in taken):
            canvas.text(place, f"×{len(point.units)}", canvas.theme.text, 10, align=_side(point, panels))
            taken.append(place)


def _side(point: Point, panels: tuple[QRectF, ...]) -> Qt.AlignmentFlag:
    panel = panels[SIGMOID_GATES.index(point.gate)]
    return LEFT if point.at.x() < panel.center().x() else RIGHT


def _beside(point: Point, panels: tuple[QRectF, ...]) -> QRectF:
    """Where the number of units stands: to the side that is inside the panel."""
    gap = point.radius + 3
    if _side(point, panels) == LEFT:
        return QRectF(point.at.x() + gap, point.at.y() - 7, 28, 14)
    return QRectF(point.at.x() - gap - 28, point.at.y() - 7, 28, 14)


def _draw_frame(canvas: Canvas, panel: QRectF, gate: str) -> None:
    painter, theme = canvas.painter, canvas.theme
    corner, top, right = panel.bottomLeft(), panel.topLeft(), panel.bottomRight()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mixed(theme.colour(GATES[gate]), QColor(theme.surface), 0.93))
    painter.drawPolygon(QPolygonF([corner, top, right]))
    painter.setPen(line_pen(theme.faint))
    painter.drawLine(corner, top)
    painter.drawLine(corner, right)
    painter.setPen(line_pen(theme.muted, Qt.PenStyle.DashLine))
    painter.drawLine(top, right)
    title = QRectF(panel.left(), panel.top() - 25, panel.width(), 14)
    name = f"{GATES[gate].title.removesuffix(' gate')} {gate}"
    canvas.text(title, name, theme.colour(GATES[gate]), 11, bold=True, align=LEFT)


def _draw_x_ends(canvas: Canvas, panel: QRectF) -> None:
    line = QRectF(panel.left(), panel.bottom() + 6, panel.width(), 13)
    canvas.text(line, "0", canvas.theme.muted, 10, align=LEFT)
    canvas.text(line, "1", canvas.theme.muted, 10, align=RIGHT)


def _draw_y_axis(canvas: Canvas, panel: QRectF) -> None:
    canvas.text(QRectF(panel.left() - 26, panel.top() - 7, 17, 14), "1", canvas.theme.muted, 10, align=RIGHT)
    painter = canvas.painter
    painter.save()
    painter.translate(panel.left() - 20, panel.center().y())
    painter.rotate(-90)
    half = max(panel.height() / 2, 40)
    canvas.text(QRectF(-half, -14, 2 * half, 14), "above 0.9: open", canvas.theme.muted, 11)
    painter.restore()


def draw_pinned(canvas: Canvas, panels: tuple[QRectF, ...], saturation: Saturation, unit: int, *, ring: bool) -> None:
    """Mark one unit in every panel: a filled point with a frame for the pinned one, a ``ring`` for a hovered one."""
    painter, theme = canvas.painter, canvas.theme
    painter.save()
    painter.setRenderHint(painter.RenderHint.Antialiasing)
    for gate, panel in zip(SIGMOID_GATES, panels, strict=True):
        at = place_in(panel, *saturation.points(gate)[unit].tolist())
        painter.setBrush(Qt.BrushStyle.NoBrush if ring else theme.colour(GATES[gate]))
        painter.setPen(line_pen(theme.text, width=1.2 if ring else 1.8))
        radius = RADIUS + (4.5 if ring else 2.0)
        painter.drawEllipse(at, radius, radius)
    painter.restore()


def draw_now(canvas: Canvas, panels: tuple[QRectF, ...], saturation: Saturation, unit: int, t: int) -> None:
    """Say in each panel on which side the gate of ``unit`` is saturated at step ``t``, and stress that axis."""
    for gate, panel in zip(SIGMOID_GATES, panels, strict=False):
        side = saturation.side_at(gate, unit, t)
        if side is None:
            continue
        hue = canvas.theme.colour(GATES[gate])
        end = panel.topLeft() if side is Side.RIGHT else panel.bottomRight()
        canvas.painter.setPen(line_pen(hue.name(), width=3.0))
        canvas.painter.drawLine(panel.bottomLeft(), end)
        # two short lines in the corner that no point can be in
        for number_of_line, word in enumerate(("open" if side is Side.RIGHT else "closed", "now")):
            line = QRectF(panel.left(), panel.top() + 2 + 12 * number_of_line, panel.width() + 2, 13)
            canvas.text(line, word, hue, 10, bold=True, align=RIGHT)


def slope_note(saturation: Saturation, unit: int) -> tuple[str, bool]:
    """What the mean slope means; and whether it is a warning, because not every step has finite numbers."""
    if all(np.isfinite(saturation.mean_slope_of(gate, unit)) for gate in SIGMOID_GATES):
        return SLOPE, False
    return "Steps whose gates are not finite numbers count as neither closed nor open.", True


def draw_notes(canvas: Canvas, rect: QRectF, saturation: Saturation, unit: int) -> None:
    """The pinned unit's numbers as a small table, and what the slope means."""
    theme = canvas.theme
    columns = [rect.left() + share * rect.width() for share in (0.30, 0.52, 0.74, 1.0)]
    line = QRectF(rect.left(), rect.top(), rect.width(), 15)
    canvas.text(line, f"unit {unit}", theme.text, 11, bold=True, align=LEFT)
    for right, words in zip(columns[1:], ("below 0.1", "above 0.9", "mean slope"), strict=True):
        canvas.text(QRectF(right - 90, line.top(), 90, 15), words, theme.muted, 11, align=RIGHT)
    for row, gate in enumerate(SIGMOID_GATES, 1):
        line.moveTop(rect.top() + row * 15)
        hue = theme.colour(GATES[gate])
        canvas.text(line, f"{GATES[gate].title.removesuffix(' gate')} {gate}", hue, 11, align=LEFT)
        values = (percent(saturation.left[gate][unit]), percent(saturation.right[gate][unit]))
        slope = number(saturation.mean_slope_of(gate, unit))
        for right, text in zip(columns[1:], (*values, slope), strict=True):
            canvas.text(QRectF(right - 90, line.top(), 90, 15), text, theme.text, 11, mono=True, align=RIGHT)


def point_sentence(point: Point, saturation: Saturation) -> str:
    """The units of a point in words."""
    gate, first = point.gate, point.units[0]
    names = ", ".join(map(str, point.units[:6])) + (" and others" if len(point.units) > 6 else "")
    who = f"unit {names}" if len(point.units) == 1 else f"units {names}"
    return (
        f"The {GATES[gate].title} of {who} is nearly closed in {percent(saturation.left[gate][first])} of the steps, "
        f"nearly open in {percent(saturation.right[gate][first])}; "
        f"mean slope {number(saturation.mean_slope_of(gate, first))}."
    )


def next_unit(point: Point, pinned: int) -> int:
    """The unit that a click pins: of several on one place, the one after the pinned."""
    if pinned in point.units:
        return point.units[(point.units.index(pinned) + 1) % len(point.units)]
    return point.units[0]
