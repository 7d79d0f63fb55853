"""||dL/dh[t]|| of the probe sequence while training goes on: a map a network, all on one colour scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.text import superscript_power
from lstmviz.core.training.record import NetworkRecord
from lstmviz.gui.style import LIGHT, Theme
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas
from lstmviz.gui.views.heat_map import Scale, ScaleKind, image_of, log_scale
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.training.chart import (
    AXIS_HEIGHT,
    AXIS_WIDTH,
    LEAST_HEIGHT,
    TITLE_HEIGHT,
    draw_mark,
    draw_update_axis,
)

LEGEND_WIDTH = 66
GAP = 14

DECADES = 16
"""The scale goes so far down from the largest value, or from 1: what is less, float64 cannot add to it any more."""

TIP = (
    "How long the vector dL/dh[t] is for one fixed sequence: from left to right training goes on, from bottom to top "
    "the steps of the sequence. Where the map is empty at the bottom, the gradient does not reach the first steps."
)


class GradientMaps(QWidget):
    """The maps beside each other, and their colours."""

    hovered = pyqtSignal(str)
    """The value under the mouse in words; empty when there is none."""
    update_chosen = pyqtSignal(int)
    """An update was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gradient_maps")
        self.setAccessibleName("Gradient of the probe sequence over training")
        self.setToolTip(TIP)
        self.setMinimumSize(240, LEAST_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self._networks: tuple[NetworkRecord, ...] = ()
        self._end = 1
        self._theme = LIGHT
        self._marked: int | None = None
        self.scale = Scale(ScaleKind.LOG, -1.0, 0.0)

    def sizeHint(self) -> QSize:
        """As high as a chart."""
        return QSize(720, LEAST_HEIGHT)

    def show_networks(self, networks: tuple[NetworkRecord, ...], end: int) -> None:
        """Draw other maps; the axis of updates goes to ``end``."""
        self._networks, self._end = networks, end
        values = [each.log10_dh.ravel() for each in networks if len(each.log10_dh)]
        self.scale = self._scale_of(np.concatenate(values)) if values else Scale(ScaleKind.LOG, -1.0, 0.0)
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

    @staticmethod
    def _scale_of(values: Array) -> Scale:
        finite = values[np.isfinite(values)]
        top = float(finite.max()) if len(finite) else 0.0
        return log_scale(values, np.floor(min(top, 0.0)) - DECADES, 308.0)

    # Geometry

    def map_rects(self) -> list[QRectF]:
        """Where the maps are."""
        count = max(len(self._networks), 1)
        width = (self.width() - LEGEND_WIDTH - count * (AXIS_WIDTH + GAP)) / count
        height = self.height() - TITLE_HEIGHT - 6 - AXIS_HEIGHT
        return [
            QRectF(AXIS_WIDTH + k * (width + AXIS_WIDTH + GAP), TITLE_HEIGHT + 4, max(width, 20), max(height, 20))
            for k in range(count)
        ]

    # Painting

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The maps, then the legend of their colours."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(self._theme.surface))
            canvas = Canvas(painter, self._theme)
            for rect, network in zip(self.map_rects(), self._networks, strict=False):
                self._draw_map(canvas, rect, network)
            if self._networks:
                self._draw_legend(canvas)

    def _draw_map(self, canvas: Canvas, rect: QRectF, network: NetworkRecord) -> None:
        theme, painter = self._theme, canvas.painter
        title = QRectF(rect.left() - AXIS_WIDTH + 4, 0, rect.width() + AXIS_WIDTH, TITLE_HEIGHT)
        canvas.text(title, f"{network.name}: gradient ‖dL/dh[t]‖ at step t", theme.text, 12, bold=True, align=LEFT)
        length = network.log10_dh.shape[1]
        for step, y in ((length, rect.top() + 6), (1, rect.bottom() - 6)):
            canvas.text(
                QRectF(rect.left() - AXIS_WIDTH, y - 7, AXIS_WIDTH - 5, 14),
                f"t = {step}",
                theme.muted,
                10,
                align=RIGHT,
            )
        columns = self._columns(network, max(int(rect.width()), 1))
        if columns is not None:
            index, across = columns
            colours = self.scale.colours(network.log10_dh[index].T[::-1], theme)
            painter.drawImage(QRectF(rect.left(), rect.top(), across, rect.height()), image_of(colours))
        painter.setPen(line_pen(theme.border))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect)
        draw_update_axis(canvas, rect, self._end)
        draw_mark(painter, rect, self._marked, self._end, theme)

    def _columns(self, network: NetworkRecord, pixels: int) -> tuple[NDArray[np.intp], int] | None:
        """Which look at the probe each column of pixels shows, and how many there are; None before the first."""
        looked = network.probe_updates
        if not len(looked):
            return None
        across = max(round(pixels * float(looked[-1]) / max(self._end, 1)), 3)
        updates = np.arange(across) / across * max(float(looked[-1]), 1.0)
        return np.maximum(np.searchsorted(looked, updates, "right") - 1, 0), across

    def _draw_legend(self, canvas: Canvas) -> None:
        theme, painter, scale = self._theme, canvas.painter, self.scale
        rect = self.map_rects()[0]
        bar = QRectF(self.width() - LEGEND_WIDTH + 6, rect.top(), 12, rect.height())
        values = np.linspace(scale.high, scale.low, max(int(bar.height()), 2))[:, None]
        painter.drawImage(bar, image_of(scale.colours(values, theme)))
        for value, y in ((scale.high, bar.top() + 6), (scale.low, bar.bottom() - 6)):
            words = ("≤ " if value == scale.low else "") + superscript_power(round(value))
            canvas.text(QRectF(bar.right() + 4, y - 7, 46, 14), words, theme.muted, 10, align=LEFT)

    # The mouse

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Look at the moment under the mouse."""
        place = self._place_of(event)
        if place is not None and event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.update_chosen.emit(place[1])

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Say the value, or scrub."""
        place = self._place_of(event)
        if place is None or event is None:
            self.hovered.emit("")
            return
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.update_chosen.emit(place[1])
        self.hovered.emit(self.sentence_at(*place))

    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is under the mouse."""
        self.hovered.emit("")

    def sentence_at(self, number_of_map: int, update: int, t: int) -> str:
        """The value at a place of a map; empty where training has not been yet."""
        network = self._networks[number_of_map]
        looked = network.probe_updates
        if not len(looked) or update > max(float(looked[-1]), 1.0):
            return ""
        index = max(int(np.searchsorted(looked, update, "right")) - 1, 0)
        value = float(network.log10_dh[index, t - 1])
        if np.isfinite(value):
            size = f"10^{value:.1f}".replace("-", "−")
        else:
            size = "exactly 0" if np.isneginf(value) else "not finite"
        return f"{network.name} after {int(looked[index]):,} updates: the length of dL/dh[{t}] is {size}"

    def _place_of(self, event: QMouseEvent | None) -> tuple[int, int, int] | None:
        """(map, update, step) under the mouse."""
        if event is None:
            return None
        point = event.position()
        for number, (rect, network) in enumerate(zip(self.map_rects(), self._networks, strict=False)):
            if rect.contains(point):
                length = network.log10_dh.shape[1]
                update = round((point.x() - rect.left()) / rect.width() * self._end)
                step = length - int((point.y() - rect.top()) / rect.height() * length)
                return number, update, min(max(step, 1), length)
        return None
