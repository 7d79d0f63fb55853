"""The Unrolled view: both networks unrolled over time, and the gradient that flows back from step to step."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PyQt6.QtWidgets import QToolTip, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.run import Run
from lstmviz.gui.style import text_font
from lstmviz.gui.views.time_axis import TimeRange, clamped_range, panned_range, whole, zoomed_range
from lstmviz.gui.views.timeline.scene import step_labels
from lstmviz.gui.views.unrolled.legend import draw_legend
from lstmviz.gui.views.unrolled.nodes import draw_axis, draw_networks, step_label_place
from lstmviz.gui.views.unrolled.scene import Scene, Story, draw_words, scene_of, story_of
from lstmviz.gui.views.unrolled.words import step_sentence, table
from lstmviz.gui.views.view import Hovered, View

NOTCH = 120
"""The angle that Qt reports for one notch of a wheel."""

PAN_A_NOTCH = 0.1
"""How much of the visible time one notch moves."""

FRAMED = 14
"""The least width in pixels of a column with a frame; a narrower one gets a line."""


@dataclass(frozen=True, eq=False)
class _Picture:
    """All that does not move with the cursor's step, drawn once. ``key``: what it was drawn from."""

    key: tuple[object, ...]
    scene: Scene
    labels: list[QRectF]
    pixmap: QPixmap


class UnrolledView(View):
    """The LSTM above, the vanilla RNN below; between their steps rivers, as wide as the gradient that flows there.

    Only the marks of the cursor are drawn anew when it moves; the rest is kept as one picture.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unrolled_view")
        self.setAccessibleName("Unrolled networks and their gradient")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(360, 260)
        self._shown: TimeRange = whole(1)
        self._stories: dict[str, Story] = {}
        self._labels: tuple[str, ...] | None = None
        self._picture: _Picture | None = None
        self._hover: int | None = None
        self._hovered_elsewhere: int | None = None
        self._scrubbing = False
        self._panned_from: float | None = None

    def sizeHint(self) -> QSize:
        """Room for both networks."""
        return QSize(900, 520)

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
            self._stories = {}
            self._labels = step_labels(run)
            self._set_hover(None)
        super().show_run(run, cursor)
        self._describe()

    def show_cursor(self, cursor: Cursor) -> None:
        """Move the cursor; another layer brings other rivers."""
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
        """The words above the rivers, and what flows into the cursor's step."""
        if self.run is None or self.cursor_at is None:
            return "Unrolled networks: no run yet."
        story = self._story(self.run, self.cursor_at)
        at_cursor = step_sentence(story.shown, self.cursor_at.t)
        said = (story.headline, story.decay, story.remarks, story.overflow, at_cursor)
        return " ".join(filter(None, said))

    def table(self) -> tuple[tuple[str, ...], list[tuple[float, ...]]]:
        """What is drawn as a table: headers, and for each step its number and what flows into it on every path."""
        if self.run is None or self.cursor_at is None:
            return ("step",), []
        return table(self._story(self.run, self.cursor_at).shown)

    def _describe(self) -> None:
        self.setAccessibleDescription(self.summary())

    def _story(self, run: Run, cursor: Cursor) -> Story:
        if cursor.layer not in self._stories:
            self._stories[cursor.layer] = story_of(run, cursor.layer)
        return self._stories[cursor.layer]

    # Drawing

    def draw(self, painter: QPainter, size: QSize) -> None:
        """Draw the whole view as ``size`` with any painter."""
        rect = QRectF(0, 0, size.width(), size.height())
        painter.fillRect(rect, QColor(self.theme.surface))
        if self.run is None or self.cursor_at is None:
            return
        scene = self._scene_in(rect, self.run, self.cursor_at)
        labels = _draw_still(painter, scene, self.cursor_at.unit)
        _draw_cursor(painter, scene, labels, self.cursor_at.t)

    def _scene_in(self, rect: QRectF, run: Run, cursor: Cursor) -> Scene:
        return scene_of(self._story(run, cursor), self._labels, self._shown, rect, self.theme)

    def _current_picture(self) -> _Picture | None:
        """The kept picture at the resolution of the screen, made anew when something in it has changed."""
        if self.run is None or self.cursor_at is None or self.size().isEmpty():
            return None
        ratio, at = self.devicePixelRatioF(), self.cursor_at
        key = (self.run, at.layer, at.unit, self._shown, self.theme, self.width(), self.height(), ratio)
        if self._picture is None or self._picture.key != key:
            scene = self._scene_in(QRectF(self.rect()), self.run, at)
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(QColor(self.theme.surface))
            painter = QPainter(pixmap)
            labels = _draw_still(painter, scene, at.unit)
            painter.end()
            self._picture = _Picture(key, scene, labels, pixmap)
        return self._picture

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The kept picture and the marks over it."""
        painter = QPainter(self)
        picture = self._current_picture()
        if picture is None or self.cursor_at is None:
            painter.fillRect(self.rect(), QColor(self.theme.surface))
            return
        painter.drawPixmap(0, 0, picture.pixmap)
        hovered = self._hover or self._hovered_elsewhere
        if hovered is not None:
            _draw_hovered(painter, picture.scene, hovered)
        _draw_cursor(painter, picture.scene, picture.labels, self.cursor_at.t)

    # The mouse

    def _scene_now(self) -> Scene | None:
        """The scene under the mouse, also before it was painted."""
        picture = self._current_picture()
        return picture.scene if picture else None

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Left goes to the step, middle starts panning."""
        scene = self._scene_now()
        if event is None or scene is None:
            return
        t = scene.step_at(event.position())
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panned_from = event.position().x()
        elif event.button() == Qt.MouseButton.LeftButton and t is not None:
            self._scrubbing = True
            self._seek(t)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Scrub, pan, or read what flows under the mouse."""
        scene = self._scene_now()
        if event is None or scene is None:
            return
        point, time = event.position(), scene.layout.time
        if self._scrubbing:
            self._seek(time.step(point.x(), scene.shown.length))
        elif self._panned_from is not None:
            moved = (self._panned_from - point.x()) / time.step_width
            self._panned_from = point.x()
            self._request(panned_range(self._shown, moved, scene.shown.length))
        self._set_hover(scene.step_at(point))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Stop scrubbing and panning."""
        self._scrubbing = False
        self._panned_from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """On the axis: show all steps. On a node: a click like any other."""
        scene = self._scene_now()
        if event is None or scene is None:
            return
        if scene.layout.axis.contains(event.position()):
            self._request(whole(scene.shown.length))
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
            self._request(panned_range(self._shown, steps, scene.shown.length))
        else:
            anchor = min(max(scene.layout.time.time(event.position().x()), first), last)
            self._request(zoomed_range(self._shown, anchor, along, scene.shown.length))
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
        """What the river whose title is at ``point`` carries; empty elsewhere."""
        scene = self._scene_now()
        if scene is None or point.x() >= scene.layout.plot.left():
            return ""
        for row, place in scene.rows:
            for river, middle in zip(row.rivers, place.rivers, strict=True):
                if abs(point.y() - middle) <= max(scene.layout.river / 2, 10):
                    return f"{row.network} through {river.symbol}: {river.formula}, {river.meaning}."
        return ""

    def show_hovered(self, place: Hovered | None) -> None:
        """Highlight the step that the mouse is over in another view."""
        t = place.t if place else None
        if t != self._hovered_elsewhere:
            self._hovered_elsewhere = t
            self.update()

    def _seek(self, t: int) -> None:
        """Ask for step ``t``, all else as it is."""
        if self.cursor_at is not None and t != self.cursor_at.t:
            self.cursor_requested.emit(replace(self.cursor_at, t=t))

    def _request(self, shown: TimeRange) -> None:
        if shown != self._shown:
            self.time_range_requested.emit(*shown)

    def _set_hover(self, t: int | None) -> None:
        if t == self._hover:
            return
        self._hover = t
        scene = self._scene_now() if t is not None else None
        self.hovered.emit(step_sentence(scene.shown, t) if scene and t is not None else "")
        self.place_hovered.emit(Hovered(t) if t is not None else None)
        self.update()


def _draw_still(painter: QPainter, scene: Scene, unit: int) -> list[QRectF]:
    """All that does not move with the cursor's step; returns where the labels of the axis stand."""
    draw_words(painter, scene)
    labels = draw_axis(painter, scene)
    waters = draw_networks(painter, scene, unit)
    draw_legend(painter, scene, waters)
    return labels


def _draw_cursor(painter: QPainter, scene: Scene, labels: list[QRectF], t: int) -> None:
    """A frame round the step in every network, or a line where steps are narrow, and its number in bold."""
    if t not in scene.steps:
        return
    theme = scene.theme
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(scene.layout.plot.adjusted(-4, 0, 4, 4), Qt.ClipOperation.IntersectClip)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(QColor(theme.surface), 4), QPen(QColor(theme.accent), 2)):
        painter.setPen(pen)
        for _, place in scene.rows:
            node = scene.layout.node(place, t)
            if node.width() >= FRAMED:
                painter.drawRoundedRect(node.adjusted(-1, -1, 1, 1), 8, 8)
            else:
                x = node.center().x()
                painter.drawLine(QPointF(x, node.top() - 3), QPointF(x, node.bottom() + 3))
    painter.restore()
    font = text_font(11, bold=True)
    text = f"{t:,}"
    if not scene.layout.card and scene.labels is not None and scene.labels[t - 1].strip():
        text = f"{t:,}: {scene.labels[t - 1]}"
    label = step_label_place(scene, QFontMetricsF(font), t, text)
    for covered in [*labels, label]:
        if covered.adjusted(-4, 0, 4, 0).intersects(label):
            painter.fillRect(covered, QColor(theme.surface))
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)


def _draw_hovered(painter: QPainter, scene: Scene, t: int) -> None:
    """Thin lines round the step in every network."""
    if t not in scene.steps:
        return
    colour = QColor(scene.theme.text)
    colour.setAlpha(110)
    painter.save()
    painter.setClipRect(scene.layout.plot, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(colour, 1))
    for _, place in scene.rows:
        node = scene.layout.node(place, t)
        if node.width() >= FRAMED:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(node, 8, 8)
        else:
            painter.drawLine(QPointF(node.center().x(), node.top()), QPointF(node.center().x(), node.bottom()))
    painter.restore()
