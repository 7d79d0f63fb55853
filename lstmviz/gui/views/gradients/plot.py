"""The plot of gradient magnitudes over the steps: thresholds, clipped curves and straight lines to compare with."""

from __future__ import annotations

import html

import numpy as np
import pyqtgraph
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGraphicsItem, QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.experiments.sequence import Sequence
from lstmviz.core.gradients.decay import GradientCurve
from lstmviz.core.magnitudes import EXPLODED, VANISHED, superscript_power
from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.gui.views.gradients.lab import NOTHING, Comparison, clear_place, within_reach
from lstmviz.gui.views.log_plot import CurveStyle, LogPlot, clear_side
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.plotting import AXIS_TITLE_PIXELS, MagnitudeScale, Zone, magnitude_scale
from lstmviz.gui.views.time_axis import TimeRange, clamped_range

VANISHING_TIP = (
    "A rule of thumb, not a law: a gradient this small hardly moves a weight. "
    "Where the line stands depends on the learning rate and on the other steps' gradients."
)
EXPLODING_TIP = (
    "A rule of thumb, not a law: one update with a gradient this large throws the weights away, "
    "unless the gradient is clipped."
)

CLIP_TIP = "Gradients above this line are shortened to it, each step's on its own; the pale curve is what was measured."

KEYS = ("baseline", "c", "h")
"""Of the curves, from back to front."""

FADED = 0.4
"""Opacity of the measured curves under the clipped ones."""


def curve_styles(theme: Theme) -> dict[str, CurveStyle]:
    """The look of each curve, by ``GradientCurve.key``."""
    return {
        "h": CurveStyle(theme.hidden, Qt.PenStyle.SolidLine, "o"),
        "c": CurveStyle(theme.cell, Qt.PenStyle.DashLine, "s"),
        "baseline": CurveStyle(theme.rnn, Qt.PenStyle.DotLine, "t", hollow=True),
    }


def reference_styles(theme: Theme) -> dict[str, CurveStyle]:
    """The look of each straight line, by ``ReferenceLine.key``; they have no markers."""
    return {
        "forget_bias": CurveStyle(theme.forget, Qt.PenStyle.DashDotDotLine, ""),
        "orthogonal": CurveStyle(theme.text, Qt.PenStyle.DashDotDotLine, ""),
        "orthogonal_baseline": CurveStyle(theme.text, Qt.PenStyle.DashDotDotLine, ""),
    }


class GradientPlot(LogPlot):
    """log10 magnitudes over the steps, with the thresholds, and what they are compared with."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(KEYS, parent)
        self._curves: tuple[GradientCurve, ...] = ()
        self._earlier: tuple[GradientCurve, ...] = ()
        self._comparison = NOTHING
        self._sequence: Sequence | None = None
        self._make_zones()
        self.clipped_by_key = {key: self._make_curve() for key in KEYS}
        self._make_references()
        self.set_theme(LIGHT)

    def show_curves(
        self,
        curves: tuple[GradientCurve, ...],
        sequence: Sequence,
        shown: TimeRange,
        comparison: Comparison = NOTHING,
        before: tuple[GradientCurve, ...] = (),
    ) -> None:
        """Draw other curves, what they are compared with, and those of the run before; the time from edge to edge."""
        self._curves, self._sequence, self._comparison, self._earlier = curves, sequence, comparison, before
        self.draw_curves(curves, sequence, shown, before)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.threshold.set_colours(theme.text, 0.0)
        for key, style in reference_styles(theme).items():
            self.references[key].setPen(line_pen(style.colour, style.line, 1.5))
            self.reference_labels[key].setColor(style.colour)
        self.vanishing.set_colours(theme.muted, 0.08)
        self.exploding.set_colours(theme.warning, 0.08)
        super().set_theme(theme)

    def styles(self, theme: Theme) -> dict[str, CurveStyle]:
        """The look of each curve by its key."""
        return curve_styles(theme)

    def scale_for(self, values: list[Array], first: int, last: int) -> MagnitudeScale:
        """The scale of the curves, and of what they are compared with where that is near."""
        return magnitude_scale([*values, within_reach(values, self._comparison, first, last)])

    def read_title(self, t: int) -> str:
        """The step and what is read there."""
        label = self._sequence.labels[t - 1] if self._sequence and self.steps.has_labels else ""
        reads = f" &nbsp;input {html.escape(label)}" if label.strip() else ""
        return f"<b>step {t:,}</b>{reads}"

    def read_rows(self, t: int) -> list[tuple[str, str, str]]:
        """Every curve and every straight line."""
        styles, references = curve_styles(self._theme), reference_styles(self._theme)
        rows = [(styles[curve.key].colour, curve.name(str(t)), curve.at(t)) for curve in self._curves]
        earlier = [curve for curve in self._earlier if t <= len(curve.log10)]
        rows += [(styles[curve.key].colour, f"{curve.name(str(t))}, before", curve.at(t)) for curve in earlier]
        return rows + [(references[line.key].colour, line.name, line.at(t)) for line in self._comparison.lines]

    def place_more(self, heights: Array, first: int, last: int) -> None:
        """Clipped curves, straight lines, thresholds, and their names."""
        clipped, visible = self._comparison.clipped, last - first + 1
        for key in KEYS:
            self.items_by_key[key].setOpacity(1 if clipped is None else FADED)
            self.place_curve(self.clipped_by_key[key], key, clipped.log10.get(key) if clipped else None, visible)
        self._place_references(first, last)
        self._place_zones(heights, clamped_range(*self._time, self.length))
        self._place_names()

    def _make_zones(self) -> None:
        """The thresholds, which lie behind the curves."""
        vanished, exploded = superscript_power(round(VANISHED)), superscript_power(round(EXPLODED))
        threshold = Qt.PenStyle.DashDotLine
        self.vanishing = Zone(self, f"vanishing: below {vanished} (rule of thumb)", threshold, VANISHING_TIP)
        self.exploding = Zone(self, f"exploding: above {exploded} (rule of thumb)", threshold, EXPLODING_TIP)
        self.threshold = Zone(self, "", Qt.PenStyle.SolidLine, CLIP_TIP)

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
        if not named or not all(area):  # without room there is no place
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

    def _place_zones(self, heights: Array, across: TimeRange) -> None:
        """The thresholds that are in sight; each name stands in the half where fewer curves are in its way."""
        scale, low, high = self._scale, self._scale.low, self._scale.high
        for zone in (self.vanishing, self.exploding, self.threshold):
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


def _size(label: pyqtgraph.TextItem) -> tuple[float, float]:
    """The width and height of a name in pixels."""
    bounds = label.textItem.boundingRect()
    return bounds.width(), bounds.height()


def _corners(label: pyqtgraph.TextItem, pixels: Array) -> Array:
    """[left, bottom, right, top] of a placed name in pixels from the origin of the data; ``pixels`` a unit of each."""
    size, at = np.array(_size(label)), np.array([label.pos().x(), label.pos().y()]) * pixels
    corner = at - np.array([label.anchor.x(), 1 - label.anchor.y()]) * size
    return np.concatenate([corner, corner + size])


def table_rows(columns: list[Array], length: int) -> list[tuple[float, ...]]:
    """For each step its number and the magnitude, given as log10, of every column: 0, inf and nan where they are."""
    with np.errstate(over="ignore"):
        magnitudes: list[Array] = [10.0**column for column in columns]
    return [(t, *(float(column[t - 1]) for column in magnitudes)) for t in range(1, length + 1)]
