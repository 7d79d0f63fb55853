"""The view of one cell at the cursor: the diagram, the ledger, and the vanilla RNN beside it on demand."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QToolTip, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.engine.step import step_before
from lstmviz.core.explanations.forward_explanations import is_held
from lstmviz.core.explanations.narration import stage_sentence, value_sentence
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import Run
from lstmviz.core.text import number
from lstmviz.core.value_reference import ValueReference, is_there, name_of, value_of
from lstmviz.gui.style import Theme
from lstmviz.gui.views.cell import backward_ground, lstm_ground
from lstmviz.gui.views.cell.canvas import Cells, Region, expanded, ink
from lstmviz.gui.views.cell.grounds import Grounds
from lstmviz.gui.views.cell.scene import Scales, Scene
from lstmviz.gui.views.ghost import before_in_words, ghost_of
from lstmviz.gui.views.kept_pixmaps import draws_anew
from lstmviz.gui.views.view import Hovered, View


class CellView(View):
    """Draws the cell of the cursor's layer. A frame is a function of run, cursor and fraction alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cell_view")
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(420, 280))
        self._fraction = 1.0
        self._shows_rnn = False
        self._scales = Scales()
        self._grounds = Grounds()
        self._finished: QPixmap | None = None
        self._places: list[Region | Cells] = []
        self._expanded: list[Region] | None = None
        self._to_drawing = 1.0
        self._hovered_unit: int | None = None

    @property
    def shows_rnn(self) -> bool:
        """Whether the vanilla RNN stands beside the LSTM."""
        return self._shows_rnn

    def show_rnn(self, shown: bool) -> None:
        """Show the vanilla RNN cell at the same step beside the LSTM, or hide it."""
        self._shows_rnn = shown
        self._redraw()

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Draw another run."""
        self._scales = Scales()
        self._fraction = 1.0
        super().show_run(run, cursor)
        self._redraw()

    def show_cursor(self, cursor: Cursor) -> None:
        """Draw another moment of the same run, finished."""
        super().show_cursor(cursor)
        self._redraw()

    def show_fraction(self, fraction: float) -> None:
        """How far the values of the cursor's stage have moved, 0 to 1."""
        if fraction != self._fraction:
            self._fraction = fraction
            self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        self._grounds.clear()
        self._redraw()

    def summary(self) -> str:
        """What the cursor's stage does, with its numbers."""
        return stage_sentence(self.run, self.cursor_at) if self.run and self.cursor_at else ""

    # Drawing

    def draw(self, painter: QPainter, size: QSize, fraction: float) -> list[Region | Cells]:
        """Draw the frame at ``fraction`` on any painter; gives what was drawn where, in drawing units."""
        if self.run is None or self.cursor_at is None:
            painter.fillRect(QRectF(0, 0, size.width(), size.height()), ink(self.theme.surface))
            return []
        scene = Scene(self.run, self.cursor_at, self.theme, size, fraction, self._shows_rnn, self._scales)
        self._to_drawing = scene.scale
        still = scene if fraction >= 1 else replace(scene, fraction=0.0)
        if draws_anew(painter, self):
            painter.save()
            still.draw_ground(painter)
            painter.restore()
        else:
            ground = self._grounds.get(scene.ground_key, size, self.devicePixelRatioF(), still.draw_ground)
            painter.drawPixmap(0, 0, ground)
        if fraction < 1:
            scene.draw_rising(painter)
        return scene.draw_values(painter)

    def _redraw(self) -> None:
        self._finished = self._expanded = None
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            if self._fraction < 1 or draws_anew(painter, self):
                self._places = self.draw(painter, self.size(), self._fraction)
                return
            if self._finished is None:
                ratio = self.devicePixelRatioF()
                finished = QPixmap(self.size() * ratio)
                finished.setDevicePixelRatio(ratio)
                with QPainter(finished) as kept:
                    self._places = self.draw(kept, self.size(), 1.0)
                self._finished = finished
            painter.drawPixmap(0, 0, self._finished)
            if self._hovered_unit is not None:
                self._draw_hovered(painter)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._finished = None

    # The mouse

    @property
    def regions(self) -> list[Region]:
        """Everything that can be hovered or clicked, in drawing units."""
        if self._expanded is None:
            self._expanded = expanded(self._places)
        return self._expanded

    def region_at(self, place: QPointF) -> Region | None:
        """What is drawn at a place of the widget; the smallest of several."""
        inside = place / self._to_drawing
        hit = [region for region in self.regions if region.rect.contains(inside)]
        return min(hit, key=lambda region: region.rect.width() * region.rect.height(), default=None)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        region = self.region_at(event.position())
        sentence = self.sentence_of(region) if region else ""
        self.hovered.emit(sentence)
        unit = region.units[0] if region and region.quantity is not Quantity.INPUT else None
        self.place_hovered.emit(Hovered(self.cursor_at.t, unit) if region and self.cursor_at else None)
        self.setCursor(Qt.CursorShape.PointingHandCursor if region else Qt.CursorShape.ArrowCursor)
        QToolTip.showText(event.globalPosition().toPoint(), sentence, self)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Pin the unit that was clicked, or go to the stage of its gate, and ask why its value is what it is."""
        if event is None or self.cursor_at is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        region = self.region_at(event.position())
        if region is None:
            return
        reference = self.reference_to(region)
        if region.quantity is not Quantity.INPUT:
            self.cursor_requested.emit(self._cursor_at(region))
        if self.run is not None and is_there(self.run, reference):
            self.value_asked.emit(reference)

    def _cursor_at(self, region: Region) -> Cursor:
        """Where a click on a region leads: to its unit; where that is pinned already, to its gate's stage."""
        assert self.cursor_at is not None
        cursor, unit = self.cursor_at, region.units[0]
        gate = region.quantity
        if region.units != (cursor.unit, cursor.unit) or gate not in lstm_ground.GATE_STAGES:
            return replace(cursor, unit=unit)
        stages = backward_ground.GATE_STAGES if cursor.backward else lstm_ground.GATE_STAGES
        return replace(cursor, stage=stages[gate])

    def leaveEvent(self, event: QEvent | None) -> None:
        self.hovered.emit("")
        self.place_hovered.emit(None)

    def show_hovered(self, place: Hovered | None) -> None:
        """Frame the unit that the mouse is over in another view, wherever it is drawn."""
        unit = place.unit if place else None
        if unit != self._hovered_unit:
            self._hovered_unit = unit
            self.update()

    def _draw_hovered(self, painter: QPainter) -> None:
        """Thin frames round the cells of the unit that is hovered elsewhere."""
        colour = QColor(self.theme.text)
        colour.setAlpha(130)
        painter.scale(self._to_drawing, self._to_drawing)
        painter.setPen(QPen(colour, 1))
        for region in self.regions:
            first, last = region.units
            if self._hovered_unit is not None and first <= self._hovered_unit <= last and not region.is_box:
                painter.drawRect(region.rect.adjusted(-1, -1, 0.5, 0.5))

    def reference_to(self, region: Region) -> ValueReference:
        """The number that a region shows, at the step that it shows; the first one of a bin."""
        assert self.run is not None
        assert self.cursor_at is not None
        cursor, t = self.cursor_at, self.cursor_at.t
        if region.before:
            t = step_before(self.run.trace[cursor.layer], t)
        return ValueReference(region.symbol, t, cursor.layer, region.units[0], region.baseline)

    def sentence_of(self, region: Region) -> str:
        """What a region shows, in words."""
        if self.run is None or self.cursor_at is None:
            return ""
        reference, (first, last) = self.reference_to(region), region.units
        if not region.symbol.startswith("d") and not 1 <= reference.t <= self.run.length:
            return f"{reference.name}: the state before the first step."
        if first != last:
            return f"{region.quantity.title}, {reference.name}: the mean of units {first} to {last}."
        value = number(value_of(self.run, reference), digits=6)
        sentence = f"{name_of(reference, self.run)} = {value}."
        if not region.baseline:
            if region.symbol == region.quantity.symbol:
                sentence = value_sentence(self.run, reference.layer, region.quantity, reference.t, first)
            if is_held(self.run.trace[reference.layer], region.symbol, reference.t, first):
                sentence += " A what-if holds it."
        ghost = ghost_of(self.run, reference.layer)
        if ghost is None:
            return sentence
        return sentence + before_in_words(number(value_of(ghost, reference), digits=6), value)
