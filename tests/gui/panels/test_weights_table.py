from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QLineEdit, QListWidget, QTableView

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.gui.panels.weight_tables import tables_of
from lstmviz.gui.panels.weights_model import read_number
from lstmviz.gui.style import LIGHT
from tests.own_parts import NETWORKS


@pytest.fixture
def open_table(make_panel, examples):
    """Opens the weights of an example at a table by name."""

    def opened(example, table=None):
        panel = make_panel(examples[example])
        panel.show_weights()
        dialog = panel.findChild(QTableView, "weights_view").window()
        if table:
            names = [each.name for each in dialog._tables]
            dialog.list.setCurrentRow(names.index(table))
        return panel.session, dialog

    return opened


def begin_typing(dialog, row, column, text):
    """Type into a cell, without Enter."""
    view = dialog.view
    index = dialog.model.index(row, column)
    view.setCurrentIndex(index)
    view.edit(index)
    editor = view.findChildren(QLineEdit)[-1]
    editor.selectAll()
    QTest.keyClicks(editor, text)
    return editor


def type_into(dialog, row, column, text):
    """Edit a cell with the keyboard."""
    QTest.keyClick(begin_typing(dialog, row, column, text), Qt.Key.Key_Return)
    QApplication.processEvents()  # the editor commits when the key has been dealt with


def differences(old, new):
    return {(name, *index) for name in old for index in np.argwhere(old[name] != new[name]).tolist()}


def test_an_edit_changes_exactly_one_number(open_table):
    session, dialog = open_table("letters", "weight_hh_l0")
    before = session.run.network.state_dict()
    type_into(dialog, 8 + 2, 3, "0.5")
    after = session.run.network.state_dict()
    assert differences(before, after) == {("weight_hh_l0", 10, 3)}
    assert after["weight_hh_l0"][10, 3] == 0.5
    assert session.undo_name == "set U_f[2,3] = 0.5"
    assert dialog.model.table.values[10, 3] == 0.5


def test_undo_in_the_dialog(open_table):
    _, dialog = open_table("letters", "weight_ih_l0")
    before = dialog.model.index(0, 0).data()
    type_into(dialog, 0, 0, "42")
    assert dialog.model.index(0, 0).data() == "42.0000"
    dialog.activateWindow()
    QTest.keyClick(dialog.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dialog.model.index(0, 0).data() == before
    QTest.keySequence(dialog.view, QKeySequence(QKeySequence.StandardKey.Redo))
    assert dialog.model.index(0, 0).data() == "42.0000"


def test_a_weight_keeps_what_is_being_worked_out(qtbot, open_table, monkeypatch):
    session, dialog = open_table("letters", "weight_ih_l0")
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        session.apply("leave the RNN out", replace(session.wanted, baseline=None))
        dialog.model.setData(dialog.model.index(0, 0), "42")
    assert session.experiment.baseline is None
    assert session.run.network.state_dict()["weight_ih_l0"][0, 0] == 42


def test_a_weight_waits_for_others_that_are_being_worked_out(qtbot, open_table, monkeypatch):
    session, dialog = open_table("letters", "weight_ih_l0")
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        session.apply("seed", replace(session.wanted, recipe=replace(session.wanted.recipe, seed=5)))
        dialog.model.setData(dialog.model.index(0, 0), "42")
        assert "being worked out" in dialog.findChild(QLabel, "weights_error").text()
    assert session.experiment.recipe.seed == 5
    assert session.experiment.recipe.weights is None


def test_a_number_that_is_being_typed_stays_when_other_weights_come(open_table):
    session, dialog = open_table("letters", "weight_ih_l0")
    editor = begin_typing(dialog, 3, 1, "0.25")
    session.apply("seed", replace(session.wanted, recipe=replace(session.wanted.recipe, seed=5)))
    assert editor.text() == "0.25"
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert session.run.network.state_dict()["weight_ih_l0"][3, 1] == 0.25


def test_what_fails_elsewhere_is_not_said_here(open_table):
    session, dialog = open_table("letters", "weight_ih_l0")
    line = dialog.findChild(QLabel, "weights_error")
    type_into(dialog, 3, 1, "0.25")
    session.failed.emit(LstmvizError("too large"), replace(session.experiment, title="another"))
    assert not line.isVisible()
    session.failed.emit(LstmvizError("too large"), replace(session.experiment, notes="written since"))
    assert line.text().startswith("too large")


def test_cells_are_edited_with_full_precision(open_table):
    session, dialog = open_table("letters", "weight_ih_l0")
    index = dialog.model.index(3, 1)
    value = session.run.network.state_dict()["weight_ih_l0"][3, 1]
    assert float(index.data(Qt.ItemDataRole.EditRole)) == value
    run = session.run
    type_into(dialog, 3, 1, index.data(Qt.ItemDataRole.EditRole))
    assert session.run is run


@pytest.mark.parametrize("text", ["nan", "1e999", "-inf", "abc", "", "0,5"])
def test_what_is_no_finite_number_is_refused_in_words(open_table, text):
    session, dialog = open_table("letters", "weight_ih_l0")
    run = session.run
    assert not dialog.model.setData(dialog.model.index(0, 0), text)
    error = dialog.findChild(QLabel, "weights_error")
    assert error.isVisible()
    assert "number" in error.text()
    assert session.run is run
    with pytest.raises(LstmvizError, match="number"):
        read_number(text)


def test_a_real_minus_sign_is_read():
    assert read_number(" −0.5 ") == -0.5


def test_one_unit_shows_the_scalars_of_the_textbook(open_table):
    _, dialog = open_table("worked")
    table = dialog.model.table
    assert table.rows == ("forget f", "input i", "candidate g", "output o")
    assert table.columns == ("w_x", "w_h", "b")
    assert table.values.tolist() == [[1.63, 2.7, 1.62], [1.65, 2.0, 0.62], [0.94, 1.41, -0.32], [-0.19, 4.38, 0.59]]


def test_editing_a_scalar_bias_sets_their_sum(open_table):
    session, dialog = open_table("worked")
    type_into(dialog, 0, 2, "3")
    arrays = session.run.network.state_dict()
    assert (arrays["bias_ih_l0"][1], arrays["bias_hh_l0"][1]) == (3, 0)
    assert session.undo_name == "set b of f = 3"
    type_into(dialog, 3, 1, "-1")
    assert session.run.network.state_dict()["weight_hh_l0"][3, 0] == -1


def test_editing_the_sum_of_two_biases(open_table):
    session, dialog = open_table("letters", "bias_ih_l0 + bias_hh_l0")
    type_into(dialog, 5, 1, "2")
    assert session.run.network.state_dict()["bias_hh_l0"][5] == 2
    type_into(dialog, 5, 2, "4")
    arrays = session.run.network.state_dict()
    assert (arrays["bias_ih_l0"][5], arrays["bias_hh_l0"][5]) == (4, 0)


def test_the_read_out_is_editable_and_the_baseline_is_not(open_table):
    session, dialog = open_table("letters", "head.bias")
    type_into(dialog, 1, 0, "9")
    assert session.run.network.head.bias[1] == 9
    names = [table.name for table in dialog._tables]
    dialog.list.setCurrentRow(names.index("vanilla RNN: weight_hh_l0"))
    assert not dialog.model.flags(dialog.model.index(0, 0)) & Qt.ItemFlag.ItemIsEditable


def test_the_list_names_every_array_in_plain_words(open_table):
    _, dialog = open_table("letters")
    entries = dialog.findChild(QListWidget, "weights_list")
    texts = [entries.item(row).text() for row in range(entries.count())]
    assert texts[0].startswith("weight_ih_l0\nW, reads x[t]")
    assert texts[1].startswith("weight_hh_l0\nU, reads h[t−1]")


def test_rows_wear_the_hue_of_their_gate(open_table):
    _, dialog = open_table("letters", "weight_hh_l0")
    brush = dialog.model.headerData(8, Qt.Orientation.Vertical, Qt.ItemDataRole.ForegroundRole)
    assert brush.color().name() == LIGHT.forget
    assert dialog.model.headerData(8, Qt.Orientation.Vertical) == "f[0]"


def test_another_network_while_the_dialog_is_open(open_table, examples):
    session, dialog = open_table("letters", "head.weight")
    session.apply("open", examples["worked"])
    assert dialog.model.table.name == "all scalars"
    assert dialog.list.currentRow() == 0


def test_a_closed_dialog_sets_no_weight_of_another_network(open_table, examples):
    session, dialog = open_table("letters", "weight_hh_l0")
    dialog.close()
    session.apply("open", examples["worked"])
    dialog.model.setData(dialog.model.index(20, 3), "5")
    assert session.experiment == examples["worked"]


def test_a_closed_dialog_catches_up_when_it_opens(open_table):
    session, dialog = open_table("worked")
    dialog.close()
    session.undo()
    session.apply("change", session.experiment.__class__(**{**vars(session.experiment), "title": "other"}))
    dialog.show()
    assert dialog.model.table.values[0, 0] == 1.63


@pytest.mark.parametrize(
    "network",
    [
        Network.create("lstm", 3, 4, num_layers=2, bidirectional=True, output_size=2),
        Network.create("rnn", 2, 3, num_layers=2),
        Network.create("lstm", 1, 1),
        Network.create("rnn", 1, 1),
        NETWORKS["everything"],
        NETWORKS["projection"],
        NETWORKS["sizes"],
    ],
)
def test_every_cell_sets_the_weight_that_it_shows(network):
    assert sum(table.values.size for table in tables_of(network)) >= network.num_parameters
    for table in tables_of(network):
        rows, columns = table.values.shape
        assert (len(table.rows), len(table.gates), len(table.columns)) == (rows, rows, columns)
        for row, column in np.ndindex(rows, columns):
            arrays = {name: array.copy() for name, array in network.state_dict().items()}
            for name, index, value in table.changes(row, column, 123.0):
                arrays[name][index] = value
            changed = next(each for each in tables_of(network.with_parameters(arrays)) if each.name == table.name)
            assert changed.values[row, column] == 123.0
            others = changed.values != table.values
            assert others[row, column]
            assert set(zip(*np.nonzero(others), strict=True)) <= {(row, each) for each in range(columns)}


def test_symbols_name_gate_unit_and_source():
    tables = {table.name: table for table in tables_of(Network.create("lstm", 3, 2, num_layers=2, output_size=1))}
    assert tables["weight_ih_l0"].symbol(3, 2) == "W_f[1,2]"
    assert tables["weight_hh_l1"].symbol(6, 0) == "U_o[0,0]"
    assert tables["weight_ih_l1"].columns == ("h_l0[0]", "h_l0[1]")
    assert tables["bias_ih_l0 + bias_hh_l0"].symbol(2, 2) == "b_f[0]"
    assert tables["head.weight"].symbol(0, 1) == "V[0,1]"


def test_biases_say_what_they_are_added_to():
    for cell, words in (("lstm", "b, added in every gate"), ("rnn", "b, added to W x + U h")):
        assert words in [table.meaning for table in tables_of(Network.create(cell, 2, 3))]


def test_a_large_matrix_is_not_copied():
    network = Network.create("lstm", 64, 128)
    tables = {table.name: table for table in tables_of(network)}
    assert tables["weight_hh_l0"].values is network.state_dict()["weight_hh_l0"]
