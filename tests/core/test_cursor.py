from __future__ import annotations

import pytest

from lstmviz.core import cursor as moves
from lstmviz.core.cursor import STAGES, Cursor, Stage
from lstmviz.core.experiment import Experiment
from lstmviz.core.run import analyse
from tests.experiments import company_b, linear_loop, random_lstm


@pytest.mark.parametrize("experiment", [company_b(), linear_loop(0.9, 5)])
def test_stage_by_stage_visits_everything_once_and_back_again(experiment: Experiment) -> None:
    run = analyse(experiment)
    order = STAGES[run.network.cell]
    cursor = moves.first(run, Cursor(t=3))
    seen = [cursor]
    while (following := moves.step_stage(run, cursor, 1)) != cursor:
        cursor = following
        seen.append(cursor)
    assert [(c.t, c.stage) for c in seen] == [(t, stage) for t in range(1, run.length + 1) for stage in order]
    assert cursor == moves.last(run, cursor)
    for expected in reversed(seen):
        assert cursor == expected
        cursor = moves.step_stage(run, cursor, -1)


def test_a_reverse_layer_starts_at_the_end_of_the_sequence() -> None:
    run = analyse(random_lstm(length=4, bidirectional=True))
    start = moves.first(run, Cursor(t=2, layer="l0_reverse"))
    assert (start.t, start.stage) == (4, Stage.READ)
    assert moves.step(run, start, 1).t == 3
    assert moves.step(run, start, 99).t == 1
    assert moves.step_stage(run, moves.last(run, start), 1) == moves.last(run, start)


@pytest.mark.parametrize("layer", ["l0", "l0_reverse"])
def test_positions_count_stages(layer: str) -> None:
    run = analyse(random_lstm(length=3, bidirectional=True))
    for position in range(21):
        cursor = moves.at_position(run, Cursor(t=1, layer=layer, unit=2), position)
        assert moves.position_of(run, cursor) == position
        assert cursor.unit == 2


def test_a_cursor_from_another_run_is_brought_inside() -> None:
    run = analyse(linear_loop(0.9, 5))
    assert moves.clamped(run, Cursor(t=90, layer="l3", stage=Stage.CELL, unit=12)) == Cursor(t=5, layer="l0", unit=0)
    assert moves.clamped(run, Cursor(t=-1)).t == 1
