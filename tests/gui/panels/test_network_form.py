from dataclasses import replace

import numpy as np
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QCheckBox, QComboBox, QPushButton, QSlider, QSpinBox

from lstmviz.core.experiments.recipe import BaselineRecipe, BaselineSize
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from tests.gui.panels.dock import shown


def choose(panel, name, index):
    box = panel.findChild(QComboBox, name)
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_summary_counts_weights_as_on_paper(panel):
    assert shown(panel, "network_summary") == "LSTM · 1 layer · 1 unit · 12 weights"
    assert shown(panel, "baseline_summary") == "tanh · 1 unit · 3 weights"


def test_hidden_size_typed_and_entered(panel):
    box = panel.findChild(QSpinBox, "hidden_size")
    box.selectAll()
    QTest.keyClicks(box, "16")
    assert panel.session.experiment.recipe.hidden_size == 1
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert panel.session.run.network.hidden_size == 16
    assert shown(panel, "network_note").startswith("New weights were drawn.")


def test_a_hidden_size_of_100_000_is_refused_with_the_memory_it_would_take(qtbot, panel):
    run = panel.session.run
    with qtbot.waitSignal(panel.session.failed):
        panel.network_section.hidden_size.setValue(100_000)
    assert "298 GiB" in shown(panel, "network_error")
    assert panel.network_section.hidden_size.property("wrong")
    assert panel.network_section.hidden_size.value() == 100_000
    assert panel.session.run is run
    panel.network_section.hidden_size.setValue(2)
    assert shown(panel, "network_error") == ""
    assert not panel.network_section.hidden_size.property("wrong")
    assert panel.session.run.network.hidden_size == 2


def test_a_hidden_size_of_0_is_refused(panel):
    run = panel.session.run
    panel.network_section.hidden_size.setValue(0)
    assert "hidden size is 0" in shown(panel, "network_error")
    assert panel.session.run is run
    panel.network_section.hidden_size.setValue(1)
    assert shown(panel, "network_error") == ""


def test_every_field_reaches_the_recipe(panel):
    section = panel.network_section
    panel.findChild(QPushButton, "network_more").click()
    section.num_layers.setValue(2)
    section.seed.setValue(11)
    choose(panel, "initialisation", 2)
    section.output_size.setValue(3)
    panel.findChild(QCheckBox, "bidirectional").click()
    section.recurrent_scale.box.setValue(0.5)
    section.forget_bias.box.setValue(2.5)
    recipe = panel.session.experiment.recipe
    assert (recipe.num_layers, recipe.seed, recipe.initialisation.value) == (2, 11, "orthogonal")
    assert (recipe.output_size, recipe.bidirectional) == (3, True)
    assert (recipe.recurrent_scale, recipe.forget_bias) == (0.5, 2.5)
    choose(panel, "cell", 1)
    choose(panel, "nonlinearity", 1)
    assert panel.session.experiment.recipe.cell is Cell.RNN
    assert panel.session.experiment.recipe.nonlinearity is Nonlinearity.RELU


def test_forget_bias_as_given_until_it_is_moved(panel):
    as_given = panel.findChild(QCheckBox, "forget_bias_as_drawn")
    assert as_given.isChecked()
    assert as_given.text() == "as given"
    assert panel.network_section.forget_bias.value == 1.62
    panel.findChild(QSlider, "forget_bias_slider").setValue(0)
    assert panel.session.experiment.recipe.forget_bias == -5
    assert not as_given.isChecked()
    as_given.click()
    assert panel.session.experiment.recipe.forget_bias is None
    assert panel.session.experiment.recipe.weights is not None


def test_drawing_new_weights(panel):
    button = panel.findChild(QPushButton, "draw_weights")
    assert shown(panel, "weights_given") == "Given weights."
    button.click()
    assert panel.session.experiment.recipe.weights is None
    assert panel.session.experiment.recipe.forget_bias == 1.0
    assert not button.isVisible()
    panel.session.undo()
    assert button.isVisible()


def test_the_vanilla_rnn_beside_it(panel):
    panel.network_section.hidden_size.setValue(8)
    choose(panel, "baseline_size", list(BaselineSize).index(BaselineSize.SAME_PARAMETERS))
    hidden_size = panel.session.run.baseline.network.hidden_size
    assert hidden_size > 8
    assert f"{hidden_size} units" in shown(panel, "baseline_summary")
    panel.findChild(QCheckBox, "baseline_on").click()
    assert panel.session.run.baseline is None
    assert shown(panel, "baseline_summary") == ""
    panel.findChild(QCheckBox, "baseline_on").click()
    assert panel.session.run.baseline.network.hidden_size == hidden_size


def test_undo_sets_the_fields_back_without_asking_again(qtbot, panel):
    panel.network_section.hidden_size.setValue(4)
    changes = []
    panel.session.run_changed.connect(changes.append)
    panel.session.undo()
    assert panel.network_section.hidden_size.value() == 1
    assert len(changes) == 1
    assert panel.session.redo_name == "change the hidden size"


def test_a_wheel_over_a_field_without_focus_changes_nothing(panel):
    box = panel.network_section.hidden_size
    panel.sequence_section.field.editor.setFocus()
    event = QWheelEvent(
        QPointF(5, 5), box.mapToGlobal(QPointF(5, 5)), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, event)
    assert box.value() == 1


def test_drawn_weights_depend_on_the_seed(panel):
    panel.network_section.seed.setValue(1)
    first = panel.session.run.network
    panel.network_section.seed.setValue(2)
    assert not np.array_equal(
        first.state_dict()["weight_hh_l0"], panel.session.run.network.state_dict()["weight_hh_l0"]
    )


def given_beside(panel):
    """The vanilla RNN that stands beside the network gets given weights, as one that was trained has."""
    session = panel.session
    rnn = Network.create("rnn", 1, 1, nonlinearity="relu", seed=4)
    session.apply("train", replace(session.experiment, baseline=BaselineRecipe.given(rnn)))


def test_a_given_rnn_is_called_given_and_can_be_drawn_anew(panel):
    panel.findChild(QPushButton, "draw_weights").click()
    given_beside(panel)
    assert shown(panel, "baseline_summary") == "relu · 1 unit · 3 weights · given"
    assert shown(panel, "weights_given") == "The RNN beside it has given weights."
    panel.findChild(QPushButton, "draw_weights").click()
    assert panel.session.experiment.baseline.weights is None
    assert shown(panel, "weights_given") == ""


def test_another_size_takes_a_given_rnn_away_and_says_so(panel):
    given_beside(panel)
    assert shown(panel, "weights_given") == "Given weights, in both networks."
    panel.network_section.hidden_size.setValue(3)
    assert panel.session.experiment.baseline.weights is None
    assert "A new vanilla RNN was drawn." in shown(panel, "network_note")


def test_the_rnns_size_leaves_an_undone_function_undone(qtbot, panel, monkeypatch):
    session = panel.session
    choose(panel, "baseline_nonlinearity", list(Nonlinearity).index(Nonlinearity.RELU))
    assert session.experiment.baseline.nonlinearity is Nonlinearity.RELU
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        session.undo()
        choose(panel, "baseline_size", list(BaselineSize).index(BaselineSize.SAME_PARAMETERS))
    baseline = session.experiment.baseline
    assert (baseline.nonlinearity, baseline.size) == (Nonlinearity.TANH, BaselineSize.SAME_PARAMETERS)


def test_a_number_without_enter_counts_when_somebody_asks_for_what_was_typed(panel):
    box = panel.findChild(QSpinBox, "hidden_size")
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "7")
    assert panel.session.experiment.recipe.hidden_size == 1
    panel.flush()
    assert panel.session.experiment.recipe.hidden_size == 7
    assert box.hasFocus()


def test_undo_in_a_box_takes_back_what_was_typed_there_and_nothing_older(panel):
    session, box = panel.session, panel.findChild(QSpinBox, "hidden_size")
    session.apply("write notes", replace(session.experiment, notes="odd"))
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "7")
    QTest.keyClick(box, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.experiment.recipe.hidden_size == 7  # undo itself is the window's
    assert session.undo_name == "change the hidden size"
