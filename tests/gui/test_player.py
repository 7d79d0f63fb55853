"""Playing, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QTimer

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.gui.player import MANUAL_SECONDS, STAGE_SECONDS, STEP_SECONDS, Player
from lstmviz.gui.session import Session
from tests.experiments import random_lstm


class Playing:
    """A player on a session, its clock, and the frames it asked for."""

    def __init__(self, length: int = 3, **recipe: object) -> None:
        self.now = 0.0
        self.session = Session(random_lstm(length, 1, 1, **recipe), Cursor(t=1, stage=Stage.READ))
        self.player = Player(self.session, clock=lambda: self.now)
        self.frames: list[float] = []
        self.player.frame.connect(self.frames.append)

    @property
    def timer_runs(self) -> bool:
        timer = self.player.findChild(QTimer)
        assert timer is not None
        return timer.isActive()

    def wait(self, seconds: float) -> None:
        """Let the time pass in frames of a 60th of a second."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + 1 / 60, end)
            if self.timer_runs:
                self.player.tick()


@pytest.fixture
def playing(qapp: object) -> Iterator[Playing]:
    playing = Playing()
    yield playing
    playing.player.pause()
    playing.session.close()


def test_plays_stage_after_stage_and_stops_at_the_end(playing: Playing) -> None:
    playing.player.play()
    assert playing.session.cursor == Cursor(t=1, stage=Stage.FORGET)
    playing.wait(STAGE_SECONDS * 1.1)
    assert playing.session.cursor == Cursor(t=1, stage=Stage.INPUT)
    playing.wait(30)
    assert playing.session.cursor == Cursor(t=3, stage=Stage.HIDDEN)
    assert not playing.player.playing
    assert not playing.timer_runs
    assert playing.player.fraction == 1


def test_values_move_from_zero_to_one_and_arrive_before_the_next_stage(playing: Playing) -> None:
    playing.player.play()
    playing.wait(STAGE_SECONDS * 0.9)
    assert playing.session.cursor.stage is Stage.FORGET
    assert playing.frames[0] == 0
    assert playing.frames == sorted(playing.frames)
    assert playing.frames[-1] == 1
    assert playing.frames.count(1) == 1


def test_play_at_the_end_starts_from_the_beginning(playing: Playing) -> None:
    playing.session.last()
    playing.player.play()
    assert playing.session.cursor == Cursor(t=1, stage=Stage.READ)
    playing.wait(STAGE_SECONDS * 1.1)
    assert playing.session.cursor == Cursor(t=1, stage=Stage.FORGET)


def test_loop_goes_on_from_the_beginning(playing: Playing) -> None:
    playing.player.loop = True
    playing.session.last()
    playing.session.step_stage(-1)
    playing.player.play()
    assert playing.session.cursor == Cursor(t=3, stage=Stage.HIDDEN)
    playing.wait(STAGE_SECONDS * 1.1)
    assert playing.session.cursor == Cursor(t=1, stage=Stage.READ)
    assert playing.player.playing


def test_pause_leaves_the_finished_stage(playing: Playing) -> None:
    playing.player.play()
    playing.wait(STAGE_SECONDS * 0.3)
    assert 0 < playing.player.fraction < 1
    playing.player.pause()
    assert playing.player.fraction == playing.frames[-1] == 1
    assert not playing.timer_runs
    where = playing.session.cursor
    playing.wait(5)
    assert playing.session.cursor == where


def test_a_higher_speed_takes_effect_within_a_stage(playing: Playing) -> None:
    playing.player.speed = 0.25
    playing.player.play()
    playing.wait(STAGE_SECONDS)  # a quarter of the stage
    playing.player.speed = 2.0
    playing.wait(STAGE_SECONDS / 2 * 0.8)
    assert playing.session.cursor.stage is Stage.INPUT


def test_from_four_times_on_it_goes_in_whole_steps_without_animation(playing: Playing) -> None:
    playing.player.speed = 4.0
    playing.player.play()
    assert playing.session.cursor == Cursor(t=2, stage=Stage.READ)
    playing.wait(STEP_SECONDS / 4 * 1.1)
    assert playing.session.cursor == Cursor(t=3, stage=Stage.READ)
    playing.wait(2)
    assert playing.session.cursor == Cursor(t=3, stage=Stage.HIDDEN)
    assert not playing.player.playing
    assert playing.frames == []


def test_a_stall_of_the_window_skips_nothing(playing: Playing) -> None:
    playing.player.speed = 16.0
    playing.player.play()
    playing.now += 10
    playing.player.tick()
    assert playing.session.cursor.t == 3
    playing.player.tick()
    assert playing.session.cursor.stage is Stage.READ


@pytest.mark.parametrize("speed", [1.0, 16.0])
def test_one_stage_by_hand_is_animated_at_any_speed(playing: Playing, speed: float) -> None:
    playing.player.speed = speed
    playing.session.step_stage(1)
    assert playing.player.fraction == 0
    playing.wait(MANUAL_SECONDS / 2)
    assert 0.3 < playing.player.fraction < 0.7
    playing.wait(MANUAL_SECONDS)
    assert playing.player.fraction == 1
    assert not playing.timer_runs


def test_other_moves_show_the_finished_stage_at_once(playing: Playing) -> None:
    playing.session.step_stage(1)
    playing.session.step(1)
    assert playing.player.fraction == 1
    assert not playing.timer_runs
    playing.session.step_stage(-1)
    assert playing.player.fraction == 1


def test_pinning_a_unit_does_not_start_the_stage_again(qapp: object) -> None:
    playing = Playing()
    playing.session.apply("three units", random_lstm(3, 3, 1))
    playing.player.play()
    playing.wait(STAGE_SECONDS * 0.3)
    before = playing.player.fraction
    playing.session.pin(2)
    assert playing.player.fraction == before
    playing.player.pause()
    playing.session.close()


def test_reduced_motion_shows_stages_without_moving_values(playing: Playing) -> None:
    playing.player.reduce_motion = True
    playing.player.play()
    playing.wait(STAGE_SECONDS * 2.2)
    assert playing.session.cursor.stage is Stage.CANDIDATE
    assert playing.frames == []


def test_reduced_motion_ends_an_animation_under_way(playing: Playing) -> None:
    playing.session.step_stage(1)
    playing.wait(MANUAL_SECONDS / 2)
    playing.player.reduce_motion = True
    assert playing.player.fraction == 1
    assert not playing.timer_runs


def test_a_shorter_run_while_playing_is_played_to_its_end(playing: Playing) -> None:
    playing.session.seek(Cursor(t=3, stage=Stage.READ))
    playing.player.play()
    playing.session.apply("shorter", random_lstm(1, 1, 1))
    assert playing.session.cursor.t == 1
    assert playing.player.playing
    playing.wait(20)
    assert playing.session.cursor == Cursor(t=1, stage=Stage.HIDDEN)
    assert not playing.player.playing
    assert not playing.timer_runs


@pytest.mark.parametrize("speed", [1.0, 16.0])
def test_one_step_loops_like_any_other_number(qapp: object, speed: float) -> None:
    playing = Playing(length=1)
    playing.player.speed, playing.player.loop = speed, True
    playing.player.play()
    seen = set()
    for _ in range(200):
        playing.wait(0.1)
        seen.add(playing.session.cursor.stage)
    assert {Stage.READ, Stage.HIDDEN} <= seen
    assert playing.player.playing
    playing.player.pause()
    playing.session.close()


def test_a_layer_that_reads_backwards_plays_from_its_own_start(qapp: object) -> None:
    playing = Playing(length=3, bidirectional=True)
    playing.player.speed = 4.0
    playing.session.seek(Cursor(t=3, layer="l0_reverse", stage=Stage.READ))
    playing.player.play()
    assert playing.session.cursor.t == 2
    playing.wait(5)
    assert playing.session.cursor == Cursor(t=1, layer="l0_reverse", stage=Stage.HIDDEN)
    playing.session.close()


def test_speeds_go_up_and_down_in_notches_and_stop_at_the_ends(playing: Playing) -> None:
    changes: list[float] = []
    playing.player.speed_changed.connect(changes.append)
    for notches in (1, 1, 1, 1, 1, -1):
        playing.player.change_speed(notches)
    assert changes == [2, 4, 8, 16, 8]
    with pytest.raises(ValueError, match="3"):
        playing.player.speed = 3.0
