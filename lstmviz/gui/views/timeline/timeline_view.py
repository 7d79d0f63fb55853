"""The timeline: every quantity of all units over all steps, as heat maps on one time axis."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QRegion,
    QWheelEvent,
)
from PyQt6.QtWidgets import QToolTip, QWidget

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.run import Run
from lstmviz.core.text import count, number
from lstmviz.gui.views.time_axis import TimeRange, clamped_range, panned_range, whole, zoomed_range
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
from lstmviz.gui.views.timeline.scene import Place, Scene, TimelineRows, rows_of, scene_of, step_labels
from lstmviz.gui.views.view import Hovered, View

NOTCH = 120
"""The angle that Qt reports for one notch of a wheel."""

PAN_A_NOTCH = 0.1
"""How much of the visible time one notch moves."""


@dataclass(frozen=True, eq=False)
class _Picture:
    """All that does not move, drawn once: ``now`` in full colours, ``later`` with the quantities pale.

    key  what it was drawn from: a picture with another key is out of date
    """

    key: tuple[object, ...]
    scene: Scene
    labels: AxisLabels
    now: QPixmap
    later: QPixmap


def _picture_of(scene: Scene, size: QSize, pixel_ratio: float, key: tuple[object, ...]) -> _Picture:
    """Draw the picture at ``pixel_ratio`` device pixels a pixel."""
    now = QPixmap(size * pixel_ratio)
    now.setDevicePixelRatio(pixel_ratio)
    now.fill(QColor(scene.theme.surface))
    painter = QPainter(now)
    labels = _draw_still(painter, scene, pixel_ratio)
    painter.end()
    later = now.copy()
    for draw, pixmap in ((draw_numbers, now), (draw_veiled, later)):
        painter = QPainter(pixmap)
        draw(painter, scene)
        painter.end()
    return _Picture(key, scene, labels, now, later)


def _draw_still(painter: QPainter, scene: Scene, pixel_ratio: float) -> AxisLabels:
    """What does not depend on where in the layer the cursor is, but for the numbers in the cells."""
    labels = axis_labels(scene)
    shown = draw_cells(painter, scene, pixel_ratio)
    draw_titles(painter, scene)
    draw_axis(painter, scene, labels)
    if scene.layout.legend is not None:
        Legend(painter, scene, scene.layout.legend).draw(shown)
    return labels


class TimelineView(View):
    """Heat maps of f, i, g, o, c and h of the cursor's layer, h of the baseline, and the gradients over time.

    Only the marks of the cursor are drawn anew when it moves; the rest is kept as one picture.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.setAccessibleName("Timeline")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, 96)
        self._shown: TimeRange = (0.5, 1.5)
        self._rows: dict[str, TimelineRows] = {}
        self._picture: _Picture | None = None
        self._hover: Place | None = None
        self._hovered_elsewhere: Hovered | None = None
        self._labels: tuple[str, ...] | None = None
        self._scrubbing = False
        self._panned_from: float | None = None

    def sizeHint(self) -> QSize:
        """Wide and low, as the strip under the other views."""
        return QSize(1280, 230)

    # What is shown

    @property
    def time_range(self) -> TimeRange:
        """The edges of the visible time, in steps; (0.5, T + 0.5) is everything."""
        return self._shown

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Draw another run; one of another length is shown whole."""
        if run is not self.run:
            if self.run is None or run.length != self.run.length:
                self._shown = whole(run.length)
            self._rows = {}
            self._labels = step_labels(run)
            self._set_hover(None)
        super().show_run(run, cursor)
        self._describe()

    def show_cursor(self, cursor: Cursor) -> None:
        """Move the cursor; another layer brings other rows."""
        if self.cursor_at is not None and cursor.layer != self.cursor_at.layer:
            self._set_hover(None)
        super().show_cursor(cursor)
        self._describe()

    def show_time_range(self, first: float, last: float) -> None:
        """Show the steps from ``first`` to ``last``, inside the sequence and at least one step."""
        if self.run is None:
            return
        shown = clamped_range(first, last, self.run.length)
        if shown != self._shown:
            self._shown = shown
            self._set_hover(None)
            self.update()

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

    def _describe(self) -> None:
        self.setAccessibleDescription(self.summary())

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

    def _current_picture(self) -> _Picture | None:
        """The kept picture at the resolution of the screen, made anew when something in it has changed."""
        if self.run is None or self.cursor_at is None or self.size().isEmpty():
            return None
        ratio = self.devicePixelRatioF()
        key = (self.run, self.cursor_at.layer, self._shown, self.theme, self.width(), self.height(), ratio)
        if self._picture is None or self._picture.key != key:
            scene = self._scene_in(QRectF(self.rect()), self.run, self.cursor_at)
            self._picture = _picture_of(scene, self.size(), ratio, key)
        return self._picture

    def _scene_in(self, rect: QRectF, run: Run, cursor: Cursor) -> Scene:
        return scene_of(self._layer_rows(run, cursor), run.length, self._labels, self._shown, rect, self.theme)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The kept picture and the marks over it."""
        painter = QPainter(self)
        picture = self._current_picture()
        if picture is None or self.cursor_at is None:
            painter.fillRect(self.rect(), QColor(self.theme.surface))
            return
        painter.drawPixmap(0, 0, picture.now)
        ratio = picture.later.devicePixelRatio()
        for part in still_to_come(picture.scene, self.cursor_at):
            source = QRectF(part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio)
            painter.drawPixmap(QRectF(part), picture.later, source)
        if self._hover is not None:
            draw_hover(painter, picture.scene, self._hover)
        elif self._hovered_elsewhere is not None:
            draw_hovered_elsewhere(painter, picture.scene, self._hovered_elsewhere)
        self._draw_marks(painter, picture.scene, picture.labels, self.cursor_at)

    # The mouse

    def _scene_now(self) -> Scene | None:
        """The scene under the mouse, also before it was painted."""
        picture = self._current_picture()
        return picture.scene if picture else None

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Left goes to the step and pins the unit (in the left gutter only pins), middle starts panning."""
        scene = self._scene_now()
        if event is None or scene is None or self.cursor_at is None:
            return
        point, cells = event.position(), scene.layout.cells
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panned_from = point.x()
        elif event.button() == Qt.MouseButton.LeftButton and point.x() <= cells.right():
            cursor = replace(self.cursor_at, unit=_unit_at(scene, point, self.cursor_at.unit))
            self._scrubbing = point.x() >= cells.left()
            if self._scrubbing:
                self._seek(scene, point, cursor)
            elif cursor != self.cursor_at:
                self.cursor_requested.emit(cursor)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Scrub, pan, or read the value under the mouse."""
        scene = self._scene_now()
        if event is None or scene is None or self.cursor_at is None:
            return
        point = event.position()
        if self._scrubbing and scene.axis.step(point.x(), scene.length) != self.cursor_at.t:
            self._seek(scene, point, self.cursor_at)
        elif self._panned_from is not None:
            moved = (self._panned_from - point.x()) / scene.axis.step_width
            self._panned_from = point.x()
            self._request(panned_range(self._shown, moved, scene.length))
        self._set_hover(scene.place_at(point))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Stop scrubbing and panning."""
        self._scrubbing = False
        self._panned_from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """On the axis: show all steps. On a cell: a click like any other."""
        scene = self._scene_now()
        if event is None or scene is None:
            return
        if event.position().y() < scene.layout.cells.top():
            self._request(whole(scene.length))
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom time about the mouse; with Shift, or sideways, pan."""
        scene = self._scene_now()
        if event is None or scene is None:
            return
        across, along = event.angleDelta().x() / NOTCH, event.angleDelta().y() / NOTCH
        first, last = self._shown
        if across or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            steps = -(across or along) * PAN_A_NOTCH * (last - first)
            self._request(panned_range(self._shown, steps, scene.length))
        else:
            anchor = min(max(scene.axis.time(event.position().x()), first), last)
            self._request(zoomed_range(self._shown, anchor, along, scene.length))
        event.accept()

    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is hovered any more."""
        self._set_hover(None)

    def event(self, event: QEvent | None) -> bool:
        """Titles explain themselves in a tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tooltip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tooltip_at(self, point: QPointF) -> str:
        """What the title at ``point`` stands for; empty elsewhere."""
        scene = self._scene_now()
        row = scene.layout.row_at(point) if scene else None
        if scene is None or row is None or point.x() >= scene.layout.cells.left():
            return ""
        return scene.rows.all[row].tooltip

    def _seek(self, scene: Scene, point: QPointF, cursor: Cursor) -> None:
        """Ask for the last stage of the step at ``point``, all else as in ``cursor``."""
        step = scene.axis.step(point.x(), scene.length)
        self.cursor_requested.emit(replace(cursor, t=step, stage=Stage.HIDDEN))

    def _request(self, shown: TimeRange) -> None:
        if shown != self._shown:
            self.time_range_requested.emit(*shown)

    def _set_hover(self, place: Place | None) -> None:
        if place == self._hover:
            return
        self._hover = place
        scene = self._scene_now() if place else None
        self.hovered.emit(scene.rows.all[place.row].sentence(place.t, place.unit) if scene and place else "")
        self.place_hovered.emit(self._hovered_for_others(scene, place) if scene and place else None)
        self.update()

    def _hovered_for_others(self, scene: Scene, place: Place) -> Hovered:
        return Hovered(place.t, place.unit if place.row < scene.layout.quantities else None)

    def show_hovered(self, place: Hovered | None) -> None:
        """Highlight the step and unit that the mouse is over in another view."""
        if place != self._hovered_elsewhere:
            self._hovered_elsewhere = place
            self.update()


def _unit_at(scene: Scene, point: QPointF, pinned: int) -> int:
    """The unit in whose line ``point`` lies; the pinned one outside, or where the network has no such unit."""
    row = scene.layout.row_at(point)
    if row is None or row >= scene.layout.quantities:
        return pinned
    quantities = scene.rows.quantities
    unit = scene.layout.unit_at(row, point.y(), quantities[row].units)
    return unit if unit < quantities[0].units else pinned
