"""Where the parts of the picture stand: the map of the difference, both curves, and the axis of steps below them."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QRectF

GUTTER = 58.0
"""To the left: numbers of units and values."""

BAR_AREA = 92.0
"""To the right: the colour bar."""

TITLE, GAP, AXIS_LINE, EDGE = 20.0, 8.0, 16.0, 6.0
LABEL_ROOM = 6.0
"""Above and below the curves, for the values at the ends of their axis."""

TALLEST_UNIT = 26.0
SHORTEST_MAP, SHORTEST_CURVES = 12.0, 30.0
BAR_WIDTH, SHORTEST_BAR, TALLEST_BAR = 10.0, 74.0, 200.0


@dataclass(frozen=True)
class Layout:
    """Rectangles in the pixels of the widget; ``axis`` has a line for what is read and one for the steps."""

    map_title: QRectF
    map: QRectF
    bar: QRectF
    curves_title: QRectF
    curves: QRectF
    axis: tuple[QRectF, ...]

    @property
    def columns(self) -> QRectF:
        """Everything whose columns are steps."""
        bottom = self.axis[-1].bottom()
        return QRectF(self.map.left(), self.map.top(), self.map.width(), bottom - self.map.top())


def layout_of(rect: QRectF, units: int, axis_lines: int) -> Layout:
    """The layout in ``rect``; a map of few units leaves its room to the curves."""
    left, right = rect.left() + GUTTER, rect.right() - BAR_AREA
    width = max(right - left, 1.0)
    fixed = 2 * TITLE + GAP + 2 * LABEL_ROOM + axis_lines * AXIS_LINE + EDGE
    free = max(rect.height() - fixed, SHORTEST_MAP + SHORTEST_CURVES)
    map_height = max(min(0.56 * free, TALLEST_UNIT * units), SHORTEST_MAP)
    top = rect.top()
    map_title = QRectF(rect.left(), top, rect.width(), TITLE)
    map_rect = QRectF(left, top + TITLE, width, round(map_height))
    curves_title = QRectF(rect.left(), map_rect.bottom() + GAP, rect.width(), TITLE)
    curves = QRectF(left, curves_title.bottom() + LABEL_ROOM, width, max(free - map_rect.height(), SHORTEST_CURVES))
    lines = tuple(
        QRectF(left, curves.bottom() + LABEL_ROOM + line * AXIS_LINE, width, AXIS_LINE) for line in range(axis_lines)
    )
    bar_height = min(max(map_rect.height(), SHORTEST_BAR), TALLEST_BAR)
    bar = QRectF(right + 12, map_rect.top(), BAR_WIDTH, bar_height)
    return Layout(map_title, map_rect, bar, curves_title, curves, lines)
