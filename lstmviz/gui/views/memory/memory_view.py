"""The Memory view: who wrote what the cell state holds, what became of a write, and how saturated the gates are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PyQt6.QtCore import QPointF, QRectF, QSize
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QToolButton, QWidget

from lstmviz.core.analysis.retention import UnitMemory
from lstmviz.core.analysis.saturation import SIGMOID_GATES, Saturation, saturation
from lstmviz.core.cursor import Cursor
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import Run
from lstmviz.core.text import number, percent
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.style import Theme, text_font
from lstmviz.gui.views.cell.canvas import Canvas
from lstmviz.gui.views.ghost import before_in_words, ghost_of
from lstmviz.gui.views.kept_pixmaps import draws_anew, pixel_ratio_of
from lstmviz.gui.views.memory.layout import layout_of
from lstmviz.gui.views.memory.picture import draw_moving, draw_no_memory, draw_still
from lstmviz.gui.views.memory.saturation_plot import GATES, next_unit
from lstmviz.gui.views.memory.scene import Moment, Pointed, Scene, following, moment_of, pointed_at
from lstmviz.gui.views.memory.stack import Segment
from lstmviz.gui.views.memory.words import (
    EXACT,
    NO_MEMORY,
    StepNames,
    half_life_in_words,
    residual_in_words,
    what_became,
    who_wrote,
)
from lstmviz.gui.views.time_axis import TimeAxis
from lstmviz.gui.views.time_view import TimeView, blank_pixmap
from lstmviz.gui.views.view import Hovered


@dataclass(frozen=True, eq=False)
class _Picture:
    """All that does not move, drawn once."""

    scene: Scene
    pixmap: QPixmap


class MemoryView(TimeView[Pointed, _Picture]):
    """c[t] of the pinned unit as a sum over the steps that wrote it, the same seen from a write, and saturation.

    Only bars, words and marks are drawn anew when the cursor moves; the rest is kept as one picture.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memory_view")
        self.setAccessibleName("Memory")
        self.setMinimumSize(360, 260)
        self._memory: tuple[tuple[object, ...], UnitMemory, UnitMemory | None] | None = None
        self._saturation: tuple[tuple[object, ...], Saturation] | None = None
        self._names: StepNames | None = None
        self._moment: tuple[Scene, Moment] | None = None
        self._segments: list[tuple[QRectF, Segment]] = []
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

    def _take_run(self, run: Run) -> None:
        self._names = StepNames(run)

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Draw another run; one of another length is shown whole."""
        super().show_run(run, cursor)
        self._place_button()

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
        if memory is None or self._names is None or self._memory is None:
            return f"Memory: {NO_MEMORY}"
        ghost = self._memory[2]
        parts = memory.contributions(cursor.t)
        fate = what_became(memory.fate(cursor.t), memory, self._names)
        added = residual_in_words(parts)
        before = before_in_words(number(ghost.c(cursor.t)), number(parts.c)) if ghost else ""
        return (
            f"Memory: {who_wrote(parts, cursor.unit, self._names)} {added[0].upper()}{added[1:]}. {EXACT} {fate} "
            f"{half_life_in_words(memory)}{before}"
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
            for unit in range(found.layer.parameters.hidden_size)
            for gate in SIGMOID_GATES
        ]

    def _unit_memory(self) -> UnitMemory | None:
        """The numbers of the pinned unit; None without a run and for a network without memory cells."""
        if self.run is None or self.cursor_at is None or self.run.network.cell is not Cell.LSTM:
            return None
        key = (self.run, self.cursor_at.layer, self.cursor_at.unit)
        if self._memory is None or self._memory[0] != key:
            place, ghost = (self.cursor_at.layer, self.cursor_at.unit), ghost_of(self.run, self.cursor_at.layer)
            before = UnitMemory(ghost.trace, *place) if ghost else None
            self._memory = key, UnitMemory(self.run.trace, *place), before
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
        with QPainter(self) as painter:
            if draws_anew(painter, self):
                self.draw(painter, QRectF(self.rect()), pixel_ratio=pixel_ratio_of(painter))
                return
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

    def _drawn_from(self, cursor: Cursor) -> tuple[object, ...]:
        return cursor.layer, cursor.unit, self.log_button.isChecked()

    def _follows(self, cursor: Cursor) -> tuple[object, ...]:
        return cursor.t, cursor.layer, cursor.unit

    def _draw_picture(self, run: Run, cursor: Cursor, pixel_ratio: float) -> _Picture | None:
        scene = self._scene_in(QRectF(self.rect()))
        if scene is None:
            return None
        pixmap = blank_pixmap(self.size(), pixel_ratio, self.theme.surface)
        logarithmic = self.log_button.isChecked()
        with QPainter(pixmap) as painter:
            draw_still(Canvas(painter, self.theme), scene, logarithmic=logarithmic, pixel_ratio=pixel_ratio)
        return _Picture(scene, pixmap)

    def _scene_in(self, rect: QRectF) -> Scene | None:
        memory, found = self._unit_memory(), self._layer_saturation()
        if memory is None or found is None or self.run is None or self._names is None:
            return None
        layout = layout_of(rect, reverse=memory.reverse, axis_lines=2 if self._names.has_labels else 1)
        before = self._memory[2] if self._memory else None
        return Scene(self.run, memory, before, found, self._names, layout, self._shown, self.theme)

    def _moment_in(self, scene: Scene) -> Moment:
        """The numbers at the cursor; what only the mouse changes is computed alone."""
        t = self.cursor_at.t if self.cursor_at is not None else 1
        followed = self._followed(t)
        kept = self._moment[1] if self._moment is not None and self._moment[0] is scene else None
        if kept is None or kept.t != t:
            kept = moment_of(scene, t, followed)
        elif kept.followed.fate.s != followed:
            kept = following(scene, kept, followed)
        self._moment = scene, kept
        return kept

    def _followed(self, t: int) -> int:
        """The step whose write is followed: that under the mouse, here or elsewhere, else the cursor's."""
        if self._hover is not None:
            return t if self._hover.write is None else self._hover.write
        return t if self._hovered_elsewhere is None else self._hovered_elsewhere.t

    def _marked(self) -> tuple[int, int | None] | None:
        """The step and the unit under the mouse, here or elsewhere."""
        pointed, elsewhere = self._hover, self._hovered_elsewhere
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

    def _axis_at(self, point: QPointF) -> TimeAxis | None:
        picture = self._current_picture()
        if picture is None:
            return None
        survival = picture.scene.layout.survival
        if survival is not None and survival.contains(point):
            return TimeAxis(*self._shown, survival.left(), survival.width())
        return picture.scene.writes_axis.axis

    def _place_at(self, point: QPointF) -> Pointed | None:
        picture = self._current_picture()
        if picture is None:
            return None
        return pointed_at(picture.scene, self._moment_in(picture.scene), self._segments, point)

    def _press(self, point: QPointF) -> None:
        """Go to the step of a bar, or pin the unit of a point; ask why the cell state, or a gate, is what it is."""
        pointed = self._place_at(point)
        if pointed is None or self.cursor_at is None:
            return
        if pointed.point is not None:
            self._seek(replace(self.cursor_at, unit=next_unit(pointed.point, self.cursor_at.unit)))
        elif pointed.step is not None:
            self._scrubbing = pointed.scrubs
            self._seek(replace(self.cursor_at, t=pointed.step))
        asked = None if pointed.point is not None else pointed.write if pointed.step is None else pointed.step
        if asked is not None:
            place = (asked, self.cursor_at.layer, self.cursor_at.unit)
            self.value_asked.emit(ValueReference(pointed.gate or "c", *place))

    def _scrub(self, point: QPointF) -> None:
        pointed = self._place_at(point)
        if pointed is not None and pointed.scrubs and pointed.step is not None and self.cursor_at is not None:
            self._seek(replace(self.cursor_at, t=pointed.step))

    def _sentence_of(self, place: Pointed) -> str:
        return place.sentence

    def _hovered_for_others(self, place: Pointed) -> Hovered | None:
        if self.cursor_at is None:
            return None
        if place.point is not None:
            return Hovered(self.cursor_at.t, place.point.units[0])
        return None if place.step is None else Hovered(place.step, self.cursor_at.unit)
