"""Breakpoints and watches, with the mouse and the keyboard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel, QPushButton

from lstmviz.core.cursor import Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.gui.panels.debugger.condition_field import ConditionEdit
from lstmviz.gui.views.timeline.scene import Scene
from lstmviz.gui.views.timeline.tracks import TrackRow
from tests.stories.conftest import Open
from tests.stories.person import CONTROL, KEYS, SHIFT, Person

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what the off-screen one says of every menu

LETTER_L = 'token == "l"'
AT_L = [3, 4, 9, 10]
"""The steps of “hello hello” that read an l."""


@pytest.fixture
def letters(open_window: Open) -> Person:
    """Somebody at the first step of eleven letters."""
    person = open_window("letters")
    person.press(KEYS.Key_Home)
    return person


def type_into(person: Person, name: str, text: str) -> ConditionEdit:
    edit = person.find(ConditionEdit, f"{name}_edit")
    person.bring_into_sight(edit)
    person.click(edit.viewport())
    person.press(KEYS.Key_A, CONTROL)
    person.type(text)
    return edit


def add_breakpoint(person: Person, condition: str) -> None:
    person.open_fold("breakpoints")
    type_into(person, "breakpoint", condition)
    person.press(KEYS.Key_Return)
    person.leave_field()
    person.settle()


def scene_of(person: Person) -> Scene:
    """What the timeline draws."""
    scene = person.window.timeline_view._scene_now()
    assert scene is not None
    return scene


def marked_steps(person: Person, line: int = 0) -> list[int]:
    return [int(t) for t in scene_of(person).marks[line].hits]


# Breakpoints


def test_f8_without_a_breakpoint_shows_where_to_make_one(letters: Person) -> None:
    before = letters.at
    letters.press(KEYS.Key_F8)
    letters.settle()
    assert letters.at == before
    assert letters.reads("sentence").startswith("There is no breakpoint to stop at.")
    assert letters.find(ConditionEdit, "breakpoint_edit").isVisible()
    assert letters.find(QLabel, "no_breakpoints").isVisible()


def test_a_mistake_is_marked_at_its_place_and_what_was_expected_is_said(letters: Person) -> None:
    letters.open_fold("breakpoints")
    edit = type_into(letters, "breakpoint", "any(f < 0.1) and blub > 2")
    letters.qtbot.waitUntil(lambda: edit.marked_text == "blub")
    assert "blub" in letters.reads("breakpoint_error")
    letters.press(KEYS.Key_Return)
    assert letters.run.experiment.breakpoints == ()
    assert edit.toPlainText() == "any(f < 0.1) and blub > 2"
    type_into(letters, "breakpoint", LETTER_L)
    letters.qtbot.waitUntil(lambda: letters.reads("breakpoint_note") == "Holds at 4 of 11 steps.")
    assert letters.reads("breakpoint_error") == ""
    letters.click(letters.find(QPushButton, "breakpoint_add"), QPointF(8, 8))
    assert letters.cells("breakpoints_table", 1) == ["4 of 11"]


def test_run_forwards_and_back_and_in_the_backward_pass(letters: Person) -> None:
    add_breakpoint(letters, LETTER_L)
    assert marked_steps(letters) == AT_L
    stops = []
    for _ in range(5):
        letters.press(KEYS.Key_F8)
        stops.append(letters.at[0])
    assert stops == [*AT_L, 11]
    assert letters.reads("sentence").startswith("No breakpoint on the way: this is the end of the pass.")
    stops = []
    for _ in range(5):
        letters.press(KEYS.Key_F8, SHIFT)
        stops.append(letters.at[0])
    assert stops == [*reversed(AT_L), 1]

    letters.press(KEYS.Key_F8)
    assert letters.at == (3, Stage.HIDDEN)
    assert letters.reads("sentence") == f"Stopped at step 3: {LETTER_L}."
    assert letters.cells("breakpoints_table", 1) == ["● 4 of 11"]
    letters.press(KEYS.Key_B)
    letters.press(KEYS.Key_Home)
    assert letters.at == (11, BackwardStage.ARRIVE)
    stops = []
    for _ in range(5):
        letters.press(KEYS.Key_F8)
        stops.append(letters.at[0])
    assert stops == [*reversed(AT_L), 1]
    letters.press(KEYS.Key_F8, SHIFT)
    assert letters.at[0] == 3
    assert letters.window.session.cursor.backward


def test_gradients_can_be_stopped_at(open_window: Open) -> None:
    person = open_window("long-lag")
    norms = np.linalg.norm(person.run.gradients["l0"].h[:, 0], axis=1)
    bound = float(np.median(norms))
    add_breakpoint(person, f"norm(dh) < {bound!r}")
    person.press(KEYS.Key_B)
    person.press(KEYS.Key_Home)
    small = np.flatnonzero(norms < bound) + 1
    person.press(KEYS.Key_F8)
    assert person.at[0] == small[small < 100].max()
    assert marked_steps(person) == small.tolist()


def test_a_mark_on_the_timeline_is_clicked_and_hovered(letters: Person) -> None:
    add_breakpoint(letters, LETTER_L)
    timeline = letters.window.timeline_view
    letters.pictures()
    scene = scene_of(letters)
    place = QPointF(scene.axis.x(9), scene.layout.marks[0].center().y())
    QTest.mouseMove(timeline, place.toPoint())
    assert LETTER_L in letters.reads("sentence")
    letters.click(timeline, place)
    assert letters.at == (9, Stage.HIDDEN)


def test_a_ready_made_one_from_the_menu(letters: Person) -> None:
    letters.open_fold("breakpoints")
    letters.choose_from_button("ready_made", "Memory is large")
    (made,) = letters.run.experiment.breakpoints
    assert made.condition == "any(abs(c) > 3)"
    assert letters.window.undo_action.text() == "Undo add breakpoint any(abs(c) > 3)"


def test_a_disabled_one_is_passed_and_a_log_point_writes_a_row(letters: Person) -> None:
    add_breakpoint(letters, LETTER_L)
    add_breakpoint(letters, "t == 6")
    letters.click_cell("breakpoints_table", 0, 0)
    assert [each.enabled for each in letters.run.experiment.breakpoints] == [False, True]
    assert letters.window.undo_action.text() == f"Undo disable breakpoint {LETTER_L}"
    letters.leave_field()
    letters.press(KEYS.Key_F8)
    assert letters.at[0] == 6

    letters.press(KEYS.Key_Home)
    letters.press(KEYS.Key_Z, CONTROL)
    letters.click_cell("breakpoints_table", 0, 2)
    assert letters.window.undo_action.text() == f"Undo make {LETTER_L} a log point"
    letters.leave_field()
    letters.press(KEYS.Key_F8)
    assert letters.at[0] == 6
    assert letters.cells("breakpoints_log", 0) == ["3", "4"]
    assert letters.cells("breakpoints_log", 1) == ["l", "l"]
    letters.click_cell("breakpoints_log", 0, 0)
    assert letters.at[0] == 3


def test_deleted_with_the_key_and_brought_back_by_undo(letters: Person) -> None:
    add_breakpoint(letters, LETTER_L)
    add_breakpoint(letters, "t == 6")
    letters.click_cell("breakpoints_table", 1, 1)
    letters.press(KEYS.Key_Delete)
    assert letters.cells("breakpoints_table", 0) == [LETTER_L]
    assert len(scene_of(letters).marks) == 1
    letters.press(KEYS.Key_Z, CONTROL)
    assert letters.cells("breakpoints_table", 0) == [LETTER_L, "t == 6"]
    letters.press(KEYS.Key_Z, CONTROL)
    letters.press(KEYS.Key_Z, CONTROL)
    assert letters.run.experiment.breakpoints == ()
    assert scene_of(letters).marks == ()
    letters.press(KEYS.Key_Z, CONTROL | SHIFT)
    assert marked_steps(letters) == AT_L


def test_one_that_no_longer_fits_says_so_and_fits_again_after_undo(letters: Person) -> None:
    add_breakpoint(letters, "f[7] < 0.9")
    held = letters.cells("breakpoints_table", 1)
    letters.write_number("hidden_size", "2")
    assert letters.cells("breakpoints_table", 1) == ["does not fit"]
    model = letters.window.debugger.panel.content("breakpoints").model  # type: ignore[union-attr]
    assert "no unit 7" in model.index(0, 1).data(3)  # what a tooltip says
    letters.leave_field()
    letters.press(KEYS.Key_Home)
    letters.press(KEYS.Key_F8)
    assert letters.at[0] == 11
    letters.press(KEYS.Key_Z, CONTROL)
    assert letters.cells("breakpoints_table", 1) == held


# Watches


def add_watch(person: Person, expression: str) -> None:
    person.open_fold("watches")
    type_into(person, "watch", expression)
    person.press(KEYS.Key_Return)
    person.leave_field()
    person.settle()


def test_a_watch_follows_the_cursor_and_is_drawn_on_the_timeline(letters: Person) -> None:
    add_watch(letters, "norm(c)")
    c = letters.run.trace["l0"].c[:, 0]
    for t in (1, 5, 11):
        letters.press(KEYS.Key_Home)
        letters.press(KEYS.Key_Right, SHIFT, times=t - 1)
        assert letters.cells("watches_table", 1) == [f"{np.linalg.norm(c[t - 1]):.3f}"]
    plain = letters.window.timeline_view.grab().toImage()
    letters.click_cell("watches_table", 0, 2)
    assert letters.window.undo_action.text() == "Undo draw norm(c) on the timeline"
    (row,) = (row for row in scene_of(letters).rows.all if isinstance(row, TrackRow))
    np.testing.assert_allclose(row.values[:, 0], np.linalg.norm(c, axis=1), rtol=1e-12)
    assert letters.window.timeline_view.grab().toImage() != plain
    letters.leave_field()
    letters.press(KEYS.Key_Z, CONTROL)
    assert letters.window.timeline_view.grab().toImage() == plain


def test_a_watch_of_a_unit_that_is_gone_says_so_and_its_track_comes_back(letters: Person) -> None:
    add_watch(letters, "f[7]")
    letters.click_cell("watches_table", 0, 2)
    letters.leave_field()
    letters.press(KEYS.Key_End)
    letters.write_number("hidden_size", "2")
    assert letters.cells("watches_table", 1) == ["does not fit"]
    assert letters.pictures()
    letters.leave_field()
    letters.press(KEYS.Key_Z, CONTROL)
    assert letters.cells("watches_table", 1) == [f"{letters.run.trace['l0'].f[10, 0, 7]:.3f}"]


def test_a_shorter_sequence_under_breakpoints_and_watches(letters: Person) -> None:
    add_breakpoint(letters, "t == 9")
    add_watch(letters, "c[0]")
    letters.press(KEYS.Key_End)
    letters.write_sequence("he")
    letters.leave_field()
    assert letters.cells("breakpoints_table", 1) == ["0 of 2"]
    assert letters.cells("watches_table", 1) == [f"{letters.run.trace['l0'].c[1, 0, 0]:.3f}".replace("-", "−")]
    letters.press(KEYS.Key_F8)
    assert letters.at[0] == 2


def test_they_are_kept_in_the_file(letters: Person, tmp_path: Path) -> None:
    add_breakpoint(letters, LETTER_L)
    add_watch(letters, "norm(c)")
    mine = letters.window.session.experiment
    letters.window.files.document.save_as(tmp_path / "mine")
    letters.window.open_example("company-b")
    assert scene_of(letters).marks == ()
    letters.window.files.document.open(tmp_path / "mine.lstmviz")
    assert letters.window.session.experiment == mine
    assert letters.cells("watches_table", 0) == ["norm(c)"]
    assert marked_steps(letters) == AT_L
