"""The values that move through the LSTM diagram while a stage is computed."""

from __future__ import annotations

from PyQt6.QtCore import QPointF

from lstmviz.core.cursor import Stage
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import number
from lstmviz.gui.views.cell.canvas import binned
from lstmviz.gui.views.cell.lstm_diagram import LSTMDiagram
from lstmviz.gui.views.cell.lstm_ground import BOX_DONE, GATE_STAGES, VALVE_DONE
from lstmviz.gui.views.cell.reveal import Flow


def lstm_flows(diagram: LSTMDiagram) -> list[Flow]:
    """The values that move while the diagram's stage is computed."""
    g, step, unit, stage = diagram.geometry, diagram.step, diagram.unit, diagram.moment.stage
    colour = diagram.canvas.theme.colour
    hidden, ink, cell = colour(Quantity.HIDDEN_STATE), colour(Quantity.INPUT), colour(Quantity.CELL_STATE)
    h_text = number(step.h_before[0]) if len(step.h_before) == 1 else f"h[{step.before}]"
    x_text = number(step.x[0]) if len(step.x) == 1 else f"x[{step.t}]"
    lane = g.lane(unit // binned(step.c)[1])
    if stage is Stage.READ:
        end_x = g.taps(Quantity.OUTPUT_GATE)[1]
        return [
            Flow([QPointF(g.wires_start, g.y_h), QPointF(end_x - 18, g.y_h)], 0, 1, h_text, hidden),
            Flow([QPointF(g.wires_start, g.y_x), QPointF(end_x, g.y_x)], 0, 1, x_text, ink),
        ]
    if stage is Stage.CELL:
        valve_right, start = g.forget_valve.right(), QPointF(g.x_plus, g.input_valve.y() - 14)
        plus, end = QPointF(g.x_plus, lane), QPointF(g.x_now, lane)
        written = number(step.written[unit], signed=True)
        return [
            Flow([QPointF(valve_right, lane), plus], 0, 0.35, number(step.kept[unit], signed=True), cell),
            Flow([start, plus], 0, 0.35, written, colour(Quantity.INPUT_GATE)),
            Flow([plus, end], 0.35, 1, number(step.c[unit]), cell),
        ]
    if stage is Stage.HIDDEN:
        x = g.tanh_box.center().x()
        valve = g.output_valve
        return [
            Flow([QPointF(x, lane), g.tanh_box.center()], 0, 0.35, number(step.c[unit]), cell),
            Flow([g.tanh_box.center(), valve], 0.35, 0.6, number(step.tanh_c[unit]), cell),
            Flow([valve, QPointF(g.x_now, valve.y())], 0.6, 1, _shown(diagram), hidden),
        ]
    gate = next(gate for gate, its_stage in GATE_STAGES.items() if its_stage is stage)
    box_bottom, (tap_h, tap_x) = g.box(gate).bottom(), g.taps(gate)
    value = number(getattr(step, gate.symbol)[unit], signed=gate is Quantity.CANDIDATE)
    moving = [
        Flow(
            [QPointF(g.wires_start, g.y_h), QPointF(tap_h, g.y_h), QPointF(tap_h, box_bottom)], 0, 0.4, h_text, hidden
        ),
        Flow([QPointF(g.wires_start, g.y_x), QPointF(tap_x, g.y_x), QPointF(tap_x, box_bottom)], 0, 0.4, x_text, ink),
        Flow(g.gate_path(gate), BOX_DONE, VALVE_DONE, value, colour(gate)),
    ]
    if gate is Quantity.FORGET_GATE:
        into = [QPointF(g.x_before, lane), QPointF(g.forget_valve.left(), lane)]
        kept = number(step.kept[unit], signed=True)
        out = [QPointF(g.forget_valve.right(), lane), QPointF(g.x_plus - 14, lane)]
        moving += [Flow(into, 0.4, VALVE_DONE, number(step.c_before[unit]), cell), Flow(out, VALVE_DONE, 1, kept, cell)]
    if gate is Quantity.CANDIDATE:
        up = [QPointF(g.x_plus, g.input_valve.y() - 14), QPointF(g.x_plus, g.band.bottom() + 8)]
        written = number(step.written[unit], signed=True)
        moving.append(Flow(up, VALVE_DONE, 1, written, colour(Quantity.INPUT_GATE)))
    return moving


def _shown(diagram: LSTMDiagram) -> str:
    """What leaves for h of the pinned unit; with a projection there may be none, then its name."""
    step, unit = diagram.step, diagram.unit
    return number(step.h[unit]) if unit < len(step.h) else f"h[{step.t}]"
