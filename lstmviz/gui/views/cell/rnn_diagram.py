"""Draws one vanilla RNN cell at one moment of one step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor

from lstmviz.core.activations import phi
from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Stage
from lstmviz.core.parameters import Nonlinearity
from lstmviz.core.quantity import Quantity
from lstmviz.core.step import RNNStep
from lstmviz.core.text import number
from lstmviz.gui.views.cell import ledger
from lstmviz.gui.views.cell.canvas import CENTRE, LEFT, Canvas
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

    def draw(self) -> None:
        """Everything but the values on their way."""
        self._draw_words()
        self._draw_states()
        self._draw_cell()
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
        canvas, rect = self.canvas, self.rect
        canvas.opacity(1)
        top = QRectF(rect.left(), rect.top() + 8, rect.width(), 16)
        canvas.text(top, self.title, self.hue, 12, bold=True)
        for down, words in (
            (20, "no memory lane: everything it keeps"),
            (35, "passes through these weights each step"),
        ):
            canvas.text(top.translated(0, down), words, canvas.theme.muted, 11)

    def _draw_states(self) -> None:
        canvas, step = self.canvas, self.step
        left = QRectF(self.rect.left() + 10, self.box.center().y() - 46, self.box.left() - self.rect.left() - 16, 38)
        right = QRectF(self.box.right() + 6, left.top(), self.rect.right() - self.box.right() - 14, 38)
        canvas.opacity(1)
        self._draw_state(left, "last output", f"h[{step.before}]", step.h_before, before=True)
        canvas.opacity(self.moment.strength(Stage.HIDDEN, 0.55))
        self._draw_state(right, "output", f"h[{step.t}]", step.h, before=False)

    def _draw_state(self, rect: QRectF, words: str, symbol: str, values: Array, *, before: bool) -> None:
        canvas, hue = self.canvas, self.hue
        text = number(values[self.unit], signed=not self.single)
        canvas.text(QRectF(rect.left(), rect.top(), rect.width(), 14), words, canvas.theme.muted, 10)
        canvas.text(
            QRectF(rect.left(), rect.top() + 15, rect.width(), 18), text, hue, 14, bold=True, mono=True, value=True
        )
        canvas.text(QRectF(rect.left(), rect.top() + 52, rect.width(), 14), symbol, hue, 10, mono=True)
        if not self.single:
            strip = QRectF(rect.left() + 4, rect.top() + 70, rect.width() - 8, 9)
            canvas.strip(strip, values, Quantity.HIDDEN_STATE, largest=self.largest, pinned=self.unit, before=before)

    def _draw_cell(self) -> None:
        canvas, step, box, hue = self.canvas, self.step, self.box, self.hue
        lit = self.moment.lit(Stage.HIDDEN)
        canvas.opacity(1)
        for points, ink in ((self.path, hue), (self.input_path, QColor(canvas.theme.text))):
            canvas.wire(points, ink, 2.4)
        canvas.arrow_head(self.path[1], hue)
        canvas.arrow_head(self.input_path[1], QColor(canvas.theme.text), up=True)
        below = QRectF(self.rect.left(), self.input_path[0].y() + 4, self.rect.width(), 14)
        text = number(step.x[0]) if len(step.x) == 1 else ""
        canvas.text(below, f"{self.token}  x[{step.t}]", canvas.theme.muted, 10)
        canvas.text(below.translated(0, 15), text, canvas.theme.text, 14, bold=True, mono=True)
        canvas.opacity(self.moment.strength(Stage.HIDDEN, 0.3))
        canvas.wire(self.output_path, hue, 2.4)
        canvas.arrow_head(self.output_path[1], hue)
        canvas.box(box, hue, lit=lit)
        words = "add up" if self.nonlinearity is Nonlinearity.IDENTITY else "add, then squash"
        canvas.text(QRectF(box.left(), box.top() + 5, box.width(), 16), words, hue, 10, bold=True)
        curve = QRectF(box.left() + 12, box.top() + 26, 0.42 * box.width(), 54)

        def squash(z: Array) -> Array:
            return np.asarray(phi(self.nonlinearity)(z, np.empty_like(z)))

        canvas.plotted_curve(curve, squash, _CURVE_SPANS[self.nonlinearity], step.z, self.unit, hue)
        right = QRectF(curve.right() + 8, box.top() + 30, box.right() - curve.right() - 12, 16)
        canvas.text(right, f"z {number(step.z[self.unit], digits=2)}", canvas.theme.muted, 10, mono=True, align=LEFT)
        canvas.text(
            right.translated(0, 17),
            "h = z" if self.nonlinearity is Nonlinearity.IDENTITY else f"{self.nonlinearity.value} of z",
            canvas.theme.muted,
            10,
            align=LEFT,
        )
        formula = QRectF(box.left(), box.bottom() - 22, box.width(), 16)
        canvas.text(formula, "z = W x + U h + b", canvas.theme.text, 10, mono=True, align=CENTRE)

    def _draw_sum(self) -> None:
        """The ledger of z, which the nonlinearity then turns into h."""
        rect = QRectF(self.rect)
        rect.setTop(rect.bottom() - ledger.HEIGHT)
        bars = Ledger.of(sum_entries(self.step, self.unit, self.canvas.theme, self.hue), *self.sums)
        note = "" if self.single else f"unit {self.unit}"
        draw_ledger(self.canvas, rect, "What adds up to z", note, bars, self.moment)
