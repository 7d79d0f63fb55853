"""Draws one step of the backward pass through a vanilla RNN cell."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor

from lstmviz.core.cursor import Stage
from lstmviz.core.engine.backward_step import BackwardStage, RNNBackwardStep
from lstmviz.core.magnitudes import signed_magnitude
from lstmviz.core.quantity import Quantity
from lstmviz.gui.views.cell import ledger
from lstmviz.gui.views.cell.canvas import CENTRE, Canvas, ink
from lstmviz.gui.views.cell.ghost_marks import draw_held, draw_strip_before, draw_was
from lstmviz.gui.views.cell.gradient_scale import GradientScale
from lstmviz.gui.views.cell.ledger import Ledger, draw_ledger, rnn_share_entries
from lstmviz.gui.views.cell.reveal import Flow, Moment


@dataclass(frozen=True)
class RNNBackwardDiagram:
    """The drawing of one backward step inside ``rect``: dh[t] comes from the right, leaves to the left.

    held    a what-if holds the pinned unit's h, so that nothing goes through
    before  the step without the what-ifs
    """

    canvas: Canvas
    rect: QRectF
    step: RNNBackwardStep
    moment: Moment
    unit: int
    scale: GradientScale
    title: str
    hue: QColor
    held: bool = False
    before: RNNBackwardStep | None = None

    def draw_ground(self) -> None:
        """What depends on the stage alone, and not on the step: one picture of it serves all steps."""
        canvas, rect, theme = self.canvas, self.rect, self.canvas.theme
        canvas.opacity(1)
        top = QRectF(rect.left() + 4, rect.top() + 8, rect.width() - 8, 16)
        canvas.text(top, self.title, self.hue, 12, bold=True)
        for down, words in (
            (20, "every step back multiplies the gradient"),
            (36, "by the slope of the curve and by U"),
        ):
            canvas.text(top.translated(0, down), words, theme.muted, 11)
        for stage in (BackwardStage.ARRIVE, BackwardStage.CARRY):
            self._draw_stage(stage)
        canvas.painter.setOpacity(1.0)

    def draw_rising(self) -> None:
        """What comes up in the moment's stage, over the ground of the beginning of that stage."""
        self.canvas.over = True
        self._draw_stage(self.moment.stage)
        self.canvas.over = False
        self.canvas.painter.setOpacity(1.0)

    def _draw_stage(self, stage: Stage | BackwardStage) -> None:
        """The words of a stage, and the box where it multiplies."""
        canvas, box, (left, right) = self.canvas, self.box, self._gradient_rects
        carries = stage is BackwardStage.CARRY
        place, words = (left, "sent on") if carries else (right, "arrives")
        canvas.opacity(self.moment.strength(stage))
        canvas.text(QRectF(place.left(), place.top(), place.width(), 14), words, canvas.theme.muted, 10)
        if carries:
            canvas.box(box, self.hue, lit=self.moment.lit(stage))
            factor = self._line(8)
            canvas.text(factor, "× slope", self.hue, 11, bold=True)
            canvas.text(factor.translated(0, 56), "× Uᵀ", self.hue, 11, bold=True)

    def draw(self) -> None:
        """Everything that the ground does not show, but for the values on their way."""
        canvas, step, unit = self.canvas, self.step, self.unit
        left, right = self._gradient_rects
        self._draw_gradient(right, f"dh[{step.t}]", "dh", BackwardStage.ARRIVE, before=False)
        self._draw_gradient(left, f"to h[{step.before}]", "dh_before", BackwardStage.CARRY, before=True)
        for points, values, stage in (
            (self.path_in, step.dh, BackwardStage.ARRIVE),
            (self.path_out, step.dh_before, BackwardStage.CARRY),
        ):
            canvas.opacity(self.moment.strength(stage))
            canvas.wire(points, self.hue, 1 + 5 * self.scale.size_of(float(values[unit])))
        canvas.opacity(self.moment.strength(BackwardStage.CARRY))
        line = self._line(28)
        if self.held:
            draw_held(canvas, line, f"h held: dz[{step.t}]", ink(canvas.theme.muted), mono=True)
        else:
            canvas.text(line, f"dz[{step.t}]", canvas.theme.muted, 10, mono=True)
        dz, line = signed_magnitude(float(step.dz[unit])), self._line(43)
        canvas.text(line, dz, self.hue, 12, bold=True, mono=True, value=True)
        canvas.place(line, Quantity.HIDDEN_STATE, unit, "dz")
        self._draw_ledger()
        canvas.painter.setOpacity(1.0)

    @property
    def _gradient_rects(self) -> tuple[QRectF, QRectF]:
        """Where the gradient is told that is sent on, and the one that arrives."""
        rect, box = self.rect, self.box
        left = QRectF(rect.left() + 6, box.center().y() - 46, box.left() - rect.left() - 10, 38)
        return left, QRectF(box.right() + 4, left.top(), rect.right() - box.right() - 10, 38)

    @property
    def box(self) -> QRectF:
        """The cell; the numbers on both sides of it are as wide as its own."""
        width, room = min(130.0, 0.34 * self.rect.width()), self.rect.height() - ledger.HEIGHT
        return QRectF(self.rect.center().x() - width / 2, self.rect.top() + 0.5 * room - 41, width, 88)

    def _line(self, down: float) -> QRectF:
        """A line of text in the cell."""
        return QRectF(self.box.left() + 4, self.box.top() + down, self.box.width() - 8, 16)

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

    def _draw_gradient(self, rect: QRectF, symbol: str, name: str, stage: BackwardStage, *, before: bool) -> None:
        """The field ``name`` of the step, and what it was before the what-ifs."""
        canvas, values = self.canvas, getattr(self.step, name)
        then = getattr(self.before, name) if self.before else values
        canvas.opacity(self.moment.strength(stage))
        text = signed_magnitude(float(values[self.unit]))
        number = QRectF(rect.left(), rect.top() + 15, rect.width(), 18)
        canvas.text(number, text, self.hue, 12, bold=True, mono=True, value=True)
        canvas.place(number, Quantity.HIDDEN_STATE, self.unit, "dh", before=before)
        was = signed_magnitude(float(then[self.unit]))
        above = QRectF(rect.left(), rect.top() - 13, rect.width(), 12)
        draw_was(canvas, above, "" if was == text else f"was {was}", CENTRE)
        canvas.text(QRectF(rect.left(), rect.top() + 52, rect.width(), 14), symbol, self.hue, 10, mono=True)
        if len(values) > 1:
            strip = QRectF(rect.left() + 6, rect.top() + 70, rect.width() - 12, 9)
            shares = self.scale.shares(values)
            canvas.strip(strip, shares, Quantity.HIDDEN_STATE, symbol="dh", pinned=self.unit, before=before)
            draw_strip_before(canvas, strip, shares, self.scale.shares(then), gate=False, largest=1.0)

    def _draw_ledger(self) -> None:
        rect = QRectF(self.rect)
        rect.setTop(rect.bottom() - ledger.HEIGHT)
        entries, *before = (rnn_share_entries(step, self.unit, self.hue) for step in (self.step, self.before) if step)
        note = "" if len(self.step.dh) == 1 else f"unit {self.unit}"
        shares = Ledger.of(entries, 0, 0, *before)
        draw_ledger(self.canvas, rect, "What goes back", note, shares, self.moment, self.unit)
