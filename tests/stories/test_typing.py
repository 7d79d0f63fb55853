"""Typing a sequence: it runs while it is typed, and a mistake loses nothing."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QLineEdit, QPlainTextEdit, QSpinBox

from lstmviz.core.cursor import STAGES, Stage
from lstmviz.core.networks.parameters import Cell
from tests.stories.conftest import Open
from tests.stories.person import CONTROL, KEYS, SHIFT, Person

COMPANY_A = "0, 0.5, 0.25, 1"
C_OF_A = [-0.201247, -0.202193, -0.324621, 0.015270]
H_OF_A = [-0.127755, -0.096522, -0.166218, 0.006393]
DH_OF_A = [7.947633e-3, 4.108217e-3, 6.093486e-3, 1.278632e-2]
DC_OF_A = [1.265835e-2, 8.704856e-3, 7.957352e-3, 5.352621e-3]


def write_target(person: Person, text: str) -> None:
    """Type another target over the old one, and wait until it runs."""
    target = person.find(QPlainTextEdit, "target_edit")
    person.bring_into_sight(target)
    person.click(target.viewport())
    person.press(KEYS.Key_A, CONTROL)
    with person.qtbot.waitSignal(person.window.session.run_changed):
        person.type(text)
    person.leave_field()


def test_the_main_job(calm: Person) -> None:
    """Type Company A over Company B, step to the end and back, read the gradient, undo."""
    window = calm.window
    company_b = window.session.experiment
    calm.write_sequence(COMPANY_A)
    calm.leave_field()
    write_target(calm, "0")

    # forwards, stage by stage, then step by step; the numbers are the textbook's
    calm.press(KEYS.Key_Home)
    seen = {}
    for t in range(1, 5):
        for stage in STAGES[Cell.LSTM]:
            assert calm.at == (t, stage)
            seen[calm.at] = (calm.reads("sentence"), window.inspector_view.summary(), calm.pictures())
            calm.press(KEYS.Key_Right)
        assert calm.run.trace["l0"].c[t - 1].item() == pytest.approx(C_OF_A[t - 1], abs=5e-7)
        assert calm.run.trace["l0"].h[t - 1].item() == pytest.approx(H_OF_A[t - 1], abs=5e-7)
    assert f"h[4] is {0.006393:.3f}" in calm.reads("sentence")
    bits = calm.run.trace["l0"].c.tobytes()

    # backwards: the same numbers, the same pictures
    for t in range(4, 0, -1):
        for stage in reversed(STAGES[Cell.LSTM]):
            assert calm.at == (t, stage)
            assert seen[calm.at] == (calm.reads("sentence"), window.inspector_view.summary(), calm.pictures())
            calm.press(KEYS.Key_Left)
    assert calm.at == (1, Stage.READ)
    calm.press(KEYS.Key_Right, SHIFT, times=3)
    assert calm.at == (4, Stage.READ)
    calm.press(KEYS.Key_Left, SHIFT, times=9)
    assert calm.at == (1, Stage.READ)
    assert calm.run.trace["l0"].c.tobytes() == bits

    # the gradient
    window.tabs.setCurrentWidget(window.tabs.view("gradients"))
    header, rows = window.tabs.view("gradients").table()
    assert header == ("step", "LSTM ‖dL/dh[t]‖", "LSTM ‖dL/dc[t]‖", "RNN ‖dL/dh[t]‖")
    assert [row[1] for row in rows] == pytest.approx(DH_OF_A, rel=1e-6)
    assert [row[2] for row in rows] == pytest.approx(DC_OF_A, rel=1e-6)
    assert "At step 1 the LSTM's gradient is" in window.tabs.view("gradients").summary()
    window.tabs.setCurrentWidget(window.cell_view)

    # undo brings B back with its text and target, redo A
    calm.press(KEYS.Key_Z, CONTROL)
    assert calm.find(QPlainTextEdit, "target_edit").toPlainText() == "1"
    calm.press(KEYS.Key_Z, CONTROL)
    assert window.session.experiment == company_b
    assert calm.editor.toPlainText() == "1, 0.5, 0.25, 1"
    assert window.cell_view.run is window.timeline_view.run is calm.run
    calm.press(KEYS.Key_Z, CONTROL | SHIFT)
    calm.press(KEYS.Key_Y, CONTROL)
    assert calm.editor.toPlainText() == COMPANY_A
    assert calm.run.trace["l0"].c.tobytes() == bits
    calm.press(KEYS.Key_Y, CONTROL)
    assert calm.run.trace["l0"].c.tobytes() == bits


def test_undo_right_after_the_last_key_takes_back_what_was_typed(person: Person) -> None:
    """Nobody waits for the pause after which typing is read."""
    before = person.window.session.experiment
    person.into_editor()
    person.type("7, 8")
    person.press(KEYS.Key_Z, CONTROL)
    assert person.editor.toPlainText() == before.sequence.source
    assert person.window.session.experiment == before
    person.press(KEYS.Key_Y, CONTROL)
    assert person.editor.toPlainText() == "7, 8"
    assert person.window.session.experiment.sequence.source == "7, 8"


@pytest.mark.parametrize(
    ("typed", "marked", "says"),
    [
        ("1, 0.5, apple, 1", "apple", "apple"),
        ("1, nan, 2", "nan", "not a finite number"),
        ("1, 1e999, 2", "1e999", "too large"),
        ("1, 2\n3\n4, 5", "3", "1 "),
    ],
)
def test_a_mistake_is_marked_at_its_place_and_the_last_good_run_stays(
    person: Person, typed: str, marked: str, says: str
) -> None:
    before = person.run
    message = person.write_wrong_sequence(typed)
    assert says in message
    assert person.editor.marked_text == marked
    assert person.run is before
    assert person.editor.toPlainText() == typed
    assert person.window.cell_view.run is before

    # correcting it goes on, where it was left
    person.write_sequence("2, 3")
    assert not person.reads("sequence_error")
    assert person.editor.marked_text == ""
    assert person.run.experiment.sequence.values.ravel().tolist() == [2, 3]


def test_a_wrong_text_can_be_taken_back(person: Person) -> None:
    before = person.run
    person.write_wrong_sequence("1, 2, x")
    person.press(KEYS.Key_Z, CONTROL)
    assert person.editor.toPlainText() == "1, 0.5, 0.25, 1"
    assert not person.reads("sequence_error")
    assert person.run is before


def test_an_empty_sequence_is_refused(person: Person) -> None:
    before = person.run
    assert person.write_wrong_sequence("")
    assert person.run is before
    person.press(KEYS.Key_Z, CONTROL)
    assert person.editor.toPlainText() == "1, 0.5, 0.25, 1"


def test_a_million_numbers_pasted_are_refused_and_the_editor_is_intact(person: Person) -> None:
    before = person.run
    person.into_editor()
    person.paste("0.5, " * 1_000_000)
    assert "1,000,000" in person.reads("sequence_error")
    assert "200,000" in person.reads("sequence_error")
    assert person.editor.toPlainText() == "1, 0.5, 0.25, 1"
    assert person.run is before
    person.write_sequence("1, 2")
    assert person.run.length == 2


def test_text_is_one_character_a_step(person: Person) -> None:
    person.click_button("sequence_text")
    assert person.run.experiment.sequence.source == "hello hello"
    assert person.run.length == 11
    assert person.reads("sequence_vocabulary_line") == "vocabulary: ␣ e h l o · 5 features"
    person.write_sequence("abba")
    assert person.run.experiment.sequence.vocabulary == ("a", "b")
    assert person.run.trace.x[:, 0].tolist() == [[1, 0], [0, 1], [0, 1], [1, 0]]


def test_a_character_outside_a_given_vocabulary_is_marked(person: Person) -> None:
    person.click_button("sequence_text")
    vocabulary = person.find(QLineEdit, "sequence_vocabulary")
    person.click(vocabulary)
    with person.qtbot.waitSignal(person.window.session.run_changed):
        person.type("helo x")
    assert person.run.experiment.sequence.input_size == 6
    before = person.run
    message = person.write_wrong_sequence("hello you")
    assert "y" in message
    assert person.editor.marked_text == "y"
    assert person.run is before
    person.write_sequence("hole")
    assert person.run.length == 4
    assert person.run.experiment.sequence.input_size == 6


def test_a_formula_of_t(person: Person) -> None:
    person.click_button("sequence_formula")
    assert (person.run.experiment.sequence.source, person.run.length) == ("sin(t/5)", 60)
    person.write_number("sequence_length", "25")
    assert person.run.length == 25
    assert person.find(QSpinBox, "go_to_step").maximum() == 25
    message = person.write_wrong_sequence("sin(t/5) + boo")
    assert person.editor.marked_text == "boo"
    assert "boo" in message
    assert person.run.length == 25


def test_pasted_csv_with_a_header(person: Person) -> None:
    person.into_editor()
    with person.qtbot.waitSignal(person.window.session.run_changed):
        person.paste("price;volume\n1,5;2\n0,5;3\n0,25;4\n")
    sequence = person.run.experiment.sequence
    assert sequence.features == ("price", "volume")
    assert sequence.values.tolist() == [[1.5, 2], [0.5, 3], [0.25, 4]]
    assert "new ones were drawn" in person.reads("sequence_note")
    person.leave_field()
    person.press(KEYS.Key_Z, CONTROL)
    assert person.editor.toPlainText() == "1, 0.5, 0.25, 1"


def test_one_step_works_like_any_other(person: Person) -> None:
    person.write_sequence("3")
    person.leave_field()
    assert person.run.length == 1
    for key in (KEYS.Key_Home, KEYS.Key_Right, KEYS.Key_End, KEYS.Key_Right, KEYS.Key_PageDown, KEYS.Key_1):
        person.press(key)
        assert person.at[0] == 1
    person.window.tabs.setCurrentWidget(person.window.tabs.view("gradients"))
    assert len(person.window.tabs.view("gradients").table()[1]) == 1
    assert "one step only" in person.window.tabs.view("gradients").summary()
    assert all(not picture.isNull() for picture in person.pictures())


def test_a_hidden_size_of_nothing_is_refused_and_one_too_large_with_its_memory(person: Person) -> None:
    before = person.run
    person.write_number("hidden_size", "0")
    assert "must be 1 or more" in person.reads("network_error")
    assert person.run is before
    person.write_number("hidden_size", "100000")
    person.qtbot.waitUntil(lambda: "GiB" in person.reads("network_error"))
    assert person.run is before
    assert not person.window.session.busy
    person.write_number("hidden_size", "3")
    assert not person.reads("network_error")
    assert person.run.network.hidden_size == 3


def test_what_is_typed_into_a_field_does_not_move_the_cursor(open_window: Open) -> None:
    person = open_window("letters")
    before = person.at
    person.into_editor()
    person.type("1 2 +l")
    for key in (KEYS.Key_Left, KEYS.Key_Home, KEYS.Key_Right, KEYS.Key_Space, KEYS.Key_PageUp):
        person.press(key)
    assert not person.window.player.playing
    assert person.at == before
    assert person.editor.toPlainText() == "1  2 +l"  # the space went to where the arrows had put the caret


def test_a_click_elsewhere_leaves_the_field(person: Person) -> None:
    """Otherwise the next arrow key would move the caret, out of sight, and not the cursor."""
    person.into_editor()
    person.click(person.window.timeline_view)
    person.press(KEYS.Key_Home)
    assert person.at == (1, Stage.READ)
