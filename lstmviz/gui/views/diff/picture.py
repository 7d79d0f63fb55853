"""The picture of one difference: the map over units and steps, and below it both curves of the pinned unit."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PyQt6.QtCore import QLineF, QPointF, QRectF, QSize
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PyQt6.QtWidgets import QWidget

from lstmviz.core.comparison.diff_words import largest_in_words, value_in_words
from lstmviz.core.cursor import Cursor
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import Run
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.views.cell.canvas import Canvas
from lstmviz.gui.views.diff.curves import draw_cursor, draw_curves, draw_legend, value_scale
from lstmviz.gui.views.diff.layout import layout_of
from lstmviz.gui.views.diff.map_drawing import draw_map, draw_unit_mark, steps_a_bin, units_at
from lstmviz.gui.views.diff.scene import Scene, Shown
from lstmviz.gui.views.kept_pixmaps import draws_anew
from lstmviz.gui.views.memory.axis import ValueScale
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.time_axis import TimeAxis
from lstmviz.gui.views.time_view import TimeView, blank_pixmap
from lstmviz.gui.views.view import Hovered


@dataclass(frozen=True)
class Spot:
    """A number under the mouse: the step from 1, the unit (or feature) from 0."""

    t: int
    unit: int


@dataclass(frozen=True, eq=False)
class Kept:
    """All that the cursor's step does not move."""

    scene: Scene
    scale: ValueScale
    pixmap: QPixmap


class DifferencePicture(TimeView[Spot, Kept]):
    """Draws one quantity of the comparison; ``show_quantity`` says which."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("difference_picture")
        self.setAccessibleName("Map of the difference, and both curves")
        self.setMinimumSize(260, 150)
        self._quantity: Shown | None = None

    def sizeHint(self) -> QSize:
        """Room for a map and curves."""
        return QSize(640, 420)

    def show_quantity(self, quantity: Shown | None) -> None:
        """Draw another quantity; None for nothing."""
        if quantity is not self._quantity:
            self._quantity = quantity
            self._set_hover(None)
            self.update()
            self._describe()

    @property
    def quantity(self) -> Shown | None:
        """What is drawn."""
        return self._quantity

    def unit_of(self, cursor: Cursor) -> int:
        """The unit of the curves: the pinned one, or the nearest there is."""
        return min(cursor.unit, self._quantity.units - 1) if self._quantity else 0

    def summary(self) -> str:
        """The largest difference, and the one at the cursor."""
        quantity, cursor = self._quantity, self.cursor_at
        if quantity is None or cursor is None:
            return ""
        spot = Spot(cursor.t, self.unit_of(cursor))
        return f"{largest_in_words(quantity.row)} {self._sentence_of(spot)}"

    # Drawing

    def scene_in(self, rect: QRectF, pixel_ratio: float) -> Scene | None:
        """What is drawn in ``rect``; None where there is nothing to draw."""
        if self._quantity is None or self.run is None:
            return None
        layout = layout_of(rect, self._quantity.units, 2 if self._quantity.names.has_labels else 1)
        return Scene(self._quantity, layout, self._shown, self.theme, pixel_ratio)

    def _drawn_from(self, cursor: Cursor) -> tuple[object, ...]:
        return (self._quantity, self.unit_of(cursor))

    def _draw_picture(self, run: Run, cursor: Cursor, pixel_ratio: float) -> Kept | None:
        scene = self.scene_in(QRectF(self.rect()), pixel_ratio)
        if scene is None:
            return None
        unit = self.unit_of(cursor)
        scale = value_scale(scene.shown, unit)
        pixmap = blank_pixmap(self.size(), pixel_ratio, self.theme.surface)
        with QPainter(pixmap) as painter:
            self._draw_still(painter, scene, unit, scale)
        return Kept(scene, scale, pixmap)

    def _draw_still(self, painter: QPainter, scene: Scene, unit: int, scale: ValueScale) -> None:
        """What the cursor's step does not move."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        canvas = Canvas(painter, self.theme)
        draw_map(canvas, scene)
        draw_curves(canvas, scene, unit, scale)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The kept picture; the cursor, the values there and the marks over it."""
        with QPainter(self) as painter:
            kept, cursor = self._current_picture(), self.cursor_at
            if kept is None or cursor is None:
                painter.fillRect(self.rect(), QColor(self.theme.surface))
                return
            if draws_anew(painter, self):
                painter.fillRect(self.rect(), QColor(self.theme.surface))
                self._draw_still(painter, kept.scene, self.unit_of(cursor), kept.scale)
            else:
                painter.drawPixmap(0, 0, kept.pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            canvas, unit = Canvas(painter, self.theme), self.unit_of(cursor)
            self._draw_hovered(canvas, kept.scene)
            draw_unit_mark(canvas, kept.scene, unit, strong=True)
            draw_legend(canvas, kept.scene, unit, cursor.t)
            draw_cursor(canvas, kept.scene, unit, cursor.t, kept.scale)

    def _draw_hovered(self, canvas: Canvas, scene: Scene) -> None:
        """A thin line at the step under the mouse, here or elsewhere, and a mark at its unit."""
        hovered = self._hovered_elsewhere if self._hover is None else Hovered(self._hover.t, self._hover.unit)
        first, last = scene.axis.visible(scene.shown.length)
        if hovered is None or not first <= hovered.t <= last:
            return
        x = scene.axis.x(hovered.t)
        canvas.painter.setPen(line_pen(self.theme.faint))
        for part in (scene.layout.map, scene.layout.curves):
            canvas.painter.drawLine(QLineF(x, part.top(), x, part.bottom()))
        if hovered.unit is not None and hovered.unit < scene.shown.units:
            draw_unit_mark(canvas, scene, hovered.unit, strong=False)

    # The mouse

    def _scene(self) -> Scene | None:
        kept = self._current_picture()
        return kept.scene if kept else None

    def _axis_at(self, point: QPointF) -> TimeAxis | None:
        scene = self._scene()
        return scene.axis if scene else None

    def _shows_all_at(self, point: QPointF) -> bool:
        scene = self._scene()
        return scene is not None and any(line.contains(point) for line in scene.layout.axis)

    def _place_at(self, point: QPointF) -> Spot | None:
        scene, cursor = self._scene(), self.cursor_at
        if scene is None or cursor is None or not scene.layout.columns.contains(point):
            return None
        t = scene.axis.step(point.x(), scene.shown.length)
        if not scene.layout.map.contains(point):
            return Spot(t, self.unit_of(cursor))
        units = units_at(scene, point.y())
        if t > scene.shown.compared:
            return Spot(t, units.start)
        size = steps_a_bin(scene)
        start = (t - 1) // size * size + 1
        return Spot(*scene.shown.largest.within(range(start, min(start + size, scene.shown.compared + 1)), units))

    def _sentence_of(self, place: Spot) -> str:
        quantity = self._quantity
        if quantity is None:
            return ""
        if place.t > quantity.compared:
            return f"Step {place.t:,} is in this run only: there is nothing to compare it with."
        return value_in_words(quantity.row, place.t, place.unit, quantity.sides)

    def _hovered_for_others(self, place: Spot) -> Hovered | None:
        return Hovered(place.t, self._unit_elsewhere(place))

    def _unit_elsewhere(self, place: Spot) -> int | None:
        """The unit that other views know; a feature of the input is none."""
        of_input = self._quantity is not None and self._quantity.row.quantity is Quantity.INPUT
        return None if of_input else place.unit

    def _press(self, point: QPointF) -> None:
        """Go to the number, and ask why it is what it is."""
        place, quantity, cursor = self._place_at(point), self._quantity, self.cursor_at
        if place is None or quantity is None or cursor is None:
            return
        self._scrubbing = True
        unit = self._unit_elsewhere(place)
        self._seek(replace(cursor, t=place.t, unit=cursor.unit if unit is None else unit))
        self.value_asked.emit(ValueReference(quantity.row.symbol, place.t, cursor.layer, place.unit))

    def _scrub(self, point: QPointF) -> None:
        scene = self._scene()
        if scene is not None and self.cursor_at is not None:
            self._seek(replace(self.cursor_at, t=scene.axis.step(point.x(), scene.shown.length)))
