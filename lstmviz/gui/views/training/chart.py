"""A small chart of curves over the updates of a training, painted directly: cheap enough for 20 pictures a second."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.text import percent, significant, superscript_power
from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.training.curves import round_step, sampled, spread, thinned

TITLE_HEIGHT = 18
AXIS_WIDTH = 46
AXIS_HEIGHT = 16
NAMES_MARGIN = 5
"""Between the right ends of the curves and their names."""

NAME_HEIGHT = 13
LEAST_HEIGHT = 104
LEVEL_NAME = "baseline"
GHOST_OPACITY = 0.45

SMOOTH_PIXELS = 4
"""A smooth curve has a point in so many pixels: wide lines are slow, and more points cannot be seen."""


@dataclass(frozen=True, eq=False)
class Line:
    """A curve.

    name   stands at its end; none where empty
    ghost  pale
    dots   points alone
    rough  it jumps from point to point: a hairline, which is drawn fifty times faster than a smooth curve
    """

    x: Array
    y: Array
    colour: str
    name: str = ""
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    width: float = 1.6
    ghost: bool = False
    dots: bool = False
    rough: bool = False


@dataclass(frozen=True)
class Level:
    """A dashed horizontal line and what it means."""

    value: float
    words: str


@dataclass(frozen=True, eq=False)
class ChartContent:
    """What a chart draws.

    end         the last update on the axis
    logarithmic a log10 axis; otherwise it runs from ``low`` to ``high``
    """

    title: str
    lines: tuple[Line, ...]
    end: int
    logarithmic: bool = True
    low: float = 0.0
    high: float = 1.0
    shares: bool = False
    level: Level | None = None
    note: str = ""


EMPTY = ChartContent("", (), 1)


class Chart(QWidget):
    """Curves over the updates, with a mark at the moment that is looked at."""

    hovered = pyqtSignal(str)
    """The values under the mouse in words; empty when there are none."""
    update_chosen = pyqtSignal(int)
    """An update was clicked."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setMinimumSize(150, LEAST_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.content = EMPTY
        self._theme = LIGHT
        self._marked: int | None = None
        self._names_width = 20.0

    def sizeHint(self) -> QSize:
        """As low as it can be read: a scroll area takes this for the least, and what room there is comes on top."""
        return QSize(360, LEAST_HEIGHT)

    def show_content(self, content: ChartContent) -> None:
        """Draw other curves."""
        self.content = content
        metrics, names = QFontMetricsF(text_font(11)), [line.name for line in content.lines]
        widths = [metrics.horizontalAdvance(name) for name in [*names, LEVEL_NAME if content.level else ""]]
        self._names_width = max([20.0, *(width + 2 * NAMES_MARGIN for width in widths)])
        self.setAccessibleName(content.title)
        self.setToolTip(f"{content.title}\n{content.note}" if content.note else content.title)
        self.update()

    def show_mark(self, update: int | None) -> None:
        """A line at the update that is looked at; None for none."""
        if update != self._marked:
            self._marked = update
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    # Geometry

    def plot_rect(self) -> QRectF:
        """Where the curves are."""
        return QRectF(
            AXIS_WIDTH,
            TITLE_HEIGHT + 8,
            max(self.width() - AXIS_WIDTH - self._names_width, 20),
            max(self.height() - TITLE_HEIGHT - 10 - AXIS_HEIGHT, 20),
        )

    def update_at(self, x: float) -> int:
        """The update at ``x`` pixels from the left."""
        rect = self.plot_rect()
        share = min(max((x - rect.left()) / rect.width(), 0.0), 1.0)
        return round(share * self.content.end)

    def _heights(self) -> tuple[float, float]:
        """The lowest and highest value of the axis; on a logarithmic one their log10."""
        content = self.content
        if not content.logarithmic:
            return content.low, content.high
        ends = [content.level.value] if content.level and content.level.value > 0 else []
        for line in content.lines:
            positive = line.y[np.isfinite(line.y) & (line.y > 0)]
            if len(positive):
                ends += [float(positive.min()), float(positive.max())]
        if not ends:
            return -1.0, 0.0
        low, high = math.log10(min(ends)), math.log10(max(ends))
        margin = max(0.06 * (high - low), 0.1)
        return low - margin, high + margin

    # Painting

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Title, axes, level, curves, names, mark."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(self._theme.surface))
            canvas, rect, content = Canvas(painter, self._theme), self.plot_rect(), self.content
            title = QRectF(4, 0, self.width() - 8, TITLE_HEIGHT)
            metrics = QFontMetricsF(text_font(12, bold=True))
            words = metrics.elidedText(content.title, Qt.TextElideMode.ElideRight, title.width())
            canvas.text(title, words, self._theme.text, 12, bold=True, align=LEFT)
            if content.note:
                room = title.width() - metrics.horizontalAdvance(content.title) - 14
                if QFontMetricsF(text_font(11)).horizontalAdvance(content.note) <= room:
                    canvas.text(title, content.note, self._theme.muted, 11, align=RIGHT)
            low, high = self._heights()
            self._draw_axes(canvas, rect, low, high)
            level = self._level_place(rect, low, high)
            if level is not None:
                painter.setPen(line_pen(self._theme.muted, Qt.PenStyle.DashLine, 1.2))
                painter.drawLine(QLineF(rect.left(), level, rect.right(), level))
            ends: list[tuple[float, Line]] = []
            for line in content.lines:
                end = self._draw_line(painter, rect, line, low, high)
                if end is not None and line.name:
                    ends.append((end, line))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setOpacity(1)
            self._draw_names(canvas, rect, ends, low, high)
            draw_mark(painter, rect, self._marked, content.end, self._theme)

    def _draw_axes(self, canvas: Canvas, rect: QRectF, low: float, high: float) -> None:
        painter, theme = canvas.painter, self._theme
        for value, words in self._ticks(low, high, rect.height()):
            y = _place(value, low, high, rect)
            painter.setPen(line_pen(theme.border))
            painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
            canvas.text(QRectF(0, y - 7, AXIS_WIDTH - 5, 14), words, theme.muted, 10, align=RIGHT)
        draw_update_axis(canvas, rect, self.content.end)

    def _ticks(self, low: float, high: float, height: float) -> list[tuple[float, str]]:
        """Round values of the axis and how they are written."""
        most = max(int(height // 24), 2)
        if not self.content.logarithmic:
            step = next(step for step in (0.1, 0.2, 0.25, 0.5, 1.0) if (high - low) / step <= most)
            values = np.arange(round((high - low) / step) + 1) * step + low
            return [(float(v), f"{round(100 * v)} %" if self.content.shares else f"{v:g}") for v in values]
        every = max(math.ceil((high - low) / most), 1)
        powers = range(math.ceil(low / every) * every, math.floor(high) + 1, every)
        ticks = [(float(power), _power(power)) for power in powers]
        if high - low < 2.2:  # too few powers of ten: 2 and 5 times them, too
            for power in range(math.floor(low), math.ceil(high) + 1):
                for factor in (2, 5):
                    value = power + math.log10(factor)
                    if low < value < high:
                        ticks.append((value, f"{factor * 10.0**power:.6g}"))
        return [tick for tick in ticks if low <= tick[0] <= high]

    def _level_place(self, rect: QRectF, low: float, high: float) -> float | None:
        """The height of the level in pixels; None where there is none, as 0 on a logarithmic axis."""
        level, logarithmic = self.content.level, self.content.logarithmic
        if level is None or (logarithmic and level.value <= 0):
            return None
        return _place(math.log10(level.value) if logarithmic else level.value, low, high, rect)

    def _draw_line(self, painter: QPainter, rect: QRectF, line: Line, low: float, high: float) -> float | None:
        """Draw a curve; the height of its last point in pixels, None without points."""
        finite = np.isfinite(line.y) & ((line.y > 0) | (not self.content.logarithmic))
        x, y = np.asarray(line.x[finite], np.float64), np.asarray(line.y[finite], np.float64)
        if not len(x):
            return None
        heights = np.log10(y) if self.content.logarithmic else y
        heights = rect.bottom() - (heights - low) / max(high - low, 1e-12) * rect.height()
        across = rect.left() + x / max(self.content.end, 1) * rect.width()
        points = [QPointF(*point) for point in zip(*self._simplified(line, across, heights, rect), strict=True)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not line.rough)
        painter.setOpacity(GHOST_OPACITY if line.ghost else 1)
        if line.dots or len(x) == 1:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(line.colour))
            radius = 2.2 if line.dots else 1.6
            for point in points:
                painter.drawEllipse(point, radius, radius)
        else:
            painter.setPen(line_pen(line.colour, line.style, 1 if line.rough else line.width))
            painter.drawPolyline(QPolygonF(points))
        return points[-1].y()

    @staticmethod
    def _simplified(line: Line, across: Array, heights: Array, rect: QRectF) -> tuple[list[float], list[float]]:
        """The points that are drawn: as many as can be seen."""
        if line.rough:
            across, heights = thinned(across, heights, int(rect.width()))
        elif not line.dots:
            across, heights = sampled(across, heights, int(rect.width() / SMOOTH_PIXELS))
        return across.tolist(), heights.tolist()

    def _draw_names(
        self, canvas: Canvas, rect: QRectF, ends: list[tuple[float, Line]], low: float, high: float
    ) -> None:
        """The names of curves and level at the right, moved apart where they would overlap."""
        names = [(y, line.name, line.colour) for y, line in ends]
        level = self._level_place(rect, low, high)
        if level is not None:
            names.append((level, LEVEL_NAME, self._theme.muted))
        names.sort()
        beyond = max((len(names) - 1) * NAME_HEIGHT - rect.height(), 0) / 2  # many names in a low chart
        places = spread([y for y, _, _ in names], NAME_HEIGHT, rect.top() - beyond, rect.bottom() + beyond)
        for y, (_, words, colour) in zip(places, names, strict=True):
            place = QRectF(rect.right() + NAMES_MARGIN, y - NAME_HEIGHT / 2, self._names_width, NAME_HEIGHT)
            canvas.text(place, words, colour, 11, align=LEFT)

    # The mouse

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Look at the moment under the mouse."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.update_chosen.emit(self.update_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Say the values, or scrub."""
        if event is None:
            return
        update = self.update_at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.update_chosen.emit(update)
        self.hovered.emit(self.sentence_at(update))

    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is under the mouse."""
        self.hovered.emit("")

    def sentence_at(self, update: int) -> str:
        """The values of the named curves at an update; empty where there are none."""
        parts = []
        for line in self.content.lines:
            if line.name and len(line.x) and line.x[0] <= update:
                value = float(line.y[np.searchsorted(line.x, update, "right") - 1])
                parts.append(f"{line.name} {percent(value) if self.content.shares else significant(value, 3)}")
        level = self.content.level
        if parts and level:
            words = percent(level.value) if self.content.shares else significant(level.value, 3)
            parts.append(f"{level.words} {words}")
        return f"{self.content.title} after update {update:,}: {', '.join(parts)}" if parts else ""


def draw_mark(painter: QPainter, rect: QRectF, update: int | None, end: int, theme: Theme) -> None:
    """The line at the moment that is looked at."""
    if update is None or not 0 <= update <= end:
        return
    x = rect.left() + update / max(end, 1) * rect.width()
    painter.setPen(line_pen(theme.text, Qt.PenStyle.SolidLine, 1))
    painter.drawLine(QLineF(x, rect.top(), x, rect.bottom()))


def draw_update_axis(canvas: Canvas, rect: QRectF, end: int) -> None:
    """The numbers of updates under ``rect``, and a line."""
    theme, painter = canvas.theme, canvas.painter
    painter.setPen(line_pen(theme.faint))
    painter.drawLine(QLineF(rect.left(), rect.bottom(), rect.right(), rect.bottom()))
    step = round_step(end, max(int(rect.width() // 70), 1))
    for update in range(0, end + 1, step):
        x = rect.left() + update / max(end, 1) * rect.width()
        words = "update 0" if update == 0 else f"{update:,}"
        place = QRectF(x - 32, rect.bottom() + 2, 64, AXIS_HEIGHT - 2)
        if update == 0:
            place = QRectF(rect.left() - 2, rect.bottom() + 2, 64, AXIS_HEIGHT - 2)
        canvas.text(place, words, theme.muted, 10, align=LEFT if update == 0 else Qt.AlignmentFlag.AlignCenter)


def _place(value: float, low: float, high: float, rect: QRectF) -> float:
    return rect.bottom() - (value - low) / max(high - low, 1e-12) * rect.height()


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if -3 <= exponent <= 3 else superscript_power(exponent)
