"""Draws one step of the backward pass through an LSTM cell: the gradient on the wires of the forward diagram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor

from lstmviz.core.arrays import Array
from lstmviz.core.backward_step import BackwardStage, LSTMBackwardStep
from lstmviz.core.magnitudes import signed_magnitude
from lstmviz.core.quantity import Quantity
from lstmviz.core.step import LSTMStep
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas, binned
from lstmviz.gui.views.cell.geometry import Geometry
from lstmviz.gui.views.cell.gradient_scale import GradientScale
from lstmviz.gui.views.cell.reveal import Flow, Moment

GATE_STAGES = {
    Quantity.FORGET_GATE: BackwardStage.FORGET,
    Quantity.INPUT_GATE: BackwardStage.INPUT,
    Quantity.CANDIDATE: BackwardStage.CANDIDATE,
    Quantity.OUTPUT_GATE: BackwardStage.OUTPUT,
}
"""The backward stage that reaches each gate."""

_ARRIVED = 0.45
"""Share of a gate's stage after which the gradient has reached its box."""


@dataclass(frozen=True)
class LSTMBackwardDiagram:
    """The drawing of one backward step; ``forward`` is the same step of the forward pass, for the gates' curves."""

    canvas: Canvas
    geometry: Geometry
    step: LSTMBackwardStep
    forward: LSTMStep
    moment: Moment
    unit: int
    scale: GradientScale

    @property
    def single(self) -> bool:
        """One unit: plain numbers instead of strips."""
        return len(self.step.dc) == 1

    def draw(self) -> None:
        """Everything but the values on their way."""
        self._draw_highway()
        self._draw_arrival()
        for gate in GATE_STAGES:
            self._draw_gate(gate)
        self._draw_sent_on()
        self._draw_plus_and_valve()
        self._draw_legend()
        self.canvas.painter.setOpacity(1.0)

    # The cell path, on top, from right to left

    def _draw_highway(self) -> None:
        g, step, moment = self.geometry, self.step, self.moment
        valve, x_out = g.forget_valve.center().x(), g.tanh_box.center().x()
        arrived, carried = moment.strength(BackwardStage.CELL), moment.strength(BackwardStage.CARRY)
        self._draw_lanes(step.dc_after, x_out, g.x_now, arrived)
        self._draw_lanes(step.dc, valve, x_out, moment.strength(BackwardStage.CELL, 0.5))
        self._draw_lanes(step.dc_before, g.x_before, valve, carried)
        self._draw_end(g.x_now, LEFT, "from the step after", f"f dc[{step.after}]", step.dc_after, arrived)
        self._draw_end(g.x_before, RIGHT, "to the step before", f"to c[{step.before}]", step.dc_before, carried)
        self.canvas.opacity(moment.strength(BackwardStage.CELL, 0.6))
        middle = QRectF(g.x_plus + 14, g.band.top() - 21, x_out - g.x_plus - 20, 15)
        self._number(middle, f"dc[{step.t}] ", step.dc, self._cell_hue(), Qt.AlignmentFlag.AlignCenter)

    def _draw_lanes(self, values: Array, left: float, right: float, strength: float) -> None:
        """A lane a unit: the wider and stronger the larger its gradient is, dashed where it is negative."""
        canvas, g = self.canvas, self.geometry
        canvas.opacity(strength)
        thickest = 10.0 if self.single else 0.72 * g.band.height() / g.lanes
        shown, size = binned(values)
        for k, share in enumerate(np.nan_to_num(self.scale.shares(shown)).tolist()):
            hue = self._cell_hue()
            if k != self.unit // size:
                hue.setAlphaF(0.25 + 0.55 * abs(share))
            y = g.lane(k)
            width = 0.8 + (thickest - 0.8) * abs(share)
            canvas.wire([QPointF(left, y), QPointF(right, y)], hue, width, dashed=share < 0)

    def _draw_end(
        self, x: float, align: Qt.AlignmentFlag, words: str, symbol: str, values: Array, strength: float
    ) -> None:
        """The gradient where it comes in or goes out, with its words above the highway."""
        canvas, g, comes_in = self.canvas, self.geometry, align == LEFT
        canvas.opacity(strength)
        top = QRectF(x - 4 if comes_in else x - 108, 6, 112, 14)
        canvas.text(top, words, self.canvas.theme.muted, 10, align=align)
        canvas.text(top.translated(0, 14), symbol, self._cell_hue(), 10, mono=True, align=align)
        _, size = binned(values)
        y = g.lane(self.unit // size)
        if not self.single:
            strip = QRectF(x if comes_in else x - 12, g.band.top(), 12, g.band.height())
            self._strip(strip, values, Quantity.CELL_STATE, vertical=True)
        beside = QRectF(x + 17 if comes_in else x - 95, y - 9, 78, 18)
        self._number(beside, "", values, self._cell_hue(), align)

    def _draw_plus_and_valve(self) -> None:
        canvas, g = self.canvas, self.geometry
        reached = max(self.moment.strength(BackwardStage.CELL, 0.5), 0.35)
        canvas.opacity(reached)
        for x, mark in ((g.x_plus, "+"), (g.forget_valve.center().x(), "×")):
            disc = QRectF(x - 12, g.band.center().y() - 12, 24, 24)
            canvas.box(disc, QColor(canvas.theme.text), radius=12)
            canvas.text(disc, mark, canvas.theme.text, 15, bold=True)
        canvas.opacity(max(self.moment.strength(BackwardStage.OUTPUT), 0.35))
        disc = QRectF(g.output_valve.x() - 12, g.output_valve.y() - 12, 24, 24)
        canvas.box(disc, canvas.theme.colour(Quantity.OUTPUT_GATE), radius=12)
        canvas.text(disc, "×", canvas.theme.text, 15, bold=True)

    # Where it arrives, on the right

    def _draw_arrival(self) -> None:
        canvas, g, step, moment = self.canvas, self.geometry, self.step, self.moment
        hidden, valve = canvas.theme.colour(Quantity.HIDDEN_STATE), g.output_valve
        canvas.opacity(moment.strength(BackwardStage.ARRIVE))
        lit = moment.lit(BackwardStage.ARRIVE)
        width = self._width(step.dh)
        canvas.wire([QPointF(g.x_now, valve.y()), QPointF(valve.x() + 14, valve.y())], hidden, width + lit)
        beside = QRectF(g.x_now + 3, valve.y() - 10, 90, 20)
        self._number(beside, "", step.dh, hidden, LEFT)
        canvas.text(beside.translated(0, -15), f"dh[{step.t}]", hidden, 10, mono=True, align=LEFT)
        if not self.single:
            self._strip(QRectF(g.x_now - 34, valve.y() + 14, g.width - g.x_now + 28, 9), step.dh, Quantity.HIDDEN_STATE)
        for down, words, values in ((26, "above", step.dh_above), (40, f"t = {step.after}", step.dh_after)):
            line = QRectF(g.x_now - 22, valve.y() + down, g.width - g.x_now + 18, 13)
            canvas.text(line, words, canvas.theme.muted, 9, align=LEFT)
            canvas.text(line, signed_magnitude(float(values[self.unit])), canvas.theme.muted, 9, mono=True, align=RIGHT)
        canvas.opacity(moment.strength(BackwardStage.CELL))
        up = [QPointF(valve.x(), valve.y() - 12), QPointF(valve.x(), g.band.bottom() + 2)]
        canvas.wire(up, self._cell_hue(), self._width(step.dc_from_h))
        canvas.arrow_head(up[1], self._cell_hue(), up=True)
        canvas.box(g.tanh_box, self._cell_hue(), lit=moment.lit(BackwardStage.CELL), radius=5)
        canvas.text(g.tanh_box, "tanh", canvas.theme.text, 11)
        beside = QRectF(g.tanh_box.right() + 5, g.tanh_box.top(), 80, g.tanh_box.height())
        self._number(beside, "", step.dc_from_h, self._cell_hue(), LEFT, pixels=10)

    # The gates

    def gate_path(self, gate: Quantity) -> list[QPointF]:
        """From the highway, or h, down into a gate's box."""
        g, x = self.geometry, self.geometry.column(gate)
        if gate is Quantity.FORGET_GATE:
            return [QPointF(x, g.band.center().y() + 12), QPointF(x, g.y_boxes)]
        if gate is Quantity.OUTPUT_GATE:
            return [QPointF(x, g.output_valve.y() + 12), QPointF(x, g.y_boxes)]
        y = g.input_valve.y()
        return [QPointF(g.x_plus, g.band.center().y() + 12), QPointF(g.x_plus, y), QPointF(x, y), QPointF(x, g.y_boxes)]

    def _draw_gate(self, gate: Quantity) -> None:
        canvas, g, stage = self.canvas, self.geometry, GATE_STAGES[gate]
        hue, box, lit = canvas.theme.colour(gate), g.box(gate), self.moment.lit(stage)
        into, through = getattr(self.step, f"d{gate.symbol}"), getattr(self.step, f"dz_{gate.symbol}")
        canvas.opacity(self.moment.strength(stage))
        path = self.gate_path(gate)
        if len(path) > 2:
            # down from the plus the two paths are one, and it is the memory's gradient that flows there
            stem, path = path[:2], path[1:]
            canvas.wire(stem, self._cell_hue(), self._width(self.step.dc))
        canvas.wire(path, hue, self._width(into) + lit)
        canvas.opacity(self.moment.strength(stage, _ARRIVED))
        canvas.box(box, hue, lit=lit)
        title = QRectF(box.left() + 9, box.top() + 5, box.width() - 18, 16)
        canvas.text(title, gate.title, hue, 12, bold=True, align=LEFT)
        split = box.left() + 0.34 * box.width()
        curve = QRectF(box.left() + 10, box.top() + 27, split - box.left() - 10, box.height() - 38)
        canvas.curve(curve, gate, getattr(self.forward, f"z_{gate.symbol}"), self.unit)
        right = QRectF(split + 8, box.top() + 24, box.right() - split - 12, 16)
        for down, symbol, values in ((0, f"d{gate.symbol}", into), (30, f"dz_{gate.symbol}", through)):
            canvas.text(right.translated(0, down), symbol, canvas.theme.muted, 10, mono=True, align=LEFT)
            self._number(right.translated(0, down + 13), "", values, hue, LEFT, pixels=12)
        if not self.single:
            self._strip(QRectF(box.left() + 8, box.top() - 5, box.width() - 16, 8), through, gate)

    # Where it goes, below

    def _draw_sent_on(self) -> None:
        """The four shares of dh[t-1] on the wire of h, towards the step before."""
        canvas, g, step = self.canvas, self.geometry, self.step
        hidden = canvas.theme.colour(Quantity.HIDDEN_STATE)
        canvas.opacity(self.moment.strength(BackwardStage.CARRY))
        width = self._width(step.dh_before)
        for gate in GATE_STAGES:
            x = g.column(gate)
            canvas.wire([QPointF(x, g.box(gate).bottom()), QPointF(x, g.y_h)], canvas.theme.colour(gate), 1.8)
        canvas.wire([QPointF(g.column(Quantity.OUTPUT_GATE), g.y_h), QPointF(g.wires_start, g.y_h)], hidden, width)
        end = g.wires_start - 8
        words = QRectF(8, g.y_h - 22, end - 8, 13)
        canvas.text(words, "to the step before", canvas.theme.muted, 10, align=LEFT)
        self._number(QRectF(8, g.y_h - 8, end - 8, 17), "", step.dh_before, hidden, LEFT)
        canvas.text(words.translated(0, 33), f"to h[{step.before}]", hidden, 10, mono=True, align=LEFT)

    def _draw_legend(self) -> None:
        self.canvas.opacity(1)
        line = QRectF(self.geometry.wires_start, self.geometry.y_x - 8, self.geometry.width * 0.7, 16)
        self.canvas.text(line, self.scale.in_words(), self.canvas.theme.muted, 10, align=LEFT)

    # Strokes

    def _strip(self, rect: QRectF, values: Array, quantity: Quantity, *, vertical: bool = False) -> None:
        """Gradients as cells; the colours are signed, and as strong as the logarithm of the size."""
        shown, size = binned(values)
        shares = self.scale.shares(shown)
        self.canvas.strip(rect, shares, Quantity.CELL_STATE, pinned=self.unit // size, vertical=vertical)

    def _number(
        self, rect: QRectF, before: str, values: Array, hue: QColor, align: Qt.AlignmentFlag, pixels: int = 13
    ) -> None:
        text = before + signed_magnitude(float(values[self.unit]))
        self.canvas.text(rect, text, hue, pixels, bold=True, mono=True, align=align, value=True)

    def _width(self, values: Array) -> float:
        """How wide the wire of the pinned unit's gradient is."""
        return 1.0 + 5.0 * float(np.nan_to_num(np.abs(self.scale.shares(values[self.unit]))))

    def _cell_hue(self) -> QColor:
        return self.canvas.theme.colour(Quantity.CELL_STATE)

    def flows(self) -> list[Flow]:
        """The values that move while the diagram's stage is computed."""
        g, step, stage, unit = self.geometry, self.step, self.moment.stage, self.unit
        colour, valve = self.canvas.theme.colour, g.output_valve
        lane = g.lane(unit // binned(step.dc)[1])

        def text(values: Array) -> str:
            return signed_magnitude(float(values[unit]))

        if stage is BackwardStage.ARRIVE:
            path = [QPointF(g.width - 10, valve.y()), QPointF(valve.x() + 14, valve.y())]
            return [Flow(path, 0, 1, text(step.dh), colour(Quantity.HIDDEN_STATE))]
        if stage is BackwardStage.CELL:
            up = [valve, QPointF(valve.x(), lane)]
            along = [QPointF(g.x_now, lane), QPointF(valve.x(), lane)]
            on = [QPointF(valve.x(), lane), QPointF(g.x_plus, lane)]
            return [
                Flow(up, 0, 0.5, text(step.dc_from_h), self._cell_hue()),
                Flow(along, 0, 0.5, text(step.dc_after), self._cell_hue()),
                Flow(on, 0.5, 1, text(step.dc), self._cell_hue()),
            ]
        if stage is BackwardStage.CARRY:
            left = [QPointF(g.forget_valve.center().x(), lane), QPointF(g.x_before, lane)]
            back = [QPointF(g.column(Quantity.OUTPUT_GATE), g.y_h), QPointF(g.wires_start, g.y_h)]
            return [
                Flow(left, 0, 1, text(step.dc_before), self._cell_hue()),
                Flow(back, 0, 1, text(step.dh_before), colour(Quantity.HIDDEN_STATE)),
            ]
        gate = next(gate for gate, its_stage in GATE_STAGES.items() if its_stage is stage)
        return [Flow(self.gate_path(gate), 0, 0.6, text(getattr(step, f"d{gate.symbol}")), colour(gate))]
