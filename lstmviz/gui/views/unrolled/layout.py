"""Where everything of the unrolled view stands, for any size: the least important things leave first."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF

from lstmviz.gui.views.time_axis import TimeAxis, TimeRange

MARGIN = 14
GUTTER = 128
NARROW_GUTTER = 84
AXIS_HEIGHT = 18
ARROW_HEIGHT = 26
HEADER_HEIGHT = 20
LINE_HEIGHT = 14
LEGEND_TEXT = 17
LEGEND_GAP = 16

CARD_SHARE = 0.62
WIDEST_CARD = 150
LEAST_CARD = 26
"""Where a node gets narrower than this only the rivers are drawn."""

ROOM_FOR_STATES = 58
"""The least width of a node that has its numbers written out."""

LEAST_RIVER, WIDEST_RIVER, ONLY_RIVER = 8.0, 72.0, 96.0
LEAST_PADDING, MOST_PADDING = 3.0, 20.0
SPARE = 0.25
"""How much of a river's width is left for the paddings at least."""

LEAST_LEGEND = 2 * LEGEND_TEXT
"""The least height of the legend, without the powers of ten under it."""


@dataclass(frozen=True, eq=False)
class RowLayout:
    """One network.

    arrows   the line of the arrows that enter
    cards    from the upper to the lower edge of the nodes, as wide as the plot
    header   the line of the tokens in the nodes; None without nodes
    rivers   the heights of the middles of the rivers
    values   the lines of numbers in the nodes
    """

    arrows: QRectF
    cards: QRectF
    header: QRectF | None
    rivers: tuple[float, ...]
    values: tuple[QRectF, ...]


@dataclass(frozen=True, eq=False)
class Layout:
    """Rectangles in the coordinates of the widget.

    words   the headline and the sentences under it
    axis    the line of the step numbers
    plot    all rows
    legend  None where there is no room
    card    the width of a node; 0 where only the rivers are drawn
    river   the greatest width of a river
    """

    words: QRectF
    axis: QRectF
    plot: QRectF
    rows: tuple[RowLayout, ...]
    legend: QRectF | None
    time: TimeAxis
    card: float
    river: float

    def node(self, row: RowLayout, t: int) -> QRectF:
        """The node of step ``t``, or its column where only the rivers are drawn."""
        width = self.card or self.time.step_width
        return QRectF(self.time.x(t) - width / 2, row.cards.top(), width, row.cards.height())


def columns(rect: QRectF) -> tuple[float, float]:
    """Left and right edge of the plot."""
    gutter = GUTTER if rect.width() >= 620 else NARROW_GUTTER
    left = rect.left() + MARGIN + gutter
    return left, max(rect.right() - MARGIN, left + 1)


def layout_of(rect: QRectF, shown: TimeRange, rivers: list[int], words_height: float) -> Layout:
    """Lay out networks of ``rivers`` rivers each inside ``rect``, under words of a known height."""
    left, right = columns(rect)
    time = TimeAxis(*shown, left, right - left)
    card = min(CARD_SHARE * time.step_width, WIDEST_CARD)
    card = card if card >= LEAST_CARD else 0.0
    words = QRectF(rect.left() + MARGIN, rect.top() + MARGIN - 4, rect.width() - 2 * MARGIN, words_height)
    axis = QRectF(left, words.bottom() + 8, right - left, AXIS_HEIGHT)
    heights = _Heights.fitted(rect.bottom() - axis.bottom() - 8, rivers, card)
    axis.translate(0, 0.4 * heights.spare)
    y = axis.bottom()
    rows = []
    for count in rivers:
        rows.append(heights.row(left, right, y, count))
        y = rows[-1].cards.bottom() + heights.gap
    plot = QRectF(QPointF(left, axis.bottom()), QPointF(right, rows[-1].cards.bottom() + 2))
    legend = None
    if heights.legend:
        height = heights.legend_height
        legend = QRectF(rect.left() + MARGIN, rect.bottom() - height - 6, rect.width() - 2 * MARGIN, height)
    return Layout(words, axis, plot, tuple(rows), legend, time, card, heights.river)


@dataclass(frozen=True)
class _Heights:
    """How high the parts of the rows are. ``lines``: of numbers in a node with two rivers."""

    river: float
    padding: float
    lines: int
    header: float
    legend: bool
    spare: float

    @property
    def gap(self) -> float:
        """Between two networks."""
        return 6 + self.padding

    @property
    def legend_height(self) -> float:
        return max(self.river, LEAST_LEGEND) + LEGEND_TEXT

    @classmethod
    def fitted(cls, available: float, rivers: list[int], card: float) -> _Heights:
        """The most that ``available`` pixels hold: numbers, then tokens, then the legend give way to the rivers."""
        lines = (3 if card >= ROOM_FOR_STATES else 1) if card else 0
        header = HEADER_HEIGHT if card else 0.0
        choices = [(lines, header, True), (min(lines, 1), header, True), (0, header, True), (0, 0.0, True)]
        best = None
        for *numbers, legend in [*choices, (0, 0.0, False)]:
            best = cls._filling(available, rivers, int(numbers[0]), float(numbers[1]), legend=legend)
            if best.river >= (18 if best.lines else 13):
                break
        assert best is not None
        return best

    @classmethod
    def _filling(cls, available: float, rivers: list[int], lines: int, header: float, *, legend: bool) -> _Heights:
        bare = cls(0, LEAST_PADDING, lines, header, legend, 0)
        fixed = sum(bare.row_height(count) for count in rivers) + bare.gap * (len(rivers) - 1)
        fixed += LEGEND_TEXT + LEGEND_GAP if legend else 0
        number = sum(rivers) + (1 if legend else 0)
        if legend and (available - fixed) / (number + SPARE) < LEAST_LEGEND:
            number, fixed = number - 1, fixed + LEAST_LEGEND
        widest = ONLY_RIVER if sum(rivers) == 1 else WIDEST_RIVER
        river = min(max((available - fixed) / (number + SPARE), LEAST_RIVER), widest)
        left = available - fixed - number * river
        paddings = sum(rivers) + 2 * len(rivers) + len(rivers) - 1
        padding = min(LEAST_PADDING + max(left, 0) / paddings, MOST_PADDING)
        spare = max(left - (padding - LEAST_PADDING) * paddings, 0)
        return cls(river, padding, lines, header, legend, spare)

    def row_height(self, rivers: int) -> float:
        """Arrows and nodes of a network."""
        lines = self._lines(rivers)
        return ARROW_HEIGHT + self.header + lines * LINE_HEIGHT + rivers * self.river + (rivers + 2) * self.padding

    def row(self, left: float, right: float, top: float, rivers: int) -> RowLayout:
        """The places of a network whose arrows begin at ``top``."""
        width = right - left
        arrows = QRectF(left, top, width, ARROW_HEIGHT)
        y = arrows.bottom()
        header = QRectF(left, y + 2, width, self.header) if self.header else None
        y += self.header + self.padding
        middles = [y + self.river / 2]
        y += self.river + self.padding
        values = []
        for _ in range(self._lines(rivers)):
            values.append(QRectF(left, y, width, LINE_HEIGHT))
            y += LINE_HEIGHT
        for _ in range(rivers - 1):
            y += self.padding
            middles.append(y + self.river / 2)
            y += self.river
        y += self.padding
        return RowLayout(
            arrows, QRectF(left, arrows.bottom(), width, y - arrows.bottom()), header, tuple(middles), tuple(values)
        )

    def _lines(self, rivers: int) -> int:
        """Lines of numbers: the gradient and every state."""
        return min(self.lines, 1 + rivers)
