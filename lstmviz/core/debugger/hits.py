"""Where the breakpoints of an experiment are hit, and running from one to the next in the order of a pass."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from lstmviz.core import cursor as moves
from lstmviz.core.arrays import BoolArray
from lstmviz.core.cursor import Cursor
from lstmviz.core.debugger.conditions import evaluate_condition, quantities, watch_value
from lstmviz.core.debugger.watch_values import values_in_words
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.core.run import NetworkRun, Run
from lstmviz.core.text import count

MOST_LOG_ROWS = 200
"""Rows that one run writes into the log; of more, the last ones."""


@dataclass(frozen=True, eq=False)
class Hits:
    """The steps at which a breakpoint's condition holds, bool [T]; none, and the ``error``, where it does not fit."""

    breakpoint: Breakpoint
    holds: BoolArray
    error: LstmvizError | None = None

    @cached_property
    def number(self) -> int:
        """How many steps they are."""
        return int(np.count_nonzero(self.holds))

    @property
    def steps(self) -> NDArray[np.intp]:
        """The steps t, from 1."""
        return np.flatnonzero(self.holds) + 1

    def in_words(self) -> str:
        """The hit count, such as ``3 of 40 steps``."""
        if self.error:
            return "does not fit this network"
        return f"{self.number:,} of {count(len(self.holds), 'step')}"


@dataclass(frozen=True)
class LogRow:
    """What a log point writes: the step, its token, the condition, and the numbers that the condition looks at."""

    t: int
    token: str
    condition: str
    values: str


@dataclass(frozen=True)
class Stop:
    """Where running ended.

    conditions    of the breakpoints that stopped it; empty when it reached the end of the pass
    log           the rows written on the way, in the order of the way
    rows_skipped  how many earlier rows were left out because there were too many
    """

    cursor: Cursor
    conditions: tuple[str, ...]
    log: tuple[LogRow, ...]
    rows_skipped: int = 0


def breakpoint_hits(run: Run) -> tuple[Hits, ...]:
    """The hits of every breakpoint of the run's experiment, in its order; plain names mean layer l0.

    A condition is worked out once a run, however often this is called. One that does not fit the network, because
    it names a unit that is gone, is hit nowhere and says why.
    """
    known = _KNOWN.get(run.main, {})
    conditions = dict.fromkeys(each.condition for each in run.experiment.breakpoints)
    found = {condition: known.get(condition) or _evaluated(run, condition) for condition in conditions}
    _KNOWN[run.main] = found
    return tuple(Hits(each, *found[each.condition]) for each in run.experiment.breakpoints)


def next_hit(run: Run, holds: BoolArray, cursor: Cursor, *, back: bool = False) -> Cursor | None:
    """The next step of ``holds`` [T] in the order of the pass that the cursor walks, or, ``back``, the one before.

    It stops at the last stage of the step, where everything that the step computes is known. None if there is none.
    """
    positions, here = _positions(run, cursor)[holds], moves.position_of(run, cursor)
    ahead = positions[positions < here] if back else positions[positions > here]
    if not len(ahead):
        return None
    return moves.at_position(run, cursor, int(ahead.max() if back else ahead.min()))


def run_on(run: Run, cursor: Cursor, *, back: bool = False) -> Stop:
    """Run from ``cursor`` to the next enabled breakpoint, or ``back`` to the one before; else to the end of the pass.

    Log points that are passed write a row and do not stop. In the backward pass, and in a layer that reads the
    sequence from its end, the way leads from the last step to the first.
    """
    hits = [each for each in breakpoint_hits(run) if each.breakpoint.enabled]
    stopping = [each for each in hits if not each.breakpoint.logs]
    holds = np.zeros(run.length, np.bool_)
    for each in stopping:
        holds |= each.holds
    target = next_hit(run, holds, cursor, back=back)
    if target is None:
        conditions: tuple[str, ...] = ()
        target = moves.first(run, cursor) if back else moves.last(run, cursor)
    else:
        conditions = tuple(each.breakpoint.condition for each in stopping if each.holds[target.index])
    log, skipped = _log(run, [each for each in hits if each.breakpoint.logs], cursor, target)
    return Stop(target, conditions, log, skipped)


def _log(run: Run, points: list[Hits], start: Cursor, end: Cursor) -> tuple[tuple[LogRow, ...], int]:
    """The rows of the log ``points`` on the way from ``start`` to ``end``, and how many were left out."""
    here, there = (moves.position_of(run, cursor) for cursor in (start, end))
    positions = _positions(run, start)
    passed = (positions > here) & (positions <= there) if there > here else (positions < here) & (positions >= there)
    steps = [np.flatnonzero(each.holds & passed) for each in points]
    which = np.repeat(np.arange(len(points)), [len(each) for each in steps])
    at = np.concatenate([*steps, np.empty(0, np.intp)]).astype(np.intp)
    order = np.argsort(positions[at] if there > here else -positions[at], kind="stable")
    kept = order[-MOST_LOG_ROWS:]
    rows = tuple(_row(run, points[int(which[row])].breakpoint.condition, int(at[row]) + 1) for row in kept)
    return rows, len(order) - len(kept)


def _row(run: Run, condition: str, t: int) -> LogRow:
    written = [f"{each} = {values_in_words(watch_value(run, each, t))}" for each in quantities(condition)]
    return LogRow(t, run.sequence.labels[t - 1], condition, ", ".join(written))


def _positions(run: Run, cursor: Cursor) -> NDArray[np.intp]:
    """The position (``cursor.position_of``) of the last stage of every step, [T], in the pass that is walked."""
    stages = len(moves.stages_of(run, cursor))
    steps_before = np.arange(run.length)
    if moves.first(run, cursor).t != 1:
        steps_before = steps_before[::-1]
    return steps_before * stages + stages - 1


def _evaluated(run: Run, condition: str) -> tuple[BoolArray, LstmvizError | None]:
    try:
        return evaluate_condition(run, condition), None
    except LstmvizError as error:
        nowhere = np.zeros(run.length, np.bool_)
        nowhere.flags.writeable = False
        return nowhere, error.with_traceback(None)  # the traceback would keep the run alive


_KNOWN: WeakKeyDictionary[NetworkRun, dict[str, tuple[BoolArray, LstmvizError | None]]] = WeakKeyDictionary()
"""What has been worked out for a run that is still in use."""
