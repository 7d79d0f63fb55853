"""The singular values of dh[T]/dh[t] at the cursor as small bars on a log axis."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.magnitudes import magnitude, superscript_power
from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.gui.views.paths.analysis import Directions
from lstmviz.gui.views.paths.jacobian_map_drawing import LEFT_MIDDLE, RIGHT_MIDDLE
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.time_axis import round_interval
from lstmviz.gui.views.timeline.cells import hatching

TITLE, NAMES, AXIS = 18, 18, 46
PALE = 0.35
"""The opacity of what belongs to another step than the cursor's."""


class DirectionBars(QWidget):
    """One bar a singular value, largest first, from 1 up where it stretches and down where it shrinks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("singular_values")
        self.setMinimumHeight(90)
        self._found: Directions | None = None
        self._at: tuple[str, int] | None = None
        self._theme = LIGHT

    def show_directions(self, found: Directions | None) -> None:
        """Draw other singular values; None while there are none."""
        self._found = found
        self.setAccessibleName(self.sentence())
        self.setToolTip(
            "A small change of h[t] in some direction arrives at h[T] stretched by these factors, one for each of H "
            "directions at right angles. Hatched: too small for 64-bit floats to tell. " + self.sentence()
        )
        self.update()

    def show_cursor(self, layer: str, t: int) -> None:
        """Where the cursor is: singular values of another step are drawn pale until its own are there."""
        before = self.up_to_date
        self._at = (layer, t)
        if self.up_to_date != before:
            self.update()

    @property
    def up_to_date(self) -> bool:
        """Whether what is drawn belongs to the cursor's step."""
        return self._found is not None and (self._found.layer, self._found.t) == self._at

    @property
    def shown(self) -> Directions | None:
        """What is drawn."""
        return self._found

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def sentence(self) -> str:
        """The largest and the smallest factor of every network."""
        if self._found is None:
            return "Singular values of dh[T]/dh[t]: not computed yet."
        return " ".join(f"{name}: {spread_in_words(values)}." for name, _, values in self._found.log10)

    def limits(self) -> tuple[float, float]:
        """The lowest and highest power of ten on the axis, with 1 between them."""
        assert self._found is not None
        values = np.concatenate([values for _, _, values in self._found.log10])
        finite = values[np.isfinite(values)]
        low, high = (min(float(finite.min()), 0.0), max(float(finite.max()), 0.0)) if finite.size else (-1.0, 0.0)
        room = max(1.0 - (high - low), 0.08 * (high - low))
        return low - room, high + 0.05 * (high - low + room)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.setFont(text_font(12, bold=True))
            painter.setPen(QColor(self._theme.text))
            title = QRectF(0, 0, self.width(), TITLE)
            if self._found is None:
                painter.drawText(title, LEFT_MIDDLE, "Singular values of dh[T]/dh[t]")
                return
            words = f"Singular values of dh[{self._found.last:,}]/dh[{self._found.t:,}]"
            painter.drawText(title, LEFT_MIDDLE, words)
            title.setLeft(painter.fontMetrics().horizontalAdvance(words) + 10)
            painter.setFont(text_font(11))
            painter.setPen(QColor(self._theme.muted))
            explained = "how much it stretches each direction of h[t]"
            if not self.up_to_date:
                explained = f"those of step {self._at[1]:,} come when the cursor rests" if self._at else ""
            if painter.fontMetrics().horizontalAdvance(explained) <= title.width():
                painter.drawText(title, LEFT_MIDDLE, explained)
            painter.setOpacity(1 if self.up_to_date else PALE)
            self._draw_bars(
                painter, QRectF(AXIS, TITLE + 4, self.width() - AXIS - 8, self.height() - TITLE - NAMES - 8)
            )

    def _draw_bars(self, painter: QPainter, area: QRectF) -> None:
        assert self._found is not None
        low, high = self.limits()
        networks = self._found.log10

        def height(value: float) -> float:
            return area.bottom() - (min(max(value, low), high) - low) / (high - low) * area.height()

        self._draw_axis(painter, area, low, high)
        share = (area.width() - 16 * (len(networks) - 1)) / len(networks)
        for number, (name, baseline, values) in enumerate(networks):
            left = area.left() + number * (share + 16)
            colour = QColor(self._theme.rnn if baseline else self._theme.hidden)
            step = min(share / len(values), 28.0)
            width = max(step - (2 if step >= 6 else 1 if step >= 3 else 0), 1.0)
            for place, value in enumerate(values):
                x = left + place * step
                if np.isnan(value):
                    whole = QRectF(x, height(0), width, area.bottom() - height(0))
                    painter.fillRect(whole, hatching(self._theme.faint))
                elif np.isfinite(value):
                    bar = QRectF(QPointF(x, height(0)), QPointF(x + width, height(value)))
                    painter.fillRect(bar.normalized(), colour)
                    painter.fillRect(QRectF(x, height(value) - 1, width, 2), colour)
                else:
                    painter.setPen(line_pen(self._theme.warning if value > 0 else self._theme.faint, width=2))
                    painter.drawLine(QPointF(x, height(value)), QPointF(x + width, height(value)))
            self._draw_name(painter, QRectF(left, area.bottom() + 3, share, NAMES), name, values, colour)
        painter.setPen(line_pen(self._theme.muted))
        painter.drawLine(QPointF(area.left() - 3, height(0)), QPointF(area.right(), height(0)))

    def _draw_axis(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        painter.setFont(text_font(11))
        scale = area.height() / (high - low)
        spacing = round_interval(16 / scale)
        for power in range(math.ceil(low / spacing) * spacing, math.floor(high) + 1, spacing):
            y = area.bottom() - (power - low) * scale
            painter.setPen(line_pen(self._theme.border))
            painter.drawLine(QPointF(area.left() - 3, y), QPointF(area.right(), y))
            painter.setPen(QColor(self._theme.muted))
            words = "1" if power == 0 else superscript_power(power)
            painter.drawText(QRectF(0, y - 8, area.left() - 7, 16), RIGHT_MIDDLE, words)

    def _draw_name(self, painter: QPainter, rect: QRectF, name: str, values: Array, colour: QColor) -> None:
        painter.setFont(text_font(11, bold=True))
        painter.setPen(colour)
        painter.drawText(rect, LEFT_MIDDLE, name)
        rest = rect.adjusted(painter.fontMetrics().horizontalAdvance(name) + 6, 0, 0, 0)
        painter.setFont(text_font(11))
        painter.setPen(QColor(self._theme.muted))
        whole = spread_in_words(values)
        for words in (whole, whole.partition(", ")[0], "up to " + whole.partition(" to ")[0]):
            if painter.fontMetrics().horizontalAdvance(words) <= rest.width():
                painter.drawText(rest, LEFT_MIDDLE, words)
                break


def spread_in_words(values: Array) -> str:
    """The largest and the smallest of singular values, [H] as log10 and descending."""
    known = values[~np.isnan(values)]
    if not len(known):
        return "not a number"
    if known[0] == -np.inf:
        return "exactly 0"
    largest, smallest = magnitude(float(known[0])), magnitude(float(known[-1]))
    words = largest if largest == smallest else f"{largest} to {smallest}"
    lost = len(values) - len(known)
    return words + (f", {lost:,} below rounding" if lost else "")
