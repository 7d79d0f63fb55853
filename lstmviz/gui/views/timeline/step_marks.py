"""Marks above the axis of the timeline: the steps at which a condition holds, a line a condition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from lstmviz.core.arrays import BoolArray
from lstmviz.core.engine.selection import IntArray
from lstmviz.core.text import count
from lstmviz.gui.style import Theme, text_font
from lstmviz.gui.views.time_axis import TimeAxis

DOT = 7.0
"""The greatest width of a dot; narrower steps have narrower marks."""

REACH = 4.0
"""So far from a mark, in pixels, the mouse still means it."""


@dataclass(frozen=True, eq=False)
class StepMarks:
    """The steps at which one condition holds.

    label    the condition as the user wrote it
    steps    [T], whether it holds
    enabled  whether running stops there
    """

    label: str
    steps: BoolArray
    enabled: bool


@dataclass(frozen=True, eq=False)
class MarkLine:
    """One line of marks: one condition, or several where there is no room for a line each.

    hits   the steps from 1 at which any of them holds
    stops  those of them at which one holds that is enabled
    """

    marks: tuple[StepMarks, ...]
    hits: IntArray
    stops: IntArray

    @staticmethod
    def of(marks: tuple[StepMarks, ...]) -> MarkLine:
        """One line for all of ``marks``, which must be there."""
        hits, stops = (
            np.flatnonzero(
                np.logical_or.reduce([each.steps & wanted for each, wanted in zip(marks, chosen, strict=True)])
            )
            for chosen in ([True] * len(marks), [each.enabled for each in marks])
        )
        return MarkLine(marks, hits + 1, stops + 1)

    @property
    def enabled(self) -> bool:
        """Whether running stops at any of them."""
        return any(each.enabled for each in self.marks)

    @property
    def title(self) -> str:
        """What stands in front of the line."""
        return self.marks[0].label if len(self.marks) == 1 else count(len(self.marks), "breakpoint")

    @property
    def tooltip(self) -> str:
        """All conditions, and how often each holds."""
        told = [
            f"{each.label}: holds at {count(int(np.count_nonzero(each.steps)), 'step')}"
            + ("" if each.enabled else ", switched off")
            for each in self.marks
        ]
        return "Breakpoint" + ("s. " if len(told) > 1 else " ") + "; ".join(told) + "."

    def near(self, axis: TimeAxis, x: float) -> int | None:
        """The step of the mark at ``x``; None where there is none."""
        if not len(self.hits):
            return None
        t = axis.time(x)
        after = int(np.searchsorted(self.hits, t))
        nearest = min(self.hits[max(after - 1, 0) : after + 1].tolist(), key=lambda hit: abs(hit - t))
        return nearest if abs(nearest - t) <= max(REACH / axis.step_width, 0.5) else None

    def sentence(self, t: int) -> str:
        """Which conditions hold at step ``t``."""
        holding = [each for each in self.marks if each.steps[t - 1]]
        if not holding:
            return f"{self.tooltip} Not at step {t:,}."
        names = [each.label + ("" if each.enabled else " (switched off)") for each in holding]
        verb = "holds" if len(names) == 1 else "hold"
        kind = "Breakpoint" if len(names) == 1 else "Breakpoints"
        often = f", one of {count(len(self.hits), 'step')}" if len(self.hits) > 1 else ", the only step"
        return f"{kind} {', '.join(names)} {verb} at step {t:,}{often}."


@dataclass(frozen=True)
class MarkPlace:
    """A step on a line of marks."""

    line: int
    t: int


def mark_lines(marks: tuple[StepMarks, ...], length: int, most: int) -> tuple[MarkLine, ...]:
    """A line a condition, or one for all where there are more than ``most``; those of another length are left out."""
    fitting = tuple(each for each in marks if len(each.steps) == length)
    if len(fitting) <= most:
        return tuple(MarkLine.of((each,)) for each in fitting)
    return (MarkLine.of(fitting),)


def draw_mark_line(painter: QPainter, axis: TimeAxis, line: MarkLine, rect: QRectF, theme: Theme) -> None:
    """Dots at the steps, hollow where running does not stop; one mark a pixel where steps are narrow."""
    painter.save()
    painter.setClipRect(rect.adjusted(-DOT / 2, 0, DOT / 2, 0), Qt.ClipOperation.IntersectClip)
    width = min(axis.step_width - 1, DOT, rect.height() - 1)
    for hits, colour, stops in ((line.hits, theme.muted, False), (line.stops, theme.warning, True)):
        visible = hits[slice(*np.searchsorted(hits, [axis.first, axis.last]))]
        if width < 3:
            height = rect.height() - 2 if stops else 3
            _draw_ticks(painter, axis, visible, rect.center().y(), height, QColor(colour))
            continue
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colour), 1.3))
        painter.setBrush(QBrush(QColor(colour)) if stops else QBrush(Qt.BrushStyle.NoBrush))
        for t in visible.tolist():
            painter.drawEllipse(QPointF(axis.x(t), rect.center().y()), width / 2, width / 2)
    painter.restore()


def _draw_ticks(painter: QPainter, axis: TimeAxis, hits: IntArray, middle: float, height: float, hue: QColor) -> None:
    """One narrow mark a pixel, however many steps fall on it."""
    pixels = np.unique(np.floor(axis.left + (hits - axis.first) * axis.step_width))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(hue)
    marks = [QRectF(x, middle - height / 2, 1.5, height) for x in pixels.tolist()]
    if marks:
        painter.drawRects(*marks)


def draw_mark_title(painter: QPainter, line: MarkLine, place: QRectF, theme: Theme) -> None:
    """The condition in front of its line, cut where it is too long."""
    font = text_font(10)
    painter.setFont(font)
    painter.setPen(QColor(theme.text if line.enabled else theme.muted))
    text = QFontMetricsF(font).elidedText(line.title, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
