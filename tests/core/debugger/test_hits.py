from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.debugger import hits as hits_module
from lstmviz.core.debugger.conditions import evaluate_condition
from lstmviz.core.debugger.hits import MOST_LOG_ROWS, breakpoint_hits, next_hit, run_on
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.core.run import Run, analyse
from tests.experiments import letters, linear_loop, random_lstm

RUN = analyse(letters())
L = 'token == "l"'
"""Holds at the steps 3, 4, 9 and 10 of eleven."""


def with_breakpoints(*breakpoints: Breakpoint | str, run: Run = RUN) -> Run:
    made = tuple(Breakpoint(each) if isinstance(each, str) else each for each in breakpoints)
    return replace(run, experiment=replace(run.experiment, breakpoints=made))


def visited(run: Run, cursor: Cursor, *, back: bool = False) -> list[int]:
    """The steps at which running stops, one after the other, up to the end of the pass."""
    steps = []
    while (stop := run_on(run, cursor, back=back)).conditions:
        steps.append(stop.cursor.t)
        cursor = stop.cursor
    return steps


def test_hits_and_their_count() -> None:
    run = with_breakpoints(L, "f[99] < 1", Breakpoint("t > 8", enabled=False), "any(f <")
    letter, gone, disabled, broken = breakpoint_hits(run)
    assert (letter.steps.tolist(), letter.number, letter.in_words()) == ([3, 4, 9, 10], 4, "4 of 11 steps")
    assert disabled.in_words() == "3 of 11 steps"
    for each, says in ((gone, "no unit 99"), (broken, "ends too early")):
        assert each.number == 0
        assert says in str(each.error)
        assert each.in_words() == "does not fit this network"
    assert letter.error is None


def test_a_condition_is_worked_out_once_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def noted(run: Run, condition: str) -> object:
        asked.append(condition)
        return evaluate_condition(run, condition)

    monkeypatch.setattr(hits_module, "evaluate_condition", noted)
    run = with_breakpoints("t > 3", "t > 4", "t > 3")
    breakpoint_hits(run)
    breakpoint_hits(with_breakpoints("t > 4", Breakpoint("t > 3", enabled=False), "t > 5"))
    assert asked == ["t > 3", "t > 4", "t > 5"]
    breakpoint_hits(with_breakpoints("t > 4", run=analyse(letters())))
    assert asked == ["t > 3", "t > 4", "t > 5", "t > 4"]


def test_runs_are_not_kept_alive() -> None:
    run = with_breakpoints("t > 3", "nonsense", run=analyse(letters()))
    breakpoint_hits(run)
    gone = weakref.ref(run.main)
    del run
    gc.collect()
    assert gone() is None


def test_running_on_and_back_in_the_forward_pass() -> None:
    run = with_breakpoints(L)
    assert visited(run, Cursor(1, stage=Stage.READ)) == [3, 4, 9, 10]
    assert visited(run, Cursor(11, stage=Stage.HIDDEN), back=True) == [10, 9, 4, 3]
    assert visited(run, Cursor(4, stage=Stage.HIDDEN)) == [9, 10]
    assert visited(run, Cursor(4, stage=Stage.FORGET)) == [4, 9, 10]
    assert visited(run, Cursor(4, stage=Stage.FORGET), back=True) == [3]


def test_running_in_the_backward_pass_begins_at_the_end() -> None:
    run = with_breakpoints(L)
    assert visited(run, Cursor(11, stage=BackwardStage.ARRIVE)) == [10, 9, 4, 3]
    assert visited(run, Cursor(1, stage=BackwardStage.CARRY), back=True) == [3, 4, 9, 10]


def test_running_in_a_layer_that_reads_from_the_end() -> None:
    run = with_breakpoints("t == 3 or t == 7", run=analyse(random_lstm(bidirectional=True)))
    assert visited(run, Cursor(11, "l0_reverse", Stage.READ)) == [7, 3]
    assert visited(run, Cursor(1, "l0_reverse", BackwardStage.ARRIVE)) == [3, 7]
    assert visited(run, Cursor(1, "l0", Stage.READ)) == [3, 7]


def test_it_stops_where_everything_of_the_step_is_known_in_the_same_layer_and_unit() -> None:
    run = with_breakpoints("t == 5", "t > 4", Breakpoint("t == 4", enabled=False), Breakpoint("t == 3", logs=True))
    stop = run_on(run, Cursor(1, "l0", Stage.READ, unit=2))
    assert stop.cursor == Cursor(5, "l0", Stage.HIDDEN, unit=2)
    assert stop.conditions == ("t == 5", "t > 4")
    back = run_on(run, Cursor(11, stage=BackwardStage.ARRIVE))
    assert back.cursor == Cursor(11, stage=BackwardStage.CARRY)


@pytest.mark.parametrize("start", [Cursor(2, stage=Stage.CELL), Cursor(5, stage=BackwardStage.FORGET)])
def test_without_a_hit_it_runs_to_the_end_of_the_pass(start: Cursor) -> None:
    run = with_breakpoints("t > 99", "f[77] < 1")
    on, back = run_on(run, start), run_on(run, start, back=True)
    assert on.conditions == back.conditions == ()
    ends = (1, 11) if start.backward else (11, 1)
    assert (on.cursor.t, back.cursor.t) == ends
    assert run_on(run, on.cursor).cursor == on.cursor


def test_one_step() -> None:
    run = with_breakpoints("h > 0", run=analyse(linear_loop(1.0, 1)))
    assert visited(run, Cursor(1, stage=Stage.READ)) == [1]
    assert visited(run, Cursor(1, stage=BackwardStage.ARRIVE)) == [1]
    assert visited(run, Cursor(1, stage=Stage.HIDDEN)) == []


def test_log_points_write_rows_on_the_way_and_do_not_stop() -> None:
    point = Breakpoint("t > 1 and t != 4", logs=True)
    run = with_breakpoints(point, Breakpoint("c[0] > -99 and t == 3", logs=True), L, Breakpoint("t > 0", False, True))
    stop = run_on(run, Cursor(1, stage=Stage.HIDDEN))
    assert [(row.t, row.token, row.condition) for row in stop.log] == [
        (2, "e", "t > 1 and t != 4"),
        (3, "l", "t > 1 and t != 4"),
        (3, "l", "c[0] > -99 and t == 3"),
    ]
    assert stop.log[0].values == "t = 2.000"
    c = run.trace["l0"].c[2, 0, 0]
    assert stop.log[2].values == f"c[0] = {c:.3f}, t = 3.000".replace("-", "−")
    assert [row.t for row in run_on(run, stop.cursor).log] == []
    assert [row.t for row in run_on(run, Cursor(9, stage=Stage.HIDDEN), back=True).log] == [8, 7, 6, 5]
    backwards = run_on(run, Cursor(11, stage=BackwardStage.ARRIVE))
    assert [row.t for row in backwards.log] == [11, 10]


def test_of_very_many_log_rows_the_last_are_kept() -> None:
    run = with_breakpoints(Breakpoint("t > 0", logs=True), run=analyse(linear_loop(1.0, MOST_LOG_ROWS + 50)))
    stop = run_on(run, Cursor(1, stage=Stage.READ))
    assert len(stop.log) == MOST_LOG_ROWS
    assert stop.rows_skipped == 50
    assert [row.t for row in stop.log] == list(range(51, MOST_LOG_ROWS + 51))


def test_next_hit_of_any_steps() -> None:
    holds = np.zeros(11, bool)
    assert next_hit(RUN, holds, Cursor(3)) is None
    holds[[2, 6]] = True
    found = next_hit(RUN, holds, Cursor(3))
    assert found == Cursor(7)
