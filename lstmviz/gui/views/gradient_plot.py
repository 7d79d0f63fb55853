"""The plot of gradient magnitudes over the steps: curves, floor, ceiling, thresholds, cursor and read-out."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyqtgraph
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtWidgets import QGraphicsItem, QLabel, QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.decay import GradientCurve
from lstmviz.core.magnitudes import EXPLODED, VANISHED, superscript_power
from lstmviz.core.sequence import Sequence
from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.gui.views.plotting import (
    FEW_STEPS,
    MARKER_PIXELS,
    SMOOTH_STEPS,
    MagnitudeAxis,
    MagnitudeScale,
    StepPlot,
    Zone,
    line_pen,
    magnitude_scale,
)
from lstmviz.gui.views.time_axis import TimeAxis, TimeRange, clamped_range, whole

VANISHING_TIP = (
    "A rule of thumb, not a law: a gradient this small hardly moves a weight. "
    "Where the line stands depends on the learning rate and on the other steps' gradients."
)
EXPLODING_TIP = (
    "A rule of thumb, not a law: one update with a gradient this large throws the weights away, "
    "unless the gradient is clipped."
)


FLOOR_TIP = "A logarithm has no place for 0, so exact zeros stand on this line."
CEILING_TIP = "Numbers beyond 1.8×10³⁰⁸ overflow: they are infinite, and from there on not a number."

Item = TypeVar("Item", bound=QGraphicsItem)


@dataclass(frozen=True)
class CurveStyle:
    """How a curve looks; line and marker tell it apart without its hue. ``marker`` is pyqtgraph's letter."""

    colour: str
    line: Qt.PenStyle
    marker: str


def curve_styles(theme: Theme) -> dict[str, CurveStyle]:
    """The look of each curve, by ``GradientCurve.key``."""
    return {
        "h": CurveStyle(theme.hidden, Qt.PenStyle.SolidLine, "o"),
        "c": CurveStyle(theme.cell, Qt.PenStyle.DashLine, "s"),
        "baseline": CurveStyle(theme.rnn, Qt.PenStyle.DotLine, "t"),
    }


class GradientPlot(StepPlot):
    """log10 magnitudes over the steps. The data stay cached while the cursor moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._magnitudes = MagnitudeAxis()
        super().__init__(self._magnitudes, parent)
        self._theme = LIGHT
        self._curves: tuple[GradientCurve, ...] = ()
        self._sequence: Sequence | None = None
        self._cursor_t = 1
        self._time = whole(1)
        self._scale = MagnitudeScale(-1, 1)
        self._make_zones()
        self.items_by_key = {key: self._make_curve() for key in ("baseline", "c", "h")}
        self._make_lines()
        self.set_theme(LIGHT)

    @property
    def magnitude_scale(self) -> MagnitudeScale:
        """The vertical scale of what is shown now."""
        return self._scale

    def show_curves(self, curves: tuple[GradientCurve, ...], sequence: Sequence, shown: TimeRange) -> None:
        """Draw other curves, the visible time from edge to edge."""
        self._curves, self._sequence, self._time = curves, sequence, shown
        self._cursor_t = min(self._cursor_t, sequence.length)
        self.length = sequence.length
        self.steps.show_labels(sequence.labels)
        self.hide_read_out()
        self._fit()

    def show_time(self, shown: TimeRange) -> None:
        """Show the time from edge to edge and fit the height to what is there."""
        self._time = shown
        self._fit()

    def show_step(self, t: int) -> None:
        """Put the cursor on step t: moves a line and a dot a curve, and repaints no curve."""
        self._cursor_t = t
        self.cursor_line.setValue(t)
        for key, dot in self.dots.items():
            curve = next((curve for curve in self._curves if curve.key == key), None)
            dot.setVisible(curve is not None)
            if curve is not None:
                height = float(self._scale.placed(curve.log10[t - 1 : t])[0])
                dot.setPos(QPointF(t, height))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.set_colours(theme)
        for key, style in curve_styles(theme).items():
            self.dots[key].setBrush(line_pen(style.colour).color())
            self.dots[key].setPen(line_pen(theme.surface))
        for line, colour in ((self.cursor_line, theme.text), (self._hover_line, theme.faint)):
            line.setPen(line_pen(colour))
        self.vanishing.set_colours(theme.muted, 0.08)
        self.exploding.set_colours(theme.warning, 0.08)
        self.floor.set_colours(theme.muted, 0.12)
        self.ceiling.set_colours(theme.muted, 0.12)
        self._read_out.setStyleSheet(
            f"background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border}; padding: 4px;"
        )
        self._fit()

    def show_read_out(self, t: int) -> None:
        """Write the values of all curves at step t beside the mouse."""
        styles = curve_styles(self._theme)
        rows = "".join(
            f"<tr><td style='color:{styles[curve.key].colour}'>{curve.name(str(t))}&nbsp;&nbsp;</td>"
            f"<td align='right'>{curve.at(t)}</td></tr>"
            for curve in self._curves
        )
        label = self._sequence.labels[t - 1] if self._sequence and self.steps.has_labels else ""
        reads = f" &nbsp;input {html.escape(label)}" if label.strip() else ""
        self._read_out.setText(f"<b>step {t:,}</b>{reads}<table>{rows}</table>")
        self._read_out.adjustSize()
        self._hover_line.setValue(t)
        self._hover_line.show()
        x = self.mapFromScene(self.getViewBox().mapViewToScene(QPointF(t, self._scale.top))).x()
        inside = self.getViewBox().sceneBoundingRect()
        right_of_line = x + 10 + self._read_out.width() <= inside.right()
        self._read_out.move(x + 10 if right_of_line else x - 10 - self._read_out.width(), int(inside.top()) + 6)
        self._read_out.show()

    def show_hovered_step(self, t: int | None) -> None:
        """A thin line at the step that the mouse is over in another view; None for none."""
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

    def _make_zones(self) -> None:
        """What lies behind the curves: thresholds, and the strips for 0 and for inf."""
        vanished, exploded = superscript_power(round(VANISHED)), superscript_power(round(EXPLODED))
        threshold, border = Qt.PenStyle.DashDotLine, Qt.PenStyle.SolidLine
        self.vanishing = Zone(self, f"vanishing: below {vanished} (rule of thumb)", threshold, VANISHING_TIP)
        self.exploding = Zone(self, f"exploding: above {exploded} (rule of thumb)", threshold, EXPLODING_TIP)
        self.floor = Zone(self, "exactly 0", border, FLOOR_TIP)
        self.ceiling = Zone(self, "infinite or not a number", border, CEILING_TIP)

    def _make_curve(self) -> pyqtgraph.PlotDataItem:
        item = pyqtgraph.PlotDataItem(skipFiniteCheck=True)
        self.addItem(item, ignoreBounds=True)
        for part in (item.curve, item.scatter):
            part.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        return item

    def _make_lines(self) -> None:
        """The cursor, its dots, and the line and text at the mouse: all that moves."""
        self._hover_line = self._make_line()
        self.cursor_line = self._make_line()
        self.dots = {}
        for key, style in reversed(curve_styles(LIGHT).items()):
            dot = pyqtgraph.TargetItem(movable=False, size=14 if key == "baseline" else 11, symbol=style.marker)
            dot.setZValue(20)
            self.dots[key] = self._add(dot)
        self._read_out = QLabel(self)
        self._read_out.setTextFormat(Qt.TextFormat.RichText)
        self._read_out.setFont(text_font(12))
        self._read_out.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide_read_out()

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
        self._scale = magnitude_scale([curve.log10[first - 1 : last] for curve in self._curves])
        self._magnitudes.show_scale(self._scale)
        super().show_time((left, right))
        self.setYRange(self._scale.bottom, self._scale.top, padding=0)
        visible = last - first + 1
        self.name_axis()
        self._place_curves(visible)
        self._place_zones(left, right, first, last)
        self.show_step(self._cursor_t)

    def _place_curves(self, visible: int) -> None:
        x = np.arange(1.0, self.length + 1)
        curves = {curve.key: curve for curve in self._curves}
        smooth = visible <= SMOOTH_STEPS
        for key, style in curve_styles(self._theme).items():
            item = self.items_by_key[key]
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
                symbolBrush=self._theme.surface if key == "baseline" else style.colour,
                symbolPen=line_pen(style.colour),
            )

    def _place_zones(self, left: float, right: float, first: int, last: int) -> None:
        """The zones that are in sight; each name stands in the half where fewer curves are in its way."""
        scale, across = self._scale, (left, right)
        low, high = scale.low, scale.high
        heights = np.array([scale.placed(curve.log10[first - 1 : last]) for curve in self._curves])
        for zone in (self.vanishing, self.exploding, self.floor, self.ceiling):
            zone.hide()
        if low < VANISHED:
            side = clear_side(heights, VANISHED - scale.strip, VANISHED)
            self.vanishing.show(across, (low, min(VANISHED, high)), VANISHED, (side, 0))
        if high > EXPLODED:
            side = clear_side(heights, EXPLODED, EXPLODED + scale.strip)
            self.exploding.show(across, (max(EXPLODED, low), high), EXPLODED, (side, 1))
        if scale.floor is not None:
            side = clear_side(heights, scale.floor, low)
            self.floor.show(across, (scale.bottom, low), scale.floor, (side, 1))
        if scale.ceiling is not None:
            side = clear_side(heights, high, scale.ceiling)
            self.ceiling.show(across, (high, scale.top), scale.ceiling, (side, 0))


def clear_side(heights: Array, bottom: float, top: float) -> int:
    """The half, 0 left or 1 right, in which fewer segments of curves [n, T] cross the zone between two heights."""
    lower = np.minimum(heights[:, :-1], heights[:, 1:])
    upper = np.maximum(heights[:, :-1], heights[:, 1:])
    crossing = ((lower < top) & (upper > bottom)).sum(axis=0)
    middle = (len(crossing) + 1) // 2
    return int(crossing[:middle].sum() > crossing[middle:].sum())


def table_rows(curves: tuple[GradientCurve, ...], length: int) -> list[tuple[float, ...]]:
    """For each step its number and the magnitude of every curve: 0 for exact zeros, inf and nan where they are."""
    with np.errstate(over="ignore"):
        columns: list[Array] = [10.0**curve.log10 for curve in curves]
    return [(t, *(float(column[t - 1]) for column in columns)) for t in range(1, length + 1)]
