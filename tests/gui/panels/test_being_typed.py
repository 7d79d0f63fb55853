"""Boxes for numbers keep what is being typed there, in the transport and in the form of what-ifs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractSpinBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.gui.panels.debugger.what_if_panel import WhatIfPanel
from lstmviz.gui.panels.transport import Transport
from lstmviz.gui.player import Player
from lstmviz.gui.session import Session
from tests.experiments import letters, random_lstm


class Shown:
    """A transport, the what-ifs and a field to go to, on one session."""

    def __init__(self) -> None:
        self.session = Session(random_lstm(20, 2), Cursor(t=1, stage=Stage.READ))
        self.transport = Transport(self.session, Player(self.session))
        self.what_ifs = WhatIfPanel(self.session)
        self.elsewhere = QLineEdit()
        self.window = QWidget()
        column = QVBoxLayout(self.window)
        for widget in (self.transport, self.what_ifs, self.elsewhere):
            column.addWidget(widget)

    def whole_number(self, kind: str, name: str) -> QSpinBox:
        """A box of a kind of what-if."""
        self.choose(kind)
        box = self.what_ifs.form.box(name)
        assert isinstance(box, QSpinBox)
        return box

    def number(self, kind: str, name: str) -> QDoubleSpinBox:
        """A box of a kind of what-if."""
        self.choose(kind)
        box = self.what_ifs.form.box(name)
        assert isinstance(box, QDoubleSpinBox)
        return box

    def choose(self, kind: str) -> None:
        """Choose a kind of what-if as a user does."""
        kinds = self.what_ifs.form.kind_box
        kinds.setCurrentIndex(kinds.findText(kind))
        kinds.activated.emit(kinds.currentIndex())


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[Shown]:
    shown = Shown()
    qtbot.addWidget(shown.window)
    with qtbot.waitActive(shown.window):
        shown.window.show()
        shown.window.activateWindow()
    yield shown
    shown.session.close()


def type_into(box: QAbstractSpinBox, text: str) -> None:
    """Type over the number in a box, without Enter."""
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, text)


def press_enter(shown: Shown, box: QAbstractSpinBox) -> None:
    QTest.keyClick(box, Qt.Key.Key_Return)


def go_elsewhere(shown: Shown, box: QAbstractSpinBox) -> None:
    shown.elsewhere.setFocus()


Leave = Callable[[Shown, QAbstractSpinBox], None]
both_ways = pytest.mark.parametrize("leave", [press_enter, go_elsewhere])


@both_ways
def test_a_step_to_go_to_stays_when_the_cursor_moves_or_another_run_comes(shown: Shown, leave: Leave) -> None:
    session, go_to = shown.session, shown.transport.go_to
    type_into(go_to, "12")
    session.step(4)
    assert go_to.text().endswith("12")
    session.apply("shorter", random_lstm(9, 2))
    assert go_to.text().endswith("12")
    leave(shown, go_to)
    assert session.cursor.t == go_to.value() == go_to.maximum() == 9
    session.step(-4)
    assert go_to.value() == 5


def test_in_a_longer_run_one_can_type_any_of_its_steps(shown: Shown) -> None:
    go_to = shown.transport.go_to
    type_into(go_to, "3")
    shown.session.apply("longer", random_lstm(90, 2))
    QTest.keyClicks(go_to, "5")
    press_enter(shown, go_to)
    assert shown.session.cursor.t == 35


@both_ways
def test_the_step_that_was_there_can_be_typed_after_the_cursor_has_moved(shown: Shown, leave: Leave) -> None:
    go_to = shown.transport.go_to
    type_into(go_to, "1")
    shown.session.step(4)
    leave(shown, go_to)
    assert shown.session.cursor.t == go_to.value() == 1


@both_ways
def test_a_step_typed_and_deleted_again_leaves_where_one_is(shown: Shown, leave: Leave) -> None:
    go_to = shown.transport.go_to
    type_into(go_to, "3")
    QTest.keyClick(go_to, Qt.Key.Key_Backspace)
    shown.session.step(4)
    leave(shown, go_to)
    assert shown.session.cursor.t == go_to.value() == 5
    assert go_to.text() == "t = 5"


@both_ways
def test_an_answer_stays_when_the_cursor_moves_or_other_numbers_come(shown: Shown, leave: Leave) -> None:
    session, value = shown.session, shown.number("Change an input", "value")
    type_into(value, "0.25")
    session.step(3)
    assert value.text() == "0.25"
    recipe = replace(session.experiment.recipe, recurrent_scale=0.5)
    session.apply("scale", replace(session.experiment, recipe=recipe))
    assert value.text() == "0.25"
    leave(shown, value)
    session.step(1)
    assert value.value() == 0.25


@both_ways
def test_the_answer_that_was_there_can_be_typed_too(shown: Shown, leave: Leave) -> None:
    step = shown.whole_number("Delete a step", "t")
    type_into(step, "1")
    shown.session.step(3)
    leave(shown, step)
    shown.session.step(1)
    assert step.value() == 1


@both_ways
def test_what_was_typed_and_deleted_again_is_no_answer(shown: Shown, leave: Leave) -> None:
    session, value = shown.session, shown.number("Change an input", "value")
    type_into(value, "3")
    QTest.keyClick(value, Qt.Key.Key_Backspace)
    session.step(3)
    leave(shown, value)
    feature = shown.what_ifs.form.box("feature")
    assert isinstance(feature, QComboBox)
    there = session.run.sequence.values[session.cursor.t - 1, feature.currentData()]
    assert value.value() == pytest.approx(there)
    assert float(value.text()) == pytest.approx(value.value(), rel=1e-5)


def test_a_box_that_was_only_visited_follows_the_cursor(shown: Shown) -> None:
    step = shown.whole_number("Delete a step", "t")
    step.setFocus()
    shown.session.step(3)
    go_elsewhere(shown, step)
    shown.session.step(1)
    assert step.value() == 5


def test_a_step_typed_for_a_longer_sequence_is_brought_inside_in_the_end(shown: Shown) -> None:
    shown.session.apply("letters", letters())
    step = shown.whole_number("Delete a step", "t")
    type_into(step, "9")
    shown.session.apply("shorter", letters("hello"))
    assert step.text() == "9"
    press_enter(shown, step)
    assert step.value() == 5
