"""What the drawing of an LSTM cell shows at every step alike: boxes, wires, curves and words."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPen

from lstmviz.core.cursor import Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.quantity import Quantity
from lstmviz.gui.views.cell.canvas import CENTRE, LEFT, RIGHT, Canvas, ink
from lstmviz.gui.views.cell.curve import draw_curve
from lstmviz.gui.views.cell.geometry import Geometry
from lstmviz.gui.views.cell.ghost_marks import draw_held
from lstmviz.gui.views.cell.reveal import Moment
from lstmviz.gui.views.cell.valves import draw_tracks
from lstmviz.gui.views.cell.wording import Wording

GATE_STAGES = {
    Quantity.FORGET_GATE: Stage.FORGET,
    Quantity.INPUT_GATE: Stage.INPUT,
    Quantity.CANDIDATE: Stage.CANDIDATE,
    Quantity.OUTPUT_GATE: Stage.OUTPUT,
}
"""The stage that computes each gate."""

BOX_DONE = 0.45
"""Share of a gate's stage after which its box is filled and its value leaves for the valve."""

VALVE_DONE = 0.7
"""Share of a gate's stage after which its value has reached the valve."""

CURVE_SHARE = 0.40
"""What a gate's curve takes of the width of its box."""

_MOST_PLUSES = 12


@dataclass(frozen=True)
class LSTMGround:
    """Everything that depends on the stage and the wording alone: one picture of it serves all steps."""

    canvas: Canvas
    geometry: Geometry
    moment: Moment
    wording: Wording

    def draw(self) -> None:
        """Everything, pale where the moment has not come to it yet."""
        self._draw_inputs()
        for stage in Stage:
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
        if stage is Stage.HIDDEN:
            self._draw_output()
        elif stage is Stage.CELL:
            self._draw_sum()
        for gate, its_stage in GATE_STAGES.items():
            if stage is its_stage:
                self._draw_taps(gate)
                self._draw_gate_wire(gate)
                self._draw_valve(gate)
                self._draw_gate_box(gate)

    def _draw_inputs(self) -> None:
        canvas, g = self.canvas, self.geometry
        canvas.opacity(1.0)
        right = g.taps(Quantity.OUTPUT_GATE)[1]
        hidden, ink_of_input = canvas.hue(Quantity.HIDDEN_STATE), canvas.hue(Quantity.INPUT)
        canvas.wire([QPointF(g.wires_start, g.y_h), QPointF(right - 18, g.y_h)], hidden, 2.2)
        canvas.wire([QPointF(g.wires_start, g.y_x), QPointF(right, g.y_x)], ink_of_input, 2.2)
        canvas.text(g.input_words(g.y_h)[0], "last output", canvas.theme.muted, 10, align=LEFT)
        self._draw_memory_words("memory before", before=True)

    def _draw_taps(self, gate: Quantity) -> None:
        """h[t-1] and x[t] led into the gate's box."""
        canvas, g, stage = self.canvas, self.geometry, GATE_STAGES[gate]
        canvas.opacity(self.moment.strength(stage))
        bottom, width = g.box(gate).bottom(), 2.2 if self.moment.lit(stage) else 1.4
        (x_h, x_x), inputs = g.taps(gate), (Quantity.HIDDEN_STATE, Quantity.INPUT)
        for x, y, quantity in zip((x_h, x_x), (g.y_h, g.y_x), inputs, strict=True):
            hue = canvas.hue(quantity)
            canvas.wire([QPointF(x, y), QPointF(x, bottom)], hue, width)
            canvas.arrow_head(QPointF(x, bottom + 1), hue, up=True)

    def _draw_gate_wire(self, gate: Quantity) -> None:
        stage = GATE_STAGES[gate]
        self.canvas.opacity(self.moment.strength(stage, BOX_DONE))
        width = 2.6 if self.moment.lit(stage) else 1.8
        self.canvas.wire(self.geometry.gate_path(gate), self.canvas.hue(gate), width)

    def _draw_output(self) -> None:
        """The way out, on the right."""
        canvas, g, moment = self.canvas, self.geometry, self.moment
        cell, hidden = canvas.hue(Quantity.CELL_STATE), canvas.hue(Quantity.HIDDEN_STATE)
        lit, valve = moment.lit(Stage.HIDDEN), g.output_valve
        canvas.opacity(moment.strength(Stage.HIDDEN))
        start = QPointF(valve.x(), g.lane(g.lanes - 1))
        canvas.wire([start, QPointF(valve.x(), valve.y() - g.valve_height / 2)], cell, 2.4 if lit else 1.6)
        canvas.box(g.tanh_box, cell, lit=lit, radius=5)
        canvas.text(g.tanh_box.adjusted(4, 3, -4, -3), self.wording.squash, canvas.theme.text, 11)
        canvas.opacity(moment.strength(Stage.HIDDEN, 0.6))
        reach, end = g.valve_width / 2, g.x_now - 4
        canvas.wire([QPointF(valve.x() + reach, valve.y()), QPointF(end - 5, valve.y())], hidden, 3.0 if lit else 2.2)
        canvas.arrow_head(QPointF(end, valve.y()), hidden)
        canvas.text(QRectF(g.x_now + 2, valve.y() - 26, 84, 14), "shown", canvas.theme.muted, 10, align=LEFT)
        if self.wording.projected:
            draw_projection(canvas, g, lit=lit)

    def _draw_sum(self) -> None:
        """Where every unit's written meets its kept, and the words at the new memory."""
        canvas, g = self.canvas, self.geometry
        canvas.opacity(self.moment.strength(Stage.CELL, 0.75))
        self._draw_memory_words("memory now", before=False)
        if g.single:
            return  # its disc stands over the lane, which is not of the ground
        draw_plus(canvas, g, self.moment)
        if g.lanes > _MOST_PLUSES:
            canvas.text(g.plus, "+", canvas.theme.text, 17, bold=True)
            return
        for k in range(g.lanes):
            sign = QRectF(g.plus.left(), g.lane(k) - 7, g.plus.width(), 14)
            canvas.text(sign, "+", canvas.theme.text, 11, bold=True)

    def _draw_valve(self, gate: Quantity) -> None:
        """A gate's words at its valve; for several units its frame, and the tracks that the levels will fill."""
        canvas, g, stage = self.canvas, self.geometry, GATE_STAGES[gate]
        if gate is Quantity.CANDIDATE:
            return
        rect, words, align = {
            Quantity.FORGET_GATE: (g.forget_valve, g.forget_words, CENTRE),
            Quantity.INPUT_GATE: (g.valve_rect(g.input_valve), g.input_gate_words, RIGHT),
            Quantity.OUTPUT_GATE: (g.valve_rect(g.output_valve), g.output_words, RIGHT),
        }[gate]
        canvas.opacity(self.moment.strength(stage, VALVE_DONE))
        canvas.text(words, gate.title, canvas.hue(gate), 12, bold=True, align=align)
        if not g.single:
            canvas.box(rect, canvas.hue(gate), lit=self.moment.lit(stage))
            draw_tracks(canvas, rect, g.lanes, vertical=gate is Quantity.FORGET_GATE)

    def _draw_gate_box(self, gate: Quantity) -> None:
        canvas, g, stage, wording = self.canvas, self.geometry, GATE_STAGES[gate], self.wording
        box, hue, muted = g.box(gate), canvas.hue(gate), canvas.theme.muted
        canvas.opacity(self.moment.strength(stage, BOX_DONE * 0.5))
        canvas.box(box, hue, lit=self.moment.lit(stage))
        title = QRectF(box.left() + 9, box.top() + 5, box.width() - 18, 16)
        canvas.text(title, wording.title(gate), hue, 12, bold=True, align=LEFT)
        if gate not in wording.left_out:
            canvas.text(title, gate.symbol, hue, 12, bold=True, mono=True, align=RIGHT)
        draw_curve(canvas, g.gate_curve(gate, CURVE_SHARE), wording.curve(gate), wording.span(gate), hue)
        line = g.gate_number(gate, CURVE_SHARE, 34)
        if gate.symbol in wording.held:
            draw_held(canvas, line, wording.function(gate), ink(muted))
        else:
            canvas.text(line, wording.function(gate), muted, 10, align=LEFT)
        if wording.peephole(gate):
            self._draw_peephole(gate)

    def _draw_peephole(self, gate: Quantity) -> None:
        """A third input from below: the memory that the gate sees."""
        canvas, g, cell = self.canvas, self.geometry, self.canvas.hue(Quantity.CELL_STATE)
        x, bottom = g.taps(gate)[1] + 14, g.box(gate).bottom()
        canvas.wire([QPointF(x, bottom + 15), QPointF(x, bottom)], cell, 1.4)
        canvas.arrow_head(QPointF(x, bottom + 1), cell, up=True)
        words = QRectF(x + 6, bottom + 4, g.box(gate).right() - x - 6, 14)
        canvas.text(words, self.wording.peephole(gate), cell, 10, align=LEFT, grows=False)

    def _draw_memory_words(self, words: str, *, before: bool) -> None:
        canvas, rect, align = self.canvas, self.geometry.memory_words(before=before), RIGHT if before else LEFT
        if self.geometry.single:
            canvas.text(rect, words, canvas.theme.muted, 10, align=align)
        else:
            canvas.text(rect, words, canvas.hue(Quantity.CELL_STATE), 11, bold=True, align=align)


def draw_projection(canvas: Canvas, geometry: Geometry, *, lit: bool) -> None:
    """The projection between the output gate's valve and h."""
    canvas.box(geometry.projection_box, canvas.hue(Quantity.HIDDEN_STATE), lit=lit, radius=4)
    canvas.text(geometry.projection_box, "W_hr", canvas.theme.text, 10, mono=True)


def draw_plus(canvas: Canvas, geometry: Geometry, moment: Moment) -> None:
    """The disc or the bar of the plus; for several units without its signs."""
    canvas.opacity(moment.strength(Stage.CELL), least=0.35)
    canvas.painter.setPen(QPen(ink(canvas.theme.text), 2.4 if moment.lit(Stage.CELL) else 1.5))
    canvas.painter.setBrush(ink(canvas.theme.raised))
    if not geometry.single:
        canvas.painter.drawRoundedRect(geometry.plus, 8, 8)
        return
    canvas.painter.drawEllipse(geometry.plus)
    canvas.text(geometry.plus, "+", canvas.theme.text, 17, bold=True)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
