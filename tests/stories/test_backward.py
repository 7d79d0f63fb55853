"""A teacher walks the backward pass of the worked example."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.gui.main_window import MainWindow


def test_from_the_loss_back_to_step_one(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert window.session.cursor == Cursor(3, stage=BackwardStage.ARRIVE)
    assert window.findChild(QToolButton, "backward_button").isChecked()
    qtbot.keyClick(window, Qt.Key.Key_Home)
    assert window.session.cursor == Cursor(4, stage=BackwardStage.ARRIVE)
    assert "−0.0612" in window.status.sentence.text()
    for stage in list(BackwardStage)[1:]:
        qtbot.keyClick(window, Qt.Key.Key_Right)
        assert window.session.cursor.stage is stage
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert window.session.cursor == Cursor(3, stage=BackwardStage.ARRIVE)
    assert "−0.00420" in window.status.sentence.text()
    assert "dh[3]" in window.inspector_view.cards[0].heading
    qtbot.keyClick(window, Qt.Key.Key_End)
    assert window.session.cursor == Cursor(1, stage=BackwardStage.CARRY)


def test_and_forwards_again(window: MainWindow, qtbot: QtBot) -> None:
    forward = window.cell_view.grab().toImage()
    button = window.findChild(QToolButton, "backward_button")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.session.cursor.backward
    assert window.cell_view.grab().toImage() != forward
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.session.cursor == Cursor(3, stage=Stage.HIDDEN)
    assert not button.isChecked()


def test_an_edit_keeps_walking_backwards(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_B)
    window.open_example("feedback-loop")
    assert window.session.cursor.stage is Stage.HIDDEN
    qtbot.keyClick(window, Qt.Key.Key_B)
    qtbot.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert window.session.cursor == Cursor(11, stage=BackwardStage.ARRIVE)
    window.session.undo()
    assert window.session.cursor.backward
    assert window.inspector_view.summary()
