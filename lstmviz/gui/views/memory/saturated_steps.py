"""When the gates of one unit are saturated: a thin line of steps a gate, under the triangles that count them.

What stands above the middle of a line is nearly open, what hangs below it nearly closed. Where several steps share a
pixel, the mark is as long as their share that is saturated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor

from lstmviz.core.analysis.binning import bin_size
from lstmviz.core.analysis.saturation import SIGMOID_GATES, Saturation, Side
from lstmviz.core.arrays import Array
from lstmviz.core.engine.selection import IntArray
from lstmviz.core.text import count, number
from lstmviz.gui.views.cell.canvas import RIGHT, Canvas
from lstmviz.gui.views.memory.saturation_plot import GATES
from lstmviz.gui.views.memory.words import StepNames
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.time_axis import TimeAxis, TimeRange

LEAST_MARK = 1.5
"""Pixels of the shortest mark, so that one step of a thousand is seen."""

WHEN = (
    "When is unit {0} saturated? Above the line: nearly open; below: nearly closed.",
    "When? Above the line: nearly open; below: nearly closed.",
    "When? Above the line open, below closed.",
)
"""The words over the lines, for a unit; the longest first."""

IN_WORDS = {
    Side.LEFT: "nearly closed, below {0.below:g}",
    Side.RIGHT: "nearly open, above {0.above:g}",
    None: "not saturated",
}


@dataclass(frozen=True, eq=False)
class SaturatedSteps:
    """Where the gates of ``unit`` are saturated.

    steps  gate and side -> the steps, from 1, rising
    lines  the line of each gate, those of SIGMOID_GATES
    """

    saturation: Saturation
    unit: int
    lines: tuple[QRectF, ...]
    shown: TimeRange
    length: int
    steps: dict[tuple[str, Side], IntArray]

    @staticmethod
    def of(
        saturation: Saturation, unit: int, lines: tuple[QRectF, ...], shown: TimeRange, length: int
    ) -> SaturatedSteps:
        """Find the steps; none are needed without lines to draw them on."""
        found = {(gate, side): saturation.steps(gate, unit, side) for gate in SIGMOID_GATES for side in Side}
        return SaturatedSteps(saturation, unit, lines, shown, length, found if lines else {})

    @property
    def axis(self) -> TimeAxis:
        """The steps along the lines."""
        return TimeAxis(*self.shown, self.lines[0].left(), self.lines[0].width())

    @property
    def bin_size(self) -> int:
        """How many steps share a mark."""
        return bin_size(self.axis.last - self.axis.first, max(int(self.axis.width), 1))

    def shares(self, gate: str, side: Side) -> tuple[int, Array]:
        """The first visible bin, and the share of its steps that are saturated for each bin from there on."""
        size, (first, last) = self.bin_size, self.axis.visible(self.length)
        start, stop = (first - 1) // size, (last - 1) // size + 1
        bins = (self.steps[gate, side] - 1) // size - start
        counts = np.bincount(bins[(bins >= 0) & (bins < stop - start)], minlength=stop - start)
        edges = np.minimum(np.arange(start, stop + 1) * size, self.length)
        return start, counts / np.diff(edges)

    def steps_together(self, t: int) -> range:
        """The steps that share a mark with step ``t``."""
        first = (t - 1) // self.bin_size * self.bin_size + 1
        return range(first, min(first + self.bin_size, self.length + 1))

    def saturated_in(self, gate: str, side: Side, together: range) -> IntArray:
        """Those of some neighbouring steps at which ``gate`` is saturated on that side."""
        steps = self.steps[gate, side]
        return steps[np.searchsorted(steps, together.start) : np.searchsorted(steps, together.stop)]


@dataclass(frozen=True)
class SaturatedPlace:
    """A gate at a step."""

    gate: str
    t: int


def draw_saturated_steps(canvas: Canvas, found: SaturatedSteps) -> None:
    """The lines of all gates."""
    theme = canvas.theme
    pixels = 11 if found.lines[0].height() >= 10 else 9
    for gate, line in zip(SIGMOID_GATES, found.lines, strict=True):
        hue, middle = theme.colour(GATES[gate]), line.center().y()
        canvas.text(QRectF(line.left() - 30, middle - 7, 22, 14), gate, hue, pixels, bold=True, align=RIGHT)
        canvas.painter.fillRect(line, QColor(theme.panel))
        canvas.painter.setPen(Qt.PenStyle.NoPen)
        canvas.painter.setBrush(hue)
        for side in Side:
            marks = _marks(found, gate, side, line)
            if marks:
                canvas.painter.drawRects(*marks)
        canvas.painter.setPen(line_pen(theme.faint))
        canvas.painter.drawLine(QLineF(line.left(), middle, line.right(), middle))


def _marks(found: SaturatedSteps, gate: str, side: Side, line: QRectF) -> list[QRectF]:
    """A bar a bin with a saturated step, up or down from the middle."""
    start, shares = found.shares(gate, side)
    axis, size, half, middle = found.axis, found.bin_size, line.height() / 2, line.center().y()
    gap = 1.0 if axis.step_width * size >= 5 else 0.0
    marks = []
    for k in np.flatnonzero(shares).tolist():
        left = max(axis.x((start + k) * size + 0.5), line.left())
        right = min(axis.x(min((start + k + 1) * size, found.length) + 0.5), line.right())
        height = max(float(shares[k]) * half, LEAST_MARK)
        top = middle - height if side is Side.RIGHT else middle
        marks.append(QRectF(left, top, max(right - left - gap, 1.0), height))
    return marks


def draw_step_across(canvas: Canvas, found: SaturatedSteps, t: int) -> None:
    """The cursor's step, a line across all gates."""
    if not found.lines or not found.shown[0] <= t <= found.shown[1]:
        return
    x, top, bottom = found.axis.x(t), found.lines[0].top(), found.lines[-1].bottom()
    for colour, width in ((canvas.theme.surface, 3.0), (canvas.theme.text, 1.2)):
        canvas.painter.setPen(line_pen(colour, width=width))
        canvas.painter.drawLine(QLineF(x, top - 1, x, bottom + 1))


def saturated_place_at(found: SaturatedSteps, position: QPointF) -> SaturatedPlace | None:
    """The gate and the step at ``position``; of several steps on one mark the nearest saturated one."""
    for gate, line in zip(SIGMOID_GATES, found.lines, strict=False):
        if line.adjusted(0, -1, 0, 1).contains(position):
            t = found.axis.step(position.x(), found.length)
            together = found.steps_together(t)
            side = Side.RIGHT if position.y() < line.center().y() else Side.LEFT
            for wanted in (side, *(other for other in Side if other is not side)):
                inside = found.saturated_in(gate, wanted, together)
                if len(inside):
                    return SaturatedPlace(gate, int(inside[np.argmin(np.abs(inside - t))]))
            return SaturatedPlace(gate, t)
    return None


def saturated_sentence(found: SaturatedSteps, place: SaturatedPlace, names: StepNames) -> str:
    """The gate at a step in words."""
    values = getattr(found.saturation.layer, place.gate)
    value = float(values[place.t - 1, found.saturation.sequence or 0, found.unit])
    side = found.saturation.side_at(place.gate, found.unit, place.t)
    said = (
        f"The {GATES[place.gate].title} of unit {found.unit} is {number(value)} at {names.name(place.t)}: "
        f"{IN_WORDS[side].format(found.saturation)}."
    )
    together = found.steps_together(place.t)
    if len(together) == 1:
        return said
    closed, opened = (len(found.saturated_in(place.gate, each, together)) for each in (Side.LEFT, Side.RIGHT))
    steps = f"Steps {together.start:,} to {together.stop - 1:,} share this mark"
    return f"{said} {steps}: {count(closed, 'step')} nearly closed, {opened:,} nearly open."
