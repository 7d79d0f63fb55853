"""The timeline: every quantity of all units over all steps, as heat maps on one time axis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QRegion
from PyQt6.QtWidgets import QWidget

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.run import Run
from lstmviz.core.text import count, number
from lstmviz.core.value_reference import LENGTH, ValueReference
from lstmviz.gui.views.kept_pixmaps import draws_anew, pixel_ratio_of
from lstmviz.gui.views.time_axis import TimeAxis
from lstmviz.gui.views.time_view import TimeView, blank_pixmap, draw_part
from lstmviz.gui.views.timeline.cells import draw_cells, draw_numbers, draw_veiled
from lstmviz.gui.views.timeline.labels import AxisLabels, axis_labels, draw_axis, draw_current_label, draw_titles
from lstmviz.gui.views.timeline.legend import Legend
from lstmviz.gui.views.timeline.marks import (
    draw_cursor,
    draw_hover,
    draw_hovered_elsewhere,
    draw_pin,
    still_to_come,
)
from lstmviz.gui.views.timeline.rows import GradientRow, QuantityRow
from lstmviz.gui.views.timeline.scene import Extras, Place, Scene, TimelineRows, rows_of, scene_of, step_labels
from lstmviz.gui.views.timeline.step_marks import MarkPlace, StepMarks
from lstmviz.gui.views.timeline.tracks import track_row
from lstmviz.gui.views.view import Hovered

if TYPE_CHECKING:
    from lstmviz.core.debugger.watch_values import Track


@dataclass(frozen=True, eq=False)
class _Picture:
    """All that does not move, drawn once: ``now`` in full colours, ``later`` with what is still to come pale."""

    scene: Scene
    labels: AxisLabels
    now: QPixmap
    later: QPixmap


def _picture_of(scene: Scene, size: QSize, pixel_ratio: float) -> _Picture:
    """Draw the picture at ``pixel_ratio`` device pixels a pixel."""
    now = blank_pixmap(size, pixel_ratio, scene.theme.surface)
    with QPainter(now) as painter:
        labels = _draw_still(painter, scene, pixel_ratio)
    later = now.copy()
    for draw, pixmap in ((draw_numbers, now), (draw_veiled, later)):
        with QPainter(pixmap) as painter:
            draw(painter, scene)
    return _Picture(scene, labels, now, later)


def _draw_still(painter: QPainter, scene: Scene, pixel_ratio: float) -> AxisLabels:
    """What does not depend on where in the layer the cursor is, but for the numbers in the cells."""
    labels = axis_labels(scene)
    shown = draw_cells(painter, scene, pixel_ratio)
    draw_titles(painter, scene)
    draw_axis(painter, scene, labels)
    if scene.layout.legend is not None:
        Legend(painter, scene, scene.layout.legend).draw(shown)
    return labels


class TimelineView(TimeView[Place | MarkPlace, _Picture]):
    """Heat maps of f, i, g, o, c and h of the cursor's layer, h of the baseline, and the gradients over time.

    Only the marks of the cursor are drawn anew when it moves; the rest is kept as one picture.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.setAccessibleName("Timeline")
        self.setMinimumSize(240, 96)
        self._rows: dict[str, TimelineRows] = {}
        self._labels: tuple[str, ...] | None = None
        self._extras = Extras()

    def sizeHint(self) -> QSize:
        """Wide and low, as the strip under the other views."""
        return QSize(1280, 230)

    # What is shown

    def _take_run(self, run: Run) -> None:
        self._rows = {}
        self._labels = step_labels(run)

    def show_marks(self, marks: tuple[StepMarks, ...]) -> None:
        """Mark steps above the axis, a line each, or one for all where there is little room."""
        if marks != self._extras.marks:
            self._show_extras(replace(self._extras, marks=marks))

    def show_tracks(self, tracks: tuple[Track, ...]) -> None:
        """Draw values over time below the rows."""
        self._show_extras(replace(self._extras, tracks=tuple(map(track_row, tracks))))

    def _show_extras(self, extras: Extras) -> None:
        self._extras = extras
        self._set_hover(None)
        self.update()

    def _drawn_from(self, cursor: Cursor) -> tuple[object, ...]:
        return cursor.layer, self._extras

    def summary(self) -> str:
        """Layer, units, steps, and the first quantity of the pinned unit at the cursor."""
        if self.run is None or self.cursor_at is None:
            return "Timeline: no run yet."
        cursor, rows = self.cursor_at, self._layer_rows(self.run, self.cursor_at)
        row = rows.quantities[0]
        size = f"{count(row.units, 'unit')} over {count(self.run.length, 'step')}"
        value = number(row.value(cursor.t, cursor.unit))
        return (
            f"Timeline of layer {cursor.layer}: {size}; "
            f"at step {cursor.t} the {row.quantity.title} of unit {cursor.unit} is {value}."
        )

    def _layer_rows(self, run: Run, cursor: Cursor) -> TimelineRows:
        if cursor.layer not in self._rows:
            self._rows[cursor.layer] = rows_of(run, cursor.layer)
        return self._rows[cursor.layer]

    # Drawing

    def draw(self, painter: QPainter, rect: QRectF, *, pixel_ratio: float = 1.0) -> None:
        """Draw the whole timeline into ``rect`` of any painter."""
        painter.fillRect(rect, QColor(self.theme.surface))
        if self.run is None or self.cursor_at is None:
            return
        scene = self._scene_in(rect, self.run, self.cursor_at)
        labels = _draw_still(painter, scene, pixel_ratio)
        later = QRegion()
        for part in still_to_come(scene, self.cursor_at):
            later = later.united(part)
        for region, draw in ((later, draw_veiled), (QRegion(rect.toAlignedRect()) - later, draw_numbers)):
            painter.save()
            painter.setClipRegion(region, Qt.ClipOperation.IntersectClip)
            draw(painter, scene)
            painter.restore()
        self._draw_marks(painter, scene, labels, self.cursor_at)

    def _draw_marks(self, painter: QPainter, scene: Scene, labels: AxisLabels, cursor: Cursor) -> None:
        """What moves with the cursor."""
        draw_pin(painter, scene, cursor.unit)
        first, last = scene.axis.visible(scene.length)
        if first <= cursor.t <= last:
            draw_cursor(painter, scene, cursor.t)
            draw_current_label(painter, scene, labels, cursor.t)

    def _draw_picture(self, run: Run, cursor: Cursor, pixel_ratio: float) -> _Picture:
        return _picture_of(self._scene_in(QRectF(self.rect()), run, cursor), self.size(), pixel_ratio)

    def _scene_in(self, rect: QRectF, run: Run, cursor: Cursor) -> Scene:
        return scene_of(
            self._layer_rows(run, cursor), self._extras, run.length, self._labels, self._shown, rect, self.theme
        )

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The kept picture and the marks over it."""
        with QPainter(self) as painter:
            if draws_anew(painter, self):
                self.draw(painter, QRectF(self.rect()), pixel_ratio=pixel_ratio_of(painter))
                return
            picture = self._current_picture()
            if picture is None or self.cursor_at is None:
                painter.fillRect(self.rect(), QColor(self.theme.surface))
                return
            painter.drawPixmap(0, 0, picture.now)
            for part in still_to_come(picture.scene, self.cursor_at):
                draw_part(painter, picture.later, part)
            if isinstance(self._hover, MarkPlace):
                draw_hovered_elsewhere(painter, picture.scene, Hovered(self._hover.t))
            elif self._hover is not None:
                draw_hover(painter, picture.scene, self._hover)
            elif self._hovered_elsewhere is not None:
                draw_hovered_elsewhere(painter, picture.scene, self._hovered_elsewhere)
            self._draw_marks(painter, picture.scene, picture.labels, self.cursor_at)

    # The mouse

    def _scene_now(self) -> Scene | None:
        """The scene under the mouse, also before it was painted."""
        picture = self._current_picture()
        return picture.scene if picture else None

    def _axis_at(self, point: QPointF) -> TimeAxis | None:
        scene = self._scene_now()
        return scene.axis if scene else None

    def _shows_all_at(self, point: QPointF) -> bool:
        scene = self._scene_now()
        return scene is not None and scene.layout.mark_line_at(point) is None and point.y() < scene.layout.cells.top()

    def _place_at(self, point: QPointF) -> Place | MarkPlace | None:
        scene = self._scene_now()
        return (scene.place_at(point) or scene.mark_at(point)) if scene else None

    def _press(self, point: QPointF) -> None:
        """Go to the step, or that of a mark, pin the unit, and ask about the value; in the left gutter only pin."""
        scene = self._scene_now()
        if scene is None or self.cursor_at is None or point.x() > scene.layout.cells.right():
            return
        mark, place = scene.mark_at(point), scene.place_at(point)
        if mark is not None:
            self._seek(_at_step(self.cursor_at, mark.t))
            return
        cursor = replace(self.cursor_at, unit=_unit_at(scene, point, self.cursor_at.unit))
        self._scrubbing = point.x() >= scene.layout.cells.left()
        self._seek(_at_step(cursor, scene.axis.step(point.x(), scene.length)) if self._scrubbing else cursor)
        asked = _value_at(scene, place) if place else None
        if asked is not None:
            self.value_asked.emit(asked)

    def _scrub(self, point: QPointF) -> None:
        scene = self._scene_now()
        if scene is not None and self.cursor_at is not None:
            moved = _at_step(self.cursor_at, scene.axis.step(point.x(), scene.length))
            if moved.t != self.cursor_at.t:
                self._seek(moved)

    def tooltip_at(self, point: QPointF) -> str:
        """What the title at ``point`` stands for; empty elsewhere."""
        scene = self._scene_now()
        if scene is None or point.x() >= scene.layout.cells.left():
            return ""
        row, line = scene.layout.row_at(point), scene.layout.mark_line_at(point)
        if line is not None:
            return scene.marks[line].tooltip
        return "" if row is None else scene.rows.all[row].tooltip

    def _sentence_of(self, place: Place | MarkPlace) -> str:
        scene = self._scene_now()
        if scene is None:
            return ""
        if isinstance(place, MarkPlace):
            return scene.marks[place.line].sentence(place.t)
        return scene.rows.all[place.row].sentence(place.t, place.unit)

    def _hovered_for_others(self, place: Place | MarkPlace) -> Hovered | None:
        scene = self._scene_now()
        if scene is None or isinstance(place, MarkPlace) or place.row >= scene.layout.quantities:
            return Hovered(place.t)
        return Hovered(place.t, place.unit)


def _at_step(cursor: Cursor, t: int) -> Cursor:
    """Step ``t``: its last stage in the forward pass, the same stage in the backward pass."""
    return replace(cursor, t=t, stage=cursor.stage if cursor.backward else Stage.HIDDEN)


def _value_at(scene: Scene, place: Place) -> ValueReference | None:
    """The value that a cell shows: of a gradient the length over all units."""
    row, layer = scene.rows.all[place.row], scene.rows.layer
    if isinstance(row, QuantityRow):
        return ValueReference(row.quantity.symbol, place.t, layer, place.unit, row.baseline)
    if isinstance(row, GradientRow) and not row.ghost:
        unit = 0 if _units(scene, baseline=row.baseline) == 1 else LENGTH
        return ValueReference("dh", place.t, layer, unit, row.baseline)
    return None


def _units(scene: Scene, *, baseline: bool) -> int:
    """How many units a network has in the shown layer."""
    return next((row.units for row in scene.rows.quantities if row.baseline == baseline), 0)


def _unit_at(scene: Scene, point: QPointF, pinned: int) -> int:
    """The unit in whose line ``point`` lies; the pinned one outside, or where the network has no such unit."""
    row = scene.layout.row_at(point)
    if row is None or row >= scene.layout.quantities:
        return pinned
    quantities = scene.rows.quantities
    unit = scene.layout.unit_at(row, point.y(), quantities[row].units)
    return unit if unit < quantities[0].units else pinned
