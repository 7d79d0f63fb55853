"""A plot of derivatives over the steps on a log axis, named by line, marker and words, and its legend."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pyqtgraph
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QGraphicsItem, QLabel, QSizePolicy, QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.sequence import Sequence
from lstmviz.gui.style import LIGHT, Theme, number_font, text_font
from lstmviz.gui.views.gradients.plot import CEILING_TIP, FLOOR_TIP, CurveStyle, clear_side
from lstmviz.gui.views.paths.analysis import PathCurve
from lstmviz.gui.views.plotting import (
    FEW_STEPS,
    MARKER_PIXELS,
    SMOOTH_STEPS,
    MagnitudeAxis,
    MagnitudeScale,
    StepPlot,
    Zone,
    draw_marker,
    line_pen,
)
from lstmviz.gui.views.time_axis import TimeAxis, TimeRange, clamped_range, whole

ONE_TIP = "Above this line a small change of the state grows on its way to the last step, below it shrinks."

Item = TypeVar("Item", bound=QGraphicsItem)


def path_styles(theme: Theme) -> dict[str, CurveStyle]:
    """The look of each curve, by ``PathCurve.key``, from back to front."""
    line = Qt.PenStyle
    return {
        "baseline": CurveStyle(theme.rnn, line.DotLine, "t"),
        "main": CurveStyle(theme.hidden, line.SolidLine, "o"),
        "forget": CurveStyle(theme.forget, line.DashDotLine, "t"),
        "held_h": CurveStyle(theme.cell, line.DashLine, "s"),
        "total": CurveStyle(theme.cell, line.SolidLine, "o"),
    }


HOLLOW = ("baseline", "held_h")
"""Curves whose markers are not filled."""


def path_scale(curves: list[Array]) -> MagnitudeScale:
    """The scale that shows these log10 values, with 1 in sight, and at least a decade."""
    values = np.concatenate(curves)
    finite = values[np.isfinite(values)]
    low, high = (min(float(finite.min()), 0.0), max(float(finite.max()), 0.0)) if len(finite) else (-1.0, 0.0)
    spread = max(0.07 * (high - low), (1.0 - (high - low)) / 2)
    low, high = low - spread, high + spread
    strip = MagnitudeScale(low, high).strip
    floor = low - 0.75 * strip if bool((values == -np.inf).any()) else None
    ceiling = high + 0.75 * strip if bool((np.isnan(values) | (values == np.inf)).any()) else None
    return MagnitudeScale(low, high, floor, ceiling)


class PathsPlot(StepPlot):
    """Curves of log10 values over the steps. They stay cached while the cursor moves."""

    def __init__(self, keys: tuple[str, ...], parent: QWidget | None = None) -> None:
        self._magnitudes = MagnitudeAxis()
        super().__init__(self._magnitudes, parent)
        self._theme = LIGHT
        self._curves: tuple[PathCurve, ...] = ()
        self._t = 1
        self._time = whole(1)
        self._scale = MagnitudeScale(-1, 0)
        self.floor = Zone(self, "exactly 0", Qt.PenStyle.SolidLine, FLOOR_TIP)
        self.ceiling = Zone(self, "infinite or not a number", Qt.PenStyle.SolidLine, CEILING_TIP)
        self.one = self._add(pyqtgraph.InfiniteLine(angle=0, movable=False))
        self.one.setZValue(-5)
        self.one.setToolTip(ONE_TIP)
        self.items_by_key = {key: self._make_curve() for key in path_styles(LIGHT) if key in keys}
        self._hover_line, self.cursor_line = self._make_line(), self._make_line()
        self.dots = {key: self._make_dot(style.marker) for key, style in path_styles(LIGHT).items() if key in keys}
        self._read_out = QLabel(self)
        self._read_out.setTextFormat(Qt.TextFormat.RichText)
        self._read_out.setFont(text_font(12))
        self._read_out.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide_read_out()
        self.set_theme(LIGHT)

    @property
    def magnitude_scale(self) -> MagnitudeScale:
        """The vertical scale of what is shown now."""
        return self._scale

    def show_curves(self, curves: tuple[PathCurve, ...], sequence: Sequence, shown: TimeRange) -> None:
        """Draw other curves, the visible time from edge to edge."""
        self._curves, self._time = curves, shown
        self.length = sequence.length
        self._t = min(self._t, self.length)
        self.steps.show_labels(sequence.labels)
        self.hide_read_out()
        self._fit()

    def clear_curves(self) -> None:
        """Draw none, as while they are being computed."""
        self._curves = ()
        self.hide_read_out()
        self.floor.hide()
        self.ceiling.hide()
        for key, item in self.items_by_key.items():
            item.setData([], [])
            self.dots[key].setVisible(False)

    def show_time(self, shown: TimeRange) -> None:
        """Show the time from edge to edge and fit the height to what is there."""
        self._time = shown
        self._fit()

    def show_step(self, t: int) -> None:
        """Put the cursor on step t: moves a line and a dot a curve, and repaints no curve."""
        self._t = t
        self.cursor_line.setValue(t)
        curves = {curve.key: curve for curve in self._curves}
        for key, dot in self.dots.items():
            dot.setVisible(key in curves)
            if key in curves:
                dot.setPos(QPointF(t, float(self._scale.placed(curves[key].log10[t - 1 : t])[0])))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.set_colours(theme)
        for key, dot in self.dots.items():
            dot.setBrush(QColor(path_styles(theme)[key].colour))
            dot.setPen(line_pen(theme.surface))
        self.cursor_line.setPen(line_pen(theme.text))
        self._hover_line.setPen(line_pen(theme.faint))
        self.one.setPen(line_pen(theme.faint))
        self.floor.set_colours(theme.muted, 0.12)
        self.ceiling.set_colours(theme.muted, 0.12)
        self._read_out.setStyleSheet(
            f"background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border}; padding: 4px;"
        )
        self._fit()

    def show_read_out(self, t: int) -> None:
        """Write the values of all curves at step t beside the mouse."""
        styles = path_styles(self._theme)
        rows = "".join(
            f"<tr><td style='color:{styles[curve.key].colour}'>{curve.name}&nbsp;&nbsp;</td>"
            f"<td align='right'>{curve.at(t)}</td></tr>"
            for curve in self._curves
        )
        self._read_out.setText(f"<b>t = {t:,}</b><table>{rows}</table>")
        self._read_out.adjustSize()
        self.show_hovered_step(t)
        x = self.mapFromScene(self.getViewBox().mapViewToScene(QPointF(t, self._scale.top))).x()
        inside = self.getViewBox().sceneBoundingRect()
        fits = x + 10 + self._read_out.width() <= inside.right()
        left = x + 10 if fits else max(x - 10 - self._read_out.width(), 0)
        self._read_out.move(int(left), int(inside.top()) + 6)
        self._read_out.show()

    def show_hovered_step(self, t: int | None) -> None:
        """A thin line at the step that the mouse is over; None for none."""
        self._hover_line.setVisible(t is not None)
        if t is not None:
            self._hover_line.setValue(t)

    def hide_read_out(self) -> None:
        """Take the values beside the mouse away."""
        self._read_out.hide()
        self._hover_line.hide()

    @property
    def read_out(self) -> str:
        """What stands beside the mouse; empty when hidden."""
        return "" if self._read_out.isHidden() else self._read_out.text()

    def _make_curve(self) -> pyqtgraph.PlotDataItem:
        item = pyqtgraph.PlotDataItem(skipFiniteCheck=True)
        self.addItem(item, ignoreBounds=True)
        for part in (item.curve, item.scatter):
            part.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        return item

    def _make_dot(self, marker: str) -> pyqtgraph.TargetItem:
        dot = self._add(pyqtgraph.TargetItem(movable=False, size=11, symbol=marker))
        dot.setZValue(20)
        return dot

    def _make_line(self) -> pyqtgraph.InfiniteLine:
        line = self._add(pyqtgraph.InfiniteLine(angle=90, movable=False))
        line.setZValue(10)
        return line

    def _add(self, item: Item) -> Item:
        self.addItem(item, ignoreBounds=True)
        return item

    def _fit(self) -> None:
        """Set both ranges, the data on floor and ceiling, and everything that hangs on them."""
        if not self._curves:
            return
        left, right = clamped_range(*self._time, self.length)
        first, last = TimeAxis(left, right, 0, 1).visible(self.length)
        self._scale = scale = path_scale([curve.log10[first - 1 : last] for curve in self._curves])
        self._magnitudes.show_scale(scale)
        super().show_time((left, right))
        self.setYRange(scale.bottom, scale.top, padding=0)
        self.name_axis()
        self._place_curves(last - first + 1)
        heights = np.array([scale.placed(curve.log10[first - 1 : last]) for curve in self._curves])
        self.floor.hide()
        self.ceiling.hide()
        if scale.floor is not None:
            side = clear_side(heights, scale.floor, scale.low)
            self.floor.show((left, right), (scale.bottom, scale.low), scale.floor, (side, 1))
        if scale.ceiling is not None:
            side = clear_side(heights, scale.high, scale.ceiling)
            self.ceiling.show((left, right), (scale.high, scale.top), scale.ceiling, (side, 0))
        self.show_step(self._t)

    def _place_curves(self, visible: int) -> None:
        x = np.arange(1.0, self.length + 1)
        curves = {curve.key: curve for curve in self._curves}
        smooth = visible <= SMOOTH_STEPS
        for key, item in self.items_by_key.items():
            style = path_styles(self._theme)[key]
            item.setVisible(key in curves)
            if key not in curves:
                item.setData([], [])
                continue
            item.setData(
                x,
                self._scale.placed(curves[key].log10),
                pen=line_pen(style.colour, style.line, 2 if smooth else 1),
                antialias=smooth,
                symbol=style.marker if visible <= FEW_STEPS else None,
                symbolSize=MARKER_PIXELS if visible <= FEW_STEPS // 2 else MARKER_PIXELS - 2,
                symbolBrush=self._theme.surface if key in HOLLOW else style.colour,
                symbolPen=line_pen(style.colour),
            )


class PathsLegend(QWidget):
    """A row a curve: how it is drawn, its name, what it means in a sentence, and its value at the cursor."""

    ROW = 18
    SAMPLE = 40

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._curves: tuple[PathCurve, ...] = ()
        self._t = 1
        self._theme = LIGHT

    def show_curves(self, curves: tuple[PathCurve, ...]) -> None:
        """Explain other curves."""
        self._curves = curves
        self.setFixedHeight(self.ROW * len(curves) + 2)
        words = [f"{curve.name}: {curve.meaning}" for curve in curves]
        self.setAccessibleName("What is drawn: " + "; ".join(words))
        self.setToolTip("\n".join(words))
        self.update()

    def show_step(self, t: int) -> None:
        """Write the values at step t."""
        self._t = t
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, curve in enumerate(self._curves):
            self._draw_row(painter, QRectF(0, self.ROW * number, self.width(), self.ROW), curve)
        painter.end()

    def _draw_row(self, painter: QPainter, row: QRectF, curve: PathCurve) -> None:
        style = path_styles(self._theme)[curve.key]
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        middle = row.center().y()
        painter.setPen(line_pen(style.colour, style.line, 2))
        painter.drawLine(QPointF(2, middle), QPointF(self.SAMPLE - 2, middle))
        fill = self._theme.surface if curve.key in HOLLOW else style.colour
        draw_marker(painter, QPointF(self.SAMPLE / 2, middle), style.marker, style.colour, fill)
        painter.setFont(number_font(12, bold=True))
        painter.setPen(QColor(self._theme.text))
        painter.drawText(row, right, curve.at(self._t))
        rest = row.adjusted(self.SAMPLE + 8, 0, -painter.fontMetrics().horizontalAdvance("−1.23×10⁻¹⁰⁰"), 0)
        painter.setFont(text_font(12, bold=True))
        painter.setPen(QColor(style.colour))
        painter.drawText(rest, left, curve.name)
        rest.setLeft(rest.left() + painter.fontMetrics().horizontalAdvance(curve.name) + 12)
        painter.setFont(text_font(11))
        painter.setPen(QColor(self._theme.muted))
        for words in (curve.meaning, curve.short_meaning):
            if painter.fontMetrics().horizontalAdvance(words) <= rest.width():
                painter.drawText(rest, left, words)
                break
