"""Where the cursor stands when one looks at a value: the step, layer and unit, and the stage that computes it."""

from __future__ import annotations

from dataclasses import replace

from lstmviz.core.cursor import Cursor, Stage, clamped, stages_of
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.run import Run
from lstmviz.core.value_reference import ValueReference, is_initial, network_run

_FORWARD = {
    "x": Stage.READ,
    "z_f": Stage.FORGET,
    "f": Stage.FORGET,
    "z_i": Stage.INPUT,
    "i": Stage.INPUT,
    "z_g": Stage.CANDIDATE,
    "g": Stage.CANDIDATE,
    "c": Stage.CELL,
    "z_o": Stage.OUTPUT,
    "o": Stage.OUTPUT,
}
_BACKWARD = {
    "dy": BackwardStage.ARRIVE,
    "dh": BackwardStage.ARRIVE,
    "dm": BackwardStage.OUTPUT,
    "do": BackwardStage.OUTPUT,
    "dz_o": BackwardStage.OUTPUT,
    "dtanh_c": BackwardStage.CELL,
    "dc": BackwardStage.CELL,
    "df": BackwardStage.FORGET,
    "dz_f": BackwardStage.FORGET,
    "di": BackwardStage.INPUT,
    "dz_i": BackwardStage.INPUT,
    "dg": BackwardStage.CANDIDATE,
    "dz_g": BackwardStage.CANDIDATE,
}


def cursor_at(run: Run, ref: ValueReference, cursor: Cursor) -> Cursor:
    """The cursor from which one sees ``ref``; ``cursor`` gives what the value does not tell.

    The initial state is seen from the first step that starts from it, as is what flows back into it.
    """
    is_unit = ref.kind_of_unit == "unit" and not ref.is_length and not ref.baseline
    unit = ref.unit if is_unit else cursor.unit
    layer = ref.layer if ref.layer in run.trace.layers else cursor.layer
    stage = _stage_of(ref, initial=is_initial(network_run(run, ref).trace, ref))
    placed = replace(cursor, t=ref.t, layer=layer, unit=unit, stage=stage)
    if stage not in stages_of(run, placed):
        # a vanilla RNN takes everything after the arrival, or after reading, in one stage
        placed = replace(placed, stage=stages_of(run, placed)[-1])
    return clamped(run, placed)


def _stage_of(ref: ValueReference, *, initial: bool) -> Stage | BackwardStage:
    """The stage of an LSTM that computes the value, or first reads it."""
    if ref.gradient:
        return BackwardStage.CARRY if initial else _BACKWARD.get(ref.symbol, BackwardStage.CARRY)
    return Stage.READ if initial else _FORWARD.get(ref.symbol, Stage.HIDDEN)
