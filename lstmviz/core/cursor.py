"""Where the user looks in a finished run, and the moves from there. Nothing is recomputed by moving."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from lstmviz.core.parameters import Cell
from lstmviz.core.run import Run


class Stage(Enum):
    """What one step of a cell computes, one thing after the other."""

    READ = "read"
    FORGET = "forget"
    INPUT = "input"
    CANDIDATE = "candidate"
    CELL = "cell"
    OUTPUT = "output"
    HIDDEN = "hidden"


STAGES = {Cell.LSTM: tuple(Stage), Cell.RNN: (Stage.READ, Stage.HIDDEN)}
"""The stages of each kind of cell, in order."""


@dataclass(frozen=True)
class Cursor:
    """One position in a run.

    t      step of the sequence, from 1 to T
    layer  name of the layer and direction, such as ``l0`` or ``l1_reverse``
    stage  what has just been computed at that step
    unit   the pinned unit of that layer, from 0
    """

    t: int
    layer: str = "l0"
    stage: Stage = Stage.HIDDEN
    unit: int = 0

    @property
    def index(self) -> int:
        """The row of the [T, B, H] arrays: t - 1."""
        return self.t - 1


def clamped(run: Run, cursor: Cursor) -> Cursor:
    """The nearest position that ``run`` has."""
    layer = cursor.layer if cursor.layer in run.trace.layers else "l0"
    stages = STAGES[run.network.cell]
    return Cursor(
        t=min(max(cursor.t, 1), run.length),
        layer=layer,
        stage=cursor.stage if cursor.stage in stages else stages[-1],
        unit=min(max(cursor.unit, 0), run.network.hidden_size - 1),
    )


def first(run: Run, cursor: Cursor) -> Cursor:
    """The first stage of the first step that the layer computes."""
    return replace(cursor, t=run.length if _reads_backwards(cursor) else 1, stage=STAGES[run.network.cell][0])


def last(run: Run, cursor: Cursor) -> Cursor:
    """The last stage of the last step that the layer computes."""
    return replace(cursor, t=1 if _reads_backwards(cursor) else run.length, stage=STAGES[run.network.cell][-1])


def step(run: Run, cursor: Cursor, steps: int) -> Cursor:
    """``steps`` time steps on (or back, when negative) in the layer's own order, stopping at the ends."""
    t = cursor.t - steps if _reads_backwards(cursor) else cursor.t + steps
    return replace(cursor, t=min(max(t, 1), run.length))


def step_stage(run: Run, cursor: Cursor, stages: int) -> Cursor:
    """``stages`` stages on (or back), over step borders, stopping at the ends."""
    order = STAGES[run.network.cell]
    position = position_of(run, cursor) + stages
    return at_position(run, cursor, min(max(position, 0), run.length * len(order) - 1))


def position_of(run: Run, cursor: Cursor) -> int:
    """How many stages lie before the cursor in the layer's own order."""
    order = STAGES[run.network.cell]
    steps_before = run.length - cursor.t if _reads_backwards(cursor) else cursor.index
    return steps_before * len(order) + order.index(cursor.stage)


def at_position(run: Run, cursor: Cursor, position: int) -> Cursor:
    """The inverse of ``position_of``, in the same layer with the same unit."""
    order = STAGES[run.network.cell]
    steps_before, stage = divmod(position, len(order))
    t = run.length - steps_before if _reads_backwards(cursor) else steps_before + 1
    return replace(cursor, t=t, stage=order[stage])


def _reads_backwards(cursor: Cursor) -> bool:
    return cursor.layer.endswith("_reverse")
