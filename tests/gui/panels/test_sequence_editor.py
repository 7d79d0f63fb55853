from PyQt6.QtCore import QMimeData, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFrame, QLineEdit, QMainWindow, QPushButton, QSpinBox

from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.gui.panels.experiment_panel import ExperimentPanel
from lstmviz.gui.panels.text_field import PAUSE_MILLISECONDS
from lstmviz.gui.session import Session
from tests.gui.panels.dock import editor_of, retype, shown

HUGE = ("0.5" + 100 * "0" + ", ") * 1_000


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


def test_a_panel_shows_a_session_that_was_there_before(qtbot, panel):
    other = ExperimentPanel(panel.session, ())
    qtbot.addWidget(other)
    assert isinstance(panel.session, Session)
    assert editor_of(other).toPlainText() == "1, 0.5, 0.25, 1"
