"""The Unrolled view: both networks unrolled over time, and the gradient that flows back from step to step."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.run import Run
from lstmviz.gui.style import text_font
from lstmviz.gui.views.kept_pixmaps import draws_anew
from lstmviz.gui.views.time_axis import TimeAxis
from lstmviz.gui.views.time_view import TimeView, blank_pixmap
from lstmviz.gui.views.timeline.cells import VEIL
from lstmviz.gui.views.timeline.scene import step_labels
from lstmviz.gui.views.unrolled.legend import draw_legend
from lstmviz.gui.views.unrolled.nodes import draw_axis, draw_networks, step_label_place
from lstmviz.gui.views.unrolled.scene import Scene, Story, draw_words, scene_of, story_of
from lstmviz.gui.views.unrolled.words import step_sentence, table
from lstmviz.gui.views.view import Hovered

FRAMED = 14
"""The least width in pixels of a column with a frame; a narrower one gets a line."""


@dataclass(frozen=True, eq=False)
class _Picture:
    """All that does not move with the cursor's step, drawn once."""

    scene: Scene
    labels: list[QRectF]
    pixmap: QPixmap


class UnrolledView(TimeView[int, _Picture]):
    """The LSTM above, the vanilla RNN below; between their steps rivers, as wide as the gradient that flows there.

    Only the marks of the cursor are drawn anew when it moves; the rest is kept as one picture.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unrolled_view")
        self.setAccessibleName("Unrolled networks and their gradient")
        self.setMinimumSize(360, 260)
        self._stories: dict[str, Story] = {}
        self._labels: tuple[str, ...] | None = None

    def sizeHint(self) -> QSize:
        """Room for both networks."""
        return QSize(900, 520)

    # What is shown

    def _take_run(self, run: Run) -> None:
        self._stories = {}
        self._labels = step_labels(run)

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
        _draw_not_reached(painter, scene, self.cursor_at)
        _draw_cursor(painter, scene, labels, self.cursor_at.t)

    def _scene_in(self, rect: QRectF, run: Run, cursor: Cursor) -> Scene:
        return scene_of(self._story(run, cursor), self._labels, self._shown, rect, self.theme)

    def _follows(self, cursor: Cursor) -> tuple[object, ...]:
        return cursor.t, cursor.layer, cursor.unit, cursor.backward, cursor.stage is BackwardStage.CARRY

    def _drawn_from(self, cursor: Cursor) -> tuple[object, ...]:
        return cursor.layer, cursor.unit

    def _draw_picture(self, run: Run, cursor: Cursor, pixel_ratio: float) -> _Picture:
        scene = self._scene_in(QRectF(self.rect()), run, cursor)
        pixmap = blank_pixmap(self.size(), pixel_ratio, self.theme.surface)
        with QPainter(pixmap) as painter:
            labels = _draw_still(painter, scene, cursor.unit)
        return _Picture(scene, labels, pixmap)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The kept picture and the marks over it."""
        with QPainter(self) as painter:
            if draws_anew(painter, self):
                self.draw(painter, self.size())
                return
            picture = self._current_picture()
            if picture is None or self.cursor_at is None:
                painter.fillRect(self.rect(), QColor(self.theme.surface))
                return
            painter.drawPixmap(0, 0, picture.pixmap)
            _draw_not_reached(painter, picture.scene, self.cursor_at)
            hovered = self._hover
            if hovered is None and self._hovered_elsewhere is not None:
                hovered = self._hovered_elsewhere.t
            if hovered is not None:
                _draw_hovered(painter, picture.scene, hovered)
            _draw_cursor(painter, picture.scene, picture.labels, self.cursor_at.t)

    # The mouse

    def _scene_now(self) -> Scene | None:
        """The scene under the mouse, also before it was painted."""
        picture = self._current_picture()
        return picture.scene if picture else None

    def _axis_at(self, point: QPointF) -> TimeAxis | None:
        scene = self._scene_now()
        return scene.layout.time if scene else None

    def _shows_all_at(self, point: QPointF) -> bool:
        scene = self._scene_now()
        return scene is not None and scene.layout.axis.contains(point)

    def _place_at(self, point: QPointF) -> int | None:
        scene = self._scene_now()
        return scene.step_at(point) if scene else None

    def _press(self, point: QPointF) -> None:
        """Go to the step, and ask about the pinned unit's number there."""
        scene, t = self._scene_now(), self._place_at(point)
        if scene is None or t is None or self.cursor_at is None:
            return
        asked = scene.value_at(point, self.cursor_at.unit)
        self._scrubbing = True
        self._seek(replace(self.cursor_at, t=t))
        if asked is not None:
            self.value_asked.emit(asked)

    def _scrub(self, point: QPointF) -> None:
        axis = self._axis_at(point)
        if axis is not None and self.run is not None and self.cursor_at is not None:
            self._seek(replace(self.cursor_at, t=axis.step(point.x(), self.run.length)))

    def _sentence_of(self, place: int) -> str:
        scene = self._scene_now()
        return step_sentence(scene.shown, place) if scene else ""

    def _hovered_for_others(self, place: int) -> Hovered | None:
        return Hovered(place)

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


def _draw_still(painter: QPainter, scene: Scene, unit: int) -> list[QRectF]:
    """All that does not move with the cursor's step; returns where the labels of the axis stand."""
    draw_words(painter, scene)
    labels = draw_axis(painter, scene)
    waters = draw_networks(painter, scene, unit)
    draw_legend(painter, scene, waters)
    return labels


def _draw_not_reached(painter: QPainter, scene: Scene, cursor: Cursor) -> None:
    """Make pale what the backward pass has not reached yet; forwards nothing: these are its gradients."""
    if not cursor.backward:
        return
    veil = QColor(scene.theme.surface)
    veil.setAlphaF(VEIL)
    painter.fillRect(not_reached(scene, cursor), veil)


def not_reached(scene: Scene, cursor: Cursor) -> QRectF:
    """The steps that a backward ``cursor`` has not come to; what it sends on is there with its last stage."""
    plot, time, back = scene.layout.plot, scene.layout.time, scene.bed.back
    half = scene.layout.card / 2 or time.step_width / 2
    edge = time.x(cursor.t) + back * half
    if cursor.stage is BackwardStage.CARRY:
        edge = time.x(cursor.t + back) - back * half
    edge = min(max(edge, plot.left()), plot.right())
    left, right = (plot.left() - 1, edge) if back < 0 else (edge, plot.right() + 1)
    return QRectF(left, plot.top(), right - left, plot.height())


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
