"""Plots over the steps of a sequence: our own axes, mouse and colours on pyqtgraph, without its menus."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyqtgraph
from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPen, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QGraphicsRectItem, QWidget
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols

from lstmviz.core.arrays import Array
from lstmviz.core.experiments.step_labels import only_count
from lstmviz.core.magnitudes import EXPLODED, VANISHED, superscript_power
from lstmviz.gui.style import Theme, text_font
from lstmviz.gui.views.pens import FEW_STEPS, line_pen, translucent
from lstmviz.gui.views.time_axis import (
    TimeAxis,
    TimeRange,
    fitting_interval,
    panned_range,
    round_interval,
    ticks,
    zoomed_range,
)

SMOOTH_STEPS = 500
"""Up to so many visible steps a curve is drawn two pixels wide and smooth: more would cost too much time."""

MARKER_PIXELS = 7
AXIS_FONT_PIXELS = 12
AXIS_TITLE_PIXELS = 11
LEFT_AXIS_WIDTH = 58


def draw_marker(painter: QPainter, centre: QPointF, marker: str, colour: str, fill: str) -> None:
    """One marker of a curve as pyqtgraph draws it: ``o``, ``s`` or ``t``, seven pixels wide."""
    painter.save()
    painter.translate(centre)
    painter.scale(MARKER_PIXELS, MARKER_PIXELS)
    painter.setPen(line_pen(colour))
    painter.setBrush(QColor(fill))
    painter.drawPath(Symbols[marker])
    painter.restore()


@dataclass(frozen=True)
class MagnitudeScale:
    """The vertical extent of a plot of log10 magnitudes. ``low`` to ``high`` is the zone of finite values.

    floor    where an exact 0 stands, below that zone; None where there is no 0
    ceiling  where inf and nan stand, above it; None where there is none
    """

    low: float
    high: float
    floor: float | None = None
    ceiling: float | None = None

    @property
    def strip(self) -> float:
        """The height of the strips for 0 and for inf."""
        return 0.14 * (self.high - self.low)

    @property
    def bottom(self) -> float:
        """The lower end of the plot."""
        return self.low if self.floor is None else self.low - self.strip

    @property
    def top(self) -> float:
        """The upper end of the plot."""
        return self.high if self.ceiling is None else self.high + self.strip

    def placed(self, log10_values: Array) -> Array:
        """The heights at which values are drawn: zeros on the floor, inf and nan on the ceiling."""
        floor = self.low if self.floor is None else self.floor
        ceiling = self.high if self.ceiling is None else self.ceiling
        unlimited = np.where(log10_values == -np.inf, floor, log10_values)
        return np.where(np.isfinite(unlimited), unlimited, ceiling)


def magnitude_scale(curves: list[Array]) -> MagnitudeScale:
    """The scale that shows all of these log10 values, and the thresholds where they are near."""
    values = np.concatenate(curves)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (-1.0, 1.0)
    room = 0.15 * max(high - low, 2.0)
    if low - room < VANISHED < high + room:
        low, high = min(low, VANISHED - 0.5 * room), max(high, VANISHED)
    if low - room < EXPLODED < high + room:
        low, high = min(low, EXPLODED), max(high, EXPLODED + 0.5 * room)
    # at least one decade, so that a constant is a level line and noise does not look like a change
    spread = max(0.06 * (high - low), (1.0 - (high - low)) / 2)
    low, high = low - spread, high + spread
    strip = MagnitudeScale(low, high).strip
    floor = low - 0.75 * strip if bool((values == -np.inf).any()) else None
    overflowed = np.isnan(values) | (values == np.inf)
    ceiling = high + 0.75 * strip if bool(overflowed.any()) else None
    return MagnitudeScale(low, high, floor, ceiling)


class MagnitudeAxis(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph comes without types
    """The axis of log10 values, written as powers of ten; 0 on the floor, inf on the ceiling."""

    def __init__(self) -> None:
        super().__init__("left")
        self._scale = MagnitudeScale(-1, 1)

    def show_scale(self, scale: MagnitudeScale) -> None:
        """Put the ticks where ``scale`` has its values."""
        self._scale = scale
        self.picture = None
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Decades, so many apart that their names fit; 2 and 5 between them where there is room."""
        scale = self._scale
        decades_shown = scale.high - scale.low
        pixels_per_decade = size / max(maxVal - minVal, 1e-9)
        spacing = round_interval(26 / pixels_per_decade)
        decades = np.arange(math.ceil(scale.low / spacing), math.floor(scale.high / spacing) + 1) * float(spacing)
        ticks = [float(decade) for decade in decades]
        if spacing == 1 and decades_shown < 2.5 and pixels_per_decade > 80:
            whole = range(math.floor(scale.low), math.ceil(scale.high) + 1)
            ticks += [decade + math.log10(factor) for decade in whole for factor in (2, 5)]
        named = [tick for tick in sorted(ticks) if scale.low <= tick <= scale.high]
        return [(spacing, named + [end for end in (scale.floor, scale.ceiling) if end is not None])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """What stands beside the ticks."""
        return [self._tick(value) for value in values]

    def _tick(self, value: float) -> str:
        if value == self._scale.floor:
            return "0"
        if value == self._scale.ceiling:
            return "∞, nan"
        exponent = math.floor(value + 1e-9)
        factor = round(10 ** (value - exponent))
        return superscript_power(exponent) if factor == 1 else f"{factor}×{superscript_power(exponent)}"


class StepAxis(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph comes without types
    """The axis of steps, whole numbers from 1, with what is read at each below them while there is room."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self._labels: tuple[str, ...] = ()
        self._length = 1

    def show_labels(self, labels: tuple[str, ...]) -> None:
        """Name the steps."""
        self._length = len(labels)
        self._labels = () if only_count(labels) else labels
        self.picture = None
        self.update()

    @property
    def has_labels(self) -> bool:
        """Whether the steps have names beside their numbers."""
        return bool(self._labels)

    def names_fit(self, shown: TimeRange, pixels: float) -> bool:
        """Whether there is room for the name of every visible step on an axis of that width."""
        axis = TimeAxis(*shown, 0, max(pixels, 1.0))
        first, last = axis.visible(self._length)
        if not self._labels or last - first >= FEW_STEPS:
            return False
        metrics = QFontMetricsF(text_font(AXIS_FONT_PIXELS))
        return all(metrics.horizontalAdvance(self._name(t)) <= axis.step_width - 8 for t in range(first, last + 1))

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Every step while few are shown, else round numbers, so far apart that they can be read."""
        axis = TimeAxis(minVal, maxVal, 0, max(size, 1.0))
        metrics = QFontMetricsF(text_font(AXIS_FONT_PIXELS))
        interval = fitting_interval(axis, self._length, lambda step: metrics.horizontalAdvance(f"{step:,}"), 12) or 1
        return [(interval, [float(step) for step in ticks(*axis.visible(self._length), interval)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Numbers, and names below them where each step has a tick and every name fits."""
        steps = [round(value) for value in values]
        if not self.names_fit(tuple(self.range), self.size().width()):
            return [f"{step:,}" for step in steps]
        return [f"{step:,}\n{self._name(step)}" for step in steps]

    def _name(self, step: int) -> str:
        name = self._labels[step - 1] if 1 <= step <= len(self._labels) else ""
        return "␣" if name and not name.strip() else name


class StepPlot(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph comes without types
    """A plot over steps: click and drag choose a step, the wheel zooms time, nothing else can be moved."""

    step_chosen = pyqtSignal(int)
    step_hovered = pyqtSignal(int)
    """The step under the mouse; 0 when there is none."""

    range_requested = pyqtSignal(float, float)
    """The left and right edge of the time wished for, as in ``time_axis``."""

    def __init__(self, left: pyqtgraph.AxisItem, parent: QWidget | None = None) -> None:
        self.steps = StepAxis()
        super().__init__(parent, axisItems={"left": left, "bottom": self.steps}, enableMenu=False)
        self.length = 1
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.viewport().setMouseTracking(True)
        item = self.getPlotItem()
        item.hideButtons()
        # pyqtgraph makes its menu even where it is off, without an owner: with one it goes when the plot goes
        item.ctrlMenu.setParent(self, item.ctrlMenu.windowFlags())
        item.setMouseEnabled(x=False, y=False)
        item.disableAutoRange()
        item.setDownsampling(auto=True, mode="peak")
        item.setClipToView(True)
        item.getViewBox().setDefaultPadding(0)
        left.setWidth(LEFT_AXIS_WIDTH)
        for axis in (left, self.steps):
            axis.setStyle(
                tickFont=text_font(AXIS_FONT_PIXELS), tickLength=-4, tickTextOffset=6, hideOverlappingLabels=False
            )
        item.setContentsMargins(0, 6, 16, 0)

    def show_time(self, shown: TimeRange) -> None:
        """Show the time from edge to edge; step t fills t - 0.5 to t + 0.5."""
        self.setXRange(*shown, padding=0)

    def name_axis(self) -> None:
        """Write what the axis of steps shows, and give it the height that this takes."""
        view = self.getViewBox()
        named = self.steps.names_fit(tuple(view.viewRange()[0]), view.width())
        self.steps.setLabel("step t, below it the input" if named else "step t")
        self.steps.setHeight((36 if named else 21) + AXIS_TITLE_PIXELS + 7)
        # at once, not with the next turn of the event loop: a picture without a window has none
        self.getPlotItem().layout.activate()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        # pyqtgraph's base class already resizes while it is being made
        if hasattr(self, "length"):
            self.name_axis()

    def set_colours(self, theme: Theme) -> None:
        """Use the theme for ground and axes."""
        self.setBackground(theme.surface)
        self.steps.labelStyle = {"color": theme.muted, "font-size": f"{AXIS_TITLE_PIXELS}px"}
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(line_pen(theme.border))
            axis.setTickPen(line_pen(theme.faint))
            axis.setTextPen(theme.muted)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.step_chosen.emit(self._step_at(event))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        step = self._step_at(event)
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.step_chosen.emit(step)
        inside = self.getViewBox().sceneBoundingRect().contains(self.mapToScene(event.position().toPoint()))
        self.step_hovered.emit(step if inside else 0)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.step_hovered.emit(0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the mouse; sideways, or with Shift, pan."""
        shown = tuple(self.getViewBox().viewRange()[0])
        notches = event.angleDelta().y() / 120
        sideways = event.angleDelta().x() / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            sideways, notches = sideways or notches, 0
        wished = zoomed_range(shown, self._time_at(event.position()), notches, self.length)
        wished = panned_range(wished, -0.1 * sideways * (shown[1] - shown[0]), self.length)
        if not np.allclose(wished, shown):
            self.range_requested.emit(*wished)
        event.accept()

    def _step_at(self, event: QMouseEvent) -> int:
        return min(max(round(self._time_at(event.position())), 1), self.length)

    def _time_at(self, position: QPointF) -> float:
        return float(self.getViewBox().mapSceneToView(self.mapToScene(position.toPoint())).x())


class Zone:
    """A marked range of heights of a plot: a filled band, a line, and a name at one end of the line."""

    def __init__(self, plot: StepPlot, name: str, line: Qt.PenStyle, tip: str = "") -> None:
        self.band = QGraphicsRectItem()
        self.band.setPen(QPen(Qt.PenStyle.NoPen))
        self.line = pyqtgraph.InfiniteLine(angle=0, movable=False)
        self.label = pyqtgraph.TextItem(name)
        self.label.setFont(text_font(AXIS_TITLE_PIXELS))
        self._line_style = line
        for depth, item in enumerate((self.band, self.line, self.label), -20):
            item.setZValue(depth)
            item.setToolTip(tip)
            plot.addItem(item, ignoreBounds=True)
        self.hide()

    def show(self, across: TimeRange, heights: tuple[float, float], line: float, anchor: tuple[float, float]) -> None:
        """Fill from height to height, the line at ``line``.

        anchor  (0 or 1, 0 or 1): the name at the left or right end, under or above the line
        """
        bottom, top = heights
        self.band.setRect(across[0], bottom, across[1] - across[0], top - bottom)
        self.line.setValue(line)
        self.label.setAnchor(anchor)
        self.label.setPos(across[round(anchor[0])], min(max(line, bottom), top))
        for item in (self.band, self.line, self.label):
            item.setVisible(True)

    def hide(self) -> None:
        """Take it away."""
        for item in (self.band, self.line, self.label):
            item.setVisible(False)

    @property
    def shown(self) -> bool:
        """Whether it is there."""
        return self.band.isVisible()

    def set_colours(self, colour: str, opacity: float) -> None:
        """Line and name in ``colour``, the band translucent."""
        self.band.setBrush(translucent(colour, opacity))
        self.line.setPen(line_pen(colour, self._line_style))
        self.label.setColor(colour)
