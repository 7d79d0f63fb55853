"""The axes of the Memory view: steps and what is read there below, values on the left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF

from lstmviz.core.arrays import Array
from lstmviz.core.text import MINUS
from lstmviz.gui.style import text_font
from lstmviz.gui.views.cell.canvas import RIGHT, Canvas
from lstmviz.gui.views.memory.layout import GUTTER, StepsPlot
from lstmviz.gui.views.memory.words import StepNames
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.time_axis import TimeAxis, TimeRange, fitting_interval, ticks

NUMBER_HEIGHT = 17.0
"""What a number at the end of a bar takes."""

SPARSEST_TOKENS = 5
"""What is read is left out where fewer than every fifth would fit."""

WIDEST_TOKEN = 90.0

_LARGEST, _SMALLEST = 1e307, 1e-300
"""An axis ends there: the length of a longer one would be infinite, and no round number divides a shorter one."""


@dataclass(frozen=True)
class Label:
    """A text on the axis."""

    text: str
    rect: QRectF


@dataclass(frozen=True)
class ValueScale:
    """The vertical extent of a plot of signed values; it contains 0."""

    low: float
    high: float

    @staticmethod
    def of(low: float, high: float, height: float) -> ValueScale:
        """The scale that holds ``low``, ``high`` and 0 in ``height`` pixels, with room for numbers at the ends."""
        return ValueScale.around(low, high, min(NUMBER_HEIGHT / max(height - 2 * NUMBER_HEIGHT, 1.0), 0.4))

    @staticmethod
    def around(low: float, high: float, share: float) -> ValueScale:
        """The scale that holds ``low``, ``high`` and 0, and beyond those ends a ``share`` of its length."""
        low = max(min(low, 0.0), -_LARGEST) if math.isfinite(low) else 0.0
        high = min(max(high, 0.0), _LARGEST) if math.isfinite(high) else 0.0
        if high - low < _SMALLEST:
            return ValueScale(-1.0, 1.0)
        room = share * (high - low)
        return ValueScale(low - (room if low < 0 else 0), high + (room if high > 0 else 0))

    def share(self, value: float) -> float:
        """How far ``value`` is on the way from the low to the high end; beyond them it is held there."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def y(self, value: float, rect: QRectF) -> float:
        """Where ``value`` stands in a plot."""
        return rect.bottom() - self.share(value) * rect.height()

    def heights(self, values: Array, rect: QRectF) -> Array:
        """``y`` of many values; nan stays nan."""
        shares = (np.clip(values, self.low, self.high) - self.low) / (self.high - self.low)
        return rect.bottom() - shares * rect.height()

    def ticks(self, most: int) -> list[float]:
        """At most about ``most`` round values, 0 among them."""
        rough = (self.high - self.low) / max(most, 1)
        power = 10.0 ** math.floor(math.log10(rough))
        interval = next((factor * power for factor in (1, 2, 5) if factor * power >= rough), 10 * power)
        first, last = math.ceil(self.low / interval), math.floor(self.high / interval)
        return [k * interval for k in range(first, last + 1)]


def round_up(value: float) -> float:
    """The next round number, so that a scale changes seldom; the sign is kept."""
    if value == 0 or not math.isfinite(value):
        return 0.0
    power = 10.0 ** math.floor(math.log10(abs(value)))
    size = next((factor * power for factor in (1, 1.5, 2, 3, 4, 5, 6, 8) if factor * power >= abs(value)), 10 * power)
    return math.copysign(size, value)


def draw_value_axis(canvas: Canvas, plot: StepsPlot, scale: ValueScale) -> None:
    """Round values on the left with faint lines, the line at 0 stronger."""
    rect, theme = plot.whole, canvas.theme
    for value in scale.ticks(max(int(rect.height() / 34), 1)):
        y = round(scale.y(value, rect)) + 0.5
        canvas.painter.setPen(line_pen(theme.faint if value == 0 else theme.border))
        canvas.painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
        text = f"{value:.6g}".replace("-", MINUS)
        canvas.text(QRectF(rect.left() - GUTTER, y - 7, GUTTER - 6, 14), text, theme.muted, 10, align=RIGHT)


@dataclass(frozen=True)
class StepAxis:
    """The steps of one plot: where they are, how they are called, and the step of the initial state beside them."""

    plot: StepsPlot
    axis: TimeAxis
    length: int
    names: StepNames
    initial_step: int

    @staticmethod
    def over(plot: StepsPlot, shown: TimeRange, length: int, names: StepNames, initial_step: int) -> StepAxis:
        """The axis of ``plot`` for the visible time."""
        return StepAxis(plot, TimeAxis(*shown, plot.cells.left(), plot.cells.width()), length, names, initial_step)

    @property
    def visible(self) -> tuple[int, int]:
        """The first and the last step of which anything is seen."""
        return self.axis.visible(self.length)

    def column(self, t: int) -> QRectF:
        """The column of a step, at least two pixels wide; empty where it is out of sight."""
        plot = self.plot
        if not 1 <= t <= self.length:
            return plot.initial
        left, right = self.axis.x(t - 0.5), self.axis.x(t + 0.5)
        if right - left < 2:
            left, right = self.axis.x(t) - 1, self.axis.x(t) + 1
        return QRectF(left, plot.cells.top(), right - left, plot.cells.height()).intersected(plot.cells)

    @cached_property
    def labels(self) -> tuple[tuple[Label, ...], ...]:
        """The labels that fit, for every line of the axis."""
        if not self.plot.axis:
            return ()
        metrics = QFontMetricsF(text_font(11))

        def step_width(t: int) -> float:
            return metrics.horizontalAdvance(f"{t:,}")

        def token_width(t: int) -> float:
            return max(metrics.horizontalAdvance(self._token(metrics, t)), step_width(t))

        two = len(self.plot.axis) == 2
        tokens = fitting_interval(self.axis, self.length, token_width, 8, SPARSEST_TOKENS) if two else None
        interval = tokens or fitting_interval(self.axis, self.length, step_width, 10) or self.length
        marks = ticks(*self.visible, interval)
        numbers = tuple(self._label(metrics, t, f"{t:,}", -1) for t in marks)
        if not two:
            return (numbers,)
        return tuple(self._label(metrics, t, self._token(metrics, t), 0) for t in marks if tokens), numbers

    def current(self, t: int) -> tuple[Label, ...]:
        """The labels of one step in bold, a line each."""
        metrics = QFontMetricsF(text_font(11, bold=True))
        texts = (self._token(metrics, t), f"{t:,}")[-len(self.plot.axis) :]
        return tuple(self._label(metrics, t, text, line) for line, text in enumerate(texts))

    def _token(self, metrics: QFontMetricsF, t: int) -> str:
        return metrics.elidedText(self.names.label(t), Qt.TextElideMode.ElideRight, WIDEST_TOKEN)

    def _label(self, metrics: QFontMetricsF, t: int, text: str, line: int) -> Label:
        """Centred under the step, kept off the initial state's labels and inside the plot."""
        place, width = self.plot.axis[line], metrics.horizontalAdvance(text) + 4
        left = min(max(self.axis.x(t) - width / 2, place.left() - 3), place.right() - width + 6)
        return Label(text, QRectF(left, place.top(), width, place.height()))


def draw_step_axis(canvas: Canvas, axis: StepAxis) -> None:
    """Numbers of steps, and on a line of its own what is read there."""
    plot, theme = axis.plot, canvas.theme
    captions = ("read", "step")[-len(plot.axis) :] if plot.axis else ()
    for line, labels, words in zip(plot.axis, axis.labels, captions, strict=True):
        for label in labels:
            canvas.text(label.rect, label.text, theme.text if words == "read" else theme.muted, 11)
        caption = QRectF(plot.whole.left() - GUTTER, line.top(), GUTTER - 6, line.height())
        canvas.text(caption, words, theme.muted, 10, align=RIGHT)
        beside = QRectF(plot.initial.left() - 4, line.top(), plot.initial.width() + 8, line.height())
        canvas.text(beside, "start" if words == "read" else str(axis.initial_step), theme.muted, 10)


def draw_current_step(canvas: Canvas, axis: StepAxis, t: int) -> None:
    """The labels of the cursor's step in bold, in the place of those that they would touch."""
    first, last = axis.visible
    if not axis.plot.axis or not first <= t <= last:
        return
    ground = QColor(canvas.theme.surface)
    for labels, current in zip(axis.labels, axis.current(t), strict=True):
        for label in labels:
            if label.rect.adjusted(-2, 0, 2, 0).intersects(current.rect):
                canvas.painter.fillRect(label.rect, ground)
        canvas.painter.fillRect(current.rect, ground)
        canvas.text(current.rect, current.text, canvas.theme.text, 11, bold=True)
