"""The error of each step as a strip of bars on a logarithmic scale, with the line up to which it is rounding."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QEvent, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.text import number, superscript_power
from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.io.models.self_test import SelfTest

_HEIGHT = 96
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 74, 8, 20
_FLOOR = 1e-17
"""Errors below, also 0, are drawn as this: a logarithm needs one."""


class ErrorStrip(QWidget):
    """Bars from the floor up, red where an error is more than rounding. Many steps share a bar: the largest counts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_test_errors")
        self.setAccessibleName("The largest error of each step")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._theme = LIGHT
        self._test: SelfTest | None = None

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def show_test(self, test: SelfTest | None) -> None:
        """Show the errors of ``test``, or nothing."""
        self._test = test
        said = ""
        if test is not None:
            above = int((test.step_errors > test.tolerance).sum())
            said = (
                f"{above:,} of {len(test.steps):,} compared steps have an error of more than {number(test.tolerance)}"
            )
        self.setAccessibleDescription(said)
        self.update()

    def sizeHint(self) -> QSize:
        """Qt's hook."""
        return QSize(300, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Qt's hook."""
        return QSize(160, _HEIGHT)

    def words_at(self, x: int) -> str:
        """The steps of the bar at x in pixels and their largest error; empty beside the bars."""
        if self._test is None:
            return ""
        bars = self._bars(self._test)
        area = self._area()
        place = math.floor((x - area.left()) / self._pitch(len(bars)))
        if not 0 <= place < len(bars):
            return ""
        first, last = (round(edge * len(self._test.steps) / len(bars)) for edge in (place, place + 1))
        steps = self._test.steps[first:last]
        named = f"step {steps[0]:,}" if len(steps) == 1 else f"steps {steps[0]:,} to {steps[-1]:,}"
        return f"{named}: largest error {number(float(bars[place]))}"

    def event(self, event: QEvent | None) -> bool:
        """Qt's hook: the tip says the number of the bar under the mouse."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(event.pos().x()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt's hook."""
        test = self._test
        if test is None:
            return
        with QPainter(self) as painter:
            painter.setFont(text_font(11))
            bars, area = self._bars(test), self._area()
            highest = self._highest(test)
            pitch = self._pitch(len(bars))
            for place, error in enumerate(bars):
                colour = self._theme.warning if error > test.tolerance else self._theme.input
                height = area.height() * _fraction(float(error), highest)
                left = area.left() + place * pitch
                bar = QRectF(left, area.bottom() - height, max(pitch - (1 if pitch > 3 else 0), 1), height)
                painter.fillRect(bar, QColor(colour))
            self._paint_axes(painter, area, test, highest)

    def _paint_axes(self, painter: QPainter, area: QRectF, test: SelfTest, highest: float) -> None:
        painter.setPen(QPen(QColor(self._theme.border)))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        y = area.bottom() - area.height() * _fraction(test.tolerance, highest)
        painter.setPen(QPen(QColor(self._theme.text), 1, Qt.PenStyle.DashLine))
        painter.drawLine(round(area.left()), round(y), round(area.right()), round(y))
        painter.setPen(QColor(self._theme.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(area.right() + 6, y - 8, _RIGHT - 6, 16), left, "rounding")
        top, floor = (superscript_power(round(math.log10(size))) for size in (highest, _FLOOR))
        painter.drawText(QRectF(0, area.top() - 6, _LEFT - 6, 14), right, top)
        painter.drawText(QRectF(0, area.bottom() - 9, _LEFT - 6, 14), right, floor)
        below = QRectF(area.left(), area.bottom() + 3, area.width(), 14)
        if len(test.steps) == 1:
            painter.drawText(below, left, f"step {test.steps[0]:,} alone")
        else:
            painter.drawText(below, left, f"step {test.steps[0]:,}")
            painter.drawText(below, right, f"{test.steps[-1]:,}")

    def _area(self) -> QRectF:
        return QRectF(_LEFT, _TOP, max(self.width() - _LEFT - _RIGHT, 1), self.height() - _TOP - _BOTTOM)

    def _bars(self, test: SelfTest) -> Array:
        """The largest error of each bar: of a step, or of several where they are more than pixels."""
        steps, most = len(test.steps), max(int(self._area().width()), 1)
        if steps <= most:
            return test.step_errors
        edges = np.round(np.arange(most) * steps / most).astype(int)
        bars: Array = np.maximum.reduceat(test.step_errors, edges)
        return bars

    def _pitch(self, bars: int) -> float:
        return float(self._area().width() / bars)

    @staticmethod
    def _highest(test: SelfTest) -> float:
        """The top of the scale, a whole power of ten."""
        finite = test.step_errors[np.isfinite(test.step_errors)]
        largest = max(float(finite.max(initial=0.0)), 10 * test.tolerance)
        return float(10.0 ** math.ceil(math.log10(largest)))


def _fraction(error: float, highest: float) -> float:
    """How high an error stands between the floor and the top, 0 to 1."""
    if not math.isfinite(error):
        return 1.0
    above = math.log10(max(error, _FLOOR) / _FLOOR) / math.log10(highest / _FLOOR)
    return min(max(above, 0.0), 1.0)
