"""The words of the timeline: titles of the rows on the left, tokens and step numbers on top."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from lstmviz.gui.style import text_font
from lstmviz.gui.views.time_axis import fitting_interval, ticks
from lstmviz.gui.views.timeline.layout import TITLE_WIDTH
from lstmviz.gui.views.timeline.rows import Row
from lstmviz.gui.views.timeline.scene import Scene
from lstmviz.gui.views.timeline.step_marks import draw_mark_line, draw_mark_title
from lstmviz.gui.views.timeline.tracks import TrackRow

LABEL_GAP = 8
WIDEST_LABEL = 150
SPARSEST_TOKENS = 5
"""Tokens are left out where fewer than every fifth would fit."""

NUMBERED_UNITS = 8
MARK_WIDTH = 12
"""What the mark of the pinned unit, or the numbers of the units, take between titles and cells."""

ROOM_FOR_RANGE = 24
"""The least height of a track whose range stands under its title."""

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True, eq=False)
class Label:
    """A text on the axis."""

    text: str
    rect: QRectF


AxisLabels = tuple[tuple[Label, ...], ...]
"""The labels of every line of the axis."""


def draw_titles(painter: QPainter, scene: Scene) -> None:
    """Titles of the rows and of the axis, the numbers of a few units, and the marks above the axis."""
    gutter = scene.layout.titles
    narrow = gutter.width() < TITLE_WIDTH
    for row, rect in zip(scene.rows.all, scene.layout.rows, strict=True):
        if rect.height() < 5:
            continue
        if isinstance(row, TrackRow):
            _draw_track_title(painter, scene, row, rect)
            continue
        space = QRectF(gutter.left(), rect.center().y() - 8, gutter.width() - MARK_WIDTH - 3, 16)
        painter.setFont(text_font(min(int(rect.height()) + 1, 12), bold=True))
        painter.setPen(row.colour(scene.theme))
        painter.drawText(space, RIGHT, row.short_title if narrow else row.title)
        for unit in range(row.units):
            draw_unit_number(painter, scene, row, rect, unit, pinned=False)
    for mark, line in zip(scene.marks, scene.layout.marks, strict=True):
        space = QRectF(gutter.left(), line.top(), gutter.width() - MARK_WIDTH - 3, line.height())
        draw_mark_title(painter, mark, space, scene.theme)
        draw_mark_line(painter, scene.axis, mark, line, scene.theme)
    captions = _captions(scene, narrow)
    painter.setFont(text_font(11))
    painter.setPen(QColor(scene.theme.muted))
    for caption, line in zip(captions, scene.layout.labels, strict=True):
        space = QRectF(gutter.left(), line.top(), gutter.width() - MARK_WIDTH - 3, line.height())
        painter.drawText(space, RIGHT, caption)


def _draw_track_title(painter: QPainter, scene: Scene, row: TrackRow, rect: QRectF) -> None:
    """What the track shows, and under it its range where there is room."""
    gutter = scene.layout.titles
    space = QRectF(gutter.left(), rect.center().y() - 8, gutter.width() - 6, 16)
    lines = [(row.title, text_font(min(int(rect.height()) + 1, 11), bold=True), scene.theme.text)]
    if rect.height() >= ROOM_FOR_RANGE:
        lines.append((row.span, text_font(10), scene.theme.muted))
        space.translate(0, -6.5)
    for text, font, colour in lines:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(space, RIGHT, QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, space.width()))
        space.translate(0, 13)


def _captions(scene: Scene, narrow: bool) -> list[str]:
    """What each line of the axis shows."""
    if len(scene.layout.labels) == 2:
        return ["x[t]", "t"] if narrow else ["input x[t]", "step t"]
    return ["t"] if narrow else ["step t"]


def draw_unit_number(painter: QPainter, scene: Scene, row: Row, rect: QRectF, unit: int, *, pinned: bool) -> bool:
    """The number of a unit in front of its line; False where there is no room for numbers."""
    height = rect.height() / row.units
    if not 1 < row.units <= NUMBERED_UNITS or height < 9:
        return False
    space = QRectF(rect.left() - MARK_WIDTH, rect.top() + unit * height, MARK_WIDTH - 3, height)
    painter.setFont(text_font(9, bold=pinned))
    painter.setPen(QColor(scene.theme.text if pinned else scene.theme.muted))
    if pinned:
        painter.fillRect(space, QColor(scene.theme.surface))
    painter.drawText(space, RIGHT, str(unit))
    return True


def axis_labels(scene: Scene) -> AxisLabels:
    """The labels that fit, all at the same distance; tokens and step numbers at the same steps."""
    metrics = QFontMetricsF(text_font(11))
    lines = scene.layout.labels
    if not lines:
        return ()

    def step_width(t: int) -> float:
        return metrics.horizontalAdvance(f"{t:,}")

    interval = fitting_interval(scene.axis, scene.length, step_width, LABEL_GAP)
    tokens: int | None = None
    if scene.labels is not None and len(lines) == 2:
        tokens = fitting_interval(
            scene.axis,
            scene.length,
            lambda t: max(_width(metrics, scene, t), step_width(t)),
            LABEL_GAP,
            SPARSEST_TOKENS,
        )
    interval = tokens or interval or scene.length
    first, last = scene.axis.visible(scene.length)
    marks = ticks(first, last, interval)
    numbers = tuple(_label(scene, metrics, t, f"{t:,}", lines[-1]) for t in marks)
    if len(lines) == 1:
        return (numbers,)
    texts = (
        () if tokens is None else tuple(_label(scene, metrics, t, _token(metrics, scene, t), lines[0]) for t in marks)
    )
    return texts, numbers


def _token(metrics: QFontMetricsF, scene: Scene, t: int) -> str:
    text = "" if scene.labels is None else scene.labels[t - 1]
    if not text.strip():
        return "␣" if text else ""
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, WIDEST_LABEL)


def _width(metrics: QFontMetricsF, scene: Scene, t: int) -> float:
    return metrics.horizontalAdvance(_token(metrics, scene, t))


def _label(scene: Scene, metrics: QFontMetricsF, t: int, text: str, line: QRectF) -> Label:
    """A label centred over its step, kept on the axis."""
    width = min(metrics.horizontalAdvance(text) + 2, line.width())
    visible = scene.column(t).center().x()
    left = min(max(visible - width / 2, line.left() - 2), line.right() - width + MARK_WIDTH)
    return Label(text, QRectF(left, line.top(), width, line.height()))


def draw_axis(painter: QPainter, scene: Scene, labels: AxisLabels) -> None:
    """Tokens in the text colour, steps muted."""
    painter.setFont(text_font(11))
    for number, line in enumerate(labels):
        tokens = number == 0 and len(labels) == 2
        painter.setPen(QColor(scene.theme.text if tokens else scene.theme.muted))
        for label in line:
            painter.drawText(label.rect, CENTRE, label.text)


def draw_current_label(painter: QPainter, scene: Scene, labels: AxisLabels, t: int) -> None:
    """The labels of step ``t`` in bold, in the place of those that they would overlap."""
    font: QFont = text_font(11, bold=True)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(QColor(scene.theme.text))
    texts = [f"{t:,}"] if len(labels) == 1 else [_token(metrics, scene, t), f"{t:,}"]
    if len(labels) == 1 and scene.labels is not None:
        texts = [f"{t:,}: {_token(metrics, scene, t)}"]
    for text, line, rect in zip(texts, labels, scene.layout.labels, strict=True):
        current = _label(scene, metrics, t, text, rect)
        for label in line:
            if label.rect.adjusted(-4, 0, 4, 0).intersects(current.rect):
                painter.fillRect(label.rect.adjusted(-1, 0, 1, 0), QColor(scene.theme.surface))
        painter.fillRect(current.rect, QColor(scene.theme.surface))
        painter.drawText(current.rect, CENTRE, current.text)
