"""The strokes that the cell diagrams are made of: text, wires, strips of values, arrows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from lstmviz.core.activations import sigmoid
from lstmviz.core.arrays import Array
from lstmviz.core.quantity import Quantity
from lstmviz.gui.style import COLOUR_STEPS, Theme, number_font, text_font

MOST_CELLS = 32
"""More units than this are drawn as bins, each the mean of several units."""

PALE = 0.22
"""Opacity of what is not known yet."""

Align = Qt.AlignmentFlag
LEFT = Align.AlignLeft | Align.AlignVCenter
RIGHT = Align.AlignRight | Align.AlignVCenter
CENTRE = Align.AlignCenter


class Region(NamedTuple):
    """A place that can be hovered and clicked: ``units`` are the first and last unit (or feature) drawn there.

    before  it shows the state before the step;  is_box  it is a gate's whole box, not a cell of a strip
    """

    rect: QRectF
    quantity: Quantity
    units: tuple[int, int]
    before: bool = False
    is_box: bool = False


class Cells(NamedTuple):
    """A strip of cells, from which a Region a cell can be made; drawing must not wait for that."""

    rect: QRectF
    quantity: Quantity
    bins: int
    units: int
    vertical: bool
    before: bool = False

    def regions(self) -> Iterator[Region]:
        """The regions of all cells; the last bin may have fewer units."""
        size = -(-self.units // self.bins)
        for k in range(self.bins):
            units = (k * size, min((k + 1) * size, self.units) - 1)
            yield Region(part(self.rect, k, self.bins, vertical=self.vertical), self.quantity, units, self.before)


def expanded(places: Sequence[Region | Cells]) -> list[Region]:
    """A Region for everything that was drawn."""
    return [region for place in places for region in (place.regions() if isinstance(place, Cells) else (place,))]


@dataclass
class Canvas:
    """A painter with a theme; collects the places that were drawn."""

    painter: QPainter
    theme: Theme
    places: list[Region | Cells] = field(default_factory=list)
    _strength: float = 1.0

    def opacity(self, strength: float) -> None:
        """From now on draw at ``strength``, 0 for not known yet to 1."""
        self._strength = min(max(strength, 0.0), 1.0)
        self.painter.setOpacity(PALE + (1 - PALE) * self._strength)

    def text(
        self,
        rect: QRectF,
        text: str,
        colour: str | QColor,
        pixels: int = 12,
        *,
        bold: bool = False,
        mono: bool = False,
        align: Align = CENTRE,
        value: bool = False,
    ) -> None:
        """One line of text in ``rect``; it is never cut. A ``value`` is invisible until it is known."""
        if value and self._strength == 0:
            return
        self.painter.setFont((number_font if mono else text_font)(pixels, bold=bold))
        self.painter.setPen(QColor(colour))
        self.painter.drawText(rect, align | Align.AlignVCenter | Qt.TextFlag.TextDontClip, text)

    def wire(self, points: Sequence[QPointF], colour: QColor, width: float = 1.5, *, dashed: bool = False) -> None:
        """A line through ``points`` with rounded corners."""
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashed:
            pen.setDashPattern([4 / max(width, 1) + 1, 3 / max(width, 1) + 0.6])
        self.painter.setPen(pen)
        if len(points) == 2:
            self.painter.drawLine(*points)
            return
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawPath(rounded_path(points))

    def arrow_head(self, tip: QPointF, colour: QColor, *, up: bool = False) -> None:
        """A small filled triangle that ends at ``tip``, pointing right, or ``up``."""
        half, length = 4.5, 6.75
        if up:
            corners = [tip, tip + QPointF(-half, length), tip + QPointF(half, length)]
        else:
            corners = [tip, tip + QPointF(-length, -half), tip + QPointF(-length, half)]
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(colour)
        self.painter.drawPolygon(QPolygonF(corners))

    def box(self, rect: QRectF, border: QColor, *, lit: bool = False, radius: float = 6) -> None:
        """A rounded box; ``lit`` marks what the current stage computes."""
        fill = QColor(self.theme.raised)
        if lit:
            fill = mixed(fill, border, 0.10)
        self.painter.setPen(QPen(border, 2.4 if lit else 1.3))
        self.painter.setBrush(fill)
        self.painter.drawRoundedRect(rect, radius, radius)

    def strip(
        self,
        rect: QRectF,
        values: Array,
        quantity: Quantity,
        *,
        largest: float = 1.0,
        pinned: int = -1,
        vertical: bool = False,
        before: bool = False,
    ) -> None:
        """A vector as coloured cells, unit 0 left or on top; the pinned unit outlined."""
        shown, size = binned(values)
        count = len(shown)
        self.places.append(Cells(rect, quantity, count, len(values), vertical, before))
        length = rect.height() if vertical else rect.width()
        gap = 1.0 if length / count > 4 else 0.0
        for k, colour in enumerate(self.colours(shown, quantity, largest)):
            cell = part(rect, k, count, vertical=vertical, gap=gap)
            self.painter.fillRect(cell, colour)
        if 0 <= pinned < len(values) and len(values) > 1:
            self.outline(part(rect, pinned // size, count, vertical=vertical))

    def outline(self, rect: QRectF) -> None:
        """The frame round the pinned unit."""
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.setPen(QPen(QColor(self.theme.text), 1.6))
        self.painter.drawRect(rect.adjusted(-1.2, -1.2, 0.7, 0.7))

    def colours(self, values: Array, quantity: Quantity, largest: float) -> list[QColor]:
        """The map's colour of each value: gates on 0..1, signed values on -largest..largest."""
        lookup = self.theme.colours(signed=not quantity.is_gate)
        scaled = values if quantity.is_gate else 0.5 + 0.5 * values / (largest or 1.0)
        finite = np.isfinite(values)
        with np.errstate(invalid="ignore"):
            index = np.clip(np.where(finite, scaled, 0) * (COLOUR_STEPS - 1), 0, COLOUR_STEPS - 1).astype(int)
        warning = QColor(self.theme.warning)
        return [lookup[k] if ok else warning for k, ok in zip(index.tolist(), finite.tolist(), strict=True)]

    def curve(self, rect: QRectF, quantity: Quantity, z: Array, pinned: int) -> None:
        """The quantity's own nonlinearity from z = -6 to 6 with a dot for every unit, the pinned one large."""
        function = sigmoid if quantity.is_gate else np.tanh
        span = (quantity.minimum, quantity.maximum)
        self.plotted_curve(rect, function, span, z, pinned, self.theme.colour(quantity))

    def plotted_curve(
        self,
        rect: QRectF,
        function: Callable[[Array], Array],
        span: tuple[float, float],
        z: Array,
        pinned: int,
        hue: QColor,
    ) -> None:
        """``function`` over z = -6 to 6 in ``rect``, its values running over ``span``; dots at ``z``."""
        low, high = span

        def place(at: Array) -> tuple[Array, Array]:
            shown = np.clip(np.nan_to_num(at), -6, 6)
            across = rect.left() + (shown + 6) / 12 * rect.width()
            down = rect.bottom() - (np.clip(function(shown), low, high) - low) / (high - low) * rect.height()
            return across, down

        axis = QPen(QColor(self.theme.border), 1)
        self.painter.setPen(axis)
        middle_x = rect.center().x()
        self.painter.drawLine(QLineF(middle_x, rect.top(), middle_x, rect.bottom()))
        base = rect.bottom() if low == 0 else rect.center().y()
        self.painter.drawLine(QLineF(rect.left(), base, rect.right(), base))
        self.painter.setPen(QPen(mixed(hue, QColor(self.theme.raised), 0.35), 1.4))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawPolyline(_polyline(*place(np.linspace(-6, 6, 41))))
        if self._strength == 0:
            return
        faded = QColor(hue)
        faded.setAlphaF(0.45)
        across, down = place(z)
        if len(z) <= 4 * MOST_CELLS:
            self.painter.setPen(QPen(faded, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            self.painter.drawPoints(_polyline(across, down))
        self.painter.setBrush(hue)
        self.painter.setPen(QPen(QColor(self.theme.raised), 1))
        self.painter.drawEllipse(QPointF(across[pinned], down[pinned]), 4.2, 4.2)


def _polyline(across: Array, down: Array) -> QPolygonF:
    return QPolygonF(map(QPointF, across.tolist(), down.tolist()))


def rounded_path(points: Sequence[QPointF], radius: float = 6) -> QPainterPath:
    """A polyline whose corners are arcs."""
    path = QPainterPath(points[0])
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        to_corner, from_corner = QLineF(corner, before), QLineF(corner, after)
        reach = min(radius, to_corner.length() / 2, from_corner.length() / 2)
        if reach < 0.5:
            path.lineTo(corner)
            continue
        to_corner.setLength(reach)
        from_corner.setLength(reach)
        path.lineTo(to_corner.p2())
        path.quadTo(corner, from_corner.p2())
    path.lineTo(points[-1])
    return path


def binned(values: Array) -> tuple[Array, int]:
    """(at most MOST_CELLS means, units in each bin)."""
    size = -(-len(values) // MOST_CELLS)
    if size == 1:
        return values, 1
    starts = np.arange(0, len(values), size)
    with np.errstate(all="ignore"):
        sums = np.add.reduceat(values, starts)
    return sums / np.diff(np.append(starts, len(values))), size


def part(rect: QRectF, k: int, count: int, *, vertical: bool, gap: float = 0.0) -> QRectF:
    """Cell ``k`` of ``count`` of a strip, with a ``gap`` to the next one."""
    if vertical:
        height = rect.height() / count
        return QRectF(rect.left(), rect.top() + k * height, rect.width(), height - gap)
    width = rect.width() / count
    return QRectF(rect.left() + k * width, rect.top(), width - gap, rect.height())


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """``first`` with ``share`` of ``second`` in it."""
    return QColor.fromRgbF(
        *(
            float(getattr(first, channel)() * (1 - share) + getattr(second, channel)() * share)
            for channel in ("redF", "greenF", "blueF")
        )
    )
