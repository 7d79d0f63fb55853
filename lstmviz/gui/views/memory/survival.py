"""The survival map of one unit: S[s, t], the share of the write at step s that is left at step t."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter

from lstmviz.core.analysis.retention import UnitMemory
from lstmviz.core.arrays import Array
from lstmviz.core.engine.selection import IntArray
from lstmviz.core.magnitudes import superscript_power
from lstmviz.core.text import number, percent
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas
from lstmviz.gui.views.heat_map import Scale, ScaleKind, image_of
from lstmviz.gui.views.memory.words import StepNames
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.time_axis import TimeAxis, TimeRange, fitting_interval, ticks

LINEAR = Scale(ScaleKind.GATE, 0.0, 1.0)
LOG = Scale(ScaleKind.GATE, -6.0, 0.0)
"""On the log10 scale everything below a millionth has the last colour."""

ROOM_FOR_LEGEND = 120.0


@dataclass(frozen=True, eq=False)
class SurvivalPicture:
    """The map of the visible steps: row s, column t, as far as pixels go.

    steps     [n] the steps that rows and columns stand for, evenly spaced
    survival  [n, n] S[s, t]; nan where t comes before s
    """

    steps: IntArray
    survival: Array
    logarithmic: bool


def survival_picture(memory: UnitMemory, shown: TimeRange, pixels: int, *, logarithmic: bool) -> SurvivalPicture:
    """At most ``pixels`` rows and columns: a longer sequence costs no more."""
    first, last = TimeAxis(*shown, 0, 1).visible(memory.length)
    most = min(max(pixels, 2), last - first + 1)
    steps = np.unique(np.linspace(first, last, most).round().astype(np.int64))
    log10 = memory.log10_survival_map(steps)
    with np.errstate(all="ignore"):
        return SurvivalPicture(steps, 10.0**log10, logarithmic)


def draw_map(
    canvas: Canvas, rect: QRectF, picture: SurvivalPicture, shown: TimeRange, right: float, *, reverse: bool
) -> None:
    """The heat map, and its legend: beside it where there is room up to ``right``, else in the half that is empty."""
    painter, theme = canvas.painter, canvas.theme
    scale, values = LINEAR, picture.survival
    written, looked_at = picture.steps[:, None], picture.steps[None, :]
    known = written >= looked_at if reverse else written <= looked_at
    if picture.logarithmic:
        with np.errstate(divide="ignore"):
            scale, values = LOG, np.maximum(np.log10(values), LOG.low)
    colours = np.where(known, scale.colours(values, theme), np.uint32(0))
    image = image_of(colours)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.fillRect(rect, QColor(theme.panel))
    axis = TimeAxis(*shown, rect.left(), rect.width())
    start, end = axis.x(int(picture.steps[0]) - 0.5), axis.x(int(picture.steps[-1]) + 0.5)
    target = QRectF(start, rect.top() + start - rect.left(), end - start, end - start)
    painter.drawImage(target, image, QRectF(image.rect()))
    painter.restore()
    broken = bool(np.isnan(values[known]).any())
    _draw_legend(canvas, rect, scale, right, reverse=reverse, broken=broken)


def _draw_legend(canvas: Canvas, rect: QRectF, scale: Scale, right: float, *, reverse: bool, broken: bool) -> None:
    """``broken``: whether a shown value is not a finite number."""
    theme = canvas.theme
    if right - rect.right() >= ROOM_FOR_LEGEND:
        left, top, width = rect.right() + 18, rect.top(), ROOM_FOR_LEGEND - 28
    else:
        width = min(0.36 * rect.width(), ROOM_FOR_LEGEND)
        left = rect.right() - width - 12 if reverse else rect.left() + 12
        top = rect.top() + 10 if reverse else rect.bottom() - 48
    canvas.text(QRectF(left, top, width, 14), "S: share left", theme.text, 11, align=LEFT)
    bar = QRectF(left, top + 16, width, 7)
    image = image_of(scale.lookup(theme)[None, :])
    canvas.painter.drawImage(bar, image, QRectF(image.rect()))
    low = "≤ " + superscript_power(int(scale.low)) if scale is LOG else "0"
    canvas.text(QRectF(left, top + 24, width, 13), low, theme.muted, 10, align=LEFT)
    canvas.text(QRectF(left, top + 24, width, 13), "1", theme.muted, 10, align=RIGHT)
    if broken:
        place = QRectF(left, top - 14 if top > rect.top() + 14 else top + 40, width, 13)
        canvas.text(place, "red: not finite", theme.warning, 10, align=LEFT)


def draw_map_axes(canvas: Canvas, rect: QRectF, shown: TimeRange, length: int) -> None:
    """Steps t below, steps s on the left."""
    theme = canvas.theme
    axis = TimeAxis(*shown, rect.left(), rect.width())
    interval = fitting_interval(axis, length, lambda t: 7.0 * len(f"{t:,}"), 12) or length
    for t in ticks(*axis.visible(length), interval):
        x, y = axis.x(t), rect.top() + axis.x(t) - rect.left()
        canvas.text(QRectF(x - 30, rect.bottom() + 2, 60, 13), f"{t:,}", theme.muted, 10)
        canvas.text(QRectF(rect.left() - 44, y - 7, 40, 14), f"{t:,}", theme.muted, 10, align=RIGHT)
    canvas.text(QRectF(rect.left(), rect.bottom() + 15, rect.width(), 14), "looked at in step t", theme.muted, 11)
    painter = canvas.painter
    painter.save()
    painter.translate(rect.left() - 36, rect.center().y())
    painter.rotate(-90)
    half = rect.height() / 2
    canvas.text(QRectF(-half, -18, 2 * half, 14), "written in step s", theme.muted, 11)
    painter.restore()


def draw_map_cursor(canvas: Canvas, rect: QRectF, shown: TimeRange, t: int, *, reverse: bool) -> None:
    """Lines along what makes up c[t], the column of t, and along what becomes of its own write, the row."""
    axis = TimeAxis(*shown, rect.left(), rect.width())
    if not shown[0] <= t <= shown[1]:
        return
    x, y = axis.x(t), rect.top() + axis.x(t) - rect.left()
    for colour, width in ((canvas.theme.surface, 3.0), (canvas.theme.text, 1.2)):
        canvas.painter.setPen(line_pen(colour, width=width))
        canvas.painter.drawLine(QLineF(x, rect.bottom() if reverse else rect.top(), x, y))
        canvas.painter.drawLine(QLineF(x, y, rect.left() if reverse else rect.right(), y))


def steps_at(rect: QRectF, shown: TimeRange, length: int, position: QPointF) -> tuple[int, int]:
    """(s, t) at a place of the map."""
    axis = TimeAxis(*shown, rect.left(), rect.width())
    return axis.step(rect.left() + position.y() - rect.top(), length), axis.step(position.x(), length)


def survival_sentence(memory: UnitMemory, names: StepNames, s: int, t: int) -> str:
    """One value of the map, for the status line."""
    survival = 10 ** memory.log10_survival(s, t)
    if np.isnan(survival):
        return f"Step {t:,} comes before step {s:,}: nothing of that write is there yet."
    return (
        f"S[{s:,}, {t:,}] = {number(survival)}: {percent(survival)} of what unit {memory.unit} wrote at "
        f"{names.name(s)} is left at step {t:,}."
    )
