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


@dataclass(frozen=True, eq=False)
class Layout:
    """Rectangles in the coordinates of the widget.

    titles     left gutter, beside ``cells``
    cells      from the first row to the last, gradients included
    rows       one a row of the timeline: quantities, then gradients; empty ones are not drawn
    quantities how many of them are quantities
    labels     the lines of the axis on top: tokens and steps, or steps alone
    legend     right gutter, or None where there is no room
    """

    titles: QRectF
    cells: QRectF
    rows: tuple[QRectF, ...]
    quantities: int
    labels: tuple[QRectF, ...]
    legend: QRectF | None

    @property
    def quantity_area(self) -> QRectF:
        """All rows of quantities."""
        return self.rows[0].united(self.rows[self.quantities - 1])

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


def layout_of(rect: QRectF, units: list[int], baseline_row: int | None, gradients: int, label_lines: int) -> Layout:
    """Lay out rows of ``units`` lines each inside ``rect``, then ``gradients`` thin ones.

    baseline_row  the number of the row that a small gap sets off; None for none
    label_lines   how many lines the axis wants
    """
    left = rect.left() + MARGIN + (TITLE_WIDTH if rect.width() >= 520 else NARROW_TITLE_WIDTH)
    legend_width = 188 if rect.width() >= 900 else 152 if rect.width() >= 560 else 0
    right = max(rect.right() - MARGIN - (legend_width + 18 if legend_width else 0), left + 1)
    lines = min(label_lines, 2 if rect.height() >= 140 else 1)
    top = rect.top() + 5 + lines * LINE_HEIGHT + 3
    bottom = rect.bottom() - MARGIN

    gap = 4 if rect.height() >= 200 else 3 if rect.height() >= 150 else 2
    thin = _gradient_height(rect.height(), gradients)
    reserved = (thin * gradients + 1 + 2 * gap) if thin else 0
    extra = 2 * gap if baseline_row is not None else 0
    free = bottom - top - reserved - extra - gap * (len(units) - 1)
    height = _row_height(free / len(units), max(units), len(units))

    rows, y = [], float(round(top))
    for number in range(len(units)):
        y += extra if number == baseline_row else 0
        rows.append(QRectF(left, y, right - left, height))
        y += height + gap
    y += gap
    for _ in range(gradients):
        rows.append(QRectF(left, y, right - left, thin))
        y += thin + (1 if thin else 0)
    end = max(row.bottom() for row in rows if row.height() > 0)
    labels = tuple(
        QRectF(left, rect.top() + 5 + line * LINE_HEIGHT, right - left, LINE_HEIGHT) for line in range(lines)
    )
    legend_height = max(rect.height() - 2 * MARGIN, 0)
    legend = QRectF(right + 18, rect.top() + MARGIN, legend_width, legend_height) if legend_width else None
    return Layout(
        titles=QRectF(rect.left() + MARGIN, rows[0].top(), left - rect.left() - MARGIN, end - rows[0].top()),
        cells=QRectF(left, rows[0].top(), right - left, end - rows[0].top()),
        rows=tuple(rows),
        quantities=len(units),
        labels=labels,
        legend=legend,
    )


def _gradient_height(height: float, gradients: int) -> int:
    """How tall each line of gradients is; 0 leaves them out."""
    if not gradients or height < 110:
        return 0
    return int(min(max(height * 0.055, 6), 26))


def _row_height(available: float, units: int, rows: int) -> int:
    """Whole pixels for one of ``rows`` rows, no more than its units can use."""
    return max(int(min(available, max(BAND_HEIGHT, BANDS_HEIGHT // rows, units * UNIT_HEIGHT))), 1)
