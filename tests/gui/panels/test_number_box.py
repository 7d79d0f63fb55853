"""The box for a number takes what people write, and keeps what it does not show."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QEvent, QLocale, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lstmviz.gui.panels.fields import NumberBox, WholeBox


@pytest.fixture
def box(qtbot: QtBot) -> NumberBox:
    box = NumberBox("box", "a number")
    qtbot.addWidget(box)
    box.setValue(0.25)
    box.show()
    return box


def type_over(qtbot: QtBot, box: NumberBox, text: str) -> None:
    box.selectAll()
    for character in text:
        QApplication.sendEvent(box, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, character))
    qtbot.keyClick(box, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1e-9", 1e-9), ("-.5", -0.5), ("−3", -3.0), ("+2.", 2.0), ("1E3", 1000.0), ("0.1234567", 0.1234567)],
)
def test_numbers_as_people_write_them(qtbot: QtBot, box: NumberBox, typed: str, value: float) -> None:
    type_over(qtbot, box, typed)
    assert box.value() == value


@pytest.mark.parametrize("typed", ["1e308", "1e", "-", "", "."])
def test_what_is_no_number_in_the_range_brings_the_last_one_back(qtbot: QtBot, box: NumberBox, typed: str) -> None:
    box.selectAll()
    qtbot.keyClick(box, Qt.Key.Key_Delete)
    type_over(qtbot, box, typed)
    assert box.value() == 0.25
    assert box.text() == "0.25"


def test_letters_do_not_get_in(qtbot: QtBot, box: NumberBox) -> None:
    type_over(qtbot, box, "nan1_0,5")
    assert box.value() == 105


def test_digits_that_are_not_shown_stay_when_the_box_is_left(qtbot: QtBot, box: NumberBox) -> None:
    box.setValue(0.12345678901234)
    reported: list[float] = []
    box.valueChanged.connect(reported.append)
    type_over(qtbot, box, box.text())
    assert box.value() == 0.12345678901234
    assert not reported


def test_digits_are_the_same_in_every_locale(qtbot: QtBot) -> None:
    whole, number = WholeBox("whole", 0, 99_999, "a whole number"), NumberBox("box", "a number")
    for box in (whole, number):
        qtbot.addWidget(box)
        box.setLocale(QLocale("ar_EG"))
        box.setValue(1234)
        assert box.text() == "1234"
        box.selectAll()
        qtbot.keyClicks(box, "56.5" if box is number else "56")
        qtbot.keyClick(box, Qt.Key.Key_Return)
    assert (whole.value(), number.value()) == (56, 56.5)
