"""Loss against learning rate: where training learns, and where it bursts."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from lstmviz.core.text import significant
from lstmviz.core.training.learning_rate import RatePoint
from lstmviz.gui.style import LIGHT, Theme
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.training.axes import log_ticks
from lstmviz.gui.views.training.table_twin import Table

_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 14, 24, 34
_FLOOR = 1e-12


class RatePlot(QWidget):
    """Both axes are logarithmic: rates from left to right, the loss upwards. The rate that is chosen is marked."""

    hovered = pyqtSignal(str)
    """The values under the mouse in words; empty for none."""
    rate_chosen = pyqtSignal(float)
    """The user clicked another rate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rate_plot")
        self.setAccessibleName("Loss against learning rate")
        self.setToolTip("Thin: the loss of each update; thick: smoothed. Click to take another rate.")
        self.setMinimumSize(320, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self._points: tuple[RatePoint, ...] = ()
        self._range = (1e-5, 1.0)
        self._rate: float | None = None
        self._loss_name = "loss"
        self._theme = LIGHT

    def sizeHint(self) -> QSize:
        """Room to see a valley."""
        return QSize(560, 300)

    def show_points(self, points: tuple[RatePoint, ...], loss_name: str, lowest: float, highest: float) -> None:
        """Draw what was tried so far, of the rates from ``lowest`` to ``highest``."""
        self._points, self._loss_name, self._range = points, loss_name, (lowest, highest)
        self.setAccessibleDescription(self.summary())
        self.update()

    def show_rate(self, rate: float | None) -> None:
        """Mark a rate; None for none."""
        self._rate = rate
        self.setAccessibleDescription(self.summary())
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def summary(self) -> str:
        """A sentence for screen readers."""
        if not self._points:
            return "Nothing was tried yet."
        best = min(self._points, key=lambda point: point.smoothed)
        words = f"The smoothed loss is least at a rate of {significant(best.rate, 2)}: {significant(best.smoothed, 3)}."
        return words + (f" Marked: {significant(self._rate, 2)}." if self._rate is not None else "")

    def table(self) -> Table:
        """What it draws, a row an update."""
        header = ("learning rate", f"{self._loss_name} of the batch", "smoothed")
        rows = [
            (significant(point.rate, 3), significant(point.loss, 5), significant(point.smoothed, 5))
            for point in self._points
        ]
        return header, rows

    # Geometry

    def plot_rect(self) -> QRectF:
        """Where the curves are."""
        return QRectF(_LEFT, _TOP, max(self.width() - _LEFT - _RIGHT, 20), max(self.height() - _TOP - _BOTTOM, 20))

    def x_of(self, rate: float) -> float:
        """Pixels from the left."""
        rect, (low, high) = self.plot_rect(), np.log10(self._range)
        return float(rect.left() + (np.log10(rate) - low) / (high - low) * rect.width())

    def rate_at(self, x: float) -> float:
        """The rate at ``x`` pixels from the left, inside of what is drawn."""
        rect, (low, high) = self.plot_rect(), np.log10(self._range)
        share = min(max((x - rect.left()) / rect.width(), 0.0), 1.0)
        return float(10 ** (low + share * (high - low)))

    def _heights(self) -> tuple[float, float]:
        losses = np.array([value for point in self._points for value in (point.loss, point.smoothed)])
        losses = np.log10(np.maximum(losses[np.isfinite(losses)], _FLOOR))
        if not len(losses):
            return -1.0, 0.0
        margin = max(0.06 * float(np.ptp(losses)), 0.05)
        return float(losses.min()) - margin, float(losses.max()) + margin

    # Painting

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Axes, curves, the mark."""
        theme = self._theme
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(theme.surface))
            canvas, rect, (low, high) = Canvas(painter, theme), self.plot_rect(), self._heights()
            canvas.text(QRectF(4, 2, rect.width(), 18), self._loss_name, theme.text, 12, bold=True, align=LEFT)
            for value, words in log_ticks(low, high, max(int(rect.height() // 26), 2)):
                y = rect.bottom() - (value - low) / (high - low) * rect.height()
                painter.setPen(line_pen(theme.border))
                painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
                canvas.text(QRectF(0, y - 7, _LEFT - 6, 14), words, theme.muted, 10, align=RIGHT)
            lowest, highest = np.log10(self._range).tolist()
            for value, words in log_ticks(lowest, highest, max(int(rect.width() // 60), 2)):
                x = self.x_of(10**value)
                painter.setPen(line_pen(theme.border))
                painter.drawLine(QLineF(x, rect.top(), x, rect.bottom()))
                canvas.text(QRectF(x - 30, rect.bottom() + 2, 60, 13), words, theme.muted, 10)
            canvas.text(QRectF(rect.left(), rect.bottom() + 16, rect.width(), 15), "learning rate", theme.text, 11)
            if self._points:
                self._draw_curves(painter, rect, low, high)
            self._draw_mark(canvas, rect)

    def _draw_curves(self, painter: QPainter, rect: QRectF, low: float, high: float) -> None:
        across = [self.x_of(point.rate) for point in self._points]
        for values, opacity, width in (
            ([point.loss for point in self._points], 0.45, 1.0),
            ([point.smoothed for point in self._points], 1.0, 2.0),
        ):
            logs = np.log10(np.maximum(np.nan_to_num(values, posinf=10.0**high), _FLOOR))
            heights = rect.bottom() - (logs - low) / (high - low) * rect.height()
            painter.setOpacity(opacity)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, width > 1)
            painter.setPen(line_pen(self._theme.hidden, Qt.PenStyle.SolidLine, width))
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(across, heights.tolist(), strict=True)]))
        painter.setOpacity(1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_mark(self, canvas: Canvas, rect: QRectF) -> None:
        if self._rate is None:
            return
        x = self.x_of(self._rate)
        canvas.painter.setPen(line_pen(self._theme.text, Qt.PenStyle.DashLine, 1.4))
        canvas.painter.drawLine(QLineF(x, rect.top(), x, rect.bottom()))
        on_left = x > rect.center().x()
        place = QRectF(x - 206 if on_left else x + 6, rect.top() - 1, 200, 15)
        words = f"rate {self._rate:g}"
        canvas.text(place, words, self._theme.text, 12, bold=True, align=RIGHT if on_left else LEFT)

    # The mouse

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take the rate under the mouse."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton and self._points:
            self.rate_chosen.emit(self.rate_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Say the loss there."""
        if event is None or not self._points:
            return
        rate = self.rate_at(event.position().x())
        nearest = min(self._points, key=lambda point: abs(np.log(point.rate / rate)))
        self.hovered.emit(
            f"At a rate of {significant(nearest.rate, 2)} the loss was {significant(nearest.loss, 3)}, "
            f"smoothed {significant(nearest.smoothed, 3)}"
        )

    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is under the mouse."""
        self.hovered.emit("")
