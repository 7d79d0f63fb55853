"""The bars of the Memory view: what every step wrote into c[t], and what became of one write."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF

from lstmviz.core.analysis.binning import bin_size
from lstmviz.core.analysis.retention import Contributions, Fate, UnitMemory
from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import number
from lstmviz.gui.style import number_font, readable_on
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas, mixed
from lstmviz.gui.views.memory.axis import StepAxis, ValueScale, round_up
from lstmviz.gui.views.memory.layout import INITIAL_WIDTH
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.timeline.cells import hatching
from lstmviz.gui.views.timeline.marks import FRAMED

PALE = 0.5
"""How much of the ground is mixed into the bars that are not named in the sum above."""

ROOM_FOR_NUMBERS = 44.0
"""The least width of a column that has its number written at its bar."""

FAINTEST = 0.1
"""The least height in pixels that leaves a trace."""


@dataclass(frozen=True, eq=False)
class Bins:
    """The visible steps in groups of ``size``: group b holds the steps b * size + 1 to (b + 1) * size.

    up, down  [n]  what is drawn above and below the zero line for each group from ``start`` on
    """

    size: int
    start: int
    up: Array
    down: Array

    @property
    def finite(self) -> BoolArray:
        """Whether each group has only finite numbers, [n]."""
        return np.isfinite(self.up) & np.isfinite(self.down)

    def beside(self, other: Bins | None) -> Bins:
        """As far as either goes: the bars that have room for both."""
        if other is None:
            return self
        return Bins(self.size, self.start, np.fmax(self.up, other.up), np.fmin(self.down, other.down))

    def steps(self, t: int, length: int) -> tuple[int, int]:
        """The first and the last step of the group that holds step ``t``."""
        first = (t - 1) // self.size * self.size + 1
        return first, min(first + self.size - 1, length)

    def sums(self, t: int) -> tuple[float, float]:
        """Up and down of the group that holds step ``t``."""
        group = (t - 1) // self.size - self.start
        return float(self.up[group]), float(self.down[group])


def summed_bins(parts: Contributions, axis: StepAxis) -> Bins:
    """Sums of the positive and of the negative parts of each group: bars that still add up."""
    size, start, stop = _groups(axis)
    edges = np.arange(0, stop - start * size, size)
    with np.errstate(all="ignore"):
        up, down = (np.add.reduceat(each[start * size : stop], edges) for each in (parts.rising, parts.falling))
    return Bins(size, start, up, down)


def largest_bins(fate: Fate, axis: StepAxis) -> Bins:
    """The largest value of each group; all that is left of a write has its sign."""
    size, start, stop = _groups(axis)
    edges = np.arange(0, stop - start * size, size)
    farthest = np.minimum if fate.first < 0 else np.maximum
    ends = farthest.reduceat(fate.values[start * size : stop], edges)
    return Bins(size, start, np.maximum(ends, 0.0), np.minimum(ends, 0.0))


def _groups(axis: StepAxis) -> tuple[int, int, int]:
    """The size of the groups that fit, the first visible one, and the step with which the last visible one ends."""
    size = bin_size(axis.axis.last - axis.axis.first, max(int(axis.axis.width / 2), 1))
    first, last = axis.visible
    return size, (first - 1) // size, min(((last - 1) // size + 1) * size, axis.length)


def writes_scale(memory: UnitMemory, bins: Bins, initial: float, height: float) -> ValueScale:
    """The scale of the bars in a plot of ``height`` pixels.

    It is made for the largest writes of the run, and halved only where that leaves all bars small: bars are seen to
    shrink from step to step, instead of the scale. Where a bar is a sum, it is made for the bars themselves.
    """
    up, down = bins.up[bins.finite], bins.down[bins.finite]
    low, high = float(down.min(initial=min(initial, 0.0))), float(up.max(initial=max(initial, 0.0)))
    if bins.size > 1:
        return ValueScale.of(round_up(low), round_up(high), height)
    finite = memory.writes[np.isfinite(memory.writes)]
    lowest, highest = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    fill = max(low / lowest if lowest else 0.0, high / highest if highest else 0.0)
    halved = 2.0 ** math.floor(-math.log2(fill)) if fill > 0 else 1.0
    return ValueScale.of(lowest / halved, highest / halved, height)


@dataclass(frozen=True)
class BarsPlot:
    """Where bars stand: the steps of a plot, and its values."""

    canvas: Canvas
    axis: StepAxis
    scale: ValueScale

    @property
    def hue(self) -> QColor:
        """Writes are parts of the cell state."""
        return self.canvas.theme.colour(Quantity.CELL_STATE)

    @property
    def pale(self) -> QColor:
        """The hue of bars that are not named."""
        return mixed(self.hue, QColor(self.canvas.theme.surface), PALE)

    def bar(self, column: QRectF, start: float, end: float) -> QRectF:
        """A bar in ``column`` between two values."""
        top, bottom = sorted((self.scale.y(start, self.axis.plot.whole), self.scale.y(end, self.axis.plot.whole)))
        gap = _gap(column.width())
        return QRectF(column.left() + gap, top, max(column.width() - 2 * gap, 1.0), bottom - top)

    def draw_bins(self, bins: Bins, full: list[int] | None = None) -> None:
        """All groups in the full hue; where ``full`` is given and a bar is one step, only the steps of ``full``."""
        painter, cells = self.canvas.painter, self.axis.plot.cells
        groups = np.arange(bins.start, bins.start + len(bins.up), dtype=float)
        left = self._x(groups * bins.size)
        right = self._x(np.minimum((groups + 1) * bins.size, self.axis.length))
        every = full is None or bins.size > 1
        named = np.ones(len(groups), np.bool_) if every else np.isin(groups + 1, full or [])
        painter.save()
        painter.setClipRect(cells, Qt.ClipOperation.IntersectClip)
        painter.setPen(Qt.PenStyle.NoPen)
        for chosen, colour in ((named, self.hue), (~named, self.pale)):
            painter.setBrush(colour)
            bars: list[QRectF] = []
            for ends in (bins.up, bins.down):
                seen = chosen & bins.finite & (np.abs(ends) * self._pixels >= FAINTEST)
                bars += self._bars(left[seen], right[seen], ends[seen])
            if bars:
                painter.drawRects(*bars)
        for group in np.flatnonzero(~bins.finite).tolist():
            broken = QRectF(float(left[group]), cells.top(), float(right[group] - left[group]), cells.height())
            painter.fillRect(broken, hatching(self.canvas.theme.warning))
        painter.restore()

    def draw_outlines(self, bins: Bins, beside: Bins) -> None:
        """Dashed outlines of ``bins``, what was before the what-ifs, where they are not those ``beside`` them."""
        painter, cells = self.canvas.painter, self.axis.plot.cells
        groups = np.arange(bins.start, bins.start + len(bins.up), dtype=float)
        left = self._x(groups * bins.size)
        right = self._x(np.minimum((groups + 1) * bins.size, self.axis.length))
        painter.save()
        painter.setClipRect(cells, Qt.ClipOperation.IntersectClip)
        painter.setPen(line_pen(self.canvas.theme.text, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ends, now in ((bins.up, beside.up), (bins.down, beside.down)):
            seen = np.isfinite(ends) & (np.abs(ends - now) * self._pixels >= 1)
            bars = self._bars(left[seen], right[seen], ends[seen])
            if bars:
                painter.drawRects(*bars)
        painter.restore()

    @property
    def _pixels(self) -> float:
        """Pixels for a value of 1."""
        return self.axis.plot.cells.height() / (self.scale.high - self.scale.low)

    def _x(self, edges: Array) -> Array:
        """Where the right edge of each step is."""
        axis = self.axis.axis
        return axis.left + (edges + 0.5 - axis.first) * axis.step_width

    def _bars(self, left: Array, right: Array, ends: Array) -> list[QRectF]:
        """Bars from 0 to ``ends``; as ``bar``, for many at once."""
        if not len(ends):
            return []
        gap = _gap(float((right - left).max()))
        zero = self.scale.y(0.0, self.axis.plot.cells)
        tips = zero - np.clip(ends, self.scale.low, self.scale.high) * self._pixels
        tops, heights = np.minimum(tips, zero), np.abs(tips - zero)
        widths = np.maximum(right - left - 2 * gap, 1.0)
        return list(map(QRectF, (left + gap).tolist(), tops.tolist(), widths.tolist(), heights.tolist()))

    def draw_initial(self, value: float, *, full: bool) -> None:
        """The bar of the initial state in its own column; a 0 where it adds nothing."""
        if value == 0:
            zero, top = self.scale.y(0.0, self.axis.plot.whole), self.axis.plot.whole.top()
            place = QRectF(self.axis.plot.initial.left(), zero - 15 if zero - top > 15 else zero + 1, INITIAL_WIDTH, 14)
            self.canvas.text(place, "0", self.canvas.theme.muted, 11, mono=True)
        if np.isfinite(value) and value:
            self.canvas.painter.fillRect(self.bar(self.axis.plot.initial, 0.0, value), self.hue if full else self.pale)

    def write_numbers(self, values: dict[int, float]) -> None:
        """The values at the ends of their bars, where columns are wide enough for all of them."""
        if self.axis.axis.step_width < ROOM_FOR_NUMBERS:
            return
        texts = {t: number(value, signed=True) for t, value in values.items() if value}
        metrics = QFontMetricsF(number_font(11))
        widest = max((metrics.horizontalAdvance(text) for text in texts.values()), default=0.0)
        if self.axis.axis.step_width < widest + 4:
            return
        for t, text in texts.items():
            column, value = self.axis.column(t), values[t]
            if column.width() < widest:
                continue
            bar = self.bar(column, 0.0, value)
            inside = self.axis.plot.whole
            if value > 0:
                place = QRectF(column.left(), max(bar.top() - 16, inside.top() - 12), column.width(), 15)
            else:
                place = QRectF(column.left(), min(bar.bottom() + 1, inside.bottom() - 3), column.width(), 15)
            self.canvas.text(place, text, self.canvas.theme.text, 11, mono=True)


def _gap(width: float) -> float:
    """The ground on either side of a bar in a column of that width."""
    return 3.0 if width >= 24 else 1.0 if width >= 6 else 0.0


def draw_veil(canvas: Canvas, axis: StepAxis, first: int, last: int, words: str) -> None:
    """The ground of the steps ``first`` to ``last``, for which there is nothing to draw, with the reason."""
    left = max(axis.axis.x(first - 0.5), axis.plot.cells.left())
    right = min(axis.axis.x(last + 0.5), axis.plot.cells.right())
    if right - left < 1:
        return
    place = QRectF(left, axis.plot.cells.top(), right - left, axis.plot.cells.height())
    canvas.painter.fillRect(place.adjusted(0, 0, 1, 0), QColor(canvas.theme.panel))
    if QFontMetricsF(canvas.painter.font()).horizontalAdvance(words) + 16 < place.width():
        canvas.text(place, words, canvas.theme.muted, 11)


def draw_cursor(canvas: Canvas, axis: StepAxis, t: int) -> None:
    """A light frame round the cursor's column, or a line where it is narrow."""
    first, last = axis.visible
    if not first <= t <= last:
        return
    colour = QColor(canvas.theme.text)
    colour.setAlpha(150)
    if axis.axis.step_width >= FRAMED:
        canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
        canvas.painter.setPen(line_pen(colour.name(QColor.NameFormat.HexArgb), width=1.4))
        canvas.painter.drawRoundedRect(axis.column(t).adjusted(0.5, -2, -0.5, 2), 3, 3)
        return
    x = axis.axis.x(t)
    canvas.painter.setPen(line_pen(colour.name(QColor.NameFormat.HexArgb), width=1.4))
    canvas.painter.drawLine(QLineF(x, axis.plot.cells.top() - 3, x, axis.plot.cells.bottom() + 3))


def draw_hovered_step(canvas: Canvas, axis: StepAxis, steps: tuple[int, int]) -> None:
    """A light ground behind the hovered step, or the group of steps that share a bar."""
    place = axis.column(steps[0]).united(axis.column(steps[1]))
    if not place.isEmpty():
        colour = QColor(canvas.theme.text)
        colour.setAlpha(26)
        canvas.painter.fillRect(place, colour)


def draw_half(bars: BarsPlot, fate: Fate) -> None:
    """A dotted line at half of what was written."""
    if not np.isfinite(fate.first) or fate.first == 0:
        return
    y = round(bars.scale.y(fate.first / 2, bars.axis.plot.whole)) + 0.5
    painter, theme = bars.canvas.painter, bars.canvas.theme
    painter.setPen(line_pen(theme.muted, Qt.PenStyle.DotLine))
    column, cells = bars.axis.column(fate.s), bars.axis.plot.cells
    reverse = bars.axis.initial_step > 0
    left = cells.left() if reverse else max(column.left(), bars.axis.plot.whole.left())
    right = min(column.right(), bars.axis.plot.whole.right()) if reverse else cells.right()
    if column.isEmpty() and not (cells.left() < bars.axis.axis.x(fate.s) < cells.right()):
        left, right = cells.left(), cells.right()
    painter.drawLine(QLineF(left, y, right, y))
    above = y - 15 if fate.first > 0 else y + 1
    if column.width() >= ROOM_FOR_NUMBERS:
        bars.canvas.text(QRectF(column.left(), above, column.width(), 14), "half", readable_on(bars.hue), 10)
    elif right - left >= 160:
        place = QRectF(left + 4 if reverse else right - 62, above, 58, 14)
        bars.canvas.text(place, "half of it", theme.muted, 10, align=LEFT if reverse else RIGHT)
