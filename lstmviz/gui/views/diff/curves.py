"""Both curves of one unit over the steps, the axis of steps below, and what stands at the cursor."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPen

from lstmviz.core.arrays import Array
from lstmviz.core.comparison.diff_words import exactly, signed
from lstmviz.core.text import MINUS
from lstmviz.gui.style import text_font
from lstmviz.gui.views.cell.canvas import CENTRE, LEFT, RIGHT, Canvas
from lstmviz.gui.views.diff.layout import GUTTER
from lstmviz.gui.views.diff.scene import Scene, Shown
from lstmviz.gui.views.memory.axis import ValueScale
from lstmviz.gui.views.pens import FEW_STEPS, line_pen, translucent
from lstmviz.gui.views.polygons import polygon
from lstmviz.gui.views.time_axis import fitting_interval, ticks

_SAMPLE = 30.0
"""Pixels of line in the legend."""

_WIDEST_TOKEN = 90.0
_SPARSEST_TOKENS = 5
_THIN_BELOW = 2.0
"""Pixels a step below which curves are a single pixel wide."""

OTHER_OPACITY = 0.62


def value_scale(shown: Shown, unit: int) -> ValueScale:
    """From the lowest to the highest value of the unit in either run; a gate's whole range for gates."""
    if shown.row.quantity.is_gate and not shown.row.gradient:
        return ValueScale(0.0, 1.0)
    values = np.concatenate([shown.row.a[:, unit], shown.row.b[:, unit]])
    finite = values[np.isfinite(values)]
    return ValueScale.around(finite.min(initial=0.0), finite.max(initial=0.0), 0.06)


def draw_curves(canvas: Canvas, scene: Scene, unit: int, scale: ValueScale) -> None:
    """The other run dashed and pale, this one solid over it; values on the left, steps below."""
    shown, rect, theme = scene.shown, scene.layout.curves, scene.theme
    for value in scale.ticks(max(int(rect.height() / 32), 1)):
        y = round(scale.y(value, rect)) + 0.5
        canvas.painter.setPen(line_pen(theme.faint if value == 0 else theme.border))
        canvas.painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
        text = f"{value:.6g}".replace("-", MINUS)
        canvas.text(QRectF(rect.left() - GUTTER, y - 7, GUTTER - 8, 14), text, theme.muted, 10, align=RIGHT)
    canvas.painter.save()
    canvas.painter.setClipRect(rect.adjusted(0, -2, 0, 2))
    for values, pen in ((shown.row.a, other_pen(scene)), (shown.row.b, own_pen(scene))):
        _draw_curve(canvas, scene, values[:, unit], scale, pen)
    canvas.painter.restore()
    _draw_axis(canvas, scene)


def own_pen(scene: Scene) -> QPen:
    """This run: solid, in the hue of the quantity."""
    return line_pen(scene.theme.colour(scene.shown.row.quantity).name(), width=1.6)


def other_pen(scene: Scene) -> QPen:
    """The other run: dashed and pale."""
    pen = line_pen(scene.theme.text, Qt.PenStyle.DashLine, 1.3)
    pen.setColor(translucent(scene.theme.text, OTHER_OPACITY))
    return pen


def _draw_curve(canvas: Canvas, scene: Scene, values: Array, scale: ValueScale, pen: QPen) -> None:
    """Through every step, or through the lowest and the highest of those that share a pixel; gaps at nan and inf."""
    axis, rect = scene.axis, scene.layout.curves
    first, last = axis.visible(len(values))
    seen = slice(max(first - 2, 0), min(last + 1, len(values)))
    steps, heights = np.arange(seen.start + 1, seen.stop + 1, dtype=float), values[seen].astype(float)
    group = int(len(steps) / (2 * max(axis.width, 1)))
    few = axis.last - axis.first <= FEW_STEPS
    if group > 1:
        steps, heights = _thinned(steps, heights, group)
    if axis.step_width < _THIN_BELOW:  # a wide pen costs much where it turns at every pixel
        pen = QPen(pen)
        pen.setWidthF(1.0)
    across = axis.left + (steps - axis.first) * axis.step_width
    down = np.where(np.isfinite(heights), scale.heights(heights, rect), np.nan)
    canvas.painter.setPen(pen)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    broken = np.flatnonzero(~np.isfinite(down))
    for before, after in pairwise([-1, *broken.tolist(), len(down)]):
        x, y = across[before + 1 : after], down[before + 1 : after]
        if len(x) > 1:
            canvas.painter.drawPolyline(polygon(x, y))
        if few or len(x) == 1:
            canvas.painter.setBrush(pen.color())
            for point in map(QPointF, x.tolist(), y.tolist()):
                canvas.painter.drawEllipse(point, 1.6, 1.6)
            canvas.painter.setBrush(Qt.BrushStyle.NoBrush)


def _thinned(steps: Array, values: Array, group: int) -> tuple[Array, Array]:
    """The lowest and the highest value of every ``group`` steps, at the step where the group begins."""
    starts = np.arange(0, len(values), group)
    with np.errstate(all="ignore"):
        low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return np.repeat(steps[starts], 2), np.stack([low, high], axis=1).ravel()


def _draw_axis(canvas: Canvas, scene: Scene) -> None:
    """Numbers of steps, and above them what is read there where it fits."""
    shown, axis, theme = scene.shown, scene.axis, scene.theme
    metrics = QFontMetricsF(text_font(11))

    def token(t: int) -> str:
        return metrics.elidedText(shown.names.label(t), Qt.TextElideMode.ElideRight, _WIDEST_TOKEN)

    def step_width(t: int) -> float:
        return metrics.horizontalAdvance(f"{t:,}")

    def widest(t: int) -> float:
        return max(metrics.horizontalAdvance(token(t)), step_width(t))

    lines = scene.layout.axis
    tokens = fitting_interval(axis, shown.length, widest, 8, _SPARSEST_TOKENS) if len(lines) == 2 else None
    interval = tokens or fitting_interval(axis, shown.length, step_width, 10) or shown.length
    captions = ("read", "step") if len(lines) == 2 else ("step",)
    for line, caption in zip(lines, captions, strict=True):
        place = QRectF(line.left() - GUTTER, line.top(), GUTTER - 8, line.height())
        if caption == "step" or tokens:
            canvas.text(place, caption, theme.muted, 10, align=RIGHT)
        for t in ticks(*axis.visible(shown.length), interval):
            text = f"{t:,}" if caption == "step" else token(t) if tokens else ""
            width = metrics.horizontalAdvance(text) + 4
            left = min(max(axis.x(t) - width / 2, line.left() - 3), line.right() - width + 6)
            colour = theme.muted if caption == "step" else theme.text
            canvas.text(QRectF(left, line.top(), width, line.height()), text, colour, 11, align=CENTRE)


def draw_legend(canvas: Canvas, scene: Scene, unit: int, t: int) -> None:
    """Which curve is whose, with the values at the cursor's step."""
    shown, theme, rect = scene.shown, scene.theme, scene.layout.curves_title
    bold, plain = QFontMetricsF(text_font(12, bold=True)), QFontMetricsF(text_font(12))
    head = f"{shown.symbol}[{t:,}]" + (f" of {shown.kind} {unit}" if shown.units > 1 else "")
    canvas.text(rect, head, theme.text, 12, bold=True, align=LEFT)
    x = rect.left() + bold.horizontalAdvance(head) + 18
    if t > shown.compared:
        canvas.text(QRectF(x, rect.top(), rect.right() - x, rect.height()), "only this run has this step", theme.muted)
        return
    a, b = float(shown.row.a[t - 1, unit]), float(shown.row.b[t - 1, unit])
    change = float(shown.row.difference(t - 1, t)[0, unit])
    for pen, text in (
        (own_pen(scene), f"{exactly(b, a)} {shown.sides.b}"),
        (other_pen(scene), f"{exactly(a, b)} {shown.sides.a}"),
        (None, "no difference" if change == 0 else f"difference {signed(change)}"),
    ):
        if pen is not None:
            canvas.painter.setPen(pen)
            canvas.painter.drawLine(QLineF(x, rect.center().y(), x + _SAMPLE, rect.center().y()))
            x += _SAMPLE + 6
        width = plain.horizontalAdvance(text)
        if x + width > rect.right():
            if x + width / 2 > rect.right():
                return  # too little of it would be left
            text = plain.elidedText(text, Qt.TextElideMode.ElideRight, max(rect.right() - x, 0))
        canvas.text(QRectF(x, rect.top(), width + 2, rect.height()), text, theme.text, 12, align=LEFT)
        x += width + 20
        if x > rect.right():
            return


def draw_cursor(canvas: Canvas, scene: Scene, unit: int, t: int, scale: ValueScale) -> None:
    """The line of the cursor's step through map and curves, and a dot on each curve."""
    axis, layout = scene.axis, scene.layout
    first, last = axis.visible(scene.shown.length)
    if not first <= t <= last:
        return
    x = min(max(axis.x(t), layout.map.left()), layout.map.right())
    canvas.painter.setPen(line_pen(scene.theme.text))
    for part in (layout.map, layout.curves):
        canvas.painter.drawLine(QLineF(x, part.top(), x, part.bottom()))
    if t > scene.shown.compared:
        return
    ground = QColor(scene.theme.surface)
    for values, pen in ((scene.shown.row.a, other_pen(scene)), (scene.shown.row.b, own_pen(scene))):
        value = float(values[t - 1, unit])
        if np.isfinite(value):
            canvas.painter.setPen(QPen(ground, 1.5))
            canvas.painter.setBrush(pen.color())
            canvas.painter.drawEllipse(QPointF(x, scale.y(value, layout.curves)), 4, 4)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
