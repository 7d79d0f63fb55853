"""How the map of a difference is drawn: units by steps, and the bar that explains its colours."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QLineF, QRectF
from PyQt6.QtGui import QColor, QFontMetricsF

from lstmviz.core.analysis.binning import bin_size, unit_edges
from lstmviz.core.comparison.diff_words import signed
from lstmviz.gui.style import COLOUR_STEPS, text_font
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas
from lstmviz.gui.views.diff.largest import largest_of_units
from lstmviz.gui.views.diff.layout import BAR_AREA, BAR_WIDTH, GUTTER
from lstmviz.gui.views.diff.scene import Scene
from lstmviz.gui.views.heat_map import image_of
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.time_axis import round_interval
from lstmviz.gui.views.timeline.cells import hatching

_NUMBER_HEIGHT = 12.0


def steps_a_bin(scene: Scene) -> int:
    """How many steps share a column of pixels, a power of two."""
    axis = scene.axis
    return bin_size(axis.last - axis.first, int(axis.width * scene.pixel_ratio))


def draw_map(canvas: Canvas, scene: Scene) -> None:
    """Title, cells, numbers of units, and the colour bar."""
    _draw_title(canvas, scene)
    painter, theme, rect, axis = canvas.painter, scene.theme, scene.layout.map, scene.axis
    first, last = axis.visible(scene.shown.length)
    last_compared = min(last, scene.shown.compared)
    if first <= last_compared:
        size = steps_a_bin(scene)
        start, stop = (first - 1) // size, (last_compared - 1) // size + 1
        values = largest_of_units(scene.shown.largest.bins(size, start, stop), scene.lines)
        image = image_of(scene.shown.scale.colours(values.T, theme))
        left = axis.x(start * size + 0.5)
        right = axis.x(min(stop * size, scene.shown.compared) + 0.5)
        painter.save()
        painter.setClipRect(rect)
        painter.drawImage(QRectF(left, rect.top(), right - left, rect.height()), image, QRectF(image.rect()))
        painter.restore()
    if last > scene.shown.compared:
        beyond = QRectF(rect)
        beyond.setLeft(max(axis.x(scene.shown.compared + 0.5), rect.left()))
        painter.fillRect(beyond, hatching(theme.faint))
    painter.setPen(line_pen(theme.border))
    painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
    _draw_unit_numbers(canvas, scene)
    _draw_bar(canvas, scene)


def _draw_title(canvas: Canvas, scene: Scene) -> None:
    shown, theme, rect = scene.shown, scene.theme, scene.layout.map_title
    bold, plain = QFontMetricsF(text_font(12, bold=True)), QFontMetricsF(text_font(11))
    head = f"Difference of {shown.symbol}, the {shown.row.title}"
    room = rect.width() - bold.horizontalAdvance(head) - 20
    if room < 0:
        head, room = f"Difference of {shown.symbol}", rect.width() - bold.horizontalAdvance(shown.symbol) - 110
    canvas.text(rect, head, theme.text, 12, bold=True, align=LEFT)
    size, folded = steps_a_bin(scene), -(-shown.units // scene.lines)
    parts = [f"{shown.kind}s × steps{f', layer {shown.layer}' if shown.layer else ''}"]
    if size > 1 or folded > 1:
        steps = f"{size:,} steps" if size > 1 else ""
        units = f"{folded:,} {shown.kind}s" if folded > 1 else ""
        parts.append(f"a pixel shows the largest of {' × '.join(filter(None, (steps, units)))}")
    while parts and plain.horizontalAdvance("; ".join(parts)) > room:
        parts.pop()
    canvas.text(rect, "; ".join(parts), theme.muted, 11, align=RIGHT)


def _draw_unit_numbers(canvas: Canvas, scene: Scene) -> None:
    """The numbers of some units, as many as can be read."""
    units = scene.shown.units
    for unit, place in _numbered_units(scene):
        text = f"{scene.shown.kind} 0" if units == 1 else str(unit)
        canvas.text(place, text, scene.theme.muted, 10, align=RIGHT)


def _numbered_units(scene: Scene) -> list[tuple[int, QRectF]]:
    """The units whose number is written, and where."""
    rect, units = scene.layout.map, scene.shown.units
    height = rect.height() / units
    places = []
    for unit in range(0, units, round_interval(_NUMBER_HEIGHT / height)):
        y = rect.top() + (unit + 0.5) * height
        if rect.top() + 5 <= y <= rect.bottom() - 4 or units == 1:
            places.append((unit, QRectF(rect.left() - GUTTER, y - 7, GUTTER - 12, 14)))
    return places


def unit_band(scene: Scene, unit: int) -> QRectF:
    """Where a unit stands in the map: its line, or that of its group."""
    rect, edges = scene.layout.map, unit_edges(scene.shown.units, scene.lines)
    line = int(np.searchsorted(edges, unit, side="right")) - 1
    height = rect.height() / scene.lines
    return QRectF(rect.left(), rect.top() + line * height, rect.width(), height)


def units_at(scene: Scene, y: float) -> range:
    """The units of the map's line at ``y``."""
    rect, edges = scene.layout.map, unit_edges(scene.shown.units, scene.lines)
    line = int((y - rect.top()) / rect.height() * scene.lines)
    line = min(max(line, 0), scene.lines - 1)
    return range(int(edges[line]), int(edges[line + 1]))


def _draw_bar(canvas: Canvas, scene: Scene) -> None:
    """Colours from the largest difference down to its negative, 0 in the middle."""
    bar, theme, limit = scene.layout.bar, scene.theme, scene.shown.largest.limit
    colours = theme.colours(signed=True)
    for pixel in range(int(bar.height())):
        share = 1 - pixel / max(bar.height() - 1, 1)
        place = QRectF(bar.left(), bar.top() + pixel, bar.width(), 1.5)
        canvas.painter.fillRect(place, colours[round(share * (COLOUR_STEPS - 1))])
    canvas.painter.setPen(line_pen(theme.border))
    canvas.painter.drawRect(bar.adjusted(-0.5, -0.5, 0.5, 0.5))
    texts = (signed(limit), "0", signed(-limit)) if limit else ("", "0", "")
    for text, y in zip(texts, (bar.top() + 5, bar.center().y(), bar.bottom() - 5), strict=True):
        canvas.painter.setPen(line_pen(theme.faint))
        if text == "0":
            canvas.painter.drawLine(QLineF(bar.right(), y, bar.right() + 3, y))
        canvas.text(QRectF(bar.right() + 5, y - 7, BAR_AREA - BAR_WIDTH - 17, 14), text, theme.muted, 10, align=LEFT)


def draw_unit_mark(canvas: Canvas, scene: Scene, unit: int, *, strong: bool) -> None:
    """A mark in front of a unit's line: the pinned one's with its number."""
    band = unit_band(scene, unit)
    y = band.center().y()
    colour = scene.theme.text if strong else scene.theme.muted
    canvas.painter.setPen(line_pen(colour, width=2 if strong else 1))
    canvas.painter.drawLine(QLineF(band.left() - 7, y, band.left() - 2, y))
    if strong and scene.shown.units > 1:
        place = QRectF(band.left() - GUTTER, y - 7, GUTTER - 12, 14)
        for _, number in _numbered_units(scene):
            if abs(number.center().y() - y) < _NUMBER_HEIGHT:
                canvas.painter.fillRect(number, QColor(scene.theme.surface))
        canvas.text(place, str(unit), scene.theme.text, 10, bold=True, align=RIGHT)
