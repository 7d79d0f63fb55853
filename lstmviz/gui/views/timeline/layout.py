"""Where everything of the timeline stands, for any size: the least important things leave first."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF

MARGIN = 8
TITLE_WIDTH = 108
NARROW_TITLE_WIDTH = 52
LINE_HEIGHT = 15
UNIT_HEIGHT = 26
"""The most pixels a unit gets; a tall timeline of few units stays a row of bands."""

BAND_HEIGHT = 72
"""The most pixels a row of few units gets, next to many rows; together they may take ``BANDS_HEIGHT``."""

BANDS_HEIGHT = 240
MARK_HEIGHT = 11
LEAST_TRACK, TALLEST_TRACK = 10, 40
LEAST_CELLS = 9
"""The pixels that a row of a quantity keeps before tracks get more than the least."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Rectangles in the coordinates of the widget.

    titles     left gutter, beside ``cells``
    cells      from the first row to the last, gradients and tracks included
    rows       one a row of the timeline: quantities, then gradients, then tracks; empty ones are not drawn
    quantities, gradients   how many of them are quantities, and gradients
    marks      the lines of marks above the axis
    labels     the lines of the axis on top: tokens and steps, or steps alone
    legend     right gutter, or None where there is no room
    """

    titles: QRectF
    cells: QRectF
    rows: tuple[QRectF, ...]
    quantities: int
    gradients: int
    marks: tuple[QRectF, ...]
    labels: tuple[QRectF, ...]
    legend: QRectF | None

    @property
    def quantity_area(self) -> QRectF:
        """All rows of quantities."""
        return self.rows[0].united(self.rows[self.quantities - 1])

    @property
    def gradient_area(self) -> QRectF:
        """All rows of gradients; empty where they are left out."""
        rows = self.rows[self.quantities : self.quantities + self.gradients]
        return rows[0].united(rows[-1]) if rows and rows[0].height() > 0 else QRectF()

    def mark_line_at(self, point: QPointF) -> int | None:
        """The line of marks at the height of ``point``."""
        lines = (number for number, line in enumerate(self.marks) if line.top() <= point.y() < line.bottom())
        return next(lines, None)

    def row_at(self, point: QPointF) -> int | None:
        """The row at the height of ``point``."""
        for number, row in enumerate(self.rows):
            if row.height() > 0 and row.top() <= point.y() < row.bottom():
                return number
        return None

    def unit_at(self, row: int, y: float, units: int) -> int:
        """The unit of ``row`` at height ``y``."""
        rect = self.rows[row]
        return min(max(int((y - rect.top()) / rect.height() * units), 0), units - 1)

    def unit_line(self, row: int, unit: int, units: int) -> QRectF:
        """The line of one unit over all steps."""
        rect = self.rows[row]
        height = rect.height() / units
        return QRectF(rect.left(), rect.top() + unit * height, rect.width(), height)


@dataclass(frozen=True)
class Wanted:
    """What there is to lay out.

    units         the lines of each quantity
    baseline_row  the number of the row that a small gap sets off; None for none
    label_lines   how many lines the axis wants
    """

    units: list[int]
    baseline_row: int | None
    gradients: int
    tracks: int
    label_lines: int
    marks: int


def layout_of(rect: QRectF, wanted: Wanted) -> Layout:
    """Lay out marks, axis, quantities, thin gradients and tracks inside ``rect``."""
    left = rect.left() + MARGIN + (TITLE_WIDTH if rect.width() >= 520 else NARROW_TITLE_WIDTH)
    legend_width = 188 if rect.width() >= 900 else 152 if rect.width() >= 560 else 0
    right = max(rect.right() - MARGIN - (legend_width + 18 if legend_width else 0), left + 1)
    marks = _lines(left, right, rect.top() + 3, MARK_HEIGHT, wanted.marks)
    top = marks[-1].bottom() if marks else rect.top() + 5
    labels = _lines(left, right, top, LINE_HEIGHT, min(wanted.label_lines, 2 if rect.height() >= 140 else 1))
    rows = _rows(QRectF(left, labels[-1].bottom() + 3, right - left, 0), rect.bottom() - MARGIN, rect.height(), wanted)
    end = max(row.bottom() for row in rows if row.height() > 0)
    legend_height = max(rect.height() - 2 * MARGIN, 0)
    legend = QRectF(right + 18, rect.top() + MARGIN, legend_width, legend_height) if legend_width else None
    return Layout(
        titles=QRectF(rect.left() + MARGIN, rows[0].top(), left - rect.left() - MARGIN, end - rows[0].top()),
        cells=QRectF(left, rows[0].top(), right - left, end - rows[0].top()),
        rows=tuple(rows),
        quantities=len(wanted.units),
        gradients=wanted.gradients,
        marks=marks,
        labels=labels,
        legend=legend,
    )


def mark_lines_that_fit(height: float) -> int:
    """How many lines of marks a timeline of that height has room for."""
    return max(int((height - 140) / 60), 1)


def _lines(left: float, right: float, top: float, height: float, number: int) -> tuple[QRectF, ...]:
    return tuple(QRectF(left, top + k * height, right - left, height) for k in range(number))


def _rows(first: QRectF, bottom: float, height: float, wanted: Wanted) -> list[QRectF]:
    """All rows below the top of ``first``, as wide as it. ``height``: of the whole timeline."""
    left, width = first.left(), first.width()
    gap = 4 if height >= 200 else 3 if height >= 150 else 2
    thin = _gradient_height(height, wanted.gradients)
    reserved = (thin * wanted.gradients + 1 + 2 * gap) if thin else 0
    extra = 2 * gap if wanted.baseline_row is not None else 0
    free = bottom - first.top() - reserved - extra - gap * (len(wanted.units) - 1)
    track = _track_height(free - LEAST_CELLS * len(wanted.units), height, wanted.tracks, gap)
    free -= (track + gap) * wanted.tracks
    cell = _row_height(free / len(wanted.units), max(wanted.units), len(wanted.units))
    rows, y = [], float(round(first.top()))
    for number in range(len(wanted.units)):
        y += extra if number == wanted.baseline_row else 0
        rows.append(QRectF(left, y, width, cell))
        y += cell + gap
    y += gap
    for _ in range(wanted.gradients):
        rows.append(QRectF(left, y, width, thin))
        y += thin + (1 if thin else 0)
    for _ in range(wanted.tracks):
        rows.append(QRectF(left, y + gap, width, track))
        y += track + gap
    return rows


def _track_height(free: float, height: float, tracks: int, gap: float) -> int:
    """How tall each track is: what the quantities leave ``free``, but all together two fifths of ``height`` at most."""
    if not tracks:
        return 0
    return int(max(min(free / tracks - gap, 0.4 * height / tracks, TALLEST_TRACK), LEAST_TRACK))


def _gradient_height(height: float, gradients: int) -> int:
    """How tall each line of gradients is; 0 leaves them out."""
    if not gradients or height < 110:
        return 0
    return int(min(max(height * 0.055, 6), 26))


def _row_height(available: float, units: int, rows: int) -> int:
    """Whole pixels for one of ``rows`` rows, no more than its units can use."""
    return max(int(min(available, max(BAND_HEIGHT, BANDS_HEIGHT // rows, units * UNIT_HEIGHT))), 1)
