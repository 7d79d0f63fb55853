"""The step of an LSTM as it was before the what-ifs, laid over the drawing of what it is now."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QRectF

from lstmviz.core.cursor import Stage
from lstmviz.core.engine.step import LSTMStep
from lstmviz.core.quantity import Quantity
from lstmviz.gui.views.cell.canvas import RIGHT
from lstmviz.gui.views.cell.ghost_marks import (
    draw_dot_before,
    draw_jaws_before,
    draw_levels_before,
    draw_strip_before,
    draw_was,
    was,
)
from lstmviz.gui.views.cell.lstm_diagram import LSTMDiagram, largest_of
from lstmviz.gui.views.cell.lstm_ground import BOX_DONE, CURVE_SHARE, GATE_STAGES, VALVE_DONE

_COMPARED = ("x", "h_before", "c_before", "z_f", "z_i", "z_g", "z_o", "f", "i", "g", "o", "c", "h")


def differs(step: LSTMStep, before: LSTMStep) -> bool:
    """Whether anything at all is another number."""
    return not all(np.array_equal(getattr(step, name), getattr(before, name)) for name in _COMPARED)


def draw_lstm_before(diagram: LSTMDiagram, before: LSTMStep) -> None:
    """Everything that differs, as far as the diagram's moment knows it."""
    _draw_inputs(diagram, before)
    _draw_valves(diagram, before)
    for gate in GATE_STAGES:
        _draw_gate(diagram, gate, before)
    _draw_states(diagram, before)
    diagram.canvas.painter.setOpacity(1.0)


def _draw_inputs(diagram: LSTMDiagram, before: LSTMStep) -> None:
    canvas, g, step = diagram.canvas, diagram.geometry, diagram.step
    canvas.opacity(1.0)
    for y, name in ((g.y_h, "h_before"), (g.y_x, "x")):
        now, then = getattr(step, name), getattr(before, name)
        if now.shape != then.shape:
            continue
        if len(now) == 1:
            draw_was(canvas, QRectF(8, y - 4, g.wires_start - 16, 17), was(then[0], now[0]), RIGHT, grows=False)
        else:
            strip = diagram.input_strip(y)
            largest = 1.0 if name == "h_before" else largest_of(now)
            draw_strip_before(canvas, strip, now, then, gate=False, largest=largest)


def _draw_valves(diagram: LSTMDiagram, before: LSTMStep) -> None:
    canvas, g, step = diagram.canvas, diagram.geometry, diagram.step
    for gate, centre in (
        (Quantity.FORGET_GATE, g.forget_valve.center()),
        (Quantity.INPUT_GATE, g.input_valve),
        (Quantity.OUTPUT_GATE, g.output_valve),
    ):
        forget, now, then = gate is Quantity.FORGET_GATE, getattr(step, gate.symbol), getattr(before, gate.symbol)
        canvas.opacity(diagram.moment.strength(GATE_STAGES[gate], VALVE_DONE))
        if diagram.single:
            draw_jaws_before(canvas, centre, gate, float(now[0]), float(then[0]), flat=forget)
        else:
            rect = g.forget_valve if forget else g.valve_rect(centre)
            draw_levels_before(canvas, rect, gate, now, then, diagram.unit, vertical=forget)


def _draw_gate(diagram: LSTMDiagram, gate: Quantity, before: LSTMStep) -> None:
    """The strip over a gate's box, a hollow dot on its curve, and the number of before."""
    canvas, g, unit, wording = diagram.canvas, diagram.geometry, diagram.unit, diagram.wording
    canvas.opacity(diagram.moment.strength(GATE_STAGES[gate], BOX_DONE * 0.5))
    now, then = getattr(diagram.step, gate.symbol), getattr(before, gate.symbol)
    z = wording.read(gate)
    draw_dot_before(
        canvas,
        g.gate_curve(gate, CURVE_SHARE),
        wording.span(gate),
        canvas.hue(gate),
        now=(float(getattr(diagram.step, z)[unit]), float(now[unit])),
        before=(float(getattr(before, z)[unit]), float(then[unit])),
    )
    text = was(then[unit], now[unit], signed=gate is Quantity.CANDIDATE)
    line = g.gate_number(gate, CURVE_SHARE, 49)
    line.setHeight(13)
    draw_was(canvas, line, text)
    if not diagram.single:
        draw_strip_before(canvas, diagram.gate_strip(gate), now, then, gate=gate.is_gate, largest=1.0)


def _draw_states(diagram: LSTMDiagram, before: LSTMStep) -> None:
    """c at both ends of the highway, and h on the right."""
    canvas, g, step, moment, unit = diagram.canvas, diagram.geometry, diagram.step, diagram.moment, diagram.unit
    signed = not diagram.single
    for is_before, now, then in ((True, step.c_before, before.c_before), (False, step.c, before.c)):
        canvas.opacity(1.0 if is_before else moment.strength(Stage.CELL, 0.75))
        if not diagram.single:
            side, strip = -1 if is_before else 1, diagram.memory_strip(before=is_before)
            draw_strip_before(canvas, strip, now, then, gate=False, largest=diagram.largest, vertical=side)
        if not is_before:
            if diagram.single:
                line = g.memory_words(before=False).translated(0, 58)
            else:
                line = QRectF(g.x_now + 18, g.lane(diagram.lane) + 7, 66, 12)
            draw_was(canvas, line, was(then[unit], now[unit], signed=signed))
    canvas.opacity(moment.strength(Stage.HIDDEN, 0.6))
    y, down = g.output_valve.y(), 25
    if not diagram.single:
        draw_strip_before(canvas, diagram.hidden_strip, step.h, before.h, gate=False, largest=1.0)
        down = 41
    if unit < len(step.h):
        draw_was(canvas, QRectF(g.x_now + 2, y + down, 84, 12), was(before.h[unit], step.h[unit], signed=signed))
