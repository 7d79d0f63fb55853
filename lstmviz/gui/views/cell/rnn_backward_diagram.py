"""Draws one step of the backward pass through a vanilla RNN cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor

from lstmviz.core.arrays import Array
from lstmviz.core.backward_step import BackwardStage, RNNBackwardStep
from lstmviz.core.magnitudes import signed_magnitude
from lstmviz.core.quantity import Quantity
from lstmviz.gui.views.cell import ledger
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas
from lstmviz.gui.views.cell.gradient_scale import GradientScale
from lstmviz.gui.views.cell.ledger import Ledger, draw_ledger, rnn_share_entries
from lstmviz.gui.views.cell.reveal import Flow, Moment


@dataclass(frozen=True)
class RNNBackwardDiagram:
    """The drawing of one backward step inside ``rect``: dh[t] comes from the right, leaves to the left."""

    canvas: Canvas
    rect: QRectF
    step: RNNBackwardStep
    moment: Moment
    unit: int
    scale: GradientScale
    title: str
    hue: QColor

    def draw(self) -> None:
        """Everything but the values on their way."""
        canvas, rect, step, box = self.canvas, self.rect, self.step, self.box
        canvas.opacity(1)
        top = QRectF(rect.left(), rect.top() + 8, rect.width(), 16)
        canvas.text(top, self.title, self.hue, 12, bold=True)
        for down, words in (
            (20, "every step back multiplies the gradient"),
            (35, "by the slope of the curve and by U"),
        ):
            canvas.text(top.translated(0, down), words, canvas.theme.muted, 11)
        y = box.center().y()
        right = QRectF(box.right() + 6, y - 46, rect.right() - box.right() - 14, 38)
        left = QRectF(rect.left() + 10, y - 46, box.left() - rect.left() - 16, 38)
        self._draw_gradient(right, "arrives", f"dh[{step.t}]", step.dh, BackwardStage.ARRIVE)
        self._draw_gradient(left, "sent on", f"to h[{step.before}]", step.dh_before, BackwardStage.CARRY)
        for points, values, stage in (
            (self.path_in, step.dh, BackwardStage.ARRIVE),
            (self.path_out, step.dh_before, BackwardStage.CARRY),
        ):
            canvas.opacity(self.moment.strength(stage))
            canvas.wire(points, self.hue, 1 + 5 * float(np.nan_to_num(abs(self.scale.shares(values[self.unit])))))
        canvas.opacity(self.moment.strength(BackwardStage.CARRY))
        canvas.box(box, self.hue, lit=self.moment.lit(BackwardStage.CARRY))
        canvas.text(QRectF(box.left(), box.top() + 8, box.width(), 16), "× slope, then × Uᵀ", self.hue, 11, bold=True)
        line = QRectF(box.left() + 12, box.top() + 34, box.width() - 24, 16)
        canvas.text(line, f"dz[{step.t}]", canvas.theme.muted, 10, mono=True, align=LEFT)
        dz = signed_magnitude(float(step.dz[self.unit]))
        canvas.text(line.translated(0, 16), dz, self.hue, 13, bold=True, mono=True, align=RIGHT, value=True)
        self._draw_ledger()
        canvas.painter.setOpacity(1.0)

    @property
    def box(self) -> QRectF:
        """The cell."""
        width, room = min(170.0, 0.44 * self.rect.width()), self.rect.height() - ledger.HEIGHT
        return QRectF(self.rect.center().x() - width / 2, self.rect.top() + 0.5 * room - 35, width, 76)

    @property
    def path_in(self) -> list[QPointF]:
        """dh[t], from the right into the cell."""
        y = self.box.center().y()
        return [QPointF(self.rect.right() - 14, y), QPointF(self.box.right(), y)]

    @property
    def path_out(self) -> list[QPointF]:
        """U^T dz, out of the cell to the left."""
        y = self.box.center().y()
        return [QPointF(self.box.left(), y), QPointF(self.rect.left() + 14, y)]

    def flows(self) -> list[Flow]:
        """The value that moves while the stage is computed."""
        arrives = self.moment.stage is BackwardStage.ARRIVE
        values, path = (self.step.dh, self.path_in) if arrives else (self.step.dh_before, self.path_out)
        return [Flow(path, 0, 1, signed_magnitude(float(values[self.unit])), self.hue)]

    def _draw_gradient(self, rect: QRectF, words: str, symbol: str, values: Array, stage: BackwardStage) -> None:
        canvas = self.canvas
        canvas.opacity(self.moment.strength(stage))
        text = signed_magnitude(float(values[self.unit]))
        canvas.text(QRectF(rect.left(), rect.top(), rect.width(), 14), words, canvas.theme.muted, 10)
        number = QRectF(rect.left(), rect.top() + 15, rect.width(), 18)
        canvas.text(number, text, self.hue, 12, bold=True, mono=True, value=True)
        canvas.text(QRectF(rect.left(), rect.top() + 52, rect.width(), 14), symbol, self.hue, 10, mono=True)
        if len(values) > 1:
            strip = QRectF(rect.left() + 4, rect.top() + 70, rect.width() - 8, 9)
            canvas.strip(strip, self.scale.shares(values), Quantity.CELL_STATE, pinned=self.unit)

    def _draw_ledger(self) -> None:
        rect = QRectF(self.rect)
        rect.setTop(rect.bottom() - ledger.HEIGHT)
        entries = rnn_share_entries(self.step, self.unit, self.hue)
        note = "" if len(self.step.dh) == 1 else f"unit {self.unit}"
        draw_ledger(self.canvas, rect, "What goes back", note, Ledger.of(entries, 0, 0), self.moment)
