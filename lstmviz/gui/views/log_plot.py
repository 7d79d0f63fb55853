"""The base of plots of log10 magnitudes over the steps: curves, strips for 0 and inf, cursor, mouse, read-out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from collections.abc import Sequence as Many
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import pyqtgraph
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent
from PyQt6.QtWidgets import QGraphicsItem, QLabel, QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.experiments.sequence import Sequence
from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.gui.views.pens import FEW_STEPS, line_pen
from lstmviz.gui.views.plotting import MARKER_PIXELS, SMOOTH_STEPS, MagnitudeAxis, MagnitudeScale, StepPlot, Zone
from lstmviz.gui.views.time_axis import TimeAxis, TimeRange, clamped_range, whole

FLOOR_TIP = "A logarithm has no place for 0, so exact zeros stand on this line."
CEILING_TIP = "Numbers beyond 1.8×10³⁰⁸ overflow: they are infinite, and from there on not a number."

GHOST_OPACITY = 0.5
"""Of the curves of the run before."""

NEAR_PIXELS = 9
"""A click so far above or below a curve's point still means it."""

BEFORE = "before the what-ifs"

Item = TypeVar("Item", bound=QGraphicsItem)


class LogCurve(Protocol):
    """What is drawn: ``log10`` [T] in real time order, -inf for exact zeros; ``key`` says with which look."""

    @property
    def key(self) -> str: ...

    @property
    def log10(self) -> Array: ...


Curve = TypeVar("Curve", bound=LogCurve)


@dataclass(frozen=True)
class CurveStyle:
    """How a curve looks; line and marker tell it apart without its hue. ``marker`` is pyqtgraph's letter."""

    colour: str
    line: Qt.PenStyle
    marker: str
    hollow: bool = False

    def fill(self, theme: Theme) -> str:
        """The colour inside its markers."""
        return theme.surface if self.hollow else self.colour


def ghost_pen(style: CurveStyle) -> pyqtgraph.QtGui.QPen:
    """The pen of the same curve in the run before: the same hue, dashed and, by opacity, pale."""
    return line_pen(style.colour, Qt.PenStyle.DashLine, 2)


class LogPlot(StepPlot):
    """Curves of log10 values over the steps, by key. They stay cached while the cursor moves.

    A subclass says how they look and what else is drawn (mypy holds it to that, Qt's metaclass cannot).
    """

    curve_clicked = pyqtSignal(str, int)
    """A curve was clicked: its key, and the step."""

    def __init__(self, keys: Many[str], parent: QWidget | None = None) -> None:
        self._magnitudes = MagnitudeAxis()
        super().__init__(self._magnitudes, parent)
        self._theme = LIGHT
        self._drawn: Mapping[str, LogCurve] = {}
        self._before: Mapping[str, LogCurve] = {}
        self._cursor_t = 1
        self._time = whole(1)
        self._scale = MagnitudeScale(-1, 1)
        self.floor = Zone(self, "exactly 0", Qt.PenStyle.SolidLine, FLOOR_TIP)
        self.ceiling = Zone(self, "infinite or not a number", Qt.PenStyle.SolidLine, CEILING_TIP)
        self.ghosts = {key: self._make_curve() for key in keys}
        self.items_by_key = {key: self._make_curve() for key in keys}
        for ghost in self.ghosts.values():
            ghost.setOpacity(GHOST_OPACITY)
        self._hover_line, self.cursor_line = self._make_line(), self._make_line()
        self.dots = {key: self._make_dot(key) for key in keys}
        self._read_out = QLabel(self)
        self._read_out.setTextFormat(Qt.TextFormat.RichText)
        self._read_out.setFont(text_font(12))
        self._read_out.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide_read_out()

    # What a plot says of itself

    @abstractmethod
    def styles(self, theme: Theme) -> dict[str, CurveStyle]:
        """The look of each curve by its key."""

    @abstractmethod
    def scale_for(self, values: list[Array], first: int, last: int) -> MagnitudeScale:
        """The scale that shows these log10 values, those of the steps ``first`` to ``last``."""

    @abstractmethod
    def read_title(self, t: int) -> str:
        """The first line beside the mouse, as rich text."""

    @abstractmethod
    def read_rows(self, t: int) -> list[tuple[str, str, str]]:
        """The lines below it: colour, name and value at step t."""

    def place_more(self, heights: Array, first: int, last: int) -> None:
        """Place what else is drawn; ``heights`` [n, visible steps] are those of the curves."""

    # What is shown

    @property
    def magnitude_scale(self) -> MagnitudeScale:
        """The vertical scale of what is shown now."""
        return self._scale

    def draw_curves(
        self, curves: Many[LogCurve], sequence: Sequence, shown: TimeRange, before: Many[LogCurve] = ()
    ) -> None:
        """Draw other curves, and pale behind them those of the run before; the visible time from edge to edge."""
        self._drawn, self._before = {each.key: each for each in curves}, {each.key: each for each in before}
        self._time, self.length = shown, sequence.length
        self._cursor_t = min(self._cursor_t, self.length)
        self.steps.show_labels(sequence.labels)
        self.hide_read_out()
        self._fit()

    def clear_curves(self) -> None:
        """Draw none, as while they are being computed."""
        self._drawn, self._before = {}, {}
        self.hide_read_out()
        self.floor.hide()
        self.ceiling.hide()
        for key, item in self.items_by_key.items():
            item.setData([], [])
            self.ghosts[key].setData([], [])
            self.dots[key].setVisible(False)

    def show_time(self, shown: TimeRange) -> None:
        """Show the time from edge to edge and fit the height to what is there."""
        self._time = shown
        self._fit()

    def show_step(self, t: int) -> None:
        """Put the cursor on step t: moves a line and a dot a curve, and repaints no curve."""
        self._cursor_t = t
        self.cursor_line.setValue(t)
        for key, dot in self.dots.items():
            dot.setVisible(key in self._drawn)
            if key in self._drawn:
                dot.setPos(QPointF(t, float(self._scale.placed(self._drawn[key].log10[t - 1 : t])[0])))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.set_colours(theme)
        styles = self.styles(theme)
        for key, dot in self.dots.items():
            dot.setBrush(QColor(styles[key].colour))
            dot.setPen(line_pen(theme.surface))
        self.cursor_line.setPen(line_pen(theme.text))
        self._hover_line.setPen(line_pen(theme.faint))
        self.floor.set_colours(theme.muted, 0.12)
        self.ceiling.set_colours(theme.muted, 0.12)
        self._read_out.setStyleSheet(
            f"background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border}; padding: 4px;"
        )
        self._fit()

    def show_read_out(self, t: int) -> None:
        """Write the values of all curves at step t beside the mouse."""
        rows = "".join(
            f"<tr><td style='color:{colour}'>{name}&nbsp;&nbsp;</td><td align='right'>{value}</td></tr>"
            for colour, name, value in self.read_rows(t)
        )
        self._read_out.setText(f"{self.read_title(t)}<table>{rows}</table>")
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

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Besides going to the step, say which curve was meant."""
        super().mousePressEvent(event)
        key = self.curve_at(event.position())
        if key is not None and event.button() == Qt.MouseButton.LeftButton:
            self.curve_clicked.emit(key, self._step_at(event))

    def curve_at(self, position: QPointF) -> str | None:
        """The key of the curve whose point at that step is nearest to ``position``, in pixels of the widget."""
        t = min(max(round(self._time_at(position)), 1), self.length)
        far = {}
        for key, curve in self._drawn.items():
            height = float(self._scale.placed(curve.log10[t - 1 : t])[0])
            place = self.mapFromScene(self.getViewBox().mapViewToScene(QPointF(t, height)))
            far[key] = abs(place.y() - position.y())
        nearest = min(far, key=lambda key: far[key], default=None)
        return nearest if nearest is not None and far[nearest] <= NEAR_PIXELS else None

    # Making and placing items

    def _make_curve(self) -> pyqtgraph.PlotDataItem:
        item = pyqtgraph.PlotDataItem(skipFiniteCheck=True)
        self.addItem(item, ignoreBounds=True)
        for part in (item.curve, item.scatter):
            part.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        return item

    def _make_dot(self, key: str) -> pyqtgraph.TargetItem:
        size = 14 if key == "baseline" else 11
        dot = self._add(pyqtgraph.TargetItem(movable=False, size=size, symbol=self.styles(LIGHT)[key].marker))
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
        if not self._drawn:
            return
        left, right = clamped_range(*self._time, self.length)
        first, last = TimeAxis(left, right, 0, 1).visible(self.length)
        curves = [*self._drawn.values(), *self._before.values()]
        self._scale = scale = self.scale_for([curve.log10[first - 1 : last] for curve in curves], first, last)
        self._magnitudes.show_scale(scale)
        super().show_time((left, right))
        self.setYRange(scale.bottom, scale.top, padding=0)
        self.name_axis()
        visible = last - first + 1
        for key, item in self.items_by_key.items():
            self.place_curve(item, key, self._drawn[key].log10 if key in self._drawn else None, visible)
            self._place_ghost(self.ghosts[key], key, visible)
        heights = np.array([scale.placed(curve.log10[first - 1 : last]) for curve in self._drawn.values()])
        self._place_strips(heights, (left, right))
        self.place_more(heights, first, last)
        self.show_step(self._cursor_t)

    def place_curve(self, item: pyqtgraph.PlotDataItem, key: str, log10: Array | None, visible: int) -> None:
        """Give a curve its data and its look while so many steps are visible; None hides it."""
        item.setVisible(log10 is not None)
        if log10 is None:
            item.setData([], [])
            return
        style, smooth = self.styles(self._theme)[key], visible <= SMOOTH_STEPS
        item.setData(
            np.arange(1.0, self.length + 1),
            self._scale.placed(log10),
            pen=line_pen(style.colour, style.line, 2 if smooth else 1),
            antialias=smooth,
            symbol=style.marker if visible <= FEW_STEPS else None,
            symbolSize=MARKER_PIXELS if visible <= FEW_STEPS // 2 else MARKER_PIXELS - 2,
            symbolBrush=style.fill(self._theme),
            symbolPen=line_pen(style.colour),
        )

    def _place_ghost(self, item: pyqtgraph.PlotDataItem, key: str, visible: int) -> None:
        item.setVisible(key in self._before)
        if key not in self._before:
            item.setData([], [])
            return
        # what-ifs may have put steps in or taken some out
        log10 = self._before[key].log10[: self.length]
        smooth = visible <= SMOOTH_STEPS
        pen = ghost_pen(self.styles(self._theme)[key])
        pen.setWidthF(2 if smooth else 1)
        item.setData(np.arange(1.0, len(log10) + 1), self._scale.placed(log10), pen=pen, antialias=smooth)

    def _place_strips(self, heights: Array, across: TimeRange) -> None:
        """The strips for 0 and for inf, each named in the half where fewer curves are in the way."""
        scale = self._scale
        self.floor.hide()
        self.ceiling.hide()
        if scale.floor is not None:
            side = clear_side(heights, scale.floor, scale.low)
            self.floor.show(across, (scale.bottom, scale.low), scale.floor, (side, 1))
        if scale.ceiling is not None:
            side = clear_side(heights, scale.high, scale.ceiling)
            self.ceiling.show(across, (scale.high, scale.top), scale.ceiling, (side, 0))


def clear_side(heights: Array, bottom: float, top: float) -> int:
    """The half, 0 left or 1 right, in which fewer segments of curves [n, T] cross the zone between two heights."""
    lower = np.minimum(heights[:, :-1], heights[:, 1:])
    upper = np.maximum(heights[:, :-1], heights[:, 1:])
    crossing = ((lower < top) & (upper > bottom)).sum(axis=0)
    middle = (len(crossing) + 1) // 2
    return int(crossing[:middle].sum() > crossing[middle:].sum())


def changed_curves(before: tuple[Curve, ...], now: tuple[Curve, ...]) -> tuple[Curve, ...]:
    """Those of ``before`` that differ from the curve of the same key now: the others would hide behind it."""
    by_key = {curve.key: curve.log10 for curve in now}
    return tuple(
        curve
        for curve in before
        if curve.key in by_key and not np.array_equal(curve.log10, by_key[curve.key], equal_nan=True)
    )
