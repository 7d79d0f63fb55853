"""Base of the views over time: which steps are visible, the mouse on them, and the picture kept between moves."""

from __future__ import annotations

from typing import Generic, TypeVar

from PyQt6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPixmap, QWheelEvent
from PyQt6.QtWidgets import QToolTip, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.run import Run
from lstmviz.gui.views.time_axis import TimeAxis, TimeRange, clamped_range, panned_range, whole, zoomed_range
from lstmviz.gui.views.view import Hovered, View

NOTCH = 120
"""The angle that Qt reports for one notch of a wheel."""

PAN_A_NOTCH = 0.1
"""How much of the visible time one notch moves."""

Place = TypeVar("Place")
Picture = TypeVar("Picture")


class TimeView(View, Generic[Place, Picture]):
    """A view whose columns are steps.

    Place    what the mouse can be over; places are compared
    Picture  all that the cursor's step does not move, drawn once and kept

    The left button goes to a step and scrubs, the middle one pans, the wheel zooms about the mouse, with Shift or
    sideways it pans; a double click on the axis shows all steps.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._shown: TimeRange = whole(1)
        self._picture: Picture | None = None
        self._picture_key: tuple[object, ...] = ()
        self._hover: Place | None = None
        self._hovered_elsewhere: Hovered | None = None
        self._scrubbing = False
        self._panned_from: float | None = None

    # What each view says of itself

    def _take_run(self, run: Run) -> None:
        """Drop what was made of another run."""

    def _drawn_from(self, cursor: Cursor) -> tuple[object, ...]:
        """What the picture depends on beside the run, the visible time, the theme and the size."""
        return (cursor.layer,)

    def _follows(self, cursor: Cursor) -> tuple[object, ...]:
        """What of the cursor is seen: a move that leaves this as it is costs nothing."""
        return (cursor,)

    def _draw_picture(self, run: Run, cursor: Cursor, pixel_ratio: float) -> Picture | None:
        """The picture in the size of the widget; None where there is nothing to draw."""
        raise NotImplementedError

    def _axis_at(self, point: QPointF) -> TimeAxis | None:
        """The steps under ``point``, also beside and above them; None where there is nothing to show."""
        raise NotImplementedError

    def _shows_all_at(self, point: QPointF) -> bool:
        """Whether a double click at ``point`` shows all steps."""
        return False

    def _place_at(self, point: QPointF) -> Place | None:
        """What is at ``point``."""
        raise NotImplementedError

    def _sentence_of(self, place: Place) -> str:
        """What a place says, for the status line."""
        raise NotImplementedError

    def _hovered_for_others(self, place: Place) -> Hovered | None:
        """What the other views highlight for a place."""
        raise NotImplementedError

    def _press(self, point: QPointF) -> None:
        """A click with the left button."""
        raise NotImplementedError

    def _scrub(self, point: QPointF) -> None:
        """The left button was pressed where ``_scrubbing`` was set, and the mouse is dragged to ``point``."""
        raise NotImplementedError

    def tooltip_at(self, point: QPointF) -> str:
        """What the title at ``point`` stands for; empty elsewhere."""
        return ""

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
            self._take_run(run)
            self._set_hover(None)
        super().show_run(run, cursor)
        self._describe()

    def show_cursor(self, cursor: Cursor) -> None:
        """Move the cursor; another layer brings other numbers."""
        before = self.cursor_at
        if before is not None and self._follows(cursor) == self._follows(before):
            self.cursor_at = cursor
            return
        if before is not None and cursor.layer != before.layer:
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

    def show_hovered(self, place: Hovered | None) -> None:
        """Highlight what the mouse is over in another view."""
        if place != self._hovered_elsewhere:
            self._hovered_elsewhere = place
            self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(self.summary())

    def _current_picture(self) -> Picture | None:
        """The kept picture at the resolution of the screen, made anew when something in it has changed."""
        if self.run is None or self.cursor_at is None or self.size().isEmpty():
            return None
        ratio = self.devicePixelRatioF()
        place = (self._shown, self.theme, self.width(), self.height(), ratio)
        key = (self.run, *self._drawn_from(self.cursor_at), *place)
        if self._picture is None or self._picture_key != key:
            self._picture, self._picture_key = self._draw_picture(self.run, self.cursor_at, ratio), key
        return self._picture

    # The mouse

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Left goes to what is there, middle starts panning."""
        if event is None or self._axis_at(event.position()) is None:
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panned_from = event.position().x()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._press(event.position())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Scrub, pan, or read the value under the mouse."""
        if event is None or self.run is None:
            return
        point = event.position()
        axis = self._axis_at(point)
        if axis is None:
            return
        if self._scrubbing:
            self._scrub(point)
        elif self._panned_from is not None:
            moved = (self._panned_from - point.x()) / axis.step_width
            self._panned_from = point.x()
            self._request(panned_range(self._shown, moved, self.run.length))
        self._set_hover(self._place_at(point))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Stop scrubbing and panning."""
        self._scrubbing = False
        self._panned_from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """On the axis: show all steps. Elsewhere: a click like any other."""
        if event is None or self.run is None:
            return
        if self._shows_all_at(event.position()):
            self._request(whole(self.run.length))
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom time about the mouse; with Shift, or sideways, pan."""
        axis = self._axis_at(event.position()) if event else None
        if event is None or self.run is None or axis is None:
            return
        across, along = event.angleDelta().x() / NOTCH, event.angleDelta().y() / NOTCH
        first, last = self._shown
        if across or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            steps = -(across or along) * PAN_A_NOTCH * (last - first)
            self._request(panned_range(self._shown, steps, self.run.length))
        else:
            anchor = min(max(axis.time(event.position().x()), first), last)
            self._request(zoomed_range(self._shown, anchor, along, self.run.length))
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

    def _seek(self, cursor: Cursor) -> None:
        """Ask for another place."""
        if cursor != self.cursor_at:
            self.cursor_requested.emit(cursor)

    def _request(self, shown: TimeRange) -> None:
        """Ask for other edges of the visible time."""
        if shown != self._shown:
            self.time_range_requested.emit(*shown)

    def _set_hover(self, place: Place | None) -> None:
        if place == self._hover:
            return
        self._hover = place
        self.hovered.emit(self._sentence_of(place) if place is not None else "")
        self.place_hovered.emit(self._hovered_for_others(place) if place is not None else None)
        self.update()


def blank_pixmap(size: QSize, pixel_ratio: float, ground: str) -> QPixmap:
    """A pixmap of ``size`` in ``pixel_ratio`` device pixels a pixel, filled with the colour ``ground``.

    Paint on it in a ``with QPainter(pixmap)``: an error would let it go before its painter, which ends the process.
    """
    pixmap = QPixmap(size * pixel_ratio)
    pixmap.setDevicePixelRatio(pixel_ratio)
    pixmap.fill(QColor(ground))
    return pixmap


def draw_part(painter: QPainter, pixmap: QPixmap, part: QRect) -> None:
    """Draw only ``part`` of a kept pixmap, in the pixels of the widget, where it stands."""
    ratio = pixmap.devicePixelRatio()
    source = QRectF(part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio)
    painter.drawPixmap(QRectF(part), pixmap, source)
