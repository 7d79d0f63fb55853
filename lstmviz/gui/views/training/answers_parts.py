"""The parts of the picture of answers: curves of numbers, strips of probabilities, what was read."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPen, QPolygonF

from lstmviz.core.arrays import Array
from lstmviz.core.training.inference import Answer, Answers
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas
from lstmviz.gui.views.heat_map import Scale, ScaleKind, image_of, symmetric_scale
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.training.answers_words import input_words, is_one_hot, names_of_classes
from lstmviz.gui.views.training.axes import linear_ticks
from lstmviz.gui.views.training.curves import round_step, spread

MOST_CLASSES = 10
"""So many classes are shown: those that are right, then the likeliest."""

MOST_FEATURES = 4
"""Of inputs that are numbers the first ones are shown."""

PROBABILITIES = Scale(ScaleKind.GATE, 0.0, 1.0)
_NAMED_FROM = 11.0
"""Pixels a symbol needs to be read."""

_GROUND, _HIT, _MISS = "#ffffff", "#101010", "#c0241a"
"""Of outlines: the colours of the map are the same in every theme, so are these."""

_RIGHT_NAME = "right"


def x_of(rect: QRectF, step: float, length: int) -> float:
    """The middle of a step, from 0, in pixels."""
    return rect.left() + (step + 0.5) / length * rect.width()


def draw_title(canvas: Canvas, rect: QRectF, words: str, note: str = "") -> None:
    """Above a part; the note is quiet."""
    place = QRectF(4, rect.top() - 19, rect.right(), 17)
    canvas.text(place, words, canvas.theme.text, 12, bold=True, align=LEFT)
    if note:
        canvas.text(QRectF(rect.left(), rect.top() - 19, rect.width(), 17), note, canvas.theme.muted, 11, align=RIGHT)


def draw_numbers(canvas: Canvas, rect: QRectF, answers: Answers, colours: dict[str, str]) -> None:
    """Outputs as curves, thick dots where they count; what is right as rings."""
    low, high = _range_of(answers)
    painter, theme = canvas.painter, canvas.theme

    def y_of(value: float) -> float:
        share = (value - low) / (high - low)
        return rect.bottom() - min(max(share, -0.02), 1.02) * rect.height()

    for value, words in linear_ticks(low, high, max(int(rect.height() // 28), 2)):
        painter.setPen(line_pen(theme.border))
        painter.drawLine(QLineF(rect.left(), y_of(value), rect.right(), y_of(value)))
        canvas.text(QRectF(0, y_of(value) - 7, rect.left() - 6, 14), words, theme.muted, 10, align=RIGHT)
    names: list[tuple[float, str, str]] = []
    painter.setRenderHint(painter.RenderHint.Antialiasing, True)
    steps: list[int] = np.flatnonzero(answers.asked).tolist()
    for name, each in answers.answers.items():
        values = np.nan_to_num(each.outputs[:, 0], nan=low, posinf=high, neginf=low)
        points = [QPointF(x_of(rect, t, answers.length), y_of(value)) for t, value in enumerate(values.tolist())]
        painter.setOpacity(1.0 if len(steps) == answers.length else 0.6)
        painter.setPen(line_pen(colours[name], Qt.PenStyle.SolidLine, 1.8))
        painter.drawPolyline(QPolygonF(points))
        painter.setOpacity(1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours[name]))
        for step in steps if len(steps) < answers.length / 2 else ():
            painter.drawEllipse(points[step], 4, 4)
        names.append((points[-1].y(), name, colours[name]))
    if answers.target is not None:
        painter.setPen(QPen(QColor(theme.text), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for step in steps:
            painter.drawEllipse(QPointF(x_of(rect, step, answers.length), y_of(answers.target[step, 0])), 3.5, 3.5)
        if len(steps):
            names.append((y_of(answers.target[steps[-1], 0]), _RIGHT_NAME, theme.text))
    painter.setRenderHint(painter.RenderHint.Antialiasing, False)
    names.sort()
    places = spread([y for y, _, _ in names], 13, rect.top(), rect.bottom())
    for y, (_, words, colour) in zip(places, names, strict=True):
        canvas.text(QRectF(rect.right() + 6, y - 7, 70, 14), words, colour, 11, align=LEFT)


def classes_shown(answers: Answers) -> list[int]:
    """The numbers of the classes that get a row, in their order."""
    classes = answers.task.output_size
    if classes <= MOST_CLASSES:
        return list(range(classes))
    weight = np.sum([each.outputs.sum(0) for each in answers.answers.values()], 0) / answers.length
    if answers.target is not None:
        right = answers.target[answers.asked].astype(int)
        weight = weight + np.bincount(right, minlength=classes)
    return sorted(np.argsort(-weight, kind="stable")[:MOST_CLASSES].tolist())


def draw_probabilities(canvas: Canvas, rect: QRectF, answers: Answers, answer: Answer, rows: list[int]) -> None:
    """A strip a class: how likely it is at every step; the right one is outlined, and ticked where it is likeliest."""
    painter, theme = canvas.painter, canvas.theme
    names, height = names_of_classes(answers.task), rect.height() / len(rows)
    painter.drawImage(rect, image_of(PROBABILITIES.colours(answer.outputs[:, rows].T, theme)))
    for row, number in enumerate(rows):
        if row % math.ceil(_NAMED_FROM / height) == 0:
            middle = rect.top() + (row + 0.5) * height
            place = QRectF(0, middle - 7, rect.left() - 6, 14)
            canvas.text(place, names[number], theme.muted, 10 if height < 12 else 11, align=RIGHT)
    painter.setPen(line_pen(theme.border))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect)
    if answers.target is None:
        return
    width = rect.width() / answers.length
    for step in np.flatnonzero(answers.asked).tolist():
        right = answers.right(step)
        hit = int(answer.outputs[step].argmax()) in right
        for number in (number for number in right if number in rows):
            cell = QRectF(rect.left() + step * width, rect.top() + rows.index(number) * height, width, height)
            inset = cell.adjusted(1.5, 1.5, -1.5, -1.5) if width > 6 and height > 6 else cell
            # a light line below, so that it is seen on dark and on light cells
            for colour, thick in ((_GROUND, 3.4), (_HIT if hit else _MISS, 1.4)):
                painter.setPen(QPen(QColor(colour), thick))
                painter.drawRect(inset)


def draw_inputs(canvas: Canvas, rect: QRectF, answers: Answers) -> None:
    """What was read: symbols where every step is one, a strip a feature where they are numbers."""
    painter, theme, x = canvas.painter, canvas.theme, answers.x
    width = rect.width() / answers.length
    if answers.task.input_size > 1 and is_one_hot(x):
        words = [input_words(answers.task, step) for step in x]
        pixels = min(int(width * 1.4), 12)
        if width >= 6:
            for step, word in enumerate(words):
                place = QRectF(rect.left() + step * width, rect.top(), width, rect.height())
                room = int(width / (0.62 * pixels))
                canvas.text(place, word if len(word) <= room else word[0], theme.text, pixels, mono=True)
            return
        x = x.argmax(-1)[:, None] / max(answers.task.input_size - 1, 1)
        painter.drawImage(rect, image_of(PROBABILITIES.colours(x.T, theme)))
        return
    rows = x[:, :MOST_FEATURES].T
    height = rect.height() / len(rows)
    for row, values in enumerate(rows):
        place = QRectF(rect.left(), rect.top() + row * height, rect.width(), height - 1)
        painter.drawImage(place, image_of(symmetric_scale(values).colours(values[None], theme)))
        name = QRectF(0, place.top(), rect.left() - 6, place.height())
        canvas.text(name, answers.task.features[row][:11], theme.muted, 10, align=RIGHT)


def draw_time(canvas: Canvas, rect: QRectF, length: int) -> None:
    """Numbers of steps under ``rect``."""
    step = round_step(length, max(int(rect.width() // 50), 1))
    for t in (1, *range(step, length + 1, step)):
        if t != 1 and x_of(rect, t - 1, length) - x_of(rect, 0, length) < 34:
            continue
        place = QRectF(x_of(rect, t - 1, length) - 24, rect.bottom() + 1, 48, 13)
        canvas.text(place, f"t = {t}" if t == 1 else str(t), canvas.theme.muted, 10)


def _range_of(answers: Answers) -> tuple[float, float]:
    values: list[Array] = [each.outputs.ravel() for each in answers.answers.values()]
    if answers.target is not None:
        values.append(answers.target[answers.asked].ravel())
    together = np.concatenate(values)
    together = together[np.isfinite(together)]
    low, high = (float(together.min()), float(together.max())) if len(together) else (0.0, 1.0)
    margin = max(0.06 * (high - low), 1e-6 * max(abs(low), abs(high)), 1e-9)
    return low - margin, high + margin
