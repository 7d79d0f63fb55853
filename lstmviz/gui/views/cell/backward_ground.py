"""What the drawing of the backward pass through an LSTM cell shows at every step alike."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF

from lstmviz.core.cursor import Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.quantity import Quantity
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas, ink
from lstmviz.gui.views.cell.curve import draw_curve
from lstmviz.gui.views.cell.geometry import Geometry
from lstmviz.gui.views.cell.ghost_marks import draw_held
from lstmviz.gui.views.cell.lstm_ground import draw_projection
from lstmviz.gui.views.cell.reveal import Moment
from lstmviz.gui.views.cell.wording import Wording

GATE_STAGES = {
    Quantity.FORGET_GATE: BackwardStage.FORGET,
    Quantity.INPUT_GATE: BackwardStage.INPUT,
    Quantity.CANDIDATE: BackwardStage.CANDIDATE,
    Quantity.OUTPUT_GATE: BackwardStage.OUTPUT,
}
"""The backward stage that reaches each gate."""

ARRIVED = 0.45
"""Share of a gate's stage after which the gradient has reached its box."""

CURVE_SHARE = 0.37
"""What a gate's curve takes of the width of its box."""


@dataclass(frozen=True)
class LSTMBackwardGround:
    """Everything that depends on the stage and the wording alone: one picture of it serves all steps."""

    canvas: Canvas
    geometry: Geometry
    moment: Moment
    wording: Wording

    def draw(self) -> None:
        """Everything, pale where the moment has not come to it yet."""
        for stage in BackwardStage:
            self._draw_stage(stage)
        self.canvas.painter.setOpacity(1.0)

    def draw_rising(self) -> None:
        """What comes up in the moment's stage, over the ground of the beginning of that stage."""
        self.canvas.over = True
        self._draw_stage(self.moment.stage)
        self.canvas.over = False
        self.canvas.painter.setOpacity(1.0)

    def _draw_stage(self, stage: Stage | BackwardStage) -> None:
        """What a stage computes."""
        canvas, g, moment, muted = self.canvas, self.geometry, self.moment, self.canvas.theme.muted
        if stage is BackwardStage.CELL:
            canvas.opacity(moment.strength(stage))
            canvas.text(g.gradient_words(before=False), "from the step after", muted, 10, align=RIGHT)
            canvas.box(g.tanh_box, canvas.hue(Quantity.CELL_STATE), lit=moment.lit(stage), radius=5)
            canvas.text(g.tanh_box.adjusted(4, 3, -4, -3), self.wording.squash, canvas.theme.text, 11)
        elif stage is BackwardStage.ARRIVE and self.wording.projected:
            canvas.opacity(moment.strength(stage))
            draw_projection(canvas, g, lit=moment.lit(stage))
        elif stage is BackwardStage.CARRY:
            canvas.opacity(moment.strength(stage))
            canvas.text(g.gradient_words(before=True), "to the step before", muted, 10, align=LEFT)
            canvas.text(g.sent_on_words, "to the step before", muted, 10, align=LEFT)
            for gate in GATE_STAGES:
                x = g.column(gate)
                canvas.wire([QPointF(x, g.box(gate).bottom()), QPointF(x, g.y_h)], canvas.hue(gate), 1.8)
        for gate, its_stage in GATE_STAGES.items():
            if stage is its_stage:
                self._draw_gate_box(gate)

    def _draw_gate_box(self, gate: Quantity) -> None:
        canvas, g, stage, hue = self.canvas, self.geometry, GATE_STAGES[gate], self.canvas.hue(gate)
        box, wording = g.box(gate), self.wording
        canvas.opacity(self.moment.strength(stage, ARRIVED))
        canvas.box(box, hue, lit=self.moment.lit(stage))
        title = QRectF(box.left() + 9, box.top() + 5, box.width() - 18, 16)
        canvas.text(title, wording.title(gate), hue, 12, bold=True, align=LEFT)
        draw_curve(canvas, g.gate_curve(gate, CURVE_SHARE), wording.curve(gate), wording.span(gate), hue)
        muted, held = canvas.theme.muted, gate.symbol in wording.held
        for row, symbol in enumerate((f"d{gate.symbol}", f"dz_{gate.symbol}")):
            line = gradient_rect(g, gate, row)
            if row == 1 and held:
                draw_held(canvas, line, f"{symbol} held", ink(muted), mono=True)
            else:
                canvas.text(line, symbol, muted, 10, mono=True, align=LEFT)


def gradient_rect(geometry: Geometry, gate: Quantity, row: int) -> QRectF:
    """The line of a gradient's symbol in a gate's box, above its number; ``row`` 0 or 1."""
    box = geometry.box(gate)
    left = box.left() + CURVE_SHARE * box.width() + 4
    return QRectF(left, box.top() + 23 + 31 * row, box.right() - left - 4, 15)
