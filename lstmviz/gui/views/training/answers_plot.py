"""What networks answer to one sequence, beside what is right, over its steps."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QEvent, QLineF, QRectF, QSize, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from lstmviz.core.training.inference import Answers
from lstmviz.gui.style import LIGHT, Theme
from lstmviz.gui.views.cell.canvas import LEFT, Canvas
from lstmviz.gui.views.heat_map import image_of
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.training.answers_parts import (
    MOST_FEATURES,
    PROBABILITIES,
    classes_shown,
    draw_inputs,
    draw_numbers,
    draw_probabilities,
    draw_time,
    draw_title,
)
from lstmviz.gui.views.training.answers_words import is_one_hot, sentence_at, verdict

_LEFT, _RIGHT = 78, 62
_TITLE = 22
_INPUTS = 24
_BOTTOM = 16
_RAMP = np.linspace(1, 0, 64)[:, None]
_STRIPS_NOTE = "outlined: what is right; red: another answer is likelier"


class AnswersPlot(QWidget):
    """For numbers curves and rings; for classes a strip of probabilities a class, a block a network."""

    hovered = pyqtSignal(str)
    """The values under the mouse in words; empty for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("answers_plot")
        self.setAccessibleName("Outputs and what is right, over time")
        self.setMinimumSize(240, 170)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.answers: Answers | None = None
        self._theme = LIGHT
        self._t: int | None = None

    def sizeHint(self) -> QSize:
        """Room for two networks."""
        return QSize(520, 320)

    def show_answers(self, answers: Answers | None) -> None:
        """Draw other answers; None for none."""
        self.answers, self._t = answers, None
        self.setAccessibleDescription(verdict(answers) if answers else "")
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    # Geometry

    def part_rects(self) -> list[QRectF]:
        """Where the parts are that show answers, from top to bottom; they share the axis of time."""
        answers = self.answers
        parts = len(answers.answers) if answers is not None and answers.is_classes else 1
        room = self.height() - self._inputs_height() - _BOTTOM - 8
        height = max(room / parts - _TITLE, 12)
        width = max(self.width() - _LEFT - _RIGHT, 20)
        return [QRectF(_LEFT, _TITLE + k * (height + _TITLE), width, height) for k in range(parts)]

    def _inputs_height(self) -> float:
        """Of what was read: a readable strip a feature."""
        features = self.answers.task.input_size if self.answers is not None else 1
        one_hot = self.answers is not None and is_one_hot(self.answers.x)
        return _INPUTS if one_hot else max(_INPUTS, 12 * min(features, MOST_FEATURES))

    def t_at(self, x: float) -> int | None:
        """The step, from 1, at ``x`` pixels from the left; None beside the plot."""
        rect = self.part_rects()[0]
        if self.answers is None or not rect.left() <= x < rect.right():
            return None
        return int((x - rect.left()) / rect.width() * self.answers.length) + 1

    # Painting

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Answers, then what was read."""
        theme, answers = self._theme, self.answers
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(theme.surface))
            if answers is None:
                return
            canvas, rects = Canvas(painter, theme), self.part_rects()
            if answers.is_classes:
                rows = classes_shown(answers)
                note = _STRIPS_NOTE if answers.target is not None and answers.asked.any() else ""
                for rect, (name, each) in zip(rects, answers.answers.items(), strict=True):
                    draw_title(canvas, rect, f"{name}: probability of each answer", note if rect is rects[0] else "")
                    draw_probabilities(canvas, rect, answers, each, rows)
                self._draw_legend(canvas, rects[0])
            else:
                colours = {name: theme.rnn if name == "RNN" else theme.hidden for name in answers.answers}
                note = "rings: what is right" if answers.target is not None else ""
                draw_title(canvas, rects[0], f"Output: {answers.task.answers[0]}", note)
                draw_numbers(canvas, rects[0], answers, colours)
            below = QRectF(_LEFT, rects[-1].bottom() + 4, rects[-1].width(), self._inputs_height())
            if answers.task.input_size > 1 and is_one_hot(answers.x):
                canvas.text(QRectF(4, below.top(), _LEFT - 8, _INPUTS), "reads", theme.muted, 11, align=LEFT)
            draw_inputs(canvas, below, answers)
            draw_time(canvas, below, answers.length)
            if self._t is not None:
                x = below.left() + (self._t - 0.5) / answers.length * below.width()
                painter.setPen(line_pen(theme.muted))
                painter.drawLine(QLineF(x, rects[0].top(), x, below.bottom()))

    def _draw_legend(self, canvas: Canvas, rect: QRectF) -> None:
        bar = QRectF(rect.right() + 12, rect.top(), 10, min(rect.height(), 80))
        values = PROBABILITIES.colours(_RAMP, self._theme)
        canvas.painter.drawImage(bar, image_of(values))
        for y, words in ((bar.top() + 5, "100 %"), (bar.bottom() - 5, "0 %")):
            canvas.text(QRectF(bar.right() + 3, y - 7, 40, 14), words, self._theme.muted, 10, align=LEFT)

    # The mouse

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Say the values of a step."""
        t = self.t_at(event.position().x()) if event is not None else None
        if t != self._t:
            self._t = t
            self.update()
        self.hovered.emit(sentence_at(self.answers, t) if self.answers is not None and t is not None else "")

    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is under the mouse."""
        self._t = None
        self.update()
        self.hovered.emit("")
