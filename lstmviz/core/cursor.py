"""Where the user looks in a finished run, and the moves from there. Nothing is recomputed by moving."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from lstmviz.core.engine.backward_step import BACKWARD_STAGES, BackwardStage
from lstmviz.core.networks.parameters import Cell
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
"""The forward stages of each kind of cell, in order."""


@dataclass(frozen=True)
class Cursor:
    """One position in a run.

    t      step of the sequence, from 1 to T
    layer  name of the layer and direction, such as ``l0`` or ``l1_reverse``
    stage  what has just been computed at that step; a BackwardStage when the cursor walks the backward pass
    unit   the pinned unit of that layer, from 0
    """

    t: int
    layer: str = "l0"
    stage: Stage | BackwardStage = Stage.HIDDEN
    unit: int = 0

    @property
    def index(self) -> int:
        """The row of the [T, B, H] arrays: t - 1."""
        return self.t - 1

    @property
    def backward(self) -> bool:
        """Whether it walks the backward pass, where dL/dX is computed for every X of the forward pass."""
        return isinstance(self.stage, BackwardStage)


def clamped(run: Run, cursor: Cursor) -> Cursor:
    """The nearest position that ``run`` has."""
    layer = cursor.layer if cursor.layer in run.trace.layers else "l0"
    stages = stages_of(run, cursor)
    return Cursor(
        t=min(max(cursor.t, 1), run.length),
        layer=layer,
        stage=cursor.stage if cursor.stage in stages else stages[-1],
        unit=min(max(cursor.unit, 0), run.trace[layer].parameters.hidden_size - 1),
    )


def stages_of(run: Run, cursor: Cursor) -> tuple[Stage, ...] | tuple[BackwardStage, ...]:
    """The stages of the pass that the cursor walks, in order."""
    return BACKWARD_STAGES[run.network.cell] if cursor.backward else STAGES[run.network.cell]


def turned(run: Run, cursor: Cursor, *, backward: bool) -> Cursor:
    """The same step in the other pass: where the forward pass leaves it, or where the backward pass begins with it."""
    if cursor.backward == backward:
        return cursor
    return replace(cursor, stage=BACKWARD_STAGES[run.network.cell][0] if backward else STAGES[run.network.cell][-1])


def first(run: Run, cursor: Cursor) -> Cursor:
    """The first stage of the first step that the pass computes."""
    return replace(cursor, t=run.length if _from_the_end(cursor) else 1, stage=stages_of(run, cursor)[0])


def last(run: Run, cursor: Cursor) -> Cursor:
    """The last stage of the last step that the pass computes."""
    return replace(cursor, t=1 if _from_the_end(cursor) else run.length, stage=stages_of(run, cursor)[-1])


def step(run: Run, cursor: Cursor, steps: int) -> Cursor:
    """``steps`` time steps on (or back, when negative) in the order of the pass, stopping at the ends."""
    t = cursor.t - steps if _from_the_end(cursor) else cursor.t + steps
    return replace(cursor, t=min(max(t, 1), run.length))


def step_stage(run: Run, cursor: Cursor, stages: int) -> Cursor:
    """``stages`` stages on (or back), over step borders, stopping at the ends."""
    order = stages_of(run, cursor)
    position = position_of(run, cursor) + stages
    return at_position(run, cursor, min(max(position, 0), run.length * len(order) - 1))


def position_of(run: Run, cursor: Cursor) -> int:
    """How many stages lie before the cursor in the order of the pass."""
    order = stages_of(run, cursor)
    steps_before = run.length - cursor.t if _from_the_end(cursor) else cursor.index
    return steps_before * len(order) + [*order].index(cursor.stage)


def at_position(run: Run, cursor: Cursor, position: int) -> Cursor:
    """The inverse of ``position_of``, in the same layer with the same unit."""
    order = stages_of(run, cursor)
    steps_before, stage = divmod(position, len(order))
    t = run.length - steps_before if _from_the_end(cursor) else steps_before + 1
    return replace(cursor, t=t, stage=order[stage])


def _from_the_end(cursor: Cursor) -> bool:
    """Whether the pass computes step T first: backwards, or forwards in a layer that reads from the end."""
    return cursor.layer.endswith("_reverse") != cursor.backward
