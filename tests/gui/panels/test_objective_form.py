import numpy as np
import pytest
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QCheckBox, QComboBox, QPlainTextEdit

from lstmviz.core.experiments.objective import ObjectiveKind, Where
from tests.gui.panels.dock import shown


def choose(panel, name, index):
    box = panel.findChild(QComboBox, name)
    box.setCurrentIndex(index)
    box.activated.emit(index)


def choose_kind(panel, kind):
    choose(panel, "objective_kind", list(ObjectiveKind).index(kind))


def retype(panel, text):
    editor = panel.findChild(QPlainTextEdit, "target_edit")
    editor.selectAll()
    QTest.keyClicks(editor, text)
    panel.objective_section.target.flush()


def test_shows_target_formula_and_loss(panel):
    assert panel.findChild(QPlainTextEdit, "target_edit").toPlainText() == "1"
    assert shown(panel, "objective_in_words") == "L = (y[T] − target[T])²"
    assert "the vanilla RNN beside it" in shown(panel, "objective_loss")


def test_targets_one_a_step_are_typed_without_being_cut(panel):
    choose(panel, "objective_where", list(Where).index(Where.EVERY))
    run = panel.session.run
    retype(panel, "0, 1, 0")
    assert "There are 3 targets for 4 steps" in shown(panel, "objective_error")
    assert panel.session.run is run
    retype(panel, "0, 1, 0, 1")
    assert panel.session.experiment.objective.target.ravel().tolist() == [0, 1, 0, 1]
    assert shown(panel, "objective_error") == ""


def test_refused_targets_are_tried_again_when_the_sequence_fits_them(qtbot, panel):
    retype(panel, "0, 1, 0")
    with qtbot.waitSignals([panel.session.run_changed] * 2):
        panel.sequence_section.field.editor.setPlainText("1, 2, 3")
    assert panel.session.experiment.objective.target.ravel().tolist() == [0, 1, 0]
    assert shown(panel, "objective_error") == ""


def test_a_mistake_in_the_target_is_marked(panel):
    run = panel.session.run
    retype(panel, "1, a, 2")
    assert panel.findChild(QPlainTextEdit, "target_edit").marked_text == "a"
    assert shown(panel, "objective_error")
    assert panel.session.run is run


def test_a_mistaken_target_is_forgotten_with_its_field(panel):
    retype(panel, "1, a, 2")
    choose_kind(panel, ObjectiveKind.SUM_OF_LAST)
    assert shown(panel, "objective_error") == ""
    choose_kind(panel, ObjectiveKind.SQUARED_ERROR)
    assert panel.findChild(QPlainTextEdit, "target_edit").toPlainText() == "1"


@pytest.mark.parametrize("kind", ObjectiveKind)
def test_every_kind_runs_from_the_worked_example(panel, kind):
    choose_kind(panel, kind)
    assert panel.session.experiment.objective.kind is kind
    assert shown(panel, "objective_in_words") == panel.session.experiment.objective.in_words()


def test_one_unit_at_one_step(panel):
    choose_kind(panel, ObjectiveKind.ONE_UNIT)
    panel.objective_section.step.setValue(2)
    assert panel.session.experiment.objective.t == 2
    assert panel.session.run.main.loss == panel.session.run.trace.y[1, 0, 0]
    assert not panel.findChild(QPlainTextEdit, "target_edit").isVisible()


def test_the_next_input_as_target(panel):
    panel.findChild(QCheckBox, "next_input").click()
    assert panel.session.experiment.objective.next_input
    assert not panel.findChild(QPlainTextEdit, "target_edit").isVisible()
    panel.session.undo()
    assert panel.findChild(QPlainTextEdit, "target_edit").isVisible()


def test_undo_brings_the_old_target_back(panel):
    retype(panel, "5")
    assert np.array_equal(panel.session.experiment.objective.target, [[5.0]])
    panel.session.undo()
    assert panel.findChild(QPlainTextEdit, "target_edit").toPlainText() == "1"


def test_class_numbers_must_be_whole(panel):
    choose_kind(panel, ObjectiveKind.CROSS_ENTROPY)
    retype(panel, "0.5")
    assert "class numbers" in shown(panel, "objective_error")
    retype(panel, "3")
    assert panel.session.run.network.output_size == 4
    assert "4 outputs" in shown(panel, "objective_note")
