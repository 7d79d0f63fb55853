"""How a map of pairs of steps is drawn: where it stands, its colours, its axes, and the bar that explains them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from lstmviz.core.arrays import Array
from lstmviz.core.engine.selection import IntArray
from lstmviz.core.magnitudes import superscript_power
from lstmviz.gui.style import COLOUR_STEPS, Theme, text_font
from lstmviz.gui.views.heat_map import Scale, ScaleKind, image_of
from lstmviz.gui.views.paths.maps import NetworkMap, Reach
from lstmviz.gui.views.time_axis import TimeAxis, TimeRange, fitting_interval, round_interval, ticks
from lstmviz.gui.views.timeline.cells import hatching

LEFT, TOP, BOTTOM, BAR_AREA, GAP = 46, 20, 36, 84, 16
LEAST_SIDE = 110
"""Maps smaller than this are not drawn beside each other."""

DARKEST = -12.0
"""log10 of what has the darkest colour at most: below 10^-12, or that part of the largest, nothing is told apart."""

CENTRE = Qt.AlignmentFlag.AlignCenter
LEFT_MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT_MIDDLE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def arranged(width: float, height: float, count: int) -> tuple[list[QRectF], QRectF]:
    """Where ``count`` maps stand, beside or above each other, and the colour bar to their right.

    Where the maps would be too small there is room for one only.
    """
    best: list[QRectF] = []
    for columns in {1, count}:
        rows = count // columns
        across = (width - LEFT - BAR_AREA - (columns - 1) * GAP) / columns
        down = (height - BOTTOM - rows * TOP - (rows - 1) * GAP / 2) / rows
        side = QRectF(0, 0, max(min(across, 2.3 * down), 1), max(min(down, 1.6 * across), 1))
        if count > 1 and min(side.width(), side.height()) < LEAST_SIDE:
            continue
        if best and side.width() * side.height() <= best[0].width() * best[0].height():
            continue
        best = [
            side.translated(
                LEFT + number % columns * (side.width() + GAP),
                TOP + number // columns * (side.height() + TOP + GAP / 2),
            )
            for number in range(count)
        ]
    if not best:
        return arranged(width, height, 1)
    right = max(rect.right() for rect in best)
    return best, QRectF(right + 14, TOP, 10, min(best[-1].bottom() - TOP, 240.0))


class MapGrid:
    """The values of one map as pixels: row n is where the layer is at ``steps[n]``, column n where it starts.

    A coarse map's rows stand for those before them too, as far as they have been computed.
    """

    def __init__(self, found: NetworkMap) -> None:
        self.found = found
        self.steps: IntArray = found.steps.starts
        ends = found.steps.ends
        # the nearest row that has been computed, on the side of what is read later: it reaches as many steps back
        after = found.reach is Reach.AFTER
        places = np.searchsorted(ends, self.steps, "right") - 1 if after else np.searchsorted(ends, self.steps)
        self.rows: NDArray[np.intp] = places.clip(0, len(ends) - 1)
        self.log10: Array = found.log10[self.rows]
        self.read: NDArray[np.bool_] = self._read()
        self.edges = self._edges()

    def _read(self) -> NDArray[np.bool_]:
        """Which pairs there are: what is read later depends on what was read before, unless both ways are open."""
        row, column = self.steps[:, None], self.steps[None, :]
        if self.found.reach is Reach.ALL:
            return np.ones((len(self.steps), len(self.steps)), bool)
        read: NDArray[np.bool_] = column >= row if self.found.reach is Reach.AFTER else column <= row
        return read

    def _edges(self) -> TimeRange:
        every = self.found.every
        low, high = float(self.steps[0]), float(self.steps[-1])
        after = self.found.reach is Reach.AFTER
        return (low - 0.5, high + every - 0.5) if after else (low - every + 0.5, high + 0.5)

    def place(self, t: float) -> int:
        """The row or column in which the time ``t`` lies."""
        place = math.floor((t - self.edges[0]) / self.found.every)
        return min(max(place, 0), len(self.steps) - 1)

    @cached_property
    def least(self) -> float:
        """log10 of the smallest value other than 0; inf where there is none."""
        values = self.log10[self.read]
        return float(np.min(values, where=np.isfinite(values), initial=np.inf))

    @cached_property
    def has_zeros(self) -> bool:
        """Whether a derivative is exactly zero though the step was read; a coarse map does not tell."""
        return self.found.complete and bool((self.log10[self.read] == -np.inf).any())

    @cached_property
    def has_overflow(self) -> bool:
        """Whether there is an infinity or a nan."""
        values = self.log10[self.read]
        return bool((np.isnan(values) | (values == np.inf)).any())


def map_scale(grids: Sequence[MapGrid]) -> Scale:
    """One scale for all maps, in whole powers of ten, from ``DARKEST`` at the lowest."""
    values = np.concatenate([grid.log10[grid.read] for grid in grids])
    finite = values[np.isfinite(values)]
    if not finite.size:
        return Scale(ScaleKind.LOG, -1.0, 0.0)
    high = math.ceil(float(finite.max()) - 1e-9)
    low = min(max(math.floor(float(finite.min()) + 1e-9), min(DARKEST, high + DARKEST)), high - 1)
    return Scale(ScaleKind.LOG, float(low), float(high))


def map_colours(grid: MapGrid, scale: Scale, theme: Theme) -> NDArray[np.uint32]:
    """0xAARRGGBB of every pair; transparent where the step was not read, and for exact zeros."""
    finite = np.isfinite(grid.log10)
    steps = np.rint(scale.fractions(np.where(finite, grid.log10, scale.low)) * (COLOUR_STEPS - 1)).astype(np.intp)
    warning = np.uint32(QColor(theme.warning).rgba())
    colours = np.where(finite, theme.lookup(signed=False)[steps], warning)
    shown = grid.read & ~np.isneginf(grid.log10)
    return np.where(shown, colours, np.uint32(0)).astype(np.uint32)


@dataclass(frozen=True)
class MapFrame:
    """One map on screen: both axes show the same time, s to the right and t upwards."""

    rect: QRectF
    shown: TimeRange

    @property
    def across(self) -> TimeAxis:
        """The axis of s."""
        return TimeAxis(*self.shown, self.rect.left(), self.rect.width())

    def y(self, t: float) -> float:
        """The height at which step t has its middle."""
        return self.rect.bottom() - (t - self.shown[0]) * self.rect.height() / (self.shown[1] - self.shown[0])

    def time_at(self, y: float) -> float:
        """The inverse of ``y``."""
        return self.shown[0] + (self.rect.bottom() - y) * (self.shown[1] - self.shown[0]) / self.rect.height()

    def area(self, first: TimeRange, second: TimeRange) -> QRectF:
        """What lies between two times s and two times t."""
        return QRectF(
            QPointF(self.across.x(first[0]), self.y(second[1])), QPointF(self.across.x(first[1]), self.y(second[0]))
        )


def draw_map(
    painter: QPainter,
    frame: MapFrame,
    grid: MapGrid,
    scale: Scale,
    theme: Theme,
    length: int,
    *,
    left: bool,
    bottom: bool,
) -> None:
    """One map with its title and its left and bottom axes where wanted."""
    rect = frame.rect
    painter.fillRect(rect.adjusted(-1, -1, 1, 1), QColor(theme.border))
    painter.fillRect(rect, QColor(theme.panel))
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    if grid.has_zeros:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hatching(theme.faint))
        far = length + 1
        corners = {
            Reach.BEFORE: [(0, 0), (far, far), (0, far)],
            Reach.AFTER: [(0, 0), (far, far), (far, 0)],
            Reach.ALL: [(0, 0), (0, far), (far, far), (far, 0)],
        }[grid.found.reach]
        painter.drawPolygon(QPolygonF([QPointF(frame.across.x(s), frame.y(t)) for s, t in corners]))
    image = image_of(map_colours(grid, scale, theme)[::-1])
    target = frame.area(grid.edges, grid.edges)
    shrunk = target.width() < image.width() or target.height() < image.height()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=shrunk)
    painter.drawImage(target, image, QRectF(image.rect()))
    painter.restore()
    _draw_empty_words(painter, frame, grid, theme, length)
    _draw_title(painter, frame, grid, theme)
    if bottom:
        _draw_starts(painter, frame, theme, length, grid.found.kind.starts_axis)
    if left:
        _draw_arrivals(painter, frame, theme, length, grid.found.kind.ends_axis)


def _draw_empty_words(painter: QPainter, frame: MapFrame, grid: MapGrid, theme: Theme, length: int) -> None:
    """Why half of the map is empty, in that half, where all of it is in sight."""
    if grid.found.reach is Reach.ALL or length < 3 or frame.shown[1] - frame.shown[0] < length - 0.01:
        return
    painter.setFont(text_font(10))
    painter.setPen(QColor(theme.muted))
    inside = frame.rect.adjusted(7, 6, -7, -5)
    alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
    if grid.found.reach is Reach.AFTER:
        alignment = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    painter.drawText(inside, alignment, "not read yet:\nno influence")


def _draw_title(painter: QPainter, frame: MapFrame, grid: MapGrid, theme: Theme) -> None:
    title = QRectF(frame.rect.left(), frame.rect.top() - TOP, frame.rect.width(), TOP)
    painter.setFont(text_font(12, bold=True))
    painter.setPen(QColor(theme.rnn if "RNN" in grid.found.network and grid.found.baseline else theme.hidden))
    painter.drawText(title, LEFT_MIDDLE, grid.found.network)
    title.setLeft(title.left() + painter.fontMetrics().horizontalAdvance(grid.found.network) + 8)
    painter.setFont(text_font(11))
    painter.setPen(QColor(theme.muted))
    kind = grid.found.kind
    coarse = "coarse so far" if not grid.found.complete else ""
    sampled = f"every {grid.found.every} steps" if grid.found.every > 1 else ""
    painter.drawText(title, LEFT_MIDDLE, ", ".join(filter(None, [kind.name(kind.end, "s"), sampled, coarse])))


def _draw_starts(painter: QPainter, frame: MapFrame, theme: Theme, length: int, words: str) -> None:
    painter.setFont(text_font(11))
    painter.setPen(QColor(theme.muted))
    metrics, rect, axis = painter.fontMetrics(), frame.rect, frame.across
    interval = fitting_interval(axis, length, lambda t: metrics.horizontalAdvance(f"{t:,}"), 10) or length
    for t in ticks(*axis.visible(length), interval):
        painter.drawText(QRectF(axis.x(t) - 40, rect.bottom() + 2, 80, 15), CENTRE, f"{t:,}")
    painter.drawText(QRectF(rect.left(), rect.bottom() + 17, rect.width(), 16), CENTRE, words)


def _draw_arrivals(painter: QPainter, frame: MapFrame, theme: Theme, length: int, words: str) -> None:
    painter.setFont(text_font(11))
    painter.setPen(QColor(theme.muted))
    height, rect, axis = painter.fontMetrics().height(), frame.rect, TimeAxis(*frame.shown, 0, frame.rect.height())
    interval = fitting_interval(axis, length, lambda _: height, 6) or length
    for t in ticks(*axis.visible(length), interval):
        painter.drawText(QRectF(rect.left() - 60, frame.y(t) - 8, 55, 16), RIGHT_MIDDLE, f"{t:,}")
    painter.save()
    painter.translate(rect.left() - LEFT + 7, rect.center().y())
    painter.rotate(-90)
    painter.drawText(QRectF(-rect.height() / 2, -8, rect.height(), 16), CENTRE, words)
    painter.restore()


def draw_bar(painter: QPainter, bar: QRectF, scale: Scale, grids: Sequence[MapGrid], theme: Theme) -> None:
    """Which colour is which power of ten, and what stands for 0 and for overflow."""
    darker = any(grid.least < scale.low - 1e-9 for grid in grids)
    zeros, overflow = any(grid.has_zeros for grid in grids), any(grid.has_overflow for grid in grids)
    bar = bar.adjusted(0, 16, 0, -18 * (zeros + overflow))
    column = theme.lookup(signed=False)[::-1][:, None]
    painter.fillRect(bar.adjusted(-1, -1, 1, 1), QColor(theme.border))
    painter.drawImage(bar, image_of(column))
    painter.setFont(text_font(11))
    painter.setPen(QColor(theme.muted))
    painter.drawText(QRectF(bar.left(), bar.top() - 19, 70, 15), LEFT_MIDDLE, "strength")
    span = scale.high - scale.low
    spacing = round_interval(18 * span / bar.height())
    below = [float(power) for power in range(int(scale.low), int(scale.high) + 1) if power % spacing == 0]
    for power in below:
        y = bar.bottom() - (power - scale.low) / span * bar.height()
        painter.drawLine(QPointF(bar.right() + 1, y), QPointF(bar.right() + 4, y))
        least = "≤ " if power == scale.low and darker else ""
        words = "1" if power == 0 else least + superscript_power(int(power))
        painter.drawText(QRectF(bar.right() + 7, y - 8, 60, 16), LEFT_MIDDLE, words)
    y = bar.bottom() + 6
    for there, words, brush in (
        (zeros, "exactly 0", hatching(theme.faint)),
        (overflow, "∞, nan", QColor(theme.warning)),
    ):
        if there:
            swatch = QRectF(bar.left(), y + 2, 10, 10)
            painter.fillRect(swatch, brush)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(swatch)
            painter.drawText(QRectF(bar.right() + 6, y - 1, 62, 16), LEFT_MIDDLE, words)
            y += 18


def draw_cross(painter: QPainter, frame: MapFrame, t: int, theme: Theme, length: int, reach: Reach) -> None:
    """The cursor: along its row what has reached step t, along its column where step t is still felt."""
    x, y = frame.across.x(t), frame.y(t)
    row = {Reach.BEFORE: (0.5, t), Reach.AFTER: (t, length + 0.5), Reach.ALL: (0.5, length + 0.5)}[reach]
    column = {Reach.BEFORE: (t, length + 0.5), Reach.AFTER: (0.5, t), Reach.ALL: (0.5, length + 0.5)}[reach]
    painter.save()
    painter.setClipRect(frame.rect, Qt.ClipOperation.IntersectClip)
    for pen in (QPen(QColor(theme.surface), 3), QPen(QColor(theme.accent), 1)):
        painter.setPen(pen)
        painter.drawLine(QPointF(frame.across.x(row[0]), y), QPointF(frame.across.x(row[1]), y))
        painter.drawLine(QPointF(x, frame.y(column[0])), QPointF(x, frame.y(column[1])))
    painter.setBrush(QColor(theme.accent))
    painter.setPen(QPen(QColor(theme.surface), 1))
    painter.drawEllipse(QPointF(x, y), 3.5, 3.5)
    painter.restore()


def draw_place(painter: QPainter, frame: MapFrame, s: float, t: float | None, theme: Theme) -> None:
    """Thin lines through what the mouse is over: a pair, or where ``t`` is None a step."""
    colour = QColor(theme.text)
    colour.setAlpha(130)
    painter.save()
    painter.setClipRect(frame.rect, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(colour, 1, Qt.PenStyle.DotLine))
    x = frame.across.x(s)
    painter.drawLine(QPointF(x, frame.rect.top()), QPointF(x, frame.rect.bottom()))
    if t is not None:
        painter.drawLine(QPointF(frame.rect.left(), frame.y(t)), QPointF(frame.rect.right(), frame.y(t)))
    painter.restore()
