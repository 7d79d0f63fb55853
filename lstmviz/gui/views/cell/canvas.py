"""The strokes that the cell diagrams are made of: text, wires, strips of values, arrows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from lstmviz.core.arrays import Array
from lstmviz.core.quantity import Quantity
from lstmviz.gui.style import COLOUR_STEPS, Theme, number_font, text_font
from lstmviz.gui.views.heat_map import image_of

MOST_CELLS = 32
"""More units than this are drawn as bins, each the mean of several units."""

PALE = 0.22
"""Opacity of what is not known yet."""

READABLE = 10.0
"""The least height of words on the screen, in pixels, where there is room for it."""

GAPS_FROM = 4.0
"""Cells that are longer than this have a gap between them."""

Align = Qt.AlignmentFlag
LEFT = Align.AlignLeft | Align.AlignVCenter
RIGHT = Align.AlignRight | Align.AlignVCenter
CENTRE = Align.AlignCenter


class Region(NamedTuple):
    """A place that can be hovered and clicked: ``units`` are the first and last unit (or feature) drawn there.

    symbol    what stands there, named as in ``ValueReference``: f, z_f, df ...
    quantity  what it belongs to: the forget gate for all three
    before    it belongs to the step before
    is_box    it is a gate's whole box or a written number, not a cell of a strip
    baseline  it belongs to the vanilla RNN beside the network
    """

    rect: QRectF
    quantity: Quantity
    units: tuple[int, int]
    symbol: str
    before: bool = False
    is_box: bool = False
    baseline: bool = False


class Cells(NamedTuple):
    """A strip of cells, from which a Region a cell can be made; drawing must not wait for that."""

    rect: QRectF
    quantity: Quantity
    bins: int
    units: int
    vertical: bool
    symbol: str
    before: bool = False
    baseline: bool = False

    def regions(self) -> Iterator[Region]:
        """The regions of all cells; the last bin may have fewer units."""
        size = -(-self.units // self.bins)
        for k in range(self.bins):
            units = (k * size, min((k + 1) * size, self.units) - 1)
            rect = part(self.rect, k, self.bins, vertical=self.vertical)
            yield Region(rect, self.quantity, units, self.symbol, self.before, baseline=self.baseline)


def expanded(places: Sequence[Region | Cells]) -> list[Region]:
    """A Region for everything that was drawn."""
    return [region for place in places for region in (place.regions() if isinstance(place, Cells) else (place,))]


@dataclass
class Canvas:
    """A painter with a theme; collects the places that were drawn.

    scale     pixels on the screen to a unit of the drawing; small words grow with it where there is room
    baseline  what is drawn belongs to the vanilla RNN beside the network
    over      what is drawn stands there already, pale: drawn over that, a strength comes out as it should
    """

    painter: QPainter
    theme: Theme
    scale: float = math.inf
    baseline: bool = False
    over: bool = False
    places: list[Region | Cells] = field(default_factory=list)
    _strength: float = 1.0
    _hues: dict[Quantity, QColor] = field(default_factory=dict)

    def opacity(self, strength: float, *, least: float = 0.0) -> None:
        """From now on draw at ``strength``, 0 for not known yet to 1, but not paler than ``least``."""
        self._strength = min(max(strength, 0.0 if self.over else least), 1.0)
        self.painter.setOpacity(self._strength if self.over else PALE + (1 - PALE) * self._strength)

    @property
    def tells(self) -> bool:
        """Whether values are known at the present strength."""
        return self._strength > 0

    def hue(self, quantity: Quantity) -> QColor:
        """The one hue of a quantity; not to be changed."""
        if quantity not in self._hues:
            self._hues[quantity] = self.theme.colour(quantity)
        return self._hues[quantity]

    def faded_hue(self, quantity: Quantity) -> QColor:
        """The hue of a quantity where it belongs to the step before; not to be changed."""
        return faded(self.hue(quantity).rgb(), 153)

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
        grows: bool = True,
    ) -> None:
        """One line of text in ``rect``; it is never cut. A ``value`` is invisible until it is known.

        ``pixels`` are units of the drawing; where that is hard to read on the screen, a text that ``grows`` is as much
        larger as ``rect`` has room for.
        """
        if value and self._strength == 0:
            return
        if grows and pixels * self.scale < READABLE:
            pixels = self.readable(pixels, text, rect, bold=bold, mono=mono)
        painter = self.painter
        painter.setFont(number_font(pixels, bold=bold) if mono else text_font(pixels, bold=bold))
        painter.setPen(ink(colour) if isinstance(colour, str) else colour)
        painter.drawText(rect, _flags(align), text)

    def readable(self, pixels: int, text: str, rect: QRectF, *, bold: bool = False, mono: bool = False) -> int:
        """``pixels``, or what can be read on the screen as far as ``rect`` has room for it."""
        fits = min(rect.width() / max(_width_of(text, bold=bold, mono=mono), 0.1), rect.height() / _LINE)
        return max(pixels, min(math.ceil(READABLE / self.scale), int(fits)))

    def place(
        self, rect: QRectF, quantity: Quantity, unit: int, symbol: str = "", *, before: bool = False, box: bool = True
    ) -> None:
        """``rect`` shows one unit's number, or all of a gate; it can be hovered and clicked."""
        symbol = symbol or quantity.symbol
        self.places.append(Region(rect, quantity, (unit, unit), symbol, before, box, self.baseline))

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
        fill = ink(self.theme.raised)
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
        symbol: str = "",
        units: int = 0,
        largest: float = 1.0,
        gate: bool = False,
        pinned: int = -1,
        vertical: bool = False,
        before: bool = False,
    ) -> None:
        """A vector as coloured cells, unit 0 left or on top; the pinned unit outlined.

        A ``gate``'s values run over 0..1, others over -``largest``..``largest``. Values that are binned already come
        with how many ``units`` they are of; ``pinned`` is a unit all the same.
        """
        shown = binned(values)[0]
        count, units = len(shown), units or len(values)
        place = Cells(rect, quantity, count, units, vertical, symbol or quantity.symbol, before, self.baseline)
        self.places.append(place)
        index, finite = colour_index(shown, gate=gate, largest=largest)
        length = rect.height() if vertical else rect.width()
        if length / count > GAPS_FROM:
            colours = self.theme.colours(signed=not gate)
            fill = self.painter.fillRect
            for cell, k in zip(cells_of(rect, count, vertical=vertical, gap=1.0), index.tolist(), strict=True):
                fill(cell, colours[k])
        else:
            packed = self.theme.lookup(signed=not gate)[index]
            self.painter.drawImage(rect, image_of(packed[:, None] if vertical else packed[None, :]))
        if finite is not None:
            for k in np.flatnonzero(~finite).tolist():
                self.painter.fillRect(part(rect, k, count, vertical=vertical), ink(self.theme.warning))
        if 0 <= pinned < units and units > 1:
            self.outline(part(rect, pinned // -(-units // count), count, vertical=vertical))

    def outline(self, rect: QRectF) -> None:
        """The frame round the pinned unit."""
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.setPen(_frame_pen(self.theme.text))
        self.painter.drawRect(rect.adjusted(-1.2, -1.2, 0.7, 0.7))


@cache
def _flags(align: Align) -> int:
    """How painters want an alignment, on one line that is never cut."""
    return int((align | Align.AlignVCenter).value) | int(Qt.TextFlag.TextDontClip.value)


@cache
def ink(name: str) -> QColor:
    """A theme's colour by its name, such as #1b1f24; not to be changed."""
    return QColor(name)


@lru_cache(512)
def faded(rgb: int, alpha: int) -> QColor:
    """A colour with an ``alpha`` of 0 to 255; not to be changed."""
    colour = QColor(rgb)
    colour.setAlpha(alpha)
    return colour


@cache
def _frame_pen(name: str) -> QPen:
    return QPen(QColor(name), 1.6)


_LINE = 1.12
"""Height of a line of text by its size, without the room that is between lines."""


def _width_of(text: str, *, bold: bool, mono: bool) -> float:
    """The width of a text by its size."""
    if mono:
        return len(text) * _width_of_words("0", bold, True)
    return _width_of_words(text, bold, False)


@lru_cache(512)
def _width_of_words(text: str, bold: bool, mono: bool) -> float:
    font: QFont = number_font(100, bold=bold) if mono else text_font(100, bold=bold)
    return QFontMetricsF(font).horizontalAdvance(text) / 100


def colour_index(values: Array, *, gate: bool, largest: float) -> tuple[NDArray[np.intp], NDArray[np.bool_] | None]:
    """The place of each value in a colour map, and which ones are finite (None: all); the others are at 0."""
    top = COLOUR_STEPS - 1
    finite = np.isfinite(values)
    every = bool(finite.all())
    if not every:
        values = np.where(finite, values, 0.0)
    scaled = values * top if gate else values / (largest or 1.0) * (top / 2) + top / 2
    return scaled.clip(0, top).astype(np.intp), None if every else finite


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


def cells_of(rect: QRectF, count: int, *, vertical: bool, gap: float = 0.0) -> tuple[QRectF, ...]:
    """The ``count`` cells of a strip, from the left or the top, with a ``gap`` between them; not to be changed."""
    return _cells(rect.left(), rect.top(), rect.width(), rect.height(), count, vertical, gap)


@lru_cache(256)
def _cells(
    left: float, top: float, width: float, height: float, count: int, vertical: bool, gap: float
) -> tuple[QRectF, ...]:
    rect = QRectF(left, top, width, height)
    return tuple(part(rect, k, count, vertical=vertical, gap=gap) for k in range(count))


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
