"""Draws one vanilla RNN cell at one moment of one step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor

from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Stage
from lstmviz.core.engine.activations import phi
from lstmviz.core.engine.step import RNNStep
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import number
from lstmviz.gui.views.cell import ledger
from lstmviz.gui.views.cell.canvas import CENTRE, LEFT, Canvas, ink
from lstmviz.gui.views.cell.curve import draw_curve, draw_dots
from lstmviz.gui.views.cell.ghost_marks import draw_dot_before, draw_held, draw_strip_before, draw_was, was
from lstmviz.gui.views.cell.ledger import Ledger, draw_ledger, sum_entries
from lstmviz.gui.views.cell.reveal import Flow, Moment

WIDTH, HEIGHT = 300.0, 280.0
"""The least room, in drawing units, without the ledger."""

_CURVE_SPANS = {Nonlinearity.TANH: (-1.0, 1.0), Nonlinearity.RELU: (-1.0, 6.0), Nonlinearity.IDENTITY: (-6.0, 6.0)}


@dataclass(frozen=True)
class RNNDiagram:
    """The drawing of one step inside ``rect``.

    token    the input as the user knows it
    largest  the run's largest |h|;  sums  the least and greatest z of the pinned unit
    held     a what-if holds the pinned unit's h
    before   the step without the what-ifs, where it differs
    """

    canvas: Canvas
    rect: QRectF
    step: RNNStep
    nonlinearity: Nonlinearity
    moment: Moment
    unit: int
    token: str
    largest: float
    title: str
    hue: QColor
    sums: tuple[float, float]
    held: bool = False
    before: RNNStep | None = None

    def draw_ground(self) -> None:
        """What depends on the stage alone, and not on the step: one picture of it serves all steps."""
        self._draw_words()
        self._draw_wires()
        self._draw_cell()
        self.canvas.painter.setOpacity(1.0)

    def draw_rising(self) -> None:
        """What comes up in the moment's stage, over the ground of the beginning of that stage."""
        if self.moment.stage is Stage.HIDDEN:
            self.canvas.over = True
            self._draw_cell()
            self.canvas.over = False
            self.canvas.painter.setOpacity(1.0)

    def draw(self) -> None:
        """Everything that the ground does not show, but for the values on their way."""
        self._draw_states()
        self._draw_values()
        self._draw_sum()
        self.canvas.painter.setOpacity(1.0)

    @property
    def single(self) -> bool:
        """One unit: plain numbers instead of strips."""
        return len(self.step.h) == 1

    @property
    def box(self) -> QRectF:
        """The cell: sum and nonlinearity."""
        width = min(170.0, 0.44 * self.rect.width())
        room = self.rect.height() - ledger.HEIGHT
        return QRectF(self.rect.center().x() - width / 2, self.rect.top() + 0.45 * room - 55, width, 110)

    @property
    def path(self) -> list[QPointF]:
        """h[t-1] into the cell."""
        return [QPointF(self.rect.left() + 14, self.box.center().y()), QPointF(self.box.left(), self.box.center().y())]

    @property
    def input_path(self) -> list[QPointF]:
        """x[t] into the cell, from below."""
        x = self.box.center().x()
        return [QPointF(x, self.rect.bottom() - ledger.HEIGHT - 42), QPointF(x, self.box.bottom())]

    @property
    def output_path(self) -> list[QPointF]:
        """h[t] out of the cell."""
        y = self.box.center().y()
        return [QPointF(self.box.right(), y), QPointF(self.rect.right() - 14, y)]

    def flows(self) -> list[Flow]:
        """The values that move while the stage is computed."""
        hue, ink = self.hue, QColor(self.canvas.theme.text)
        if self.moment.stage is not Stage.HIDDEN:
            return []
        h_text = number(self.step.h_before[self.unit])
        x_text = number(self.step.x[0]) if len(self.step.x) == 1 else f"x[{self.step.t}]"
        return [
            Flow(self.path, 0, 0.45, h_text, hue),
            Flow(self.input_path, 0, 0.45, x_text, ink),
            Flow(self.output_path, 0.55, 1, number(self.step.h[self.unit]), hue),
        ]

    def _draw_words(self) -> None:
        canvas, rect, theme = self.canvas, self.rect, self.canvas.theme
        canvas.opacity(1)
        top = QRectF(rect.left() + 4, rect.top() + 8, rect.width() - 8, 16)
        canvas.text(top, self.title, self.hue, 12, bold=True)
        for down, words in (
            (20, "no memory lane: everything it keeps"),
            (36, "passes through these weights each step"),
        ):
            canvas.text(top.translated(0, down), words, theme.muted, 11)
        canvas.text(_line(self._state_rects[0], 0, 14), "last output", theme.muted, 10)

    @property
    def _state_rects(self) -> tuple[QRectF, QRectF]:
        """Where h of the step before and h stand, left and right of the cell."""
        rect, box = self.rect, self.box
        left = QRectF(rect.left() + 6, box.center().y() - 46, box.left() - rect.left() - 10, 38)
        return left, QRectF(box.right() + 4, left.top(), rect.right() - box.right() - 10, 38)

    def _draw_states(self) -> None:
        step, (left, right) = self.step, self._state_rects
        self.canvas.opacity(1)
        self._draw_state(left, f"h[{step.before}]", step.h_before, before=True)
        self.canvas.opacity(self.moment.strength(Stage.HIDDEN, 0.55))
        self._draw_state(right, f"h[{step.t}]", step.h, before=False)

    def _draw_state(self, rect: QRectF, symbol: str, values: Array, *, before: bool) -> None:
        canvas, hue, shown = self.canvas, self.hue, _line(rect, 15, 18)
        text = number(values[self.unit], signed=not self.single)
        canvas.text(shown, text, hue, 14, bold=True, mono=True, value=True)
        canvas.place(shown, Quantity.HIDDEN_STATE, self.unit, before=before)
        canvas.text(_line(rect, 52, 14), symbol, hue, 10, mono=True)
        strip = QRectF(rect.left() + 6, rect.top() + 70, rect.width() - 12, 9)
        if not self.single:
            canvas.strip(strip, values, Quantity.HIDDEN_STATE, largest=self.largest, pinned=self.unit, before=before)
        if self.before is not None:
            then = self.before.h_before if before else self.before.h
            if not self.single:
                draw_strip_before(canvas, strip, values, then, gate=False, largest=self.largest)
            text = was(then[self.unit], values[self.unit], signed=not self.single)
            draw_was(canvas, _line(rect, 66 if self.single else 83, 12), text, CENTRE)

    def _draw_wires(self) -> None:
        """What leads into the cell."""
        canvas, hue, theme = self.canvas, self.hue, self.canvas.theme
        canvas.opacity(1)
        for points, colour, up in ((self.path, hue, False), (self.input_path, QColor(theme.text), True)):
            canvas.wire(points, colour, 2.4)
            canvas.arrow_head(points[1], colour, up=up)

    def _draw_cell(self) -> None:
        """The wire out, and the box with its curve."""
        canvas, box, hue, theme = self.canvas, self.box, self.hue, self.canvas.theme
        canvas.opacity(self.moment.strength(Stage.HIDDEN, 0.3))
        canvas.wire(self.output_path, hue, 2.4)
        canvas.arrow_head(self.output_path[1], hue)
        canvas.box(box, hue, lit=self.moment.lit(Stage.HIDDEN))
        linear = self.nonlinearity is Nonlinearity.IDENTITY
        words = "add up" if linear else "add, then squash"
        canvas.text(QRectF(box.left() + 4, box.top() + 5, box.width() - 8, 16), words, hue, 10, bold=True)

        def squash(z: Array) -> Array:
            return np.asarray(phi(self.nonlinearity)(z, np.empty_like(z)))

        draw_curve(canvas, self._curve, squash, _CURVE_SPANS[self.nonlinearity], hue)
        function = "h = z" if linear else f"{self.nonlinearity.value}(z)"
        line = self._beside_curve.translated(0, 17)
        if self.held:
            draw_held(canvas, line, "h is held", ink(theme.muted))
        else:
            canvas.text(line, function, theme.muted, 10, align=LEFT)
        formula = QRectF(box.left() + 4, box.bottom() - 22, box.width() - 8, 16)
        canvas.text(formula, "z = W x + U h + b", theme.text, 10, mono=True, align=CENTRE)
        canvas.opacity(self.moment.strength(Stage.HIDDEN, 0.55))
        canvas.text(_line(self._state_rects[1], 0, 14), "output", theme.muted, 10)

    @property
    def _curve(self) -> QRectF:
        return QRectF(self.box.left() + 12, self.box.top() + 26, 0.42 * self.box.width(), 54)

    @property
    def _beside_curve(self) -> QRectF:
        left = self._curve.right() + 8
        return QRectF(left, self.box.top() + 30, self.box.right() - left - 4, 16)

    def _draw_values(self) -> None:
        """The input, and the dots of the units on the curve."""
        canvas, step, unit = self.canvas, self.step, self.unit
        canvas.opacity(1)
        below = QRectF(self.rect.left() + 4, self.input_path[0].y() + 4, self.rect.width() - 8, 14)
        canvas.text(below, f"{self.token}  x[{step.t}]", canvas.theme.muted, 10)
        if len(step.x) == 1:
            line = below.translated(0, 15)
            canvas.text(line, number(step.x[0]), canvas.theme.text, 14, bold=True, mono=True)
            canvas.place(line, Quantity.INPUT, 0)
        canvas.opacity(self.moment.strength(Stage.HIDDEN, 0.3))
        span = _CURVE_SPANS[self.nonlinearity]
        draw_dots(canvas, self._curve, span, step.z, step.h, unit, self.hue)
        if self.before is not None:
            now, before = ((float(each.z[unit]), float(each.h[unit])) for each in (step, self.before))
            draw_dot_before(canvas, self._curve, span, self.hue, now=now, before=before)
        z_text = f"z {number(step.z[unit], digits=2)}"
        canvas.text(self._beside_curve, z_text, canvas.theme.muted, 10, mono=True, align=LEFT)
        canvas.place(self._beside_curve, Quantity.HIDDEN_STATE, unit, "z")

    def _draw_sum(self) -> None:
        """The ledger of z, which the nonlinearity then turns into h."""
        rect = QRectF(self.rect)
        rect.setTop(rect.bottom() - ledger.HEIGHT)
        entries, *before = (
            sum_entries(step, self.unit, self.canvas.theme, self.hue) for step in (self.step, self.before) if step
        )
        bars = Ledger.of(entries, *self.sums, *before)
        note = "" if self.single else f"unit {self.unit}"
        draw_ledger(self.canvas, rect, "What adds up to z", note, bars, self.moment, self.unit)


def _line(rect: QRectF, down: float, height: float) -> QRectF:
    return QRectF(rect.left(), rect.top() + down, rect.width(), height)
