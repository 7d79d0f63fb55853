"""The moments of an animation: where the cursor stands in each frame, and how far the values have moved."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lstmviz.core import cursor as moves
from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import Run
from lstmviz.gui.player import ARRIVED, STAGE_SECONDS, STEP_SECONDS, WHOLE_STEPS_FROM

HOLD_SECONDS = 1.0
"""The last frame stays so much longer, before it all begins again."""


@dataclass(frozen=True)
class Moment:
    """One frame: a frame is a function of run, cursor and fraction alone.

    fraction      how far the values of the cursor's stage have moved, 0 to 1
    milliseconds  how long the frame is shown
    """

    cursor: Cursor
    fraction: float
    milliseconds: int


def moments_of(
    run: Run,
    cursor: Cursor,
    first: int | None = None,
    last: int | None = None,
    *,
    frames_a_second: int = 10,
    speed: float = 1.0,
    by_stage: bool = True,
) -> tuple[Moment, ...]:
    """The steps ``first`` to ``last`` in the order of the cursor's pass, as the player shows them at ``speed``.

    ``by_stage`` False, or a speed at which the player does so: a frame a step, for what shows no stages.

    Raises LstmvizError for steps that the run does not have.
    """
    start, stop = 1 if first is None else first, run.length if last is None else last
    if not 1 <= start <= stop <= run.length:
        raise LstmvizError(f"There are no steps {start} to {stop}", how=f"The run has steps 1 to {run.length}.")
    if by_stage and speed < WHOLE_STEPS_FROM:
        shown = _stages(run, cursor, start, stop)
        frames = max(1, round(STAGE_SECONDS / speed * frames_a_second))
        milliseconds = round(1000 / frames_a_second)
        fractions = [min((k + 1) / frames / ARRIVED, 1.0) for k in range(frames)]
    else:
        shown = [replace(cursor, t=t) for t in range(start, stop + 1)]
        if moves.first(run, cursor).t != 1:
            shown.reverse()
        milliseconds = max(round(1000 * STEP_SECONDS / speed), round(1000 / frames_a_second))
        fractions = [1.0]
    found = [Moment(each, fraction, milliseconds) for each in shown for fraction in fractions]
    found[-1] = replace(found[-1], milliseconds=milliseconds + round(1000 * HOLD_SECONDS))
    return tuple(found)


def _stages(run: Run, cursor: Cursor, start: int, stop: int) -> list[Cursor]:
    """Every stage of the steps, in the order of the pass."""
    stages = moves.stages_of(run, cursor)
    edges = [replace(cursor, t=t, stage=stage) for t in (start, stop) for stage in (stages[0], stages[-1])]
    positions = [moves.position_of(run, edge) for edge in edges]
    return [moves.at_position(run, cursor, position) for position in range(min(positions), max(positions) + 1)]
