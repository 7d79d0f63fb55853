"""Where everything of the Memory view stands, for any size: the least important things leave first."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QRectF

MARGIN = 14.0
LINE = 16.0
TITLE = 22.0
GUTTER = 48.0
"""Room for the numbers of the vertical axes."""

INITIAL_WIDTH = 30.0
INITIAL_GAP = 6.0
STACK = 30.0
AXIS_LINE = 15.0
BETWEEN = 14.0
EXACT_WIDTH = 500.0
"""Below this width the sentence on what is exact takes two lines."""

TALL = 600.0
"""From this height on there is room for the sentences that explain, and for a second axis."""


@dataclass(frozen=True)
class Texts:
    """Lines of words above a plot."""

    title: QRectF
    lines: tuple[QRectF, ...]


@dataclass(frozen=True)
class StepsPlot:
    """A plot over the steps: ``cells`` for 1 to T, ``initial`` beside them for the initial state, ``axis`` lines."""

    cells: QRectF
    initial: QRectF
    axis: tuple[QRectF, ...]

    @property
    def whole(self) -> QRectF:
        """Cells and initial state."""
        return self.cells.united(self.initial)


@dataclass(frozen=True)
class Layout:
    """Rectangles in the coordinates of the widget; None for what has no room.

    writes      who wrote this memory: words, ``exact`` among them, the parts added up in ``stack``, a bar a step
    fate        what became of one write
    saturation  words above; ``panels`` f, i, o; ``notes`` below, a table
    strip       when the gates are saturated: a line a gate under its words; none without room
    slope       what the mean slope in the table means
    survival    the map with its words
    """

    rect: QRectF
    writes_texts: Texts
    exact: QRectF
    stack_words: QRectF
    stack: QRectF
    writes: StepsPlot
    fate_texts: Texts | None
    fate: StepsPlot | None
    saturation_texts: Texts | None
    panels: tuple[QRectF, ...]
    notes: QRectF | None
    strip_words: QRectF | None
    strip: tuple[QRectF, ...]
    slope: QRectF | None
    survival_texts: Texts | None
    survival: QRectF | None


def layout_of(rect: QRectF, *, reverse: bool, axis_lines: int) -> Layout:
    """Lay out everything inside ``rect``.

    reverse     whether the initial state stands to the right of the steps
    axis_lines  1 for the numbers of the steps, 2 with what is read above them
    """
    side = _side_width(rect)
    right = rect.right() - MARGIN - (side + 2 * MARGIN if side else 0)
    main = QRectF(rect.left() + MARGIN, rect.top() + 10, right - rect.left() - MARGIN, rect.height() - 16)
    tall = rect.height() >= TALL
    with_fate = rect.height() >= 330
    exact_lines = 1 if main.width() >= EXACT_WIDTH else 2
    words = 1 + exact_lines + (1 if tall else 0)
    texts = _texts(main, main.top(), words)
    top = texts.lines[-1].bottom() + 4
    stack_words = QRectF(main.left(), top, main.width(), LINE)
    stack = QRectF(main.left() + GUTTER, stack_words.bottom() + 2, main.width() - GUTTER, STACK)
    top = stack.bottom() + 12
    fate_lines = 2 if rect.height() >= 420 else 1
    fate_head = TITLE + fate_lines * LINE + 6
    second_axis = 1 if tall or rect.height() >= 480 else 0
    spent = axis_lines * AXIS_LINE + (BETWEEN + fate_head + second_axis * AXIS_LINE if with_fate else 0) + 4
    free = max(main.bottom() - top - spent, 20.0)
    height = 0.54 * free if with_fate else free
    writes = _steps_plot(main, top, height, axis_lines, reverse=reverse)
    fate_texts, fate = None, None
    if with_fate:
        top = writes.cells.bottom() + axis_lines * AXIS_LINE + BETWEEN
        fate_texts = _texts(main, top, fate_lines)
        top = fate_texts.lines[-1].bottom() + 6
        fate = _steps_plot(main, top, free - height, second_axis, reverse=reverse)
    exact = texts.lines[1].united(texts.lines[exact_lines])
    column = QRectF(rect.right() - MARGIN - side, main.top(), side, main.height())
    return Layout(rect, texts, exact, stack_words, stack, writes, fate_texts, fate, *_side(column))


def _side_width(rect: QRectF) -> float:
    """The width of the column on the right; 0 leaves it out."""
    if rect.width() >= 820 and rect.height() >= 340:
        return min(max(0.34 * rect.width(), 300.0), 440.0)
    return 172.0 if rect.width() >= 620 and rect.height() >= 400 else 0.0


_Side = tuple[
    Texts | None,
    tuple[QRectF, ...],
    QRectF | None,
    QRectF | None,
    tuple[QRectF, ...],
    QRectF | None,
    Texts | None,
    QRectF | None,
]


def _side(column: QRectF) -> _Side:
    """Saturation above, the survival map below; one panel under the other where the column is narrow."""
    if column.width() == 0:
        return None, (), None, None, (), None, None, None
    if column.width() < 260:
        return _narrow_side(column)
    tall = column.height() >= TALL
    texts = _texts(column, column.top(), 2 if column.width() >= 400 else 3)
    side = min((column.width() - 34 - 2 * 20) / 3, 124.0)
    top = texts.lines[-1].bottom() + 28
    panels = tuple(QRectF(column.left() + 34 + k * (side + 20), top, side, side) for k in range(3))
    notes = QRectF(column.left(), panels[0].bottom() + 38, column.width(), 4 * 15.0)
    slope = QRectF(column.left(), notes.bottom() + 3, column.width(), 2 * 15.0) if tall else None
    words = QRectF(column.left(), (slope or notes).bottom() + 3, column.width(), 15.0)
    pitch = 14.0 if tall else 9.0
    strip = tuple(
        QRectF(column.left() + 34, words.bottom() + 1 + k * pitch, column.width() - 34, pitch - 2) for k in range(3)
    )
    top = strip[-1].bottom() + BETWEEN
    survival_texts = _texts(column, top, 2 if tall else 1)
    top = survival_texts.lines[-1].bottom() + 8
    height = column.bottom() - top - 2 * AXIS_LINE
    if height < 90:
        return texts, panels, notes, words, strip, slope, None, None
    size = min(height, column.width() - 56)
    survival = QRectF(column.left() + 54, top, size, size)
    return texts, panels, notes, words, strip, slope, survival_texts, survival


def _narrow_side(column: QRectF) -> _Side:
    texts = _texts(column, column.top(), 3)
    top = texts.lines[-1].bottom() + 28
    pitch = (column.bottom() - 36 - top + 40) / 3
    side = min(pitch - 40, column.width() - 36)
    panels = tuple(QRectF(column.left() + 36, top + k * pitch, side, side) for k in range(3))
    return texts, panels, None, None, (), None, None, None


def _texts(place: QRectF, top: float, lines: int) -> Texts:
    title = QRectF(place.left(), top, place.width(), TITLE - 2)
    return Texts(title, tuple(QRectF(place.left(), top + TITLE + k * LINE, place.width(), LINE) for k in range(lines)))


def _steps_plot(main: QRectF, top: float, height: float, axis_lines: int, *, reverse: bool) -> StepsPlot:
    left, width = main.left() + GUTTER, main.width() - GUTTER
    beside = INITIAL_WIDTH + INITIAL_GAP
    cells = QRectF(left if reverse else left + beside, top, max(width - beside, 1.0), height)
    initial_left = cells.right() + INITIAL_GAP if reverse else left
    initial = QRectF(initial_left, top, INITIAL_WIDTH, height)
    axis = tuple(
        QRectF(cells.left(), cells.bottom() + 3 + k * AXIS_LINE, cells.width(), AXIS_LINE) for k in range(axis_lines)
    )
    return StepsPlot(cells, initial, axis)
