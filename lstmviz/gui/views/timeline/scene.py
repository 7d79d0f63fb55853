"""Everything that a picture of the timeline depends on but the cursor: rows, places, axis, labels, colours."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PyQt6.QtCore import QPointF, QRectF

from lstmviz.core.experiments.step_labels import only_count
from lstmviz.core.run import Run
from lstmviz.gui.style import Theme
from lstmviz.gui.views.time_axis import TimeAxis, TimeRange
from lstmviz.gui.views.timeline.layout import Layout, Wanted, layout_of, mark_lines_that_fit
from lstmviz.gui.views.timeline.rows import GradientRow, QuantityRow, Row, gradient_rows, quantity_rows
from lstmviz.gui.views.timeline.step_marks import MarkLine, MarkPlace, StepMarks, mark_lines
from lstmviz.gui.views.timeline.tracks import TrackRow


@dataclass(frozen=True, eq=False)
class TimelineRows:
    """The rows of one layer of a run."""

    layer: str
    quantities: tuple[QuantityRow, ...]
    gradients: tuple[GradientRow, ...]
    tracks: tuple[TrackRow, ...] = ()

    @property
    def all(self) -> tuple[Row, ...]:
        """From top to bottom."""
        return (*self.quantities, *self.gradients, *self.tracks)


def rows_of(run: Run, layer: str) -> TimelineRows:
    """The rows of ``layer``."""
    return TimelineRows(layer, quantity_rows(run, layer), gradient_rows(run, layer))


@dataclass(frozen=True)
class Place:
    """A cell: the number of its row, its step from 1, its unit from 0."""

    row: int
    t: int
    unit: int


@dataclass(frozen=True, eq=False)
class Scene:
    """Rows laid out over a part of time.

    length  T
    labels  T texts for the axis; None where they would only repeat the step
    """

    rows: TimelineRows
    marks: tuple[MarkLine, ...]
    layout: Layout
    axis: TimeAxis
    length: int
    labels: tuple[str, ...] | None
    theme: Theme

    @property
    def reverse(self) -> bool:
        """Whether the layer reads the sequence from its end."""
        return self.rows.layer.endswith("_reverse")

    def column(self, t: int) -> QRectF:
        """The column of step ``t`` over all rows, cut off at the edges of the cells; empty outside."""
        cells = self.layout.cells
        left = self.axis.x(t - 0.5)
        column = QRectF(left, cells.top(), self.axis.x(t + 0.5) - left, cells.height())
        return column.intersected(cells)

    def place_at(self, point: QPointF) -> Place | None:
        """The cell at ``point``."""
        row = self.layout.row_at(point)
        cells = self.layout.cells
        if row is None or not cells.left() <= point.x() < cells.right():
            return None
        unit = self.layout.unit_at(row, point.y(), self.rows.all[row].units)
        return Place(row, self.axis.step(point.x(), self.length), unit)

    def mark_at(self, point: QPointF) -> MarkPlace | None:
        """The line and the step at ``point``, that of the nearest mark where one is near."""
        line, cells = self.layout.mark_line_at(point), self.layout.cells
        if line is None or not cells.left() <= point.x() < cells.right():
            return None
        near = self.marks[line].near(self.axis, point.x())
        return MarkPlace(line, self.axis.step(point.x(), self.length) if near is None else near)


def step_labels(run: Run) -> tuple[str, ...] | None:
    """The labels of the steps for the axis; None where they would only repeat the step."""
    labels = run.sequence.labels
    return None if run.length > 1 and only_count(labels) else labels


@dataclass(frozen=True, eq=False)
class Extras:
    """What a timeline shows beside the run: marks above the axis, tracks below the rows."""

    marks: tuple[StepMarks, ...] = ()
    tracks: tuple[TrackRow, ...] = ()


def scene_of(
    rows: TimelineRows,
    extras: Extras,
    length: int,
    labels: tuple[str, ...] | None,
    shown: TimeRange,
    rect: QRectF,
    theme: Theme,
) -> Scene:
    """Lay the rows out in ``rect``; ``labels`` as in ``Scene``. Marks and tracks of another length are left out."""
    baseline = next((number for number, row in enumerate(rows.quantities) if row.baseline), None)
    rows = replace(rows, tracks=tuple(track for track in extras.tracks if len(track.values) == length))
    marks = mark_lines(extras.marks, length, mark_lines_that_fit(rect.height()))
    wanted = Wanted(
        units=[row.units for row in rows.quantities],
        baseline_row=baseline,
        gradients=len(rows.gradients),
        tracks=len(rows.tracks),
        label_lines=1 if labels is None else 2,
        marks=len(marks),
    )
    layout = layout_of(rect, wanted)
    axis = TimeAxis(*shown, layout.cells.left(), layout.cells.width())
    return Scene(rows, marks, layout, axis, length, labels, theme)
