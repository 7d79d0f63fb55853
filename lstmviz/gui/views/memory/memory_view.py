"""The Memory view: who wrote what the cell state holds, what became of a write, and how saturated the gates are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QToolButton, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.parameters import Cell
from lstmviz.core.run import Run
from lstmviz.core.saturation import SIGMOID_GATES, Saturation, saturation
from lstmviz.core.text import number, percent
from lstmviz.gui.style import Theme, text_font
from lstmviz.gui.views.cell.canvas import Canvas
from lstmviz.gui.views.memory.layout import layout_of
from lstmviz.gui.views.memory.numbers import UnitMemory, residual_in_words
from lstmviz.gui.views.memory.picture import draw_moving, draw_no_memory, draw_still
from lstmviz.gui.views.memory.saturation_plot import GATES, next_unit
from lstmviz.gui.views.memory.scene import Moment, Pointed, Scene, following, moment_of, pointed_at
from lstmviz.gui.views.memory.stack import Segment
from lstmviz.gui.views.memory.words import EXACT, NO_MEMORY, StepNames, half_life_in_words, what_became, who_wrote
from lstmviz.gui.views.time_axis import TimeRange, clamped_range, panned_range, whole, zoomed_range
from lstmviz.gui.views.view import Hovered, View

NOTCH = 120
"""The angle that Qt reports for one notch of a wheel."""

PAN_A_NOTCH = 0.1
"""How much of the visible time one notch moves."""


@dataclass(frozen=True, eq=False)
class _Picture:
    """All that does not move, drawn once; a picture with another key is out of date."""

    key: tuple[object, ...]
    scene: Scene
    pixmap: QPixmap


class MemoryView(View):
    """c[t] of the pinned unit as a sum over the steps that wrote it, the same seen from a write, and saturation.

    Only bars, words and marks are drawn anew when the cursor moves; the rest is kept as one picture.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memory_view")
        self.setAccessibleName("Memory")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(360, 260)
        self._shown: TimeRange = whole(1)
        self._memory: tuple[tuple[object, ...], UnitMemory] | None = None
        self._saturation: tuple[tuple[object, ...], Saturation] | None = None
        self._names: StepNames | None = None
        self._picture: _Picture | None = None
        self._moment: tuple[Scene, Moment] | None = None
        self._segments: list[tuple[QRectF, Segment]] = []
        self._pointed: Pointed | None = None
        self._hovered_elsewhere: Hovered | None = None
        self._scrubbing = False
        self.log_button = QToolButton(self)
        self.log_button.setObjectName("survival_log")
        self.log_button.setText("log")
        self.log_button.setCheckable(True)
        self.log_button.setAutoRaise(True)
        self.log_button.setFont(text_font(11))
        self.log_button.setToolTip("Colour the survival map on a log10 scale, from 1 down to a millionth")
        self.log_button.setAccessibleName("Survival map on a log scale")
        self.log_button.toggled.connect(self.update)
        self.log_button.hide()

    def sizeHint(self) -> QSize:
        """Room for all three parts."""
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
            self._names = StepNames(run)
            self._point(None)
        super().show_run(run, cursor)
        self._place_button()
        self._describe()

    def show_cursor(self, cursor: Cursor) -> None:
        """Move the cursor; another layer or unit brings other numbers."""
        if cursor == self.cursor_at:
            return
        super().show_cursor(cursor)
        self._describe()

    def show_time_range(self, first: float, last: float) -> None:
        """Show the steps from ``first`` to ``last``, inside the sequence and at least one step."""
        if self.run is None:
            return
        shown = clamped_range(first, last, self.run.length)
        if shown != self._shown:
            self._shown = shown
            self.update()

    def show_hovered(self, place: Hovered | None) -> None:
        """Follow the write of the step that the mouse is over in another view, and mark its unit."""
        if place != self._hovered_elsewhere:
            self._hovered_elsewhere = place
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        self.log_button.setStyleSheet(
            f"QToolButton {{ color: {theme.muted}; border: 1px solid {theme.border}; border-radius: 3px;"
            f" padding: 1px 6px; }} QToolButton:checked {{ background: {theme.accent}; color: {theme.accent_text}; }}"
        )

    def summary(self) -> str:
        """Who wrote c[t], what became of the write at the cursor, and how saturated the pinned unit is."""
        memory, cursor = self._unit_memory(), self.cursor_at
        if self.run is None or cursor is None:
            return "Memory: no run yet."
        if memory is None or self._names is None:
            return f"Memory: {NO_MEMORY}"
        parts = memory.contributions(cursor.t)
        fate = what_became(memory.fate(cursor.t), memory, self._names)
        added = residual_in_words(parts)
        return (
            f"Memory: {who_wrote(parts, cursor.unit, self._names)} {added[0].upper()}{added[1:]}. {EXACT} {fate} "
            f"{half_life_in_words(memory)}"
        )

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """What the bars show as a table: a row a step that can have written, and the initial state."""
        memory, cursor = self._unit_memory(), self.cursor_at
        if memory is None or cursor is None or self._names is None:
            return ("step",), []
        t = cursor.t
        parts, fate = memory.contributions(t), memory.fate(t)
        header: tuple[str, ...] = ("step", "read", "wrote", f"left of it in c[{t}]", f"left of the write at {t}")
        rows: list[tuple[str, ...]] = []
        for s in map(int, memory.order):
            inside = 1 <= s <= memory.length
            rows.append(
                (
                    f"{s}" if inside else f"{s}, the initial state",
                    self._names.label(s),
                    number(memory.written(s), digits=6),
                    number(parts.value(s), digits=6),
                    number(float(fate.values[s - 1]) if inside else 0.0, digits=6),
                )
            )
        return header, rows

    def saturation_table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """What the triangles show as a table: a row a unit and gate."""
        found = self._layer_saturation()
        header = ("unit", "gate", "below 0.1", "above 0.9", "mean slope")
        if found is None or self.run is None:
            return header, []
        return header, [
            (
                str(unit),
                GATES[gate].title,
                percent(found.left[gate][unit]),
                percent(found.right[gate][unit]),
                number(found.mean_slope[gate][unit], digits=6),
            )
            for unit in range(self.run.network.hidden_size)
            for gate in SIGMOID_GATES
        ]

    def _describe(self) -> None:
        self.setAccessibleDescription(self.summary())

    def _unit_memory(self) -> UnitMemory | None:
        """The numbers of the pinned unit; None without a run and for a network without memory cells."""
        if self.run is None or self.cursor_at is None or self.run.network.cell is not Cell.LSTM:
            return None
        key = (self.run, self.cursor_at.layer, self.cursor_at.unit)
        if self._memory is None or self._memory[0] != key:
            self._memory = key, UnitMemory(self.run.trace, self.cursor_at.layer, self.cursor_at.unit)
        return self._memory[1]

    def _layer_saturation(self) -> Saturation | None:
        if self.run is None or self.cursor_at is None or self.run.network.cell is not Cell.LSTM:
            return None
        key = (self.run, self.cursor_at.layer)
        if self._saturation is None or self._saturation[0] != key:
            self._saturation = key, saturation(self.run.trace, self.cursor_at.layer, sequence=0)
        return self._saturation[1]

    # Drawing

    def draw(self, painter: QPainter, rect: QRectF, *, pixel_ratio: float = 1.0) -> None:
        """Draw the whole view into ``rect`` of any painter."""
        painter.fillRect(rect, QColor(self.theme.surface))
        scene = self._scene_in(rect)
        if scene is None:
            draw_no_memory(painter, rect, self.theme)
            return
        canvas = Canvas(painter, self.theme)
        draw_still(canvas, scene, logarithmic=self.log_button.isChecked(), pixel_ratio=pixel_ratio)
        draw_moving(canvas, scene, self._moment_in(scene), self._marked())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The kept picture, and what moves over it."""
        painter = QPainter(self)
        picture = self._current_picture()
        if picture is None:
            painter.fillRect(self.rect(), QColor(self.theme.surface))
            if self.run is not None:
                draw_no_memory(painter, QRectF(self.rect()), self.theme)
            return
        painter.drawPixmap(0, 0, picture.pixmap)
        canvas = Canvas(painter, self.theme)
        self._segments = draw_moving(canvas, picture.scene, self._moment_in(picture.scene), self._marked())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._place_button()

    def _current_picture(self) -> _Picture | None:
        """The kept picture, made anew when something in it has changed; None where there is nothing to draw."""
        if self.run is None or self.cursor_at is None or self.size().isEmpty():
            return None
        ratio, logarithmic = self.devicePixelRatioF(), self.log_button.isChecked()
        place = (self._shown, self.theme, self.width(), self.height(), ratio, logarithmic)
        key = (self.run, self.cursor_at.layer, self.cursor_at.unit, *place)
        if self._picture is None or self._picture.key != key:
            scene = self._scene_in(QRectF(self.rect()))
            if scene is None:
                return None
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(QColor(self.theme.surface))
            painter = QPainter(pixmap)
            draw_still(Canvas(painter, self.theme), scene, logarithmic=logarithmic, pixel_ratio=ratio)
            painter.end()
            self._picture = _Picture(key, scene, pixmap)
        return self._picture

    def _scene_in(self, rect: QRectF) -> Scene | None:
        memory, found = self._unit_memory(), self._layer_saturation()
        if memory is None or found is None or self.run is None or self._names is None:
            return None
        layout = layout_of(rect, reverse=memory.reverse, axis_lines=2 if self._names.has_labels else 1)
        return Scene(self.run, memory, found, self._names, layout, self._shown, self.theme)

    def _moment_in(self, scene: Scene) -> Moment:
        """The numbers at the cursor; what only the mouse changes is computed alone."""
        t = self.cursor_at.t if self.cursor_at is not None else 1
        followed = self._followed(t)
        kept = self._moment[1] if self._moment is not None and self._moment[0] is scene else None
        if kept is None or kept.t != t:
            kept = moment_of(scene, t, followed)
        elif kept.fate.s != followed:
            kept = following(scene, kept, followed)
        self._moment = scene, kept
        return kept

    def _followed(self, t: int) -> int:
        """The step whose write is followed: that under the mouse, here or elsewhere, else the cursor's."""
        if self._pointed is not None:
            return t if self._pointed.write is None else self._pointed.write
        return t if self._hovered_elsewhere is None else self._hovered_elsewhere.t

    def _marked(self) -> tuple[int, int | None] | None:
        """The step and the unit under the mouse, here or elsewhere."""
        pointed, elsewhere = self._pointed, self._hovered_elsewhere
        if pointed is None:
            return None if elsewhere is None else (elsewhere.t, elsewhere.unit)
        if pointed.point is not None:
            return (self.cursor_at.t if self.cursor_at else 1), pointed.point.units[0]
        return None if pointed.step is None else (pointed.step, None)

    def _place_button(self) -> None:
        """At the right end of the survival map's title; hidden with the map."""
        scene = self._scene_in(QRectF(self.rect()))
        texts = scene.layout.survival_texts if scene is not None else None
        self.log_button.setVisible(texts is not None)
        if texts is not None:
            size = self.log_button.sizeHint()
            self.log_button.move(int(texts.title.right()) - size.width(), int(texts.title.top()))

    # The mouse

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Left goes to the step of a bar, or pins the unit of a point."""
        if event is None or event.button() != Qt.MouseButton.LeftButton or self.cursor_at is None:
            return
        pointed = self._pointed_at(event.position())
        if pointed is None:
            return
        if pointed.point is not None:
            self._seek(replace(self.cursor_at, unit=next_unit(pointed.point, self.cursor_at.unit)))
        elif pointed.step is not None:
            self._scrubbing = pointed.scrubs
            self._seek(replace(self.cursor_at, t=pointed.step))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Scrub, or read the value under the mouse."""
        if event is None or self.cursor_at is None:
            return
        pointed = self._pointed_at(event.position())
        if self._scrubbing and pointed is not None and pointed.scrubs and pointed.step is not None:
            self._seek(replace(self.cursor_at, t=pointed.step))
        self._point(pointed)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Stop scrubbing."""
        self._scrubbing = False

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom time about the mouse; with Shift, or sideways, pan."""
        picture = self._current_picture()
        if event is None or picture is None:
            return
        across, along = event.angleDelta().x() / NOTCH, event.angleDelta().y() / NOTCH
        length, (first, last) = picture.scene.memory.length, self._shown
        if across or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            wished = panned_range(self._shown, -(across or along) * PAN_A_NOTCH * (last - first), length)
        else:
            anchor = min(max(self._time_at(picture.scene, event.position()), first), last)
            wished = zoomed_range(self._shown, anchor, along, length)
        if wished != self._shown:
            self.time_range_requested.emit(*wished)
        event.accept()

    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is hovered any more."""
        self._point(None)

    def _time_at(self, scene: Scene, position: QPointF) -> float:
        survival = scene.layout.survival
        if survival is not None and survival.contains(position):
            first, last = self._shown
            return first + (position.x() - survival.left()) / survival.width() * (last - first)
        return scene.writes_axis.axis.time(position.x())

    def _pointed_at(self, position: QPointF) -> Pointed | None:
        picture = self._current_picture()
        if picture is None:
            return None
        return pointed_at(picture.scene, self._moment_in(picture.scene), self._segments, position)

    def _seek(self, cursor: Cursor) -> None:
        if cursor != self.cursor_at:
            self.cursor_requested.emit(cursor)

    def _point(self, pointed: Pointed | None) -> None:
        if pointed == self._pointed:
            return
        self._pointed = pointed
        self.hovered.emit(pointed.sentence if pointed else "")
        self.place_hovered.emit(self._hovered_for_others(pointed) if pointed else None)
        self.update()

    def _hovered_for_others(self, pointed: Pointed) -> Hovered | None:
        if self.cursor_at is None:
            return None
        if pointed.point is not None:
            return Hovered(self.cursor_at.t, pointed.point.units[0])
        return None if pointed.step is None else Hovered(pointed.step, self.cursor_at.unit)
