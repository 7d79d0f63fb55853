"""Draws one step of the backward pass through an LSTM cell: the gradient on the wires of the forward diagram."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor

from lstmviz.core.arrays import Array
from lstmviz.core.engine.backward_step import BackwardStage, LSTMBackwardStep
from lstmviz.core.engine.step import LSTMStep
from lstmviz.core.magnitudes import signed_magnitude
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import count
from lstmviz.gui.views.cell.backward_ground import ARRIVED, CURVE_SHARE, GATE_STAGES, gradient_rect
from lstmviz.gui.views.cell.canvas import CENTRE, LEFT, RIGHT, Align, Canvas, binned, ink
from lstmviz.gui.views.cell.curve import draw_dots
from lstmviz.gui.views.cell.geometry import Geometry
from lstmviz.gui.views.cell.ghost_marks import draw_strip_before, draw_struck, draw_was
from lstmviz.gui.views.cell.gradient_scale import GradientScale
from lstmviz.gui.views.cell.lanes import draw_lanes
from lstmviz.gui.views.cell.reveal import Flow, Moment
from lstmviz.gui.views.cell.wording import Wording


@dataclass(frozen=True)
class LSTMBackwardDiagram:
    """The drawing of one backward step over its ground.

    forward      the same step of the forward pass
    step_before  the step as it was before the what-ifs; None where every number is the same
    """

    canvas: Canvas
    geometry: Geometry
    step: LSTMBackwardStep
    forward: LSTMStep
    moment: Moment
    unit: int
    scale: GradientScale
    wording: Wording
    step_before: LSTMBackwardStep | None = None

    @property
    def single(self) -> bool:
        """One unit: plain numbers instead of strips."""
        return self.geometry.single

    @cached_property
    def lane(self) -> int:
        """The lane of the pinned unit."""
        return self.unit // binned(self.step.dc)[1]

    def draw(self) -> None:
        """Everything that the ground does not show, but for the values on their way."""
        self._draw_highway()
        self._draw_arrival()
        for gate in GATE_STAGES:
            self._draw_gate(gate)
        self._draw_sent_on()
        self._draw_plus_and_valves()
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
        self._draw_end(f"f dc[{step.after}]", "dc_after", arrived, before=False)
        self._draw_end(f"to c[{step.before}]", "dc_before", carried, before=True)
        self.canvas.opacity(moment.strength(BackwardStage.CELL, 0.6))
        middle = QRectF(g.x_plus + 14, g.band.top() - 21, x_out - g.x_plus - 20, 15)
        self._number(middle, f"dc[{step.t}] ", "dc", Quantity.CELL_STATE, "dc", CENTRE)
        self._was(middle.translated(0, -13), "dc", CENTRE)

    def _draw_lanes(self, values: Array, left: float, right: float, strength: float) -> None:
        """A lane a unit: the wider and stronger the larger its gradient is, dashed where it is negative."""
        self.canvas.opacity(strength)
        shares = self.scale.shares(binned(values)[0])
        draw_lanes(self.canvas, self.geometry, shares, (left, right), pinned=self.lane, thinnest=0.8, alpha=(0.25, 0.8))

    def _draw_end(self, symbol: str, name: str, strength: float, *, before: bool) -> None:
        """The gradient where it comes in, a term of dc[t], or where it goes out, a term of dc[t-1]."""
        canvas, g, hue = self.canvas, self.geometry, self.canvas.hue(Quantity.CELL_STATE)
        x, align, outer = (g.x_before, RIGHT, LEFT) if before else (g.x_now, LEFT, RIGHT)
        canvas.opacity(strength)
        canvas.text(g.gradient_words(before=before).translated(0, 14), symbol, hue, 10, mono=True, align=outer)
        if not self.single:
            strip = QRectF(x - 12 if before else x, g.band.top(), 12, g.band.height())
            self._strip(strip, name, Quantity.CELL_STATE, "dc", vertical=-1 if before else 1, before=before)
        beside = QRectF(x - 95 if before else x + 17, g.lane(self.lane) - 9, 78, 18)
        self._number(beside, "", name, Quantity.CELL_STATE, "dc", align, before=before)
        self._was(QRectF(beside.left(), beside.bottom() - 3, beside.width(), 13), name, align)

    def _draw_plus_and_valves(self) -> None:
        canvas, g = self.canvas, self.geometry
        canvas.opacity(self.moment.strength(BackwardStage.CELL, 0.5), least=0.35)
        for x, mark in ((g.x_plus, "+"), (g.forget_valve.center().x(), "×")):
            self._draw_disc(QPointF(x, g.band.center().y()), ink(canvas.theme.text), mark)
        canvas.opacity(self.moment.strength(BackwardStage.OUTPUT), least=0.35)
        self._draw_disc(g.output_valve, canvas.hue(Quantity.OUTPUT_GATE), "×")

    def _draw_disc(self, centre: QPointF, border: QColor, mark: str) -> None:
        disc = QRectF(centre.x() - 12, centre.y() - 12, 24, 24)
        self.canvas.box(disc, border, radius=12)
        self.canvas.text(disc, mark, self.canvas.theme.text, 15, bold=True)

    # Where it arrives, on the right

    def _draw_arrival(self) -> None:
        canvas, g, step, moment = self.canvas, self.geometry, self.step, self.moment
        hidden, cell, valve = canvas.hue(Quantity.HIDDEN_STATE), canvas.hue(Quantity.CELL_STATE), g.output_valve
        canvas.opacity(moment.strength(BackwardStage.ARRIVE))
        width = self._width(step.dh) + moment.lit(BackwardStage.ARRIVE)
        ways = [(g.x_now, valve.x() + 14)]
        if self.wording.projected:
            ways = [(g.x_now, g.projection_box.right()), (g.projection_box.left(), valve.x() + 14)]
        for start_x, end_x in ways:
            canvas.wire([QPointF(start_x, valve.y()), QPointF(end_x, valve.y())], hidden, width)
        if self.wording.projected:
            self._draw_projection()
        beside = QRectF(g.x_now + 3, valve.y() - 10, 90, 20)
        self._number(beside, "", "dh", Quantity.HIDDEN_STATE, "dh", LEFT)
        above = QRectF(beside.left(), valve.y() - 25, 90, 14)
        canvas.text(above, f"dh[{step.t}]", hidden, 10, mono=True, align=LEFT)
        self._was(QRectF(above.left(), above.top(), g.width - above.left() - 6, 14), "dh", struck=True)
        if not self.single:
            strip = QRectF(g.x_now - 34, valve.y() + 14, g.width - g.x_now + 28, 9)
            self._strip(strip, "dh", Quantity.HIDDEN_STATE, "dh")
        for row, words, values in ((0, "above", step.dh_above), (1, f"t = {step.after}", step.dh_after)):
            line = g.arrival_line(row)
            if self.unit < len(values):
                canvas.text(line, words, canvas.theme.muted, 9, align=LEFT)
                text = signed_magnitude(float(values[self.unit]))
                canvas.text(line, text, canvas.theme.muted, 9, mono=True, align=RIGHT)
                canvas.place(line, Quantity.HIDDEN_STATE, self.unit, "dh")
        canvas.opacity(moment.strength(BackwardStage.CELL))
        tip, width = QPointF(valve.x(), g.band.bottom() + 2), self._width(step.dc_from_h)
        for start, end in ((valve.y() - 12, g.tanh_box.bottom() + 1), (g.tanh_box.top() - 1, tip.y())):
            canvas.wire([QPointF(valve.x(), start), QPointF(valve.x(), end)], cell, width)
        canvas.arrow_head(tip, cell, up=True)
        beside = QRectF(g.tanh_box.right() + 5, g.tanh_box.top(), 80, g.tanh_box.height())
        self._number(beside, "", "dc_from_h", Quantity.CELL_STATE, "dc", LEFT, pixels=10)
        self._was(QRectF(beside.left(), beside.center().y() + 5, 58, 13), "dc_from_h", struck=True)

    def _draw_projection(self) -> None:
        """What the projection does, in words, and dm of the pinned unit, which it takes back."""
        canvas, g, step = self.canvas, self.geometry, self.step
        lines = ("projection:", f"{len(step.dh):,} → {count(len(step.dm), 'unit')}", "dm = W_hrᵀ × dh")
        for row, words in enumerate(lines):
            canvas.text(g.projection_line(row), words, canvas.theme.muted, 10, align=LEFT)
        line, text = g.projection_line(len(lines)), f"dm[{step.t}] {signed_magnitude(float(step.dm[self.unit]))}"
        canvas.text(line, text, canvas.hue(Quantity.HIDDEN_STATE), 10, mono=True, align=LEFT, value=True)
        canvas.place(line, Quantity.HIDDEN_STATE, self.unit, "dm")

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
        canvas, g, stage, hue = self.canvas, self.geometry, GATE_STAGES[gate], self.canvas.hue(gate)
        symbol = gate.symbol
        into, through = f"d{symbol}", f"dz_{symbol}"
        canvas.opacity(self.moment.strength(stage))
        path = self.gate_path(gate)
        if len(path) > 2:
            # down from the plus the two paths are one, and it is the memory's gradient that flows there
            stem, path = path[:2], path[1:]
            canvas.wire(stem, canvas.hue(Quantity.CELL_STATE), self._width(self.step.dc))
        canvas.wire(path, hue, self._width(getattr(self.step, into)) + self.moment.lit(stage))
        canvas.opacity(self.moment.strength(stage, ARRIVED))
        z, values = getattr(self.forward, self.wording.read(gate)), getattr(self.forward, symbol)
        draw_dots(canvas, g.gate_curve(gate, CURVE_SHARE), self.wording.span(gate), z, values, self.unit, hue)
        canvas.place(g.box(gate), gate, self.unit, f"d{symbol}")
        for row, name in enumerate((into, through)):
            line = gradient_rect(g, gate, row)
            self._number(line.translated(0, 14), "", name, gate, name, LEFT, pixels=12)
            if row == 0 or symbol not in self.wording.held:
                self._was(line.adjusted(0, 0, 2, 0), name, struck=True)
        if not self.single:
            box = g.box(gate)
            self._strip(QRectF(box.left() + 8, box.top() - 5, box.width() - 16, 8), through, gate, through)

    # Where it goes, below

    def _draw_sent_on(self) -> None:
        """The sum of the four gates' shares on the wire of h, towards the step before."""
        canvas, g, step = self.canvas, self.geometry, self.step
        hidden = canvas.hue(Quantity.HIDDEN_STATE)
        canvas.opacity(self.moment.strength(BackwardStage.CARRY))
        start, end = QPointF(g.column(Quantity.OUTPUT_GATE), g.y_h), QPointF(g.wires_start, g.y_h)
        canvas.wire([start, end], hidden, self._width(step.dh_before))
        line = g.sent_on_words.translated(0, 14)
        self._number(line, "", "dh_before", Quantity.HIDDEN_STATE, "dh", LEFT, before=True)
        below = line.translated(0, 18)
        canvas.text(below, f"to h[{step.before}]", hidden, 10, mono=True, align=LEFT)
        self._was(below.adjusted(0, 0, -14, 0), "dh_before", struck=True)

    def _draw_legend(self) -> None:
        self.canvas.opacity(1)
        line = QRectF(self.geometry.wires_start, self.geometry.y_x - 8, self.geometry.width * 0.8, 16)
        self.canvas.text(line, self.scale.in_words(), self.canvas.theme.muted, 10, align=LEFT)

    # Strokes

    def _strip(
        self,
        rect: QRectF,
        name: str,
        quantity: Quantity,
        symbol: str,
        *,
        vertical: int = 0,
        before: bool = False,
    ) -> None:
        """Gradients as cells, the field ``name`` of the step; signed colours, as strong as the logarithm of the size.

        Upright with ``vertical`` -1 or 1, which says on which side the line of before the what-ifs stands.
        """
        values = getattr(self.step, name)
        self.canvas.strip(
            rect, self.scale.shares(binned(values)[0]), quantity,
            units=len(values), symbol=symbol, pinned=self.unit, vertical=bool(vertical), before=before,
        )  # fmt: skip
        if self.step_before is not None:
            shares, then = (self.scale.shares(each) for each in (values, getattr(self.step_before, name)))
            draw_strip_before(self.canvas, rect, shares, then, gate=False, largest=1.0, vertical=vertical)

    def _number(
        self,
        rect: QRectF,
        words: str,
        name: str,
        quantity: Quantity,
        symbol: str,
        align: Align,
        *,
        pixels: int = 13,
        before: bool = False,
    ) -> None:
        """The pinned unit's gradient, the field ``name`` of the step, after ``words``; nothing where it has none."""
        if self.unit >= len(getattr(self.step, name)):
            return
        canvas, now = self.canvas, signed_magnitude(float(getattr(self.step, name)[self.unit]))
        canvas.text(rect, words + now, canvas.hue(quantity), pixels, bold=True, mono=True, align=align, value=True)
        canvas.place(rect, quantity, self.unit, symbol, before=before)

    def _was(self, line: QRectF, name: str, align: Align = RIGHT, *, struck: bool = False) -> None:
        """What the pinned unit's gradient was before the what-ifs, where that reads otherwise."""
        if self.step_before is None or self.unit >= len(getattr(self.step, name)):
            return
        now, then = (float(getattr(each, name)[self.unit]) for each in (self.step, self.step_before))
        if signed_magnitude(now) == signed_magnitude(then):
            return
        if struck:
            draw_struck(self.canvas, line, signed_magnitude(then, digits=2))
        else:
            draw_was(self.canvas, line, f"was {signed_magnitude(then)}", align)

    def _width(self, values: Array) -> float:
        """How wide the wire of the pinned unit's gradient is; where it has none, that of the last one."""
        return 1.0 + 5.0 * self.scale.size_of(float(values[min(self.unit, len(values) - 1)]))

    def flows(self) -> list[Flow]:
        """The values that move while the diagram's stage is computed."""
        g, step, stage, unit = self.geometry, self.step, self.moment.stage, self.unit
        colour, valve = self.canvas.hue, g.output_valve
        lane, cell = g.lane(self.lane), colour(Quantity.CELL_STATE)

        def text(values: Array) -> str:
            return signed_magnitude(float(values[unit])) if unit < len(values) else count(len(values), "number")

        if stage is BackwardStage.ARRIVE:
            path = [QPointF(g.width - 10, valve.y()), QPointF(valve.x() + 14, valve.y())]
            return [Flow(path, 0, 1, text(step.dh), colour(Quantity.HIDDEN_STATE))]
        if stage is BackwardStage.CELL:
            up = [valve, QPointF(valve.x(), lane)]
            along = [QPointF(g.x_now, lane), QPointF(valve.x(), lane)]
            on = [QPointF(valve.x(), lane), QPointF(g.x_plus, lane)]
            return [
                Flow(up, 0, 0.5, text(step.dc_from_h), cell),
                Flow(along, 0, 0.5, text(step.dc_after), cell),
                Flow(on, 0.5, 1, text(step.dc), cell),
            ]
        if stage is BackwardStage.CARRY:
            left = [QPointF(g.forget_valve.center().x(), lane), QPointF(g.x_before, lane)]
            back = [QPointF(g.column(Quantity.OUTPUT_GATE), g.y_h), QPointF(g.wires_start, g.y_h)]
            return [
                Flow(left, 0, 1, text(step.dc_before), cell),
                Flow(back, 0, 1, text(step.dh_before), colour(Quantity.HIDDEN_STATE)),
            ]
        gate = next(gate for gate, its_stage in GATE_STAGES.items() if its_stage is stage)
        return [Flow(self.gate_path(gate), 0, 0.6, text(getattr(step, f"d{gate.symbol}")), colour(gate))]
