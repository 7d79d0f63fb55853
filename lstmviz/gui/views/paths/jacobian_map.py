"""The maps of every pair of steps: how strongly something at one step depends on something at another."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.gui.views.heat_map import Scale, ScaleKind
from lstmviz.gui.views.kept_pixmaps import draws_anew
from lstmviz.gui.views.paths.jacobian_map_drawing import (
    CENTRE,
    MapFrame,
    MapGrid,
    arranged,
    draw_bar,
    draw_cross,
    draw_map,
    draw_place,
    map_scale,
)
from lstmviz.gui.views.paths.maps import NetworkMap, pair_in_words
from lstmviz.gui.views.time_axis import TimeRange, clamped_range, panned_range, whole, zoomed_range
from lstmviz.gui.views.time_view import blank_pixmap

NOTCH = 120
"""The angle that Qt reports for one notch of a wheel."""


@dataclass(frozen=True)
class Pair:
    """What the mouse is over: map number ``map``, the column of step s and the row of step t, both computed ones."""

    map: int
    s: int
    t: int


class JacobianMap(QWidget):
    """Heat maps on one log colour scale; s to the right, t or τ upwards. A cursor move draws only marks anew."""

    step_chosen = pyqtSignal(int)
    pair_hovered = pyqtSignal(object)
    """The step s under the mouse, or None."""
    hovered = pyqtSignal(str)
    range_requested = pyqtSignal(float, float)
    resized = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jacobian_map")
        self.setAccessibleName("Map of all pairs of steps")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._theme: Theme = LIGHT
        self._grids: tuple[MapGrid, ...] = ()
        self._preferred = 0
        self._length = 1
        self._shown: TimeRange = whole(1)
        self._t = 1
        self._hover: Pair | None = None
        self._hovered_step: int | None = None
        self._picture: QPixmap | None = None
        self.scale = Scale(ScaleKind.LOG, -1.0, 0.0)

    def show_maps(self, maps: tuple[NetworkMap, ...], length: int, shown: TimeRange) -> None:
        """Draw other maps, none while they are being computed; all steps lie between 1 and ``length``."""
        known = {grid.found: grid for grid in self._grids}
        self._grids = tuple(known.get(each) or MapGrid(each) for each in maps)
        self._length, self._shown = length, clamped_range(*shown, length)
        self._t = min(self._t, length)
        if self._grids:
            self.scale = map_scale(self._grids)
        self._set_hover(None)
        self._redraw()

    def show_first(self, number: int) -> None:
        """Which map is drawn where there is room for one only."""
        if number != self._preferred:
            self._preferred = number
            self._redraw()

    def show_step(self, t: int) -> None:
        """Mark the cursor's step."""
        self._t = t
        self.update()

    def show_time(self, shown: TimeRange) -> None:
        """Show the steps between two edges on both axes."""
        self._shown = clamped_range(*shown, self._length)
        self._redraw()

    def show_hovered_step(self, t: int | None) -> None:
        """A thin line at the step that the mouse is over elsewhere."""
        self._hovered_step = t
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self._redraw()

    @property
    def grids(self) -> tuple[MapGrid, ...]:
        """The maps there are, drawn or not."""
        return self._grids

    def drawn(self) -> list[tuple[int, MapFrame]]:
        """The number of each map that is drawn, and where."""
        if not self._grids:
            return []
        rects, _ = arranged(self.width(), self.height(), len(self._grids))
        frames = [MapFrame(rect, self._shown) for rect in rects]
        if len(frames) < len(self._grids):
            return [(min(self._preferred, len(self._grids) - 1), frames[0])]
        return list(enumerate(frames))

    def both_fit(self, count: int) -> bool:
        """Whether there is room for ``count`` maps."""
        return len(arranged(self.width(), self.height(), count)[0]) == count

    # Drawing

    def _redraw(self) -> None:
        self._picture = None
        self.update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The kept picture and the marks over it."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if draws_anew(painter, self):
                painter.fillRect(self.rect(), QColor(self._theme.surface))
                self._draw_still(painter)
            else:
                painter.drawPixmap(0, 0, self._kept_picture())
            for number, frame in self.drawn():
                draw_cross(painter, frame, self._t, self._theme, self._length, self._grids[number].found.reach)
                if self._hover is not None:
                    arriving = self._hover.t if self._hover.map == number else None
                    draw_place(painter, frame, self._hover.s, arriving, self._theme)
                elif self._hovered_step is not None:
                    draw_place(painter, frame, self._hovered_step, None, self._theme)

    def _kept_picture(self) -> QPixmap:
        """What the cursor does not move, at the resolution of the screen."""
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.size() != self.size() * ratio:
            picture = blank_pixmap(self.size(), ratio, self._theme.surface)
            with QPainter(picture) as still:
                still.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._draw_still(still)
            self._picture = picture
        return self._picture

    def _draw_still(self, painter: QPainter) -> None:
        drawn = self.drawn()
        if not drawn:
            painter.setFont(text_font(12))
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(QRectF(self.rect()), CENTRE, "The map of all pairs of steps is not computed yet.")
            return
        left, bottom = min(frame.rect.left() for _, frame in drawn), max(frame.rect.bottom() for _, frame in drawn)
        for number, frame in drawn:
            draw_map(
                painter,
                frame,
                self._grids[number],
                self.scale,
                self._theme,
                self._length,
                left=frame.rect.left() == left,
                bottom=frame.rect.bottom() == bottom,
            )
        bar = arranged(self.width(), self.height(), len(drawn))[1]
        draw_bar(painter, bar, self.scale, [self._grids[number] for number, _ in drawn], self._theme)

    # The mouse

    def _frame_at(self, point: QPointF) -> tuple[int, MapFrame] | None:
        return next(((number, frame) for number, frame in self.drawn() if frame.rect.contains(point)), None)

    def pair_at(self, point: QPointF) -> Pair | None:
        """The pair of steps at ``point``; None outside the maps."""
        found = self._frame_at(point)
        if found is None:
            return None
        number, frame = found
        grid = self._grids[number]
        row = int(grid.rows[grid.place(frame.time_at(point.y()))])
        column = grid.place(frame.across.time(point.x()))
        return Pair(number, int(grid.steps[column]), int(grid.found.steps.ends[row]))

    def sentence(self, pair: Pair) -> str:
        """The value of a pair, in words."""
        return pair_in_words(self._grids[pair.map].found, pair.s, pair.t)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Left goes to the step s under the mouse."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(event.position())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Read the pair under the mouse, and drag the cursor along."""
        if event is None:
            return
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event.position())
        self._set_hover(self.pair_at(event.position()))

    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is hovered any more."""
        self._set_hover(None)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom time about the mouse; with Shift, or sideways, pan."""
        found = self._frame_at(event.position()) if event is not None else None
        if event is None or found is None:
            return
        sideways, notches = event.angleDelta().x() / NOTCH, event.angleDelta().y() / NOTCH
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            sideways, notches = sideways or notches, 0.0
        wished = zoomed_range(self._shown, found[1].across.time(event.position().x()), notches, self._length)
        wished = panned_range(wished, -0.1 * sideways * (wished[1] - wished[0]), self._length)
        if wished != self._shown:
            self.range_requested.emit(*wished)
        event.accept()

    def _choose(self, point: QPointF) -> None:
        found = self._frame_at(point)
        if found is not None:
            self.step_chosen.emit(found[1].across.step(point.x(), self._length))

    def _set_hover(self, pair: Pair | None) -> None:
        if pair != self._hover:
            self._hover = pair
            self.hovered.emit(self.sentence(pair) if pair else "")
            self.pair_hovered.emit(pair.s if pair else None)
            self.update()
