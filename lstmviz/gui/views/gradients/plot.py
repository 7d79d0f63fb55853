"""The plot of gradient magnitudes over the steps: curves, floor, ceiling, thresholds, cursor and read-out."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyqtgraph
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGraphicsItem, QLabel, QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.decay import GradientCurve
from lstmviz.core.magnitudes import EXPLODED, VANISHED, superscript_power
from lstmviz.core.sequence import Sequence
from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.gui.views.gradients.lab import NOTHING, Comparison, clear_place, within_reach
from lstmviz.gui.views.plotting import (
    AXIS_TITLE_PIXELS,
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

CLIP_TIP = "Gradients above this line are shortened to it, each step's on its own; the pale curve is what was measured."

FADED = 0.4
"""Opacity of the measured curves under the clipped ones."""

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


def reference_styles(theme: Theme) -> dict[str, CurveStyle]:
    """The look of each straight line, by ``ReferenceLine.key``; they have no markers."""
    return {
        "forget_bias": CurveStyle(theme.forget, Qt.PenStyle.DashDotDotLine, ""),
        "orthogonal": CurveStyle(theme.text, Qt.PenStyle.DashDotDotLine, ""),
        "orthogonal_baseline": CurveStyle(theme.text, Qt.PenStyle.DashDotDotLine, ""),
    }


class GradientPlot(StepPlot):
    """log10 magnitudes over the steps. The data stay cached while the cursor moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._magnitudes = MagnitudeAxis()
        super().__init__(self._magnitudes, parent)
        self._theme = LIGHT
        self._curves: tuple[GradientCurve, ...] = ()
        self._comparison = NOTHING
        self._sequence: Sequence | None = None
        self._cursor_t = 1
        self._time = whole(1)
        self._scale = MagnitudeScale(-1, 1)
        self._make_zones()
        self.items_by_key = {key: self._make_curve() for key in ("baseline", "c", "h")}
        self.clipped_by_key = {key: self._make_curve() for key in ("baseline", "c", "h")}
        self._make_references()
        self._make_lines()
        self.set_theme(LIGHT)

    @property
    def magnitude_scale(self) -> MagnitudeScale:
        """The vertical scale of what is shown now."""
        return self._scale

    def show_curves(
        self, curves: tuple[GradientCurve, ...], sequence: Sequence, shown: TimeRange, comparison: Comparison = NOTHING
    ) -> None:
        """Draw other curves and what they are compared with, the visible time from edge to edge."""
        self._curves, self._sequence, self._time, self._comparison = curves, sequence, shown, comparison
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
        self.threshold.set_colours(theme.text, 0.0)
        for key, style in reference_styles(theme).items():
            self.references[key].setPen(line_pen(style.colour, style.line, 1.5))
            self.reference_labels[key].setColor(style.colour)
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
        references = reference_styles(self._theme)
        rows += "".join(
            f"<tr><td style='color:{references[line.key].colour}'>{line.name}&nbsp;&nbsp;</td>"
            f"<td align='right'>{line.at(t)}</td></tr>"
            for line in self._comparison.lines
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
        self.threshold = Zone(self, "", border, CLIP_TIP)

    def _make_curve(self) -> pyqtgraph.PlotDataItem:
        item = pyqtgraph.PlotDataItem(skipFiniteCheck=True)
        self.addItem(item, ignoreBounds=True)
        for part in (item.curve, item.scatter):
            part.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        return item

    def _make_references(self) -> None:
        """The straight lines that curves are compared with, and their names."""
        self.references: dict[str, pyqtgraph.PlotCurveItem] = {}
        self.reference_labels: dict[str, pyqtgraph.TextItem] = {}
        for key in reference_styles(LIGHT):
            line = self.references[key] = self._add(pyqtgraph.PlotCurveItem(antialias=True))
            line.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            label = self.reference_labels[key] = self._add(pyqtgraph.TextItem())
            label.setFont(text_font(AXIS_TITLE_PIXELS))
            for depth, item in enumerate((line, label), 5):
                item.setZValue(depth)
                item.hide()

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
        measured = [curve.log10[first - 1 : last] for curve in self._curves]
        self._scale = magnitude_scale([*measured, within_reach(measured, self._comparison, first, last)])
        self._magnitudes.show_scale(self._scale)
        super().show_time((left, right))
        self.setYRange(self._scale.bottom, self._scale.top, padding=0)
        visible = last - first + 1
        self.name_axis()
        self._place_curves(visible)
        self._place_references(first, last)
        self._place_zones(left, right, first, last)
        self._place_names()
        self.show_step(self._cursor_t)

    def _place_curves(self, visible: int) -> None:
        clipped = self._comparison.clipped
        measured = {curve.key: curve.log10 for curve in self._curves}
        for key in curve_styles(self._theme):
            self._place_curve(self.items_by_key[key], key, measured.get(key), visible)
            self.items_by_key[key].setOpacity(1 if clipped is None else FADED)
            self._place_curve(self.clipped_by_key[key], key, clipped.log10.get(key) if clipped else None, visible)

    def _place_curve(self, item: pyqtgraph.PlotDataItem, key: str, log10: Array | None, visible: int) -> None:
        item.setVisible(log10 is not None)
        if log10 is None:
            item.setData([], [])
            return
        style, smooth = curve_styles(self._theme)[key], visible <= SMOOTH_STEPS
        item.setData(
            np.arange(1.0, self.length + 1),
            self._scale.placed(log10),
            pen=line_pen(style.colour, style.line, 2 if smooth else 1),
            antialias=smooth,
            symbol=style.marker if visible <= FEW_STEPS else None,
            symbolSize=MARKER_PIXELS if visible <= FEW_STEPS // 2 else MARKER_PIXELS - 2,
            symbolBrush=self._theme.surface if key == "baseline" else style.colour,
            symbolPen=line_pen(style.colour),
        )

    def _place_references(self, first: int, last: int) -> None:
        """The straight lines where they are in sight."""
        lines = {line.key: line for line in self._comparison.lines}
        for key, item in self.references.items():
            part = lines[key].inside(first, last, self._scale.low, self._scale.high) if key in lines else None
            item.setVisible(part is not None)
            self.reference_labels[key].setVisible(part is not None)
            if part is not None:
                item.setData(*part)
                self.reference_labels[key].setText(lines[key].name)

    def _place_names(self) -> None:
        """The names of the threshold and of the straight lines, where they hide as little as possible."""
        (left, right), (bottom, top) = self.getViewBox().viewRange()
        area = self.getViewBox().width(), self.getViewBox().height()
        origin, pixels = np.array([left, bottom]), np.array([area[0] / (right - left), area[1] / (top - bottom)])
        named = [(self.reference_labels[key], item.getData()) for key, item in self.references.items()]
        named.append((self.threshold.label, ([left, right], [self.threshold.line.value()] * 2)))
        named = [(label, np.transpose(ends)) for label, ends in named if label.isVisible()]
        t = np.linspace(left, right, 400)
        if not named:
            return
        paths = [ends for _, ends in named]
        paths += [np.stack([np.arange(1, self.length + 1), self._scale.placed(each.log10)], 1) for each in self._curves]
        drawn = [np.stack([t, np.interp(t, path[:, 0], path[:, 1], left=np.nan, right=np.nan)], 1) for path in paths]
        points = (np.concatenate(drawn) - origin) * pixels
        zones = (self.vanishing, self.exploding, self.floor, self.ceiling)
        taken = [
            (_corners(zone.label, pixels) - np.tile(origin, 2) * np.tile(pixels, 2)) for zone in zones if zone.shown
        ]
        for label, ends in named:
            box = clear_place(_size(label), (ends - origin) * pixels, points, taken, area)
            taken.append(box)
            label.setAnchor((0, 1))
            label.setPos(*(origin + box[:2] / pixels))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_curves") and self._curves:
            self._place_names()

    def _place_zones(self, left: float, right: float, first: int, last: int) -> None:
        """The zones that are in sight; each name stands in the half where fewer curves are in its way."""
        scale, across = self._scale, (left, right)
        low, high = scale.low, scale.high
        heights = np.array([scale.placed(curve.log10[first - 1 : last]) for curve in self._curves])
        for zone in (self.vanishing, self.exploding, self.floor, self.ceiling, self.threshold):
            zone.hide()
        clipped = self._comparison.clipped
        if clipped is not None and low < clipped.log10_threshold < high:
            level = clipped.log10_threshold
            self.threshold.label.setText(clipped.name)
            self.threshold.show(across, (level, level), level, (0, 1))
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


def _size(label: pyqtgraph.TextItem) -> tuple[float, float]:
    """The width and height of a name in pixels."""
    bounds = label.textItem.boundingRect()
    return bounds.width(), bounds.height()


def _corners(label: pyqtgraph.TextItem, pixels: Array) -> Array:
    """[left, bottom, right, top] of a placed name in pixels from the origin of the data; ``pixels`` a unit of each."""
    size, at = np.array(_size(label)), np.array([label.pos().x(), label.pos().y()]) * pixels
    corner = at - np.array([label.anchor.x(), 1 - label.anchor.y()]) * size
    return np.concatenate([corner, corner + size])


def clear_side(heights: Array, bottom: float, top: float) -> int:
    """The half, 0 left or 1 right, in which fewer segments of curves [n, T] cross the zone between two heights."""
    lower = np.minimum(heights[:, :-1], heights[:, 1:])
    upper = np.maximum(heights[:, :-1], heights[:, 1:])
    crossing = ((lower < top) & (upper > bottom)).sum(axis=0)
    middle = (len(crossing) + 1) // 2
    return int(crossing[:middle].sum() > crossing[middle:].sum())


def table_rows(columns: list[Array], length: int) -> list[tuple[float, ...]]:
    """For each step its number and the magnitude, given as log10, of every column: 0, inf and nan where they are."""
    with np.errstate(over="ignore"):
        magnitudes: list[Array] = [10.0**column for column in columns]
    return [(t, *(float(column[t - 1]) for column in magnitudes)) for t in range(1, length + 1)]
