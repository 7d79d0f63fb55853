"""The What-if panel: every kind of change can be made, switched off, deleted and undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.what_if import (
    Clamp,
    DeleteStep,
    InsertStep,
    ScaleWeight,
    SetInput,
    SetStep,
    SetWeight,
    WhatIf,
)
from lstmviz.gui.panels.debugger.what_if_kinds import EVERY, KINDS, Kind
from lstmviz.gui.panels.debugger.what_if_panel import WhatIfPanel
from lstmviz.gui.session import Session
from tests.experiments import letters, linear_loop, random_lstm


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    session = Session(letters())
    yield session
    session.close()


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> WhatIfPanel:
    panel = WhatIfPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def choose(panel: WhatIfPanel, words: str) -> None:
    """Choose a kind as a user does."""
    panel.form.kind_box.setCurrentIndex(panel.form.kind_box.findText(words))
    panel.form.kind_box.activated.emit(panel.form.kind_box.currentIndex())


def answer(panel: WhatIfPanel, **answers: object) -> None:
    """Answer questions as a user does."""
    for name, value in answers.items():
        box = panel.form.box(name)
        if isinstance(box, QComboBox):
            box.setCurrentIndex(box.findData(value))
            box.activated.emit(box.currentIndex())
        else:
            box.setValue(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.words)
def test_every_kind_can_be_tried_as_offered_and_undone(panel: WhatIfPanel, session: Session, kind: Kind) -> None:
    failures: list[object] = []
    session.failed.connect(failures.append)
    plain = session.run
    choose(panel, kind.words)
    panel.add_button.click()
    assert not failures
    (what_if,) = session.experiment.what_ifs
    assert session.undo_name == what_if.in_words()
    assert session.run.before is not None
    assert panel.list.item(0).text() == what_if.in_words()
    session.undo()
    assert session.experiment.what_ifs == ()
    np.testing.assert_array_equal(session.run.trace.y, plain.trace.y)
    assert panel.list.isHidden()


def test_the_forget_gate_of_a_unit_is_held_open_over_the_steps_that_were_asked_for(
    panel: WhatIfPanel, session: Session
) -> None:
    answer(panel, symbol="f", unit=3, first=4, last=7)
    panel.add_button.click()
    assert session.experiment.what_ifs == (WhatIf(Clamp("f", "l0", 3, 4, 7, 1.0)),)
    gate = session.run.trace["l0"].f[:, 0, 3]  # type: ignore[union-attr]
    assert (gate[3:7] == 1).all()
    assert (gate[:3] < 1).all()


def test_all_units_at_once_and_steps_in_the_wrong_order(panel: WhatIfPanel, session: Session) -> None:
    answer(panel, symbol="o", unit=EVERY, first=7, last=4, value=0.5)
    panel.add_button.click()
    assert session.experiment.what_ifs[0].change == Clamp("o", "l0", None, 4, 7, 0.5)


def test_the_form_follows_the_cursor_but_keeps_what_was_typed(qtbot: QtBot) -> None:
    session = Session(random_lstm())
    panel = WhatIfPanel(session)
    qtbot.addWidget(panel)
    choose(panel, "Change an input")
    answer(panel, value=0.25)
    session.seek(replace(session.cursor, t=3))
    assert panel.form.change == SetInput(3, int(session.run.sequence.values[2].argmax()), 0.25)
    choose(panel, "Insert a step")
    answer(panel, t=12, feature=1, value=-2.0)
    assert panel.form.change == InsertStep(12, (0.0, -2.0, 0.0))
    session.close()


def test_a_text_is_asked_for_characters(panel: WhatIfPanel, session: Session) -> None:
    vocabulary = session.run.sequence.features
    session.seek(replace(session.cursor, t=2))
    choose(panel, "Change an input")
    box = panel.form.box("feature")
    assert isinstance(box, QComboBox)
    assert tuple(box.itemText(row) for row in range(box.count())) == vocabulary
    assert box.currentText() == session.run.sequence.labels[1]
    answer(panel, feature=vocabulary.index("o"))
    one_hot = tuple(float(character == "o") for character in vocabulary)
    assert panel.form.change == SetStep(2, one_hot)
    panel.add_button.click()
    assert session.run.sequence.labels[:3] == ("h", "o", "l")
    choose(panel, "Insert a step")
    answer(panel, t=12, feature=vocabulary.index("h"))
    panel.add_button.click()
    assert "".join(session.run.sequence.labels) == "hollo␣helloh"
    assert (session.run.sequence.values.sum(1) == 1).all()


def test_numbers_after_a_text_are_asked_for_as_numbers(panel: WhatIfPanel, session: Session) -> None:
    choose(panel, "Insert a step")
    session.apply("numbers", random_lstm())
    assert panel.form.kind.words == "Insert a step"
    answer(panel, t=1, feature=2, value=0.5)
    assert panel.form.change == InsertStep(1, (0.0, 0.0, 0.5))


def test_a_node_chosen_is_offered_at_the_value_that_it_has(panel: WhatIfPanel, session: Session) -> None:
    answer(panel, symbol="c", unit=5, first=2)
    box = panel.form.box("value")
    assert not isinstance(box, QComboBox)
    assert box.value() == pytest.approx(session.run.trace["l0"].c[1, 0, 5], abs=1e-6)  # type: ignore[union-attr]


def test_a_weight_of_a_bias_has_no_column(qtbot: QtBot, panel: WhatIfPanel) -> None:
    choose(panel, "Set a weight")
    qtbot.waitUntil(panel.form.box("column").isVisible)
    answer(panel, name="bias_ih_l0", row=9, value=2.0)
    assert not panel.form.box("column").isVisible()
    assert panel.form.change == SetWeight("bias_ih_l0", (9,), 2.0)


def test_the_weights_of_the_head_have_their_own_shape_and_no_gates(
    qtbot: QtBot, panel: WhatIfPanel, session: Session
) -> None:
    head = session.run.network.head
    assert head is not None
    choose(panel, "Set a weight")
    answer(panel, name="head.weight")
    row, column = panel.form.box("row"), panel.form.box("column")
    assert isinstance(row, QSpinBox)
    assert isinstance(column, QSpinBox)
    assert (row.maximum() + 1, column.maximum() + 1) == head.weight.shape
    answer(panel, row=3, column=7, value=2.0)
    panel.add_button.click()
    changed = session.run.network.head
    assert changed is not None
    assert changed.weight[3, 7] == 2
    assert (changed.weight != head.weight).sum() == 1
    choose(panel, "Scale weights")
    qtbot.waitUntil(panel.form.box("gate").isVisible)
    answer(panel, gate="f")
    answer(panel, name="head.bias", factor=-1.0)
    assert not panel.form.box("gate").isVisible()
    assert panel.form.change == ScaleWeight("head.bias", -1.0)


def test_a_tick_taken_away_brings_the_numbers_back_and_keeps_the_line(panel: WhatIfPanel, session: Session) -> None:
    plain = session.run.trace.y.copy()
    panel.add_button.click()
    panel.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert session.undo_name.startswith("switch off: ")
    assert session.run.before is None
    np.testing.assert_array_equal(session.run.trace.y, plain)
    panel.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert session.run.before is not None


def test_the_delete_key_takes_the_chosen_one(qtbot: QtBot, panel: WhatIfPanel, session: Session) -> None:
    session.seek(replace(session.cursor, t=2))
    panel.add_button.click()
    choose(panel, "Delete a step")
    panel.add_button.click()
    panel.list.setCurrentRow(0)
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert [type(each.change) for each in session.experiment.what_ifs] == [DeleteStep]


def test_what_does_not_fit_is_said_here_and_changes_nothing(panel: WhatIfPanel, session: Session) -> None:
    choose(panel, "Delete a step")
    answer(panel, t=11)
    panel.add_button.click()
    choose(panel, "Change an input")
    with_two = session.experiment
    session.apply("bad", replace(with_two, what_ifs=(*with_two.what_ifs, WhatIf(SetInput(11, 0, 1.0)))))
    assert panel.error_line.isHidden()  # somebody else asked for that
    panel._apply("bad", (*with_two.what_ifs, WhatIf(SetInput(11, 0, 1.0))))
    assert "set x[11]" in panel.error_line.text()
    assert session.experiment is with_two


def test_a_vanilla_rnn_is_offered_what_it_has(qtbot: QtBot) -> None:
    session = Session(linear_loop(0.9, 6))
    panel = WhatIfPanel(session)
    qtbot.addWidget(panel)
    offered = {panel.form.kind_box.itemText(row) for row in range(panel.form.kind_box.count())}
    assert "Switch a part off" not in offered
    node = panel.form.box("symbol")
    assert isinstance(node, QComboBox)
    assert [node.itemData(row) for row in range(node.count())] == ["h"]
    panel.show()
    choose(panel, "Scale weights")
    qtbot.waitUntil(panel.form.box("factor").isVisible)
    assert not panel.form.box("gate").isVisible()
    session.close()


def test_another_kind_while_a_number_is_half_typed(panel: WhatIfPanel, qtbot: QtBot) -> None:
    """The box reports what was typed when it goes, at a moment at which its question is not asked any more."""
    choose(panel, "Delete a step")
    box = panel.form.box("t")
    assert isinstance(box, QSpinBox)
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "2")
    choose(panel, KINDS[0].words)
    assert panel.form.kind is KINDS[0]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every analysis is a long one; it ends when the test waits for it."""
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)


INPUTS = tuple(WhatIf(SetInput(t, 0, 0.5)) for t in (1, 2, 3))


@pytest.fixture
def three(panel: WhatIfPanel, session: Session) -> tuple[WhatIf, ...]:
    """Three what-ifs that stand in the list."""
    session.apply("three", replace(session.experiment, what_ifs=INPUTS))
    return INPUTS


def rows(panel: WhatIfPanel) -> list[tuple[str, bool]]:
    """The list as one reads it."""
    items = [item for row in range(panel.list.count()) if (item := panel.list.item(row))]
    return [(item.text(), item.checkState() is Qt.CheckState.Checked) for item in items]


def in_words(what_ifs: tuple[WhatIf, ...]) -> list[tuple[str, bool]]:
    """What the list should say."""
    return [(each.in_words(), each.enabled) for each in what_ifs]


def test_a_row_is_what_it_says_while_a_deletion_is_being_worked_out(
    qtbot: QtBot, panel: WhatIfPanel, session: Session, three: tuple[WhatIf, ...], slow: None
) -> None:
    panel.list.setCurrentRow(0)
    with qtbot.waitSignal(session.run_changed):
        panel.delete_button.click()
        (row,) = panel.list.findItems(three[1].in_words(), Qt.MatchFlag.MatchExactly)
        row.setCheckState(Qt.CheckState.Unchecked)
        assert rows(panel) == in_words(session.wanted.what_ifs)
        (row,) = panel.list.findItems(three[2].in_words(), Qt.MatchFlag.MatchExactly)
        panel.list.setCurrentItem(row)
        panel.delete_button.click()
    assert session.experiment.what_ifs == (replace(three[1], enabled=False),)
    assert rows(panel) == in_words(session.experiment.what_ifs)


def test_a_cancelled_change_of_the_list_is_taken_back_at_once(
    panel: WhatIfPanel, session: Session, three: tuple[WhatIf, ...], slow: None
) -> None:
    panel.list.setCurrentRow(1)
    panel.delete_button.click()
    assert len(rows(panel)) == 2
    session.cancel()
    assert rows(panel) == in_words(three)


def test_what_is_being_added_is_in_the_list_and_chosen(
    qtbot: QtBot, panel: WhatIfPanel, session: Session, three: tuple[WhatIf, ...], slow: None
) -> None:
    with qtbot.waitSignal(session.run_changed):
        panel.add_button.click()
        assert panel.list.currentRow() == 3
        panel.list.setCurrentRow(1)
    assert panel.list.currentRow() == 1  # the end of the analysis changes nothing in the list


def test_a_tick_that_is_refused_is_taken_back(panel: WhatIfPanel, session: Session, three: tuple[WhatIf, ...]) -> None:
    bad = WhatIf(SetInput(400, 0, 1.0), enabled=False)
    session.apply("bad", replace(session.experiment, what_ifs=(*three, bad)))
    item = panel.list.item(3)
    assert item is not None
    item.setCheckState(Qt.CheckState.Checked)
    assert "400" in panel.error_line.text()
    assert rows(panel) == in_words((*three, bad))


def test_what_fails_elsewhere_is_not_said_here(panel: WhatIfPanel, session: Session, slow: None) -> None:
    panel.add_button.click()
    error = LstmvizError("too large")
    session.failed.emit(error, replace(session.experiment, title="another"))
    assert not panel.error_line.isVisible()
    session.failed.emit(error, replace(session.wanted, notes="written since"))
    assert panel.error_line.text().startswith("too large")
