from dataclasses import replace

from PyQt6.QtCore import QMimeData, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFrame, QLabel, QLineEdit, QMainWindow, QPlainTextEdit, QPushButton, QSpinBox

from lstmviz.core.engine.bug_museum import Bug
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.gui.panels.experiment_panel import ExperimentPanel
from lstmviz.gui.panels.text_field import PAUSE_MILLISECONDS
from lstmviz.gui.session import Session

HUGE = ("0.5" + 100 * "0" + ", ") * 1_000


def editor_of(panel):
    return panel.findChild(QPlainTextEdit, "sequence_text_edit")


def shown(panel, name):
    label = panel.findChild(QLabel, name)
    return label.text() if label.isVisible() else ""


def retype(panel, text):
    """Select all, type over it, and let the pause pass."""
    editor = editor_of(panel)
    editor.selectAll()
    editor.insertPlainText(text)
    panel.sequence_section.field.flush()


def pasted(text):
    data = QMimeData()
    data.setText(text)
    return data


def press(panel, name):
    panel.findChild(QPushButton, name).click()


def test_shows_the_sequence_and_its_size(panel):
    assert editor_of(panel).toPlainText() == "1, 0.5, 0.25, 1"
    assert shown(panel, "sequence_size") == "4 steps × 1 feature"
    assert panel.findChild(QPushButton, "sequence_numbers").isChecked()


def test_typing_is_read_after_a_pause_and_not_before(qtbot, panel):
    editor = editor_of(panel)
    with qtbot.assertNotEmitted(panel.session.run_changed):
        editor.selectAll()
        QTest.keyClicks(editor, "3, 4")
    with qtbot.waitSignal(panel.session.run_changed, timeout=20 * PAUSE_MILLISECONDS):
        pass
    assert panel.session.experiment.sequence.values.ravel().tolist() == [3, 4]
    assert shown(panel, "sequence_size") == "2 steps × 1 feature"


def test_typing_keeps_the_caret(panel):
    editor = editor_of(panel)
    cursor = editor.textCursor()
    cursor.setPosition(1)
    editor.setTextCursor(cursor)
    QTest.keyClicks(editor, ".5")
    panel.sequence_section.field.flush()
    assert panel.session.experiment.sequence.values[0, 0] == 1.5
    assert editor.textCursor().position() == 3


def test_a_mistake_is_marked_at_its_place_and_the_run_stays(panel):
    run = panel.session.run
    retype(panel, "1, 0.5x, 2")
    assert editor_of(panel).marked_text == "0.5x"
    assert "“0.5x” is not a number" in shown(panel, "sequence_error")
    assert panel.session.run is run
    assert shown(panel, "sequence_size") == "4 steps × 1 feature"
    retype(panel, "1, 0.5, 2")
    assert editor_of(panel).marked_text == ""
    assert shown(panel, "sequence_error") == ""
    assert panel.session.run.length == 3


def test_the_mark_counts_characters_outside_the_basic_plane_once(panel):
    retype(panel, "🙂, 1")
    assert editor_of(panel).marked_text == "🙂"


def test_an_empty_text_says_so(panel):
    run = panel.session.run
    retype(panel, " ")
    assert "empty" in shown(panel, "sequence_error")
    assert panel.session.run is run


def test_one_value_is_a_sequence(panel):
    retype(panel, "7")
    assert panel.session.run.length == 1
    assert shown(panel, "sequence_size") == "1 step × 1 feature"


def test_undo_brings_the_old_text_back(panel):
    retype(panel, "9 8 7")
    panel.session.undo()
    assert editor_of(panel).toPlainText() == "1, 0.5, 0.25, 1"
    panel.session.redo()
    assert editor_of(panel).toPlainText() == "9 8 7"
    assert panel.session.experiment.sequence.source == "9 8 7"


def test_undo_while_a_pause_runs_drops_what_was_not_read(panel):
    retype(panel, "9 8 7")
    QTest.keyClicks(editor_of(panel), " 6")
    panel.session.undo()
    panel.sequence_section.field.flush()
    assert panel.session.experiment.sequence.source == "1, 0.5, 0.25, 1"


def test_a_change_elsewhere_leaves_half_typed_text_alone(panel):
    retype(panel, "1, oops")
    panel.network_section.seed.setValue(5)
    assert editor_of(panel).toPlainText() == "1, oops"
    assert editor_of(panel).marked_text == "oops"


def test_control_z_in_a_field_undoes_in_the_window(qtbot, panel):
    window = QMainWindow()
    qtbot.addWidget(window)
    undo = QAction("Undo", window)
    undo.setShortcut(QKeySequence.StandardKey.Undo)
    undo.triggered.connect(panel.session.undo)
    window.addAction(undo)
    window.setCentralWidget(panel)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    retype(panel, "9 8 7")
    QTest.keyClick(editor_of(panel), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert panel.session.experiment.sequence.source == "1, 0.5, 0.25, 1"

    panel.network_section.hidden_size.setValue(3)
    QTest.keyClick(panel.network_section.hidden_size, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert panel.session.experiment.recipe.hidden_size == 1
    window.takeCentralWidget()


def test_control_z_on_a_refused_text_brings_the_last_good_one_back(panel):
    retype(panel, "9 8 7")
    retype(panel, "9 8 x")
    QTest.keyClick(editor_of(panel), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor_of(panel).toPlainText() == "9 8 7"
    assert shown(panel, "sequence_error") == ""
    assert panel.session.experiment.sequence.source == "9 8 7"


def test_each_mode_keeps_its_text(panel):
    press(panel, "sequence_text")
    assert panel.session.experiment.sequence.source == "hello hello"
    assert panel.session.experiment.recipe.weights is None
    assert "new ones were drawn" in shown(panel, "sequence_note")
    retype(panel, "abc")
    press(panel, "sequence_formula")
    assert panel.session.run.length == 60
    press(panel, "sequence_text")
    assert panel.session.experiment.sequence.source == "abc"
    press(panel, "sequence_numbers")
    assert panel.session.experiment.sequence.source == "1, 0.5, 0.25, 1"


def test_hand_given_weights_come_back_when_the_width_does(panel):
    weights = panel.session.experiment.recipe.weights
    retype(panel, "1, 2\n3, 4")
    assert panel.session.experiment.recipe.weights is None
    retype(panel, "1, 2")
    assert panel.session.experiment.recipe.weights == weights
    assert shown(panel, "sequence_note") == ""


def test_the_length_of_a_formula(panel):
    press(panel, "sequence_formula")
    panel.findChild(QSpinBox, "sequence_length").setValue(12)
    assert panel.session.run.length == 12
    panel.session.undo()
    assert panel.findChild(QSpinBox, "sequence_length").value() == 60


def test_a_character_outside_the_vocabulary_is_marked(panel):
    press(panel, "sequence_text")
    retype(panel, "abba")
    assert shown(panel, "sequence_vocabulary_line") == "vocabulary: a b · 2 features"
    QTest.keyClicks(panel.findChild(QLineEdit, "sequence_vocabulary"), "abc")
    panel.sequence_section.field.flush()
    assert panel.session.experiment.sequence.vocabulary == ("a", "b", "c")
    retype(panel, "abxa")
    assert editor_of(panel).marked_text == "x"
    assert "not in the vocabulary" in shown(panel, "sequence_error")
    assert panel.session.experiment.sequence.source == "abba"


def test_an_explicit_vocabulary_is_shown_again_after_undo(panel):
    press(panel, "sequence_text")
    vocabulary = panel.findChild(QLineEdit, "sequence_vocabulary")
    QTest.keyClicks(vocabulary, "oleh ")
    panel.sequence_section.field.flush()
    retype(panel, "hole")
    press(panel, "sequence_numbers")
    vocabulary.clear()
    panel.session.undo()
    assert vocabulary.text() == "oleh "
    assert panel.session.experiment.sequence.kind is SequenceKind.TEXT


def test_a_huge_paste_is_applied_and_shown_as_a_card(panel):
    editor = editor_of(panel)
    editor.insertFromMimeData(pasted(HUGE))
    assert panel.session.run.length == 1_000
    assert editor.isHidden()
    assert panel.findChild(QFrame, "sequence_text_edit_card").isVisible()
    assert shown(panel, "sequence_text_edit_summary") == "1,000 numbers pasted"
    panel.session.undo()
    assert editor.isVisible()
    assert editor.toPlainText() == "1, 0.5, 0.25, 1"
    panel.session.redo()
    assert editor.isHidden()


def test_a_huge_paste_can_be_edited_or_cleared(panel):
    editor = editor_of(panel)
    text = HUGE
    editor.insertFromMimeData(pasted(text))
    press(panel, "sequence_text_edit_edit_as_text")
    assert editor.isVisible()
    assert editor.toPlainText() == text
    editor.insertFromMimeData(pasted(text))
    press(panel, "sequence_text_edit_clear")
    assert editor.toPlainText() == ""
    assert panel.session.run.length == 1_000


def test_a_million_numbers_are_refused_and_the_editor_stays_as_it_was(panel):
    run = panel.session.run
    editor = editor_of(panel)
    editor.insertFromMimeData(pasted("1 " * 1_000_000))
    assert "1,000,000 numbers" in shown(panel, "sequence_error")
    assert editor.toPlainText() == "1, 0.5, 0.25, 1"
    assert panel.session.run is run


def test_the_editor_grows_with_its_text_up_to_six_lines(qtbot, panel):
    editor = editor_of(panel)
    heights = []
    for lines in (1, 4, 6, 9):
        editor.setPlainText("1\n" * (lines - 1) + "1")
        qtbot.wait(1)
        heights.append(editor.height())
    assert heights[0] < heights[1] < heights[2] == heights[3]


def test_a_sequence_refused_for_its_memory_is_tried_again_with_a_smaller_network(qtbot, panel, monkeypatch):
    monkeypatch.setattr("lstmviz.core.networks.memory.BYTES_LIMIT", 50_000)
    panel.network_section.hidden_size.setValue(8)
    retype(panel, "1 " * 100)
    assert "100 steps of 8 hidden units would take" in shown(panel, "sequence_error")
    assert panel.session.run.length == 4
    with qtbot.waitSignals([panel.session.run_changed] * 2):
        panel.network_section.hidden_size.setValue(1)
    assert panel.session.run.length == 100
    assert shown(panel, "sequence_error") == ""


def test_the_newest_of_two_slow_changes_holds_both(qtbot, make_panel, panel, monkeypatch):
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(panel.session.run_changed):
        panel.network_section.seed.setValue(4)
        panel.network_section.hidden_size.setValue(3)
    recipe = panel.session.experiment.recipe
    assert (recipe.seed, recipe.hidden_size) == (4, 3)


def test_a_change_holds_what_somebody_else_has_asked_for_meanwhile(qtbot, panel, monkeypatch):
    session = panel.session
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        session.apply("switch the bug on", replace(session.wanted, bug=Bug.DC_NOT_CARRIED))
        session.apply("write notes", replace(session.wanted, notes="odd"))
        retype(panel, "9 8 7")
    assert (session.experiment.bug, session.experiment.notes) == (Bug.DC_NOT_CARRIED, "odd")
    assert session.run.length == 3


def test_a_change_builds_on_an_undo_that_is_being_worked_out(qtbot, panel, monkeypatch):
    session = panel.session
    panel.network_section.seed.setValue(4)
    seed = session.experiment.recipe.seed
    panel.network_section.hidden_size.setValue(3)
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        session.undo()
        retype(panel, "9 8 7")
    assert (session.run.length, session.experiment.recipe.hidden_size, session.experiment.recipe.seed) == (3, 1, seed)
    with qtbot.waitSignal(session.run_changed):
        session.undo()
    assert (session.run.length, session.experiment.recipe.hidden_size) == (4, 1)


def test_typing_on_is_kept_when_a_run_comes_with_what_others_have_asked_for(qtbot, panel, monkeypatch):
    session = panel.session
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        retype(panel, "9 8 7")
        session.apply("add breakpoint", replace(session.wanted, breakpoints=(Breakpoint("f < 0"),)))
        session.apply("switch the bug on", replace(session.wanted, bug=Bug.DC_NOT_CARRIED))
        retype(panel, "9 8 7 -")
    assert session.run.length == 3
    assert editor_of(panel).toPlainText() == "9 8 7 -"


def test_what_is_still_worked_out_is_not_called_cancelled(qtbot, panel, monkeypatch):
    session = panel.session
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        retype(panel, "9 8 7")
        panel.network_section.hidden_size.setValue(1_000_000)
        assert "would take" in shown(panel, "network_error")
        assert shown(panel, "sequence_error") == ""
    assert session.run.length == 3
    assert shown(panel, "sequence_error") == ""


def test_somebody_elses_failure_is_not_shown_here_and_takes_nothing_along(qtbot, panel, monkeypatch):
    session = panel.session
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    retype(panel, "9 8 7")
    with qtbot.waitSignal(session.failed):
        session.apply("clamp", replace(session.wanted, what_ifs=(WhatIf(Clamp("c", "l0", 0, 30, 40, 1.0)),)))
    assert shown(panel, "sequence_error") == ""
    qtbot.waitUntil(lambda: session.run.length == 3)
    assert shown(panel, "sequence_error") == ""


def test_what_was_refused_in_one_document_is_not_tried_in_another(qtbot, panel, examples):
    session = panel.session
    clamp = WhatIf(Clamp("c", "l0", 0, 3, 4, 1.0))
    session.apply("clamp", replace(session.wanted, what_ifs=(clamp,)))
    retype(panel, "9 8")
    assert "does not fit" in shown(panel, "sequence_error")
    session.apply("open", replace(session.wanted, title="Another", what_ifs=()))
    qtbot.wait(10)
    assert editor_of(panel).toPlainText() == "1, 0.5, 0.25, 1"
    assert session.run.length == 4


def test_what_a_what_if_stood_against_is_tried_again_also_after_a_note(qtbot, panel):
    session = panel.session
    clamp = WhatIf(Clamp("c", "l0", 0, 3, 4, 1.0))
    session.apply("clamp", replace(session.wanted, what_ifs=(clamp,)))
    retype(panel, "9 8")
    assert "does not fit" in shown(panel, "sequence_error")
    session.apply("write notes", replace(session.wanted, notes="odd"))
    session.apply("delete", replace(session.wanted, what_ifs=()))
    qtbot.waitUntil(lambda: session.run.length == 2)
    assert shown(panel, "sequence_error") == ""


def test_after_cancelling_the_fields_show_the_run_that_stands(qtbot, panel, monkeypatch):
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    panel.network_section.hidden_size.setValue(3)
    panel.session.cancel()
    qtbot.waitUntil(lambda: panel.network_section.hidden_size.value() == 1)
    assert "Cancelled" in shown(panel, "network_note")


def test_a_cancelled_text_stays_and_says_so(qtbot, panel, monkeypatch):
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    retype(panel, "9 8 7")
    panel.session.cancel()
    qtbot.waitUntil(lambda: shown(panel, "sequence_error").startswith("Cancelled"))
    assert editor_of(panel).toPlainText() == "9 8 7"
    with qtbot.waitSignal(panel.session.run_changed):
        retype(panel, "9 8")
    assert shown(panel, "sequence_error") == ""


def test_control_z_brings_the_last_good_text_back_after_cancelling(qtbot, panel, monkeypatch):
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    retype(panel, "9 8 7")
    panel.session.cancel()
    qtbot.waitUntil(lambda: bool(shown(panel, "sequence_error")))
    QTest.keyClick(editor_of(panel), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor_of(panel).toPlainText() == "1, 0.5, 0.25, 1"
    assert shown(panel, "sequence_error") == ""


def test_a_panel_shows_a_session_that_was_there_before(qtbot, panel):
    other = ExperimentPanel(panel.session, ())
    qtbot.addWidget(other)
    assert isinstance(panel.session, Session)
    assert editor_of(other).toPlainText() == "1, 0.5, 0.25, 1"
