"""Draws the values of one step of an LSTM cell, over the ground that is the same at every step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PyQt6.QtCore import QPointF, QRectF

from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Stage
from lstmviz.core.engine.step import LSTMStep
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import count, number
from lstmviz.gui.views.cell.canvas import CENTRE, LEFT, RIGHT, Align, Canvas, binned
from lstmviz.gui.views.cell.curve import draw_dots
from lstmviz.gui.views.cell.geometry import Geometry
from lstmviz.gui.views.cell.ghost_marks import draw_held
from lstmviz.gui.views.cell.lanes import draw_lanes
from lstmviz.gui.views.cell.lstm_ground import BOX_DONE, CURVE_SHARE, GATE_STAGES, VALVE_DONE, draw_plus
from lstmviz.gui.views.cell.reveal import Moment
from lstmviz.gui.views.cell.valves import fill_levels, round_valve
from lstmviz.gui.views.cell.wording import Wording

_STRIP = 9.0
"""Thickness of a strip of values."""


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
    wording: Wording

    @property
    def single(self) -> bool:
        """One unit: plain numbers instead of strips."""
        return self.geometry.single

    @cached_property
    def lane(self) -> int:
        """The lane of the pinned unit."""
        return self.unit // binned(self.step.c)[1]

    def draw(self) -> None:
        """Everything that the ground does not show, but for the values on their way."""
        self._draw_inputs()
        self._draw_highway()
        self._draw_written()
        self._draw_output()
        self._draw_valves()
        for gate in GATE_STAGES:
            self._draw_gate(gate)
        self._draw_memory(self.step.c_before, before=True)
        self._draw_memory(self.step.c, before=False)
        self._draw_labels()
        self.canvas.painter.setOpacity(1.0)

    # The inputs, below

    def _draw_inputs(self) -> None:
        canvas, g, step = self.canvas, self.geometry, self.step
        canvas.opacity(1.0)
        canvas.text(g.input_words(g.y_x)[0], self.token, canvas.theme.muted, 10, align=LEFT)
        self._draw_input(g.y_h, f"h[{step.before}]", step.h_before, Quantity.HIDDEN_STATE)
        self._draw_input(g.y_x, f"x[{step.t}]", step.x, Quantity.INPUT)

    def _draw_input(self, y: float, symbol: str, values: Array, quantity: Quantity) -> None:
        canvas, g, hue = self.canvas, self.geometry, self.canvas.hue(quantity)
        canvas.text(g.input_words(y)[1], symbol, hue, 10, mono=True, align=RIGHT)
        before = quantity is Quantity.HIDDEN_STATE
        if len(values) == 1:
            rect = QRectF(8, y - 4, g.wires_start - 16, 17)
            canvas.text(rect, number(values[0]), hue, 14, bold=True, mono=True, align=LEFT)
            canvas.place(rect, quantity, 0, before=before)
            return
        pinned, largest = (self.unit if before else -1), 1.0
        if not before or self.wording.projected:  # a projection takes h out of −1 to 1
            largest = largest_of(values)
        canvas.strip(self.input_strip(y), values, quantity, largest=largest, pinned=pinned, before=before)

    def input_strip(self, y: float) -> QRectF:
        """Where h[t-1] or x[t] stands at the start of its wire."""
        return QRectF(8, y - 1, self.geometry.wires_start - 16, _STRIP)

    # The highway, on top

    def _draw_highway(self) -> None:
        g, step, moment = self.geometry, self.step, self.moment
        valve, plus = g.forget_valve, g.plus
        self._draw_lanes(step.c_before, g.x_before, valve.left() - _edge(moment, Stage.FORGET), 1.0)
        # several units' lanes end where the bar of the ground begins; a single one runs under its disc
        border = _edge(moment, Stage.CELL)
        into, out_of = (g.x_plus, g.x_plus) if self.single else (plus.left() - border, plus.right() + border)
        start = valve.right() + _edge(moment, Stage.FORGET)
        self._draw_lanes(step.kept, start, into, moment.strength(Stage.FORGET, VALVE_DONE))
        self._draw_lanes(step.c, out_of, g.x_now, moment.strength(Stage.CELL, 0.3))
        if self.single:
            draw_plus(self.canvas, g, moment)

    def _draw_lanes(self, values: Array, left: float, right: float, strength: float) -> None:
        """A lane a unit: as thick as the memory is large, dashed where it is negative."""
        self.canvas.opacity(strength)
        shares = binned(values)[0] / self.largest
        draw_lanes(self.canvas, self.geometry, shares, (left, right), pinned=self.lane, thinnest=1.0, alpha=(0.4, 0.8))

    def _draw_memory(self, values: Array, *, before: bool) -> None:
        """c before or c now at its end of the highway."""
        canvas, g, step = self.canvas, self.geometry, self.step
        hue = canvas.hue(Quantity.CELL_STATE)
        canvas.opacity(1.0 if before else self.moment.strength(Stage.CELL, 0.75))
        words, align = g.memory_words(before=before), RIGHT if before else LEFT
        symbol = f"c[{step.before if before else step.t}]"
        text = number(values[self.unit], signed=not self.single)
        if self.single:
            words = words.adjusted(0, 0, -8, 0) if before else words
            shown = words.translated(0, 23)
            canvas.text(shown, text, hue, 17, bold=True, mono=True, align=align, value=True)
            line = words.translated(0, 44)
        else:
            canvas.strip(
                self.memory_strip(before=before), values, Quantity.CELL_STATE,
                largest=self.largest, pinned=self.unit, vertical=True, before=before,
            )  # fmt: skip
            shown = QRectF(g.x_before - 84 if before else g.x_now + 18, g.lane(self.lane) - 8, 66, 16)
            canvas.text(shown, text, hue, 12, bold=True, mono=True, align=align, value=True)
            line = words.translated(0, 15)
        if "c" in self.wording.held and not before:
            draw_held(canvas, line, f"{symbol} held", hue, mono=True)
        else:
            canvas.text(line, symbol, hue, 10, mono=True, align=align)
        canvas.place(shown, Quantity.CELL_STATE, self.unit, before=before)

    def memory_strip(self, *, before: bool) -> QRectF:
        """Where c before or c now stands, of several units."""
        g = self.geometry
        return QRectF(g.x_before - 12 if before else g.x_now, g.band.top(), 12, g.band.height())

    # The gates, between

    def _draw_written(self) -> None:
        """i g of the pinned unit on its way up to the highway."""
        canvas, g = self.canvas, self.geometry
        canvas.opacity(self.moment.strength(Stage.CANDIDATE, VALVE_DONE))
        up = canvas.hue(Quantity.INPUT_GATE)
        share = min(abs(float(np.nan_to_num(self.step.written[self.unit]))) / self.largest, 1.0)
        top = g.lane(0) + 14 if self.single else g.band.bottom() + 6
        canvas.wire([QPointF(g.x_plus, g.input_valve.y() - 14), QPointF(g.x_plus, top + 4)], up, 1.5 + 6 * share)
        canvas.arrow_head(QPointF(g.x_plus, top), up, up=True)

    def _draw_valves(self) -> None:
        g, step, moment, canvas = self.geometry, self.step, self.moment, self.canvas
        for gate, values, centre in (
            (Quantity.FORGET_GATE, step.f, g.forget_valve.center()),
            (Quantity.INPUT_GATE, step.i, g.input_valve),
            (Quantity.OUTPUT_GATE, step.o, g.output_valve),
        ):
            stage, forget = GATE_STAGES[gate], gate is Quantity.FORGET_GATE
            canvas.opacity(moment.strength(stage, VALVE_DONE))
            if self.single:
                round_valve(canvas, centre, gate, float(values[0]), lit=moment.lit(stage), flat=forget)
            else:
                rect = g.forget_valve if forget else g.valve_rect(centre)
                fill_levels(canvas, rect, gate, values, self.unit, vertical=forget)
        if self.single:
            return
        canvas.opacity(moment.strength(Stage.CANDIDATE, VALVE_DONE))
        valve = g.valve_rect(g.input_valve)
        rect = QRectF(valve.left() + 6, valve.top() - 12, valve.width() - 12, 7)
        canvas.strip(rect, step.written, Quantity.CANDIDATE, largest=self.largest, pinned=self.unit)

    def _draw_gate(self, gate: Quantity) -> None:
        """The numbers in a gate's box, and its strip."""
        canvas, g, unit = self.canvas, self.geometry, self.unit
        canvas.opacity(self.moment.strength(GATE_STAGES[gate], BOX_DONE * 0.5))
        z_symbol, hue, signed = self.wording.read(gate), canvas.hue(gate), gate is Quantity.CANDIDATE
        values, z = getattr(self.step, gate.symbol), getattr(self.step, z_symbol)
        draw_dots(canvas, g.gate_curve(gate, CURVE_SHARE), self.wording.span(gate), z, values, unit, hue)
        line, below = g.gate_number(gate, CURVE_SHARE, 0), g.gate_number(gate, CURVE_SHARE, 21)
        canvas.place(g.box(gate), gate, unit)
        canvas.text(line, number(values[unit], signed=signed), hue, 15, bold=True, mono=True, align=LEFT, value=True)
        letter = "z" if z_symbol == f"z_{gate.symbol}" else z_symbol
        z_text = f"{letter} {number(z[unit], signed=True, digits=2)}"
        canvas.text(below, z_text, canvas.theme.muted, 10, mono=True, align=LEFT, value=True)
        canvas.place(below, gate, unit, z_symbol)
        if not self.single:
            canvas.strip(self.gate_strip(gate), values, gate, gate=gate.is_gate, pinned=unit)

    def gate_strip(self, gate: Quantity) -> QRectF:
        """Where the values of several units stand, on top of a gate's box."""
        box = self.geometry.box(gate)
        return QRectF(box.left() + 8, box.top() - 5, box.width() - 16, 8)

    # The way out, on the right

    def _draw_output(self) -> None:
        canvas, g, step, moment, unit = self.canvas, self.geometry, self.step, self.moment, self.unit
        cell, hidden = canvas.hue(Quantity.CELL_STATE), canvas.hue(Quantity.HIDDEN_STATE)
        canvas.opacity(moment.strength(Stage.HIDDEN))
        beside = QRectF(g.tanh_box.right() + 5, g.tanh_box.top(), 60, g.tanh_box.height())
        canvas.text(beside, number(step.tanh_c[unit]), cell, 10, mono=True, align=LEFT, value=True)
        canvas.place(beside, Quantity.CELL_STATE, unit, "tanh_c")
        canvas.opacity(moment.strength(Stage.HIDDEN, 0.6))
        y = g.output_valve.y()
        shown, pixels = QRectF(g.x_now + 2, y - 10, 84, 20), 15 if self.single else 13
        if unit < len(step.h):
            text = number(step.h[unit], signed=not self.single)
            canvas.text(shown, text, hidden, pixels, bold=True, mono=True, align=LEFT, value=True)
            canvas.place(shown, Quantity.HIDDEN_STATE, unit)
        else:
            canvas.text(shown, count(len(step.h), "number"), hidden, 11, align=LEFT)
        if self.wording.projected:
            self._draw_projection()
        line = QRectF(g.x_now + 2, y + 11, 84, 14)
        if "h" in self.wording.held:
            draw_held(canvas, line, f"h[{step.t}] held", hidden, mono=True)
        else:
            canvas.text(line, f"h[{step.t}]", hidden, 10, mono=True, align=LEFT)
        if not self.single:
            largest = largest_of(step.h) if self.wording.projected else 1.0
            canvas.strip(self.hidden_strip, step.h, Quantity.HIDDEN_STATE, pinned=unit, largest=largest)

    def _draw_projection(self) -> None:
        """m of the pinned unit, which goes into the projection with those of all the others."""
        canvas, g, unit = self.canvas, self.geometry, self.unit
        lines = self.wording.projection(len(self.step.m))
        for row, words in enumerate(lines):
            canvas.text(g.projection_line(row), words, canvas.theme.muted, 10, align=LEFT)
        line, text = g.projection_line(len(lines)), f"m[{self.step.t}] {number(self.step.m[unit])}"
        canvas.text(line, text, canvas.hue(Quantity.HIDDEN_STATE), 10, mono=True, align=LEFT, value=True)
        canvas.place(line, Quantity.HIDDEN_STATE, unit, "m")

    @property
    def hidden_strip(self) -> QRectF:
        """Where h of several units stands."""
        g = self.geometry
        return QRectF(g.x_now - 34, g.output_valve.y() + 28, g.width - g.x_now + 28, _STRIP)

    # Words

    def _draw_labels(self) -> None:
        canvas, g, step, moment = self.canvas, self.geometry, self.step, self.moment
        canvas.opacity(moment.strength(Stage.FORGET, VALVE_DONE))
        who = "" if self.single else f"unit {self.unit}"
        self._draw_deed(g.forget_words, Quantity.FORGET_GATE, CENTRE, who)
        kept = QRectF(g.forget_valve.right() + 4, g.band.top() - 21, g.x_plus - g.forget_valve.right() - 18, 15)
        text = f"kept {number(step.kept[self.unit], signed=True)}"
        canvas.text(kept, text, canvas.hue(Quantity.CELL_STATE), 11, mono=True, value=True)
        canvas.opacity(moment.strength(Stage.INPUT, VALVE_DONE))
        self._draw_deed(g.input_gate_words, Quantity.INPUT_GATE, RIGHT)
        canvas.opacity(moment.strength(Stage.CANDIDATE, VALVE_DONE))
        beside = g.x_plus + (14 if self.single else g.valve_width / 2 - 2)
        written = QRectF(beside, (g.input_valve.y() - 13 + g.band.bottom()) / 2 - 8, 120, 16)
        text = f"{self.wording.written} {number(step.written[self.unit], signed=True)}"
        hue = canvas.hue(Quantity.INPUT_GATE)
        canvas.text(written, text, hue, 11, bold=True, mono=True, align=LEFT, value=True)
        canvas.opacity(moment.strength(Stage.OUTPUT, VALVE_DONE))
        self._draw_deed(g.output_words, Quantity.OUTPUT_GATE, RIGHT)
        for rect in (kept, written):  # both are terms of the new memory
            canvas.place(rect, Quantity.CELL_STATE, self.unit)

    def _draw_deed(self, title: QRectF, gate: Quantity, align: Align, who: str = "") -> None:
        """What a gate does, in words, below its title."""
        rect = title.translated(0, 15)
        words = self.wording.does(gate, float(getattr(self.step, gate.symbol)[self.unit]), who)
        self.canvas.text(rect, words, self.canvas.hue(gate), 11, align=align, value=True)
        self.canvas.place(rect, gate, self.unit)


def _edge(moment: Moment, stage: Stage) -> float:
    """How far the border of a frame reaches beyond it."""
    return 1.2 if moment.lit(stage) else 0.65


def largest_of(values: Array) -> float:
    """The largest finite magnitude; 1 where there is none."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0
