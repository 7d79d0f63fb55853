"""The frames of an animation: which moments, in which order, for how long."""

from __future__ import annotations

import pytest

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import analyse
from lstmviz.gui.pictures.moments import moments_of
from tests.experiments import random_lstm

RUN = analyse(random_lstm(6, 4, 1))


def test_every_stage_of_every_step_moves_and_rests() -> None:
    moments = moments_of(RUN, Cursor(5, unit=2), 2, 3, frames_a_second=10)
    assert len(moments) == 2 * 7 * 8  # 0.8 seconds a stage
    assert [each.cursor.t for each in moments] == [2] * 56 + [3] * 56
    assert {each.cursor.unit for each in moments} == {2}
    assert [each.cursor.stage for each in moments[:56:8]] == list(Stage)
    fractions = [each.fraction for each in moments[:8]]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[3] < fractions[-1] == 1
    assert {each.milliseconds for each in moments[:-1]} == {100}
    assert moments[-1].milliseconds == 1100


def test_the_backward_pass_begins_with_the_last_step() -> None:
    moments = moments_of(RUN, Cursor(5, stage=BackwardStage.CARRY), 2, 4, frames_a_second=1)
    assert [each.cursor.t for each in moments] == sorted((each.cursor.t for each in moments), reverse=True)
    assert moments[0].cursor.t == 4
    assert all(each.cursor.backward for each in moments)


def test_whole_steps_where_stages_are_not_seen_and_at_high_speed() -> None:
    slow = moments_of(RUN, Cursor(1), by_stage=False)
    fast = moments_of(RUN, Cursor(1), speed=8.0)
    for moments, milliseconds in ((slow, 1600), (fast, 200)):
        assert [each.cursor.t for each in moments] == [1, 2, 3, 4, 5, 6]
        assert {each.milliseconds for each in moments[:-1]} == {milliseconds}
        assert {each.fraction for each in moments} == {1.0}
    backward = moments_of(RUN, Cursor(1, stage=BackwardStage.CARRY), by_stage=False)
    assert [each.cursor.t for each in backward] == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(("first", "last"), [(0, 3), (4, 3), (1, 7)])
def test_steps_that_there_are_not(first: int, last: int) -> None:
    with pytest.raises(LstmvizError, match=f"There are no steps {first} to {last}. The run has steps 1 to 6"):
        moments_of(RUN, Cursor(1), first, last)
