"""Playing and moving through time."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QPointF, QTimer
from PyQt6.QtWidgets import QComboBox

from lstmviz.core.cursor import Stage
from lstmviz.gui.panels.time_slider import TimeSlider
from tests.stories.conftest import Open
from tests.stories.person import CONTROL, KEYS, NO_MODIFIER, SHIFT, Person


@pytest.fixture
def quick(open_window: Open) -> Person:
    """Somebody before the letters who plays at the highest speed."""
    person = open_window("letters")
    person.choose("speed", "16×")
    person.leave_field()
    assert person.window.player.speed == 16
    return person


def ticking(person: Person) -> bool:
    """Whether anything would still move by itself."""
    return any(timer.isActive() for timer in person.window.player.findChildren(QTimer))


def test_plays_to_the_end_and_stops_there(quick: Person) -> None:
    quick.press(KEYS.Key_Home)
    moves: list[object] = []
    quick.window.session.cursor_changed.connect(moves.append)
    quick.press(KEYS.Key_Space)
    assert quick.window.player.playing
    quick.qtbot.waitUntil(lambda: not quick.window.player.playing)
    assert quick.at == (quick.run.length, Stage.HIDDEN)
    assert len(moves) >= quick.run.length - 1
    assert quick.window.cell_view.cursor_at == quick.window.session.cursor


def test_pauses_where_it_is_and_goes_on_from_there(quick: Person) -> None:
    quick.press(KEYS.Key_Home)
    quick.press(KEYS.Key_Space)
    quick.qtbot.waitUntil(lambda: quick.at[0] >= 3)
    quick.press(KEYS.Key_Space)
    paused = quick.at
    assert not quick.window.player.playing
    assert not ticking(quick)
    quick.click_button("play_button")
    quick.qtbot.waitUntil(lambda: quick.at[0] > paused[0])
    quick.press(KEYS.Key_Left)
    assert not quick.window.player.playing


def test_a_loop_starts_again_at_the_end(quick: Person) -> None:
    quick.press(KEYS.Key_L)
    assert quick.window.player.loop
    quick.press(KEYS.Key_End)
    quick.press(KEYS.Key_Left)
    quick.press(KEYS.Key_Space)
    quick.qtbot.waitUntil(lambda: quick.at[0] < 4)
    assert quick.window.player.playing


def test_slower_speeds_show_the_values_move(person: Person) -> None:
    person.press(KEYS.Key_Home)
    fractions: list[float] = []
    person.window.player.frame.connect(fractions.append)
    person.press(KEYS.Key_Plus)
    assert person.find(QComboBox, "speed").currentText() == "2×"
    person.press(KEYS.Key_Space)
    person.qtbot.waitUntil(lambda: len(fractions) > 4)
    assert person.at == (1, Stage.FORGET)
    assert any(0 < fraction < 1 for fraction in fractions)
    person.press(KEYS.Key_Minus, times=9)
    assert person.window.player.speed == 0.25


def test_every_key_of_the_table_moves(open_window: Open) -> None:
    person = open_window("long-lag")
    length = person.run.length
    for key, modifier, expected in (
        (KEYS.Key_Home, None, (1, Stage.READ)),
        (KEYS.Key_Right, None, (1, Stage.FORGET)),
        (KEYS.Key_Right, SHIFT, (2, Stage.FORGET)),
        (KEYS.Key_PageDown, None, (12, Stage.FORGET)),
        (KEYS.Key_PageUp, None, (2, Stage.FORGET)),
        (KEYS.Key_Left, SHIFT, (1, Stage.FORGET)),
        (KEYS.Key_Left, None, (1, Stage.READ)),
        (KEYS.Key_Left, None, (1, Stage.READ)),
        (KEYS.Key_4, None, (4, Stage.READ)),
        (KEYS.Key_2, None, (42, Stage.READ)),
        (KEYS.Key_End, None, (length, Stage.HIDDEN)),
        (KEYS.Key_Right, None, (length, Stage.HIDDEN)),
    ):
        person.press(key, modifier or NO_MODIFIER)
        assert person.at == expected, key
    assert person.reads("step_label") == "step 100 of 100"


def test_the_slider_and_the_box_go_to_a_step(open_window: Open) -> None:
    person = open_window("letters")
    slider = person.find(TimeSlider, "time_slider")
    person.click(slider, QPointF(slider.x_of(7), 13))
    assert person.at[0] == 7
    person.write_number("go_to_step", "3")
    assert person.at[0] == 3
    assert slider.value() == 3
    assert person.window.timeline_view.cursor_at == person.window.session.cursor


def test_another_run_while_it_plays(quick: Person) -> None:
    quick.press(KEYS.Key_Home)
    quick.press(KEYS.Key_Space)
    quick.write_sequence("ab")
    assert quick.run.length == 2
    assert quick.at[0] <= 2
    quick.leave_field()
    quick.qtbot.waitUntil(lambda: not quick.window.player.playing)
    assert quick.at == (2, Stage.HIDDEN)
    quick.press(KEYS.Key_Space)
    quick.press(KEYS.Key_Z, CONTROL)
    assert quick.run.length == 11
    quick.qtbot.waitUntil(lambda: quick.at[0] > 3)


def test_closes_while_it_plays(quick: Person) -> None:
    quick.press(KEYS.Key_L)
    quick.press(KEYS.Key_Space)
    quick.window.close()
    assert not quick.window.player.playing
    assert not ticking(quick)
