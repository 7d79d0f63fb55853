"""The unrolled networks themselves: nodes with their numbers, what enters them, titles in front, steps on top."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from lstmviz.core.analysis.binning import bin_size, log_means
from lstmviz.core.arrays import Array
from lstmviz.core.magnitudes import magnitude, superscript_power
from lstmviz.core.text import number
from lstmviz.gui.style import Theme, number_font, text_font
from lstmviz.gui.views.cell.canvas import CENTRE, RIGHT, mixed
from lstmviz.gui.views.time_axis import fitting_interval, ticks
from lstmviz.gui.views.unrolled.layout import GUTTER, HEADER_HEIGHT, MARGIN, RowLayout
from lstmviz.gui.views.unrolled.rivers import PALEST, Waters, draw_ghost_river, draw_river
from lstmviz.gui.views.unrolled.rows import NetworkRow, River
from lstmviz.gui.views.unrolled.scene import Scene

LABEL_GAP = 10
ARROW_DISTANCE = 16
"""The least pixels between two arrows that enter; nearer ones are drawn as one, the mean of their logs."""

FEW_ARROWS = 3
"""Up to so many arrows each says where it comes from."""


def draw_networks(painter: QPainter, scene: Scene, unit: int) -> Waters:
    """All rows; numbers of the states are those of ``unit``. Returns what the rivers showed."""
    waters = []
    for row, place in scene.rows:
        _draw_cards(painter, scene, place)
        for river, middle in zip(row.rivers, place.rivers, strict=True):
            hue = river.colour(scene.theme)
            waters.append(draw_river(painter, scene.bed, middle, river.log10, hue))
            if river.before is not None:
                draw_ghost_river(painter, scene.bed, middle, river.before)
        _draw_titles(painter, scene, row, place, unit)
        _draw_entering(painter, scene, row, place)
        _draw_headers(painter, scene, place)
        _draw_numbers(painter, scene, row, place, unit)
    return Waters(any(each.zero for each in waters), any(each.overflowed for each in waters))


def draw_axis(painter: QPainter, scene: Scene) -> list[QRectF]:
    """The numbers of the steps that fit; returns where they stand."""
    metrics = QFontMetricsF(text_font(11))
    time, line = scene.layout.time, scene.layout.axis
    interval = fitting_interval(time, scene.shown.length, lambda t: metrics.horizontalAdvance(f"{t:,}"), LABEL_GAP)
    painter.setFont(text_font(11))
    painter.setPen(QColor(scene.theme.muted))
    gutter = QRectF(MARGIN, line.top(), line.left() - MARGIN - 12, line.height())
    painter.drawText(gutter, RIGHT, "step t")
    places = []
    for t in ticks(scene.steps.start, scene.steps.stop - 1, interval or scene.shown.length):
        places.append(step_label_place(scene, metrics, t, f"{t:,}"))
        painter.drawText(places[-1], CENTRE, f"{t:,}")
    return places


def step_label_place(scene: Scene, metrics: QFontMetricsF, t: int, text: str) -> QRectF:
    """Where the label of step ``t`` stands, kept on the axis."""
    line = scene.layout.axis
    width = metrics.horizontalAdvance(text) + 4
    left = min(max(scene.layout.time.x(t) - width / 2, line.left() - 4), line.right() + MARGIN - width)
    return QRectF(left, line.top(), width, line.height())


def step_text(scene: Scene, t: int, metrics: QFontMetricsF, width: float) -> str:
    """What step ``t`` reads, as it stands in its node; its number where the run has no other labels."""
    text = f"{t:,}" if scene.labels is None else scene.labels[t - 1]
    if not text.strip():
        return "␣" if text else ""
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def _draw_cards(painter: QPainter, scene: Scene, place: RowLayout) -> None:
    """Nodes as rounded cells; without room for them a quiet ground."""
    theme = scene.theme
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(scene.layout.plot, Qt.ClipOperation.IntersectClip)
    if scene.layout.card:
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(QColor(theme.panel))
        for t in scene.steps:
            painter.drawRoundedRect(scene.layout.node(place, t), 8, 8)
    else:
        painter.fillRect(place.cards, QColor(theme.panel))
    painter.restore()


def _draw_titles(painter: QPainter, scene: Scene, row: NetworkRow, place: RowLayout, unit: int) -> None:
    """In front of the row: its network, its rivers with their formulas, and what the numbers are."""
    theme, right = scene.theme, scene.layout.plot.left() - 12
    width = right - MARGIN
    painter.setFont(text_font(14, bold=True))
    painter.setPen(QColor(theme.text))
    name_y = place.header.center().y() if place.header else place.arrows.bottom() - 7
    painter.drawText(QRectF(MARGIN, name_y - 10, width, 20), RIGHT, row.network)
    _draw_source(painter, scene, row, place)
    for river, middle in zip(row.rivers, place.rivers, strict=True):
        _draw_river_title(painter, scene, river, middle)
    if not place.values:
        return
    whose = "" if row.layer.h.shape[2] == 1 else f" unit {unit}"
    captions = ["‖dL/dh[t]‖"] + [f"{state.symbol}[t]{whose}" for state in row.states]
    hues = [QColor(theme.text), *(river.colour(theme) for river in row.rivers)]
    for caption, hue, line in zip(captions, hues, place.values, strict=False):
        painter.setFont(text_font(10))
        painter.setPen(hue)
        painter.drawText(QRectF(MARGIN, line.top(), width, line.height()), RIGHT, caption)


def _draw_source(painter: QPainter, scene: Scene, row: NetworkRow, place: RowLayout) -> None:
    """Where the arrows above the row come from."""
    if not (row.entering > -np.inf).any():
        return
    painter.setFont(text_font(10))
    painter.setPen(QColor(scene.theme.muted))
    line = QRectF(MARGIN, place.arrows.top() + (2 if place.header else -4), scene.layout.plot.left() - 12 - MARGIN, 14)
    wide = line.width() >= GUTTER - 20
    painter.drawText(line, RIGHT, f"{'from the ' if wide else ''}{scene.shown.source} ↓")


def _draw_river_title(painter: QPainter, scene: Scene, river: River, middle: float) -> None:
    right = scene.layout.plot.left() - 12
    wide = right - MARGIN >= GUTTER - 20
    two_lines = wide and scene.layout.river >= 26
    painter.setFont(text_font(12, bold=True))
    painter.setPen(river.colour(scene.theme))
    shift = 7 if two_lines else 0
    painter.drawText(
        QRectF(MARGIN, middle - 8 - shift, right - MARGIN, 16), RIGHT, river.title if wide else river.short_title
    )
    if two_lines:
        painter.setFont(text_font(10))
        painter.setPen(QColor(scene.theme.muted))
        painter.drawText(QRectF(MARGIN, middle, right - MARGIN, 15), RIGHT, river.formula)


def _draw_headers(painter: QPainter, scene: Scene, place: RowLayout) -> None:
    """Token or number of the step in every node."""
    if place.header is None or not scene.layout.card:
        return
    metrics = QFontMetricsF(text_font(12, bold=True))
    painter.save()
    painter.setClipRect(scene.layout.plot, Qt.ClipOperation.IntersectClip)
    painter.setFont(text_font(12, bold=True))
    painter.setPen(QColor(scene.theme.text))
    for t in scene.steps:
        node = scene.layout.node(place, t)
        line = QRectF(node.left() + 2, place.header.top(), node.width() - 4, HEADER_HEIGHT)
        painter.drawText(line, CENTRE, step_text(scene, t, metrics, line.width()))
    painter.restore()


def _draw_numbers(painter: QPainter, scene: Scene, row: NetworkRow, place: RowLayout, unit: int) -> None:
    """||dL/dh[t]||, c and h of the pinned unit in every node; in narrow ones the power of ten of the gradient."""
    if not place.values:
        return
    theme, steps = scene.theme, scene.steps
    gradients = [float(row.log10_dh[t - 1]) for t in steps]
    metrics = QFontMetricsF(number_font(10))
    room = scene.layout.card - 3
    columns = [(_fitting(gradients, metrics, room), QColor(theme.text))]
    for state, river in list(zip(row.states, row.rivers, strict=True))[: len(place.values) - 1]:
        if unit < row.layer.h.shape[2]:
            values = state.of(row.layer)[steps.start - 1 : steps.stop - 1, unit].tolist()
            columns.append(([number(value) for value in values], river.colour(theme)))
    painter.save()
    painter.setClipRect(scene.layout.plot, Qt.ClipOperation.IntersectClip)
    painter.setFont(number_font(10))
    for (texts, ink), line in zip(columns, place.values, strict=False):
        painter.setPen(ink)
        for t, text in zip(steps, texts, strict=True):
            node = scene.layout.node(place, t)
            if metrics.horizontalAdvance(text) <= room:
                painter.drawText(QRectF(node.left(), line.top(), node.width(), line.height()), CENTRE, text)
    painter.restore()


def _fitting(log10_values: list[float], metrics: QFontMetricsF, room: float) -> list[str]:
    """Magnitudes with three digits, or two, where all of them fit; else each as well as it fits."""
    choices = [(magnitude(value), _two_digits(value), _power(value)) for value in log10_values]
    for level in (0, 1):
        if max(metrics.horizontalAdvance(texts[level]) for texts in choices) <= room:
            return [texts[level] for texts in choices]
    return [next((text for text in texts if metrics.horizontalAdvance(text) <= room), "") for texts in choices]


def _two_digits(log10_value: float) -> str:
    """The magnitude with two digits, where it is written without a power of ten."""
    if not -4 <= log10_value < 3:
        return magnitude(log10_value)
    return f"{10**log10_value:.{max(1 - math.floor(log10_value), 0)}f}"


def _power(log10_value: float) -> str:
    """The nearest power of ten."""
    return superscript_power(round(log10_value)) if math.isfinite(log10_value) else magnitude(log10_value)


def _draw_entering(painter: QPainter, scene: Scene, row: NetworkRow, place: RowLayout) -> None:
    """Arrows from above where the loss, or the layer above, sends gradient into the network; colour as in rivers."""
    arrows = _entering(scene, row.entering)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(scene.layout.plot.adjusted(-6, 0, 6, 0), Qt.ClipOperation.IntersectClip)
    named = len(arrows) <= FEW_ARROWS
    for x, log10_value in arrows:
        ink = _ink(scene, log10_value)
        top = place.arrows.top() + (13 if named else 6)
        tip = QPointF(x, place.arrows.bottom() - 1)
        painter.setPen(QPen(ink, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(x, top), tip - QPointF(0, 5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(-4, -6.5), tip + QPointF(4, -6.5)]))
        if named:
            painter.setFont(text_font(10, bold=True))
            painter.setPen(QColor(scene.theme.text))
            word = scene.shown.source.split()[-1]
            painter.drawText(QRectF(x - 20, place.arrows.top() - 2, 40, 14), CENTRE, word)
    painter.restore()


def _entering(scene: Scene, log10: Array) -> list[tuple[float, float]]:
    """x and log10 of every arrow: one a step, or where they would touch one for several neighbouring steps."""
    time, steps = scene.layout.time, scene.steps
    entering = np.flatnonzero(log10[steps.start - 1 : steps.stop - 1] > -np.inf) + steps.start
    nan = np.flatnonzero(np.isnan(log10[steps.start - 1 : steps.stop - 1])) + steps.start
    entering = np.union1d(entering, nan)
    if not len(entering):
        return []
    nearest = float(np.diff(entering).min()) * time.step_width if len(entering) > 1 else ARROW_DISTANCE
    if nearest >= ARROW_DISTANCE:
        return [(time.x(int(t)), float(log10[t - 1])) for t in entering]
    size = bin_size(time.last - time.first, int(scene.layout.plot.width() / ARROW_DISTANCE))
    start, stop = (steps.start - 1) // size, (steps.stop - 2) // size + 1
    means = log_means(log10, size, start, stop)
    middles = [time.x((b + 0.5) * size + 0.5) for b in range(start, stop)]
    return [(x, float(mean)) for x, mean in zip(middles, means, strict=True) if mean != -np.inf]


def _ink(scene: Scene, log10_value: float) -> QColor:
    theme: Theme = scene.theme
    if not np.isfinite(log10_value):
        return QColor(theme.warning)
    fraction = float(scene.shown.scale.fractions(np.array(log10_value)))
    return mixed(QColor(theme.surface), QColor(theme.text), PALEST + (1 - PALEST) * fraction)
