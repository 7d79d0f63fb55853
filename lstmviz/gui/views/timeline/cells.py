"""The heat maps of the timeline: an image a row, gaps between large cells, numbers in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetricsF, QPainter

from lstmviz.core.analysis.binning import bin_size, mean_of_units
from lstmviz.gui.style import number_font, readable_on
from lstmviz.gui.views.heat_map import ScaleKind, image_of
from lstmviz.gui.views.pens import line_pen, translucent
from lstmviz.gui.views.timeline.rows import GradientRow, QuantityRow, Row
from lstmviz.gui.views.timeline.scene import Scene
from lstmviz.gui.views.timeline.tracks import TrackRow, draw_curve

LEAST_WIDTH = 36
LEAST_HEIGHT = 11
"""The least size in pixels of a cell that has its number written in it."""

GHOST_SHARE = 0.4
"""Of the height of a row: the strip that shows what was before the what-ifs is thin."""

GHOST_OPACITY = 0.55

VEIL = 0.6
"""How opaque the veil over what has not happened yet is."""


@dataclass(frozen=True)
class Shown:
    """What the pixels hold, for the legend.

    steps, units  how many of them are averaged into one, at most
    not_finite    whether a shown value is nan or infinite
    zero          whether a shown gradient is exactly zero
    changed       whether a shown value was another before the what-ifs
    """

    steps: int
    units: int
    not_finite: bool
    zero: bool
    changed: bool = False


def draw_cells(painter: QPainter, scene: Scene, pixel_ratio: float) -> Shown:
    """Draw all rows, numbers left out. ``pixel_ratio``: device pixels a pixel, so that all that fits is seen."""
    shown = []
    for row, rect in _visible_rows(scene):
        painter.fillRect(rect.adjusted(-1, -1, 1, 1), QColor(scene.theme.border))
        painter.fillRect(rect, QColor(scene.theme.surface))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        shown.append(_draw_row(painter, scene, row, rect, pixel_ratio))
        painter.restore()
    changed = [_draw_changed(painter, scene, row, rect) for row, rect in _visible_rows(scene)]
    return Shown(
        steps=max(each.steps for each in shown),
        units=max(each.units for each in shown),
        not_finite=any(each.not_finite for each in shown),
        zero=any(each.zero for each in shown),
        changed=any(changed),
    )


def draw_numbers(painter: QPainter, scene: Scene) -> None:
    """The values written into the cells, where all those of a row fit."""
    for row, rect in _visible_rows(scene):
        _draw_numbers(painter, scene, row, rect, veiled=False)


def draw_veiled(painter: QPainter, scene: Scene) -> None:
    """Over cells without numbers: all quantities and gradients as if still to come, pale, with pale numbers."""
    for area in (scene.layout.quantity_area, scene.layout.gradient_area):
        painter.fillRect(area, _veil(scene))
    for row, rect in zip((*scene.rows.quantities, *scene.rows.gradients), scene.layout.rows, strict=False):
        _draw_numbers(painter, scene, row, rect, veiled=True)


def _veil(scene: Scene) -> QColor:
    veil = QColor(scene.theme.surface)
    veil.setAlphaF(VEIL)
    return veil


def _visible_rows(scene: Scene) -> list[tuple[Row, QRectF]]:
    return [(row, rect) for row, rect in zip(scene.rows.all, scene.layout.rows, strict=True) if rect.height() > 0]


def _draw_row(painter: QPainter, scene: Scene, row: Row, rect: QRectF, pixel_ratio: float) -> Shown:
    axis = scene.axis
    if isinstance(row, TrackRow) and row.is_curve:
        return Shown(1, 1, draw_curve(painter, axis, row, rect, scene.theme), False)
    size = bin_size(axis.last - axis.first, int(rect.width() * pixel_ratio))
    first, last = axis.visible(scene.length)
    start, stop = (first - 1) // size, (last - 1) // size + 1
    lines = min(row.units, max(int(rect.height() * pixel_ratio), 1))
    values = mean_of_units(row.means(size, start, stop), lines)
    logarithmic = row.scale.kind is ScaleKind.LOG
    zeros = np.isneginf(values) if logarithmic else np.zeros(values.shape, np.bool_)
    if zeros.any():
        painter.fillRect(rect, hatching(scene.theme.faint))
    image = image_of(row.scale.colours(values.T, scene.theme))
    left = axis.x(start * size + 0.5)
    target = QRectF(left, rect.top(), axis.x(stop * size + 0.5) - left, rect.height())
    painter.drawImage(target, image, QRectF(image.rect()))
    if isinstance(row, GradientRow) and row.ghost:
        _draw_ghostly(painter, scene, rect)
    elif size == 1 and lines == row.units:
        _draw_gaps(painter, scene, rect, start + 1, stop, lines)
    unfit = ~(np.isfinite(values) | zeros)
    return Shown(size, -(-row.units // lines), bool(unfit.any()), bool(zeros.any()))


def hatching(colour: str) -> QBrush:
    """The pattern that stands for a gradient of exactly zero."""
    return QBrush(QColor(colour), Qt.BrushStyle.BDiagPattern)


def _draw_ghostly(painter: QPainter, scene: Scene, rect: QRectF) -> None:
    """Make a strip pale and thin: it shows what is not so any more."""
    painter.fillRect(rect, translucent(scene.theme.surface, 1 - GHOST_OPACITY))
    covered = rect.height() * (1 - GHOST_SHARE) / 2
    for top in (rect.top(), rect.bottom() - covered):
        painter.fillRect(QRectF(rect.left(), top, rect.width(), covered), QColor(scene.theme.surface))


def _draw_changed(painter: QPainter, scene: Scene, row: Row, rect: QRectF) -> bool:
    """A dashed line along the upper edge where what-ifs changed a value; whether any is visible."""
    if not isinstance(row, QuantityRow) or row.before is None:
        return False
    first, last = scene.axis.visible(scene.length)
    mask = row.changed[first - 1 : last]
    if not mask.any():
        return False
    pixels = np.floor(scene.axis.left + (np.flatnonzero(mask) + first - 0.5 - scene.axis.first) * scene.axis.step_width)
    painter.setPen(line_pen(scene.theme.muted, Qt.PenStyle.DashLine))
    # steps on one pixel, or side by side, are one line
    starts = np.flatnonzero(np.diff(pixels, prepend=-np.inf) > scene.axis.step_width + 1)
    ends = np.append(starts[1:] - 1, len(pixels) - 1)
    for start, end in zip(
        pixels[starts].tolist(), (pixels[ends] + max(scene.axis.step_width, 1)).tolist(), strict=True
    ):
        painter.drawLine(QLineF(max(start, rect.left()), rect.top() - 1, min(end, rect.right()), rect.top() - 1))
    return True


def _draw_gaps(painter: QPainter, scene: Scene, rect: QRectF, first: int, last: int, lines: int) -> None:
    """Lines of the ground colour between cells that are large enough to stand alone."""
    width, height = scene.axis.step_width, rect.height() / lines
    ground = QColor(scene.theme.surface)
    if width >= 10:
        gap = 2 if width >= 30 else 1
        for t in range(first, last):
            painter.fillRect(QRectF(round(scene.axis.x(t + 0.5)) - gap // 2, rect.top(), gap, rect.height()), ground)
    if height >= 6:
        for line in range(1, lines):
            painter.fillRect(QRectF(rect.left(), round(rect.top() + line * height), rect.width(), 1), ground)


def _draw_numbers(painter: QPainter, scene: Scene, row: Row, rect: QRectF, *, veiled: bool) -> None:
    """The numbers of one row, none where one would not fit; paler colours to read on when ``veiled``."""
    width, height = scene.axis.step_width, rect.height() / row.units
    if (isinstance(row, TrackRow) and row.is_curve) or (isinstance(row, GradientRow) and row.ghost):
        return
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return
    first, last = scene.axis.visible(scene.length)
    values = row.means(1, first - 1, last)
    font = number_font(min(int(height) - 1, 12))
    texts = [[row.text(float(value)) for value in step] for step in values]
    widest = QFontMetricsF(font).horizontalAdvance(max((text for step in texts for text in step), key=len))
    if widest > width - 6:
        return
    painter.setFont(font)
    for step, value in np.ndindex(values.shape):
        column = scene.column(first + step)
        if column.width() < widest:  # cut off at the edge
            continue
        painter.setPen(_ink(scene, row, float(values[step, value]), veiled=veiled))
        cell = QRectF(column.left(), rect.top() + value * height, column.width(), height)
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, texts[step][value])


def _ink(scene: Scene, row: Row, value: float, *, veiled: bool) -> QColor:
    """The colour of a number on its cell."""
    background = row.scale.colour(value, scene.theme)
    if background.alpha() == 0:
        return QColor(scene.theme.text)
    if not veiled:
        return readable_on(background)
    ground = QColor(scene.theme.surface)
    mixed = QColor.fromRgbF(
        *(
            VEIL * getattr(ground, channel)() + (1 - VEIL) * getattr(background, channel)()
            for channel in ("redF", "greenF", "blueF")
        )
    )
    ink = readable_on(mixed)
    ink.setAlphaF(0.75)
    return ink
