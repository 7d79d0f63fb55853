"""Building another network."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QCheckBox, QComboBox, QDialog, QTableView

from lstmviz.core.cursor import Stage
from lstmviz.gui.settings import Settings
from tests.stories.conftest import Open
from tests.stories.person import CONTROL, KEYS, SHIFT, Person


def test_layers_and_directions_and_the_layer_chooser(open_window: Open) -> None:
    person = open_window("letters")
    chooser = person.find(QComboBox, "layer_chooser")
    assert not chooser.isVisible()
    person.write_number("num_layers", "2")
    assert chooser.isVisible()
    person.click_button("network_more")
    person.click_button("bidirectional")
    assert [chooser.itemData(k) for k in range(chooser.count())] == ["l0", "l0_reverse", "l1", "l1_reverse"]

    # a layer that reads backwards steps from T to 1
    person.choose("layer_chooser", chooser.itemText(3))
    person.leave_field()
    assert person.window.session.cursor.layer == "l1_reverse"
    length = person.run.length
    person.press(KEYS.Key_Home)
    assert person.at == (length, Stage.READ)
    person.press(KEYS.Key_Right, SHIFT)
    assert person.at == (length - 1, Stage.READ)
    person.press(KEYS.Key_End)
    assert person.at == (1, Stage.HIDDEN)
    assert "l1_reverse" in person.window.timeline_view.summary()
    person.window.tabs.setCurrentWidget(person.window.tabs.view("gradients"))
    assert "l1_reverse" in person.window.tabs.view("gradients").summary()

    # one layer again: the cursor comes back to one that is there
    person.press(KEYS.Key_Z, CONTROL, times=2)
    assert person.window.session.cursor.layer == "l0"
    assert not chooser.isVisible()


def test_a_vanilla_rnn_in_place_of_the_lstm(open_window: Open) -> None:
    person = open_window("letters")
    person.choose("cell", "vanilla RNN")
    person.leave_field()
    assert not person.window.beside.isEnabled()
    person.press(KEYS.Key_Home)
    assert person.at == (1, Stage.READ)
    person.press(KEYS.Key_Right)
    assert person.at == (1, Stage.HIDDEN)
    assert "the hidden state of unit 2" in person.window.timeline_view.summary()
    person.click_button("network_more")
    person.choose("nonlinearity", "relu")
    assert person.reads("network_summary").startswith("vanilla RNN, relu")
    assert float(person.run.trace["l0"].h.min()) == 0
    assert person.window.inspector_view.summary()
    person.leave_field()
    person.press(KEYS.Key_Z, CONTROL, times=2)
    assert person.reads("network_summary").startswith("LSTM")
    assert person.window.beside.isEnabled()


def test_a_weight_edited_in_the_table_changes_that_number_alone(person: Person) -> None:
    before = person.run.network.state_dict()
    person.click_button("weights_button")
    dialog = person.find(QDialog, "weights_dialog")
    view = dialog.findChild(QTableView, "weights_view")
    assert view is not None
    person.qtbot.waitUntil(dialog.isActiveWindow)
    # the textbook's scalars: forget, input, candidate, output; w_x, w_h, b
    cell = view.visualRect(view.model().index(1, 1)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    field = QApplication.focusWidget()
    QTest.keyClick(field, KEYS.Key_A, CONTROL)
    QTest.keyClicks(field, "-1.5")
    with person.qtbot.waitSignal(person.window.session.run_changed):
        QTest.keyClick(field, KEYS.Key_Return)
    after = person.run.network.state_dict()
    changed = [(name, tuple(at)) for name in before for at in np.argwhere(before[name] != after[name])]
    assert changed == [("weight_hh_l0", (0, 0))]
    assert after["weight_hh_l0"][0, 0] == -1.5
    assert view.model().index(1, 1).data() == "−1.5000"

    # undo also works in the window of the weights, and the table follows
    QTest.keyClick(view, KEYS.Key_Z, CONTROL)
    assert person.run.network.state_dict()["weight_hh_l0"][0, 0] == before["weight_hh_l0"][0, 0]
    assert view.model().index(1, 1).data() == "2.0000"
    dialog.close()


def test_the_weights_close_with_the_main_window(person: Person) -> None:
    person.click_button("weights_button")
    dialog = person.find(QDialog, "weights_dialog")
    assert dialog.isVisible()
    person.window.close()
    assert not dialog.isVisible()


def test_the_baseline_on_off_and_with_as_many_weights(open_window: Open) -> None:
    person = open_window("letters", Settings(reduce_motion=True))  # every picture is a finished one
    beside = person.window.beside
    assert beside.isEnabled()
    person.click(beside, QPointF(8, beside.height() / 2))
    assert person.window.cell_view.shows_rnn
    with_rnn = person.pictures()[0]
    person.click_button("baseline_on")
    assert person.run.baseline is None
    assert not beside.isEnabled()
    assert person.reads("loss").count("L =") == 1
    assert person.pictures()[0] != with_rnn
    person.window.tabs.setCurrentWidget(person.window.tabs.view("gradients"))
    assert person.window.tabs.view("gradients").table()[0] == ("step", "LSTM ‖dL/dh[t]‖", "LSTM ‖dL/dc[t]‖")
    person.click_button("baseline_on")
    assert person.run.baseline is not None
    assert person.find(QCheckBox, "baseline_on").isChecked()
    assert len(person.window.tabs.view("gradients").table()[0]) == 4
    person.window.tabs.setCurrentWidget(person.window.cell_view)
    person.qtbot.waitUntil(lambda: person.pictures()[0] == with_rnn)

    person.click_button("network_more")
    person.choose("baseline_size", "as many weights")
    assert person.run.baseline.network.hidden_size > person.run.network.hidden_size
    ratio = person.run.baseline.network.num_parameters / person.run.network.num_parameters
    assert 0.8 < ratio < 1.2
