"""Draws one LSTM cell at one moment of one step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPen

from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Stage
from lstmviz.core.quantity import Quantity
from lstmviz.core.step import LSTMStep
from lstmviz.core.text import number, percent
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas, binned
from lstmviz.gui.views.cell.geometry import VALVE_RADIUS, Geometry
from lstmviz.gui.views.cell.reveal import Moment
from lstmviz.gui.views.cell.valves import fill_levels, round_valve

GATE_STAGES = {
    Quantity.FORGET_GATE: Stage.FORGET,
    Quantity.INPUT_GATE: Stage.INPUT,
    Quantity.CANDIDATE: Stage.CANDIDATE,
    Quantity.OUTPUT_GATE: Stage.OUTPUT,
}
"""The stage that computes each gate."""

_STRIP = 9.0
"""Thickness of a strip of values."""

BOX_DONE = 0.45
"""Share of a gate's stage after which its box is filled and its value leaves for the valve."""

VALVE_DONE = 0.7
"""Share of a gate's stage after which its value has reached the valve."""


@dataclass(frozen=True)
class LSTMDiagram:
    """The drawing of one step. ``token`` is the input as the user knows it, ``largest`` the run's largest |c|."""

    canvas: Canvas
    geometry: Geometry
    step: LSTMStep
    moment: Moment
    unit: int
    token: str
    largest: float

    @property
    def single(self) -> bool:
        """One unit: plain numbers instead of strips."""
        return len(self.step.c) == 1

    def draw(self) -> None:
        """Everything but the values on their way."""
        self._draw_inputs()
        for gate in GATE_STAGES:
            self._draw_taps(gate)
        self._draw_highway()
        self._draw_gate_wires()
        self._draw_output()
        self._draw_valves()
        for gate in GATE_STAGES:
            self._draw_gate_box(gate)
        self._draw_memories()
        self._draw_labels()
        self.canvas.painter.setOpacity(1.0)

    # The inputs, below

    def _draw_inputs(self) -> None:
        canvas, g, step = self.canvas, self.geometry, self.step
        canvas.opacity(1.0)
        right = g.taps(Quantity.OUTPUT_GATE)[1]
        canvas.wire([QPointF(g.wires_start, g.y_h), QPointF(right - 18, g.y_h)], self._hue(Quantity.HIDDEN_STATE), 2.2)
        canvas.wire([QPointF(g.wires_start, g.y_x), QPointF(right, g.y_x)], self._hue(Quantity.INPUT), 2.2)
        self._draw_input(g.y_h, "last output", f"h[{step.before}]", step.h_before, Quantity.HIDDEN_STATE, before=True)
        self._draw_input(g.y_x, self.token, f"x[{step.t}]", step.x, Quantity.INPUT, before=False)

    def _draw_input(
        self, y: float, words: str, symbol: str, values: Array, quantity: Quantity, *, before: bool
    ) -> None:
        canvas, end = self.canvas, self.geometry.wires_start - 8
        hue = self._hue(quantity)
        canvas.text(QRectF(8, y - 17, end - 8, 13), words, canvas.theme.muted, 10, align=LEFT)
        canvas.text(QRectF(8, y - 17, end - 8, 13), symbol, hue, 10, mono=True, align=RIGHT)
        if len(values) == 1:
            canvas.text(QRectF(8, y - 4, end - 8, 17), number(values[0]), hue, 14, bold=True, mono=True, align=LEFT)
            return
        pinned = self.unit if quantity is Quantity.HIDDEN_STATE else -1
        largest = 1.0 if quantity is Quantity.HIDDEN_STATE else _largest(values)
        rect = QRectF(8, y - 1, end - 8, _STRIP)
        canvas.strip(rect, values, quantity, largest=largest, pinned=pinned, before=before)

    def _draw_taps(self, gate: Quantity) -> None:
        """h[t-1] and x[t] led into the gate's box."""
        g, stage = self.geometry, GATE_STAGES[gate]
        self.canvas.opacity(self.moment.strength(stage))
        bottom = g.box(gate).bottom()
        width = 2.2 if self.moment.lit(stage) else 1.4
        for x, y, quantity in (
            (g.taps(gate)[0], g.y_h, Quantity.HIDDEN_STATE),
            (g.taps(gate)[1], g.y_x, Quantity.INPUT),
        ):
            hue = self._hue(quantity)
            self.canvas.wire([QPointF(x, y), QPointF(x, bottom)], hue, width)
            self.canvas.arrow_head(QPointF(x, bottom + 1), hue, up=True)

    # The highway, on top

    def _draw_highway(self) -> None:
        g, step, moment = self.geometry, self.step, self.moment
        valve = g.forget_valve
        self._draw_lanes(step.c_before, g.x_before, valve.left(), 1.0)
        self._draw_lanes(step.kept, valve.right(), g.x_plus, moment.strength(Stage.FORGET, VALVE_DONE))
        self._draw_lanes(step.c, g.x_plus, g.x_now, moment.strength(Stage.CELL, 0.3))
        self._draw_plus()

    def _draw_lanes(self, values: Array, left: float, right: float, strength: float) -> None:
        """A lane a unit: as thick as the memory is large, dashed where it is negative."""
        canvas, g = self.canvas, self.geometry
        canvas.opacity(strength)
        thickest = 10.0 if self.single else 0.72 * g.band.height() / g.lanes
        shown, size = binned(values)
        for k, value in enumerate(np.nan_to_num(shown).tolist()):
            share = min(abs(value) / self.largest, 1.0)
            hue = self._hue(Quantity.CELL_STATE)
            if k != self.unit // size:
                hue.setAlphaF(0.4 + 0.4 * share)
            y = g.lane(k)
            width = 1.0 + (thickest - 1.0) * share
            canvas.wire([QPointF(left, y), QPointF(right, y)], hue, width, dashed=value < 0)

    def _draw_plus(self) -> None:
        canvas, g = self.canvas, self.geometry
        canvas.opacity(max(self.moment.strength(Stage.CELL), 0.35))
        lit = self.moment.lit(Stage.CELL)
        painter = canvas.painter
        painter.setPen(QPen(QColor(canvas.theme.text), 2.4 if lit else 1.5))
        painter.setBrush(QColor(canvas.theme.raised))
        if self.single:
            disc = QRectF(g.x_plus - 12, g.lane(0) - 12, 24, 24)
            painter.drawEllipse(disc)
            canvas.text(disc, "+", canvas.theme.text, 17, bold=True)
            return
        height = g.band.height()
        bar = QRectF(g.x_plus - 9, g.band.top() - 5, 18, height + 10)
        painter.drawRoundedRect(bar, 8, 8)
        if g.lanes <= 12:
            for k in range(g.lanes):
                canvas.text(QRectF(bar.left(), g.lane(k) - 7, 18, 14), "+", canvas.theme.text, 11, bold=True)
        else:
            canvas.text(bar, "+", canvas.theme.text, 17, bold=True)

    def _draw_memories(self) -> None:
        """c before and c now at the ends of the highway."""
        canvas, g, step, moment = self.canvas, self.geometry, self.step, self.moment
        hue = self._hue(Quantity.CELL_STATE)
        for values, x, align, symbol, words, strength, before in (
            (step.c_before, g.x_before, RIGHT, f"c[{step.before}]", "memory before", 1.0, True),
            (step.c, g.x_now, LEFT, f"c[{step.t}]", "memory now", moment.strength(Stage.CELL, 0.75), False),
        ):
            canvas.opacity(strength)
            left = x - 90 if before else x + 4
            text = number(values[self.unit], signed=not self.single)
            if self.single:
                y = g.lane(0)
                for down, what, colour, size, mono in (
                    (-23, words, canvas.theme.muted, 10, False),
                    (0, text, hue, 17, True),
                    (21, symbol, hue, 10, True),
                ):
                    rect = QRectF(left + (0 if before else 6), y + down - 9, 82, 18)
                    canvas.text(rect, what, colour, size, bold=size > 12, mono=mono, align=align, value=size > 12)
                continue
            strip = QRectF(x - 12 if before else x, g.band.top(), 12, g.band.height())
            canvas.strip(
                strip, values, Quantity.CELL_STATE, largest=self.largest, pinned=self.unit, vertical=True, before=before
            )
            _, size = binned(values)
            y = g.lane(self.unit // size)
            number_rect = QRectF(strip.left() - 72, y - 8, 66, 16) if before else QRectF(x + 18, y - 8, 66, 16)
            canvas.text(number_rect, text, hue, 12, bold=True, mono=True, align=align, value=True)
            label = QRectF(strip.left() - 70, 8, 84, 14) if before else QRectF(x - 4, 8, 84, 14)
            canvas.text(label, words, hue, 11, bold=True, align=align)
            canvas.text(label.translated(0, 15), symbol, hue, 10, mono=True, align=align)

    # The gates, between

    def _draw_gate_wires(self) -> None:
        canvas, g, moment = self.canvas, self.geometry, self.moment
        for gate, points in self.gate_paths().items():
            stage = GATE_STAGES[gate]
            canvas.opacity(moment.strength(stage, BOX_DONE))
            canvas.wire(points, self._hue(gate), 2.6 if moment.lit(stage) else 1.8)
        canvas.opacity(moment.strength(Stage.CANDIDATE, VALVE_DONE))
        up = self._hue(Quantity.INPUT_GATE)
        share = min(abs(float(np.nan_to_num(self.step.written[self.unit]))) / self.largest, 1.0)
        top = g.lane(0) + 14 if self.single else g.band.bottom() + 6
        canvas.wire([QPointF(g.x_plus, g.input_valve.y() - 14), QPointF(g.x_plus, top + 4)], up, 1.5 + 6 * share)
        canvas.arrow_head(QPointF(g.x_plus, top), up, up=True)

    def gate_paths(self) -> dict[Quantity, list[QPointF]]:
        """From each gate's box to its valve."""
        g, y = self.geometry, self.geometry.input_valve.y()
        half = VALVE_RADIUS if self.single else self.valve_width / 2

        def top(gate: Quantity) -> QPointF:
            return QPointF(g.column(gate), g.y_boxes)

        forget, output = top(Quantity.FORGET_GATE), top(Quantity.OUTPUT_GATE)
        below = VALVE_RADIUS if self.single else 13
        left, right = top(Quantity.INPUT_GATE), top(Quantity.CANDIDATE)
        return {
            Quantity.FORGET_GATE: [forget, QPointF(forget.x(), g.forget_valve.bottom())],
            Quantity.INPUT_GATE: [left, QPointF(left.x(), y), QPointF(g.x_plus - half, y)],
            Quantity.CANDIDATE: [right, QPointF(right.x(), y), QPointF(g.x_plus + half, y)],
            Quantity.OUTPUT_GATE: [output, QPointF(output.x(), g.output_valve.y() + below)],
        }

    @property
    def valve_width(self) -> float:
        """Width of the valves of several units."""
        return 0.115 * self.geometry.width

    def valve_rect(self, centre: QPointF) -> QRectF:
        """The valves of several units round ``centre``."""
        return QRectF(centre.x() - self.valve_width / 2, centre.y() - 13, self.valve_width, 26)

    def _draw_valves(self) -> None:
        g, step, moment, canvas = self.geometry, self.step, self.moment, self.canvas
        for gate, values, centre in (
            (Quantity.FORGET_GATE, step.f, g.forget_valve.center()),
            (Quantity.INPUT_GATE, step.i, g.input_valve),
            (Quantity.OUTPUT_GATE, step.o, g.output_valve),
        ):
            stage = GATE_STAGES[gate]
            canvas.opacity(moment.strength(stage, VALVE_DONE))
            lit, forget = moment.lit(stage), gate is Quantity.FORGET_GATE
            if self.single:
                round_valve(canvas, centre, gate, float(values[0]), lit=lit, flat=forget)
                continue
            rect = g.forget_valve if forget else self.valve_rect(centre)
            fill_levels(canvas, rect, gate, values, self.unit, lit=lit, vertical=forget)
        if not self.single:
            self._draw_written()

    def _draw_written(self) -> None:
        """i g of every unit on its way up to the highway."""
        g = self.geometry
        self.canvas.opacity(self.moment.strength(Stage.CANDIDATE, VALVE_DONE))
        valve = self.valve_rect(g.input_valve)
        rect = QRectF(valve.left() + 6, valve.top() - 12, valve.width() - 12, 7)
        self.canvas.strip(rect, self.step.written, Quantity.CANDIDATE, largest=self.largest, pinned=self.unit)

    def _draw_gate_box(self, gate: Quantity) -> None:
        canvas, step, stage = self.canvas, self.step, GATE_STAGES[gate]
        box, hue = self.geometry.box(gate), self._hue(gate)
        canvas.opacity(self.moment.strength(stage, BOX_DONE * 0.5))
        canvas.box(box, hue, lit=self.moment.lit(stage))
        values, z = getattr(step, gate.symbol), getattr(step, f"z_{gate.symbol}")
        title = QRectF(box.left() + 9, box.top() + 5, box.width() - 18, 16)
        canvas.text(title, gate.title, hue, 12, bold=True, align=LEFT)
        canvas.text(title, gate.symbol, hue, 12, bold=True, mono=True, align=RIGHT)
        split = box.left() + 0.43 * box.width()
        curve = QRectF(box.left() + 10, box.top() + 27, split - box.left() - 14, box.height() - 38)
        canvas.curve(curve, gate, z, self.unit)
        right = QRectF(split + 4, box.top() + 24, box.right() - split - 10, 20)
        signed = gate is Quantity.CANDIDATE
        canvas.text(
            right, number(values[self.unit], signed=signed), hue, 15, bold=True, mono=True, align=LEFT, value=True
        )
        z_text = f"z {number(z[self.unit], signed=True, digits=2)}"
        canvas.text(right.translated(0, 20), z_text, canvas.theme.muted, 10, mono=True, align=LEFT, value=True)
        function = "tanh" if signed else "sigmoid"
        canvas.text(right.translated(0, 35), f"{function} of z", canvas.theme.muted, 10, align=LEFT)
        if not self.single:
            strip = QRectF(box.left() + 8, box.top() - 5, box.width() - 16, 8)
            canvas.strip(strip, values, gate, pinned=self.unit)

    # The way out, on the right

    def _draw_output(self) -> None:
        canvas, g, step, moment = self.canvas, self.geometry, self.step, self.moment
        cell, hidden = self._hue(Quantity.CELL_STATE), self._hue(Quantity.HIDDEN_STATE)
        canvas.opacity(moment.strength(Stage.HIDDEN))
        lit = moment.lit(Stage.HIDDEN)
        start = QPointF(g.tanh_box.center().x(), g.lane(g.lanes - 1))
        half = VALVE_RADIUS if self.single else 13
        canvas.wire([start, QPointF(start.x(), g.output_valve.y() - half)], cell, 2.4 if lit else 1.6)
        canvas.box(g.tanh_box, cell, lit=lit, radius=5)
        canvas.text(g.tanh_box, "tanh", canvas.theme.text, 11)
        beside = QRectF(g.tanh_box.right() + 5, g.tanh_box.top(), 60, g.tanh_box.height())
        canvas.text(beside, number(step.tanh_c[self.unit]), cell, 10, mono=True, align=LEFT, value=True)
        canvas.opacity(moment.strength(Stage.HIDDEN, 0.6))
        reach = VALVE_RADIUS if self.single else self.valve_width / 2
        y, end = g.output_valve.y(), g.x_now - 4
        canvas.wire([QPointF(g.output_valve.x() + reach, y), QPointF(end - 5, y)], hidden, 3.0 if lit else 2.2)
        canvas.arrow_head(QPointF(end, y), hidden)
        text = number(step.h[self.unit], signed=not self.single)
        shown = QRectF(g.x_now + 2, y - 10, 84, 20)
        canvas.text(shown, text, hidden, 15 if self.single else 13, bold=True, mono=True, align=LEFT, value=True)
        canvas.text(QRectF(g.x_now + 2, y - 26, 84, 14), "shown", canvas.theme.muted, 10, align=LEFT)
        canvas.text(QRectF(g.x_now + 2, y + 11, 84, 14), f"h[{step.t}]", hidden, 10, mono=True, align=LEFT)
        if not self.single:
            strip = QRectF(g.x_now - 34, y + 28, g.width - g.x_now + 28, _STRIP)
            canvas.strip(strip, step.h, Quantity.HIDDEN_STATE, pinned=self.unit)

    # Words

    def _draw_labels(self) -> None:
        canvas, g, step, moment = self.canvas, self.geometry, self.step, self.moment
        who = "" if self.single else f"unit {self.unit} "
        f, i, o = (float(values[self.unit]) for values in (step.f, step.i, step.o))
        x = g.forget_valve.center().x()
        canvas.opacity(moment.strength(Stage.FORGET, VALVE_DONE))
        self._two_lines(
            QRectF(x - 80, g.forget_valve.top() - 36, 160, 32), Quantity.FORGET_GATE, f"{who}keeps {percent(f)}"
        )
        kept = QRectF(g.forget_valve.right() + 4, g.band.top() - 21, g.x_plus - g.forget_valve.right() - 18, 15)
        kept_text = f"kept {number(step.kept[self.unit], signed=True)}"
        canvas.text(kept, kept_text, self._hue(Quantity.CELL_STATE), 11, mono=True, value=True)
        half = VALVE_RADIUS if self.single else self.valve_width / 2
        y = g.input_valve.y()
        canvas.opacity(moment.strength(Stage.INPUT, VALVE_DONE))
        left_of_valve = QRectF(g.x_plus - half - 150, y - 40, 142, 32)
        self._two_lines(left_of_valve, Quantity.INPUT_GATE, f"lets {percent(i)} in", RIGHT)
        canvas.opacity(moment.strength(Stage.CANDIDATE, VALVE_DONE))
        written = f"written {number(step.written[self.unit], signed=True)}"
        beside = QRectF(g.x_plus + (14 if self.single else half - 2), (y - 13 + g.band.bottom()) / 2 - 8, 120, 16)
        canvas.text(beside, written, self._hue(Quantity.INPUT_GATE), 11, bold=True, mono=True, align=LEFT, value=True)
        canvas.opacity(moment.strength(Stage.OUTPUT, VALVE_DONE))
        left_of_valve = QRectF(g.output_valve.x() - half - 130, g.output_valve.y() - 16, 122, 32)
        self._two_lines(left_of_valve, Quantity.OUTPUT_GATE, f"shows {percent(o)}", RIGHT)

    def _two_lines(
        self, rect: QRectF, gate: Quantity, words: str, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignCenter
    ) -> None:
        hue = self._hue(gate)
        top = QRectF(rect.left(), rect.top(), rect.width(), 15)
        self.canvas.text(top, gate.title, hue, 12, bold=True, align=align)
        self.canvas.text(top.translated(0, 15), words, hue, 11, align=align, value=True)

    def _hue(self, quantity: Quantity) -> QColor:
        return self.canvas.theme.colour(quantity)


def _largest(values: Array) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0
