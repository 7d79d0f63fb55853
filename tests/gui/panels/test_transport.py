"""The transport: every way to move, by mouse and by key, and what it says about where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QHelpEvent, QShortcut
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QSpinBox,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.experiments.what_if import InsertStep, WhatIf
from lstmviz.gui.panels.transport import DIGIT_SECONDS, Transport, TypedNumber, layer_in_words
from lstmviz.gui.player import Player
from lstmviz.gui.session import Session
from lstmviz.gui.shortcuts import SHORTCUTS, KeyboardGuard
from lstmviz.gui.style import DARK, LIGHT
from tests.experiments import linear_loop, random_lstm

KEYS = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


@dataclass
class Shown:
    """A transport in a window with a few fields to type into."""

    session: Session
    player: Player
    transport: Transport
    window: QMainWindow
    now: float = 0.0

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key goes to the widget that has the focus, as on a real keyboard."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def button(self, name: str) -> QAbstractButton:
        found = self.transport.findChild(QAbstractButton, f"{name}_button")
        assert found is not None
        return found

    @property
    def at(self) -> tuple[int, Stage]:
        return self.session.cursor.t, self.session.cursor.stage


def show(qtbot: QtBot, length: int = 20, cursor: Cursor | None = None, **options: object) -> Shown:
    session = Session(random_lstm(length, 2, 1, **options), cursor or Cursor(t=1, stage=Stage.READ))
    player = Player(session)
    shown = Shown(session, player, None, QMainWindow())  # type: ignore[arg-type]
    shown.transport = Transport(session, player, clock=lambda: shown.now)
    fields = QWidget()
    column = QVBoxLayout(fields)
    for field in (QPlainTextEdit(), QLineEdit(), QSpinBox(), QCheckBox("a choice")):
        column.addWidget(field)
    bar = shown.window.addToolBar("transport")
    assert bar is not None
    bar.addWidget(shown.transport)
    shown.window.setCentralWidget(fields)
    shown.window.addActions(shown.transport.actions())
    KeyboardGuard(shown.window)
    shown.window.resize(1280, 400)
    qtbot.addWidget(shown.window, before_close_func=lambda _: (player.pause(), session.close()))
    with qtbot.waitActive(shown.window):
        shown.window.show()
        shown.window.activateWindow()
    shown.window.setFocus()
    return shown


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[Shown]:
    return show(qtbot)


def test_steps_that_a_what_if_inserted_have_tooltips_too(shown: Shown) -> None:
    session = shown.session
    longer = replace(session.experiment, what_ifs=(WhatIf(InsertStep(21, (0.5,))),))
    session.apply("insert", longer)
    slider = shown.transport.slider
    place = QPoint(round(slider.x_of(21)), slider.height() // 2)
    QApplication.sendEvent(slider, QHelpEvent(QEvent.Type.ToolTip, place, slider.mapToGlobal(place)))
    assert QToolTip.text().startswith("step 21")


def test_keys_move_by_stage_and_step_both_ways(shown: Shown) -> None:
    moves = (
        (KEYS.Key_Right, None, (1, Stage.FORGET)),
        (KEYS.Key_Right, SHIFT, (2, Stage.FORGET)),
        (KEYS.Key_PageDown, None, (12, Stage.FORGET)),
        (KEYS.Key_End, None, (20, Stage.HIDDEN)),
        (KEYS.Key_Left, None, (20, Stage.OUTPUT)),
        (KEYS.Key_Left, SHIFT, (19, Stage.OUTPUT)),
        (KEYS.Key_PageUp, None, (9, Stage.OUTPUT)),
        (KEYS.Key_Home, None, (1, Stage.READ)),
        (KEYS.Key_Left, None, (1, Stage.READ)),
    )
    for key, modifier, expected in moves:
        shown.press(key, modifier or Qt.KeyboardModifier.NoModifier)
        assert shown.at == expected


def test_buttons_move_like_their_keys(shown: Shown) -> None:
    expected = {
        "step_on": (2, Stage.READ),
        "stage_on": (2, Stage.FORGET),
        "last": (20, Stage.HIDDEN),
        "stage_back": (20, Stage.OUTPUT),
        "step_back": (19, Stage.OUTPUT),
        "first": (1, Stage.READ),
    }
    for name, at in expected.items():
        shown.button(name).click()
        assert shown.at == at


def test_space_plays_and_pauses_and_the_button_says_so(shown: Shown) -> None:
    assert shown.button("play").toolTip() == "Play (Space)"
    shown.press(KEYS.Key_Space)
    assert shown.player.playing
    assert shown.button("play").toolTip() == "Pause (Space)"
    assert shown.button("play").accessibleName() == "Pause"
    shown.button("play").click()
    assert not shown.player.playing


def test_moving_by_hand_stops_playing(shown: Shown) -> None:
    shown.press(KEYS.Key_Space)
    shown.press(KEYS.Key_Right, SHIFT)
    assert not shown.player.playing


def test_speed_and_loop_by_key_and_by_mouse(shown: Shown) -> None:
    shown.press(KEYS.Key_Plus)
    shown.press(KEYS.Key_Equal)
    assert shown.player.speed == 4
    assert shown.transport.speed.currentText() == "4×"
    shown.press(KEYS.Key_Minus)
    assert shown.player.speed == 2
    shown.transport.speed.activated.emit(0)
    assert shown.player.speed == 0.25
    shown.press(KEYS.Key_L)
    assert shown.player.loop
    assert shown.button("loop").isChecked()
    shown.button("loop").click()
    assert not shown.player.loop
    shown.player.loop = True
    assert shown.button("loop").isChecked()


def test_speed_says_that_it_goes_in_whole_steps_from_four_times_on(shown: Shown) -> None:
    assert "From 4× on it goes in whole time steps" in shown.transport.speed.toolTip()


def test_digits_jump_and_two_quick_ones_make_one_number(shown: Shown) -> None:
    shown.press(KEYS.Key_1)
    assert shown.at == (1, Stage.READ)
    shown.now += DIGIT_SECONDS / 2
    shown.press(KEYS.Key_2)
    assert shown.at == (12, Stage.READ)
    shown.now += DIGIT_SECONDS
    shown.press(KEYS.Key_7)
    assert shown.at == (7, Stage.READ)


def test_a_typed_number_begins_anew_when_it_would_get_too_large() -> None:
    typed = TypedNumber(lambda: 0.0)
    assert [typed.add(digit, 30) for digit in "1234"] == [1, 12, 3, 4]
    assert TypedNumber(lambda: 0.0).add("0", 30) is None
    assert TypedNumber(lambda: 0.0).add("7", 3) is None


@pytest.mark.parametrize("kind", [QPlainTextEdit, QLineEdit, QSpinBox])
def test_typing_into_a_field_does_not_step(shown: Shown, kind: type[QWidget]) -> None:
    shown.session.seek(Cursor(t=5, stage=Stage.CELL))
    field = shown.window.centralWidget().findChild(kind)
    field.setFocus()
    for key in (KEYS.Key_1, KEYS.Key_2, KEYS.Key_Space, KEYS.Key_L, KEYS.Key_Plus, KEYS.Key_Left, KEYS.Key_Home,
                KEYS.Key_End, KEYS.Key_Right, KEYS.Key_PageDown, KEYS.Key_PageUp):  # fmt: skip
        shown.press(key)
    shown.press(KEYS.Key_Right, SHIFT)
    assert shown.at == (5, Stage.CELL)
    assert not shown.player.playing
    assert not shown.player.loop
    assert shown.player.speed == 1
    if isinstance(field, QPlainTextEdit):
        assert field.toPlainText() == "12 l+"


def test_escape_leaves_a_field_so_that_keys_step_again(shown: Shown) -> None:
    shown.window.centralWidget().findChild(QPlainTextEdit).setFocus()
    shown.press(KEYS.Key_Escape)
    shown.press(KEYS.Key_3)
    assert shown.at == (3, Stage.READ)


def test_space_presses_the_button_that_has_the_focus_and_arrows_still_step(shown: Shown) -> None:
    box = shown.window.centralWidget().findChild(QCheckBox)
    box.setFocus()
    shown.press(KEYS.Key_Space)
    assert box.isChecked()
    assert not shown.player.playing
    shown.press(KEYS.Key_Right)
    assert shown.at == (1, Stage.FORGET)


def test_going_to_a_step_in_its_field(shown: Shown) -> None:
    shown.transport.go_to.setFocus()
    shown.transport.go_to.selectAll()
    QTest.keyClicks(shown.transport.go_to, "12")
    assert shown.session.cursor.t == 1
    shown.press(KEYS.Key_Return)
    assert shown.session.cursor.t == 12
    assert shown.transport.go_to.maximum() == 20


def test_a_click_on_the_slider_goes_there_and_dragging_follows(shown: Shown) -> None:
    slider = shown.transport.slider

    def point(step: int) -> QPoint:
        return QPoint(round(slider.x_of(step)), slider.height() // 2)

    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=point(15))
    assert shown.at == (15, Stage.READ)
    QTest.mouseMove(slider, point(4))
    assert shown.at == (4, Stage.READ)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=point(4))
    QTest.mouseMove(slider, point(9))
    assert shown.at == (4, Stage.READ)
    assert not slider.hasFocus()


def test_the_slider_tells_of_the_step_under_the_mouse(shown: Shown) -> None:
    slider = shown.transport.slider
    at = QPoint(round(slider.x_of(3)), 10)
    QApplication.sendEvent(slider, QHelpEvent(QEvent.Type.ToolTip, at, slider.mapToGlobal(at)))
    assert QToolTip.text() == f"step 3: {shown.session.experiment.sequence.labels[2]}"
    QToolTip.hideText()


def test_the_words_follow_the_cursor(shown: Shown) -> None:
    shown.session.seek(Cursor(t=3, stage=Stage.CELL))
    assert shown.transport.step_label.text() == "step 3 of 20"
    assert shown.transport.stage_label.text() == "cell update: keep, then write"
    assert shown.transport.position_in_words() == "t = 3 of 20 · cell update: keep, then write · layer 0"
    assert shown.transport.accessibleDescription() == shown.transport.position_in_words()
    assert shown.transport.slider.value() == shown.transport.go_to.value() == 3


def test_words_do_not_move_what_stands_beside_them(qtbot: QtBot, shown: Shown) -> None:
    places = set()
    for stage in Stage:
        shown.session.seek(Cursor(t=3, stage=stage))
        QApplication.processEvents()
        places.add((shown.transport.slider.geometry().getRect(), shown.transport.go_to.x()))
    assert len(places) == 1


def test_the_layer_chooser_is_there_when_there_is_a_choice(qtbot: QtBot, shown: Shown) -> None:
    chooser = shown.transport.layer_chooser
    assert not chooser.isVisible()
    shown.session.apply("layers", random_lstm(20, 2, 1, num_layers=2, bidirectional=True))
    assert chooser.isVisible()
    assert [chooser.itemText(index) for index in range(chooser.count())] == [
        "layer 0",
        "layer 0, reading backwards",
        "layer 1",
        "layer 1, reading backwards",
    ]
    chooser.activated.emit(3)
    assert shown.session.cursor.layer == "l1_reverse"
    shown.session.seek(Cursor(t=2, layer="l1"))
    assert chooser.currentText() == layer_in_words("l1") == "layer 1"


def test_in_a_layer_that_reads_backwards_on_means_to_an_earlier_step(qtbot: QtBot) -> None:
    shown = show(qtbot, 5, Cursor(t=5, layer="l0_reverse", stage=Stage.READ), bidirectional=True)
    shown.press(KEYS.Key_Right, SHIFT)
    assert shown.at == (4, Stage.READ)
    shown.press(KEYS.Key_End)
    assert shown.at == (1, Stage.HIDDEN)
    shown.press(KEYS.Key_Home)
    assert shown.at == (5, Stage.READ)


@pytest.mark.parametrize("length", [1, 2, 100_000])
def test_any_length_works(qtbot: QtBot, length: int) -> None:
    shown = show(qtbot, length)
    shown.press(KEYS.Key_End)
    assert shown.at == (length, Stage.HIDDEN)
    slider = shown.transport.slider
    assert slider.maximum() == shown.transport.go_to.maximum() == length
    assert slider.step_at(slider.x_of(length)) == length
    assert slider.labelled_steps()[0] == 1
    assert slider.labelled_steps()[-1] == length
    assert not shown.transport.grab().isNull()
    shown.press(KEYS.Key_Home)
    assert shown.transport.step_label.text() == f"step 1 of {length:,}"


@pytest.mark.parametrize("length", [3, 11, 97, 1000, 99_999])
@pytest.mark.parametrize("width", [90, 200, 500, 1900])
def test_numbers_under_the_slider_never_touch(qtbot: QtBot, length: int, width: int) -> None:
    slider = show(qtbot, 3).transport.slider
    slider.setRange(1, length)
    slider.resize(width, 36)
    digits = slider.fontMetrics().horizontalAdvance(f"{length:,}") * 0.8
    labelled = slider.labelled_steps()
    for earlier, later in pairwise(labelled):
        assert slider.x_of(later) - slider.x_of(earlier) > digits


def test_a_vanilla_rnn_has_its_two_stages(qtbot: QtBot, shown: Shown) -> None:
    shown.session.apply("vanilla RNN", linear_loop(0.9, 6))
    shown.press(KEYS.Key_Home)
    shown.press(KEYS.Key_Right)
    assert shown.at == (1, Stage.HIDDEN)
    assert "stage 2 of 2" in shown.transport.stage_label.toolTip()


def test_a_cursor_moved_elsewhere_is_shown_without_asking_back(shown: Shown) -> None:
    received: list[Cursor] = []
    shown.session.cursor_changed.connect(received.append)
    shown.session.seek(Cursor(t=7, stage=Stage.INPUT))
    assert received == [Cursor(t=7, stage=Stage.INPUT)]


def test_everything_can_be_named_and_explained(shown: Shown) -> None:
    for widget in (*shown.transport.findChildren(QAbstractButton), *(
        shown.transport.slider, shown.transport.go_to, shown.transport.layer_chooser, shown.transport.speed
    )):  # fmt: skip
        assert widget.objectName()
        assert widget.accessibleName()
        assert widget.toolTip() or widget is shown.transport.slider


def test_actions_and_keys_are_those_of_the_table(shown: Shown) -> None:
    table = {each.id: each for each in SHORTCUTS}
    for action in shown.transport.actions():
        assert [key.toString() for key in action.shortcuts()] == list(table[action.objectName()].keys)
    digits = [key.key().toString() for key in shown.transport.findChildren(QShortcut)]
    assert sorted(digits) == sorted(table["go_to_step"].keys)


def test_icons_are_painted_in_the_colour_of_the_theme(shown: Shown) -> None:
    for theme in (LIGHT, DARK):
        shown.transport.set_theme(theme)
        image = shown.button("stage_on").icon().pixmap(20, 20).toImage()
        colours = {
            image.pixelColor(x, y).name() for x in range(20) for y in range(20) if image.pixelColor(x, y).alpha() == 255
        }
        assert colours == {theme.text}


@pytest.mark.parametrize("layers", [1, 2])
def test_nothing_is_cut_off_at_1280(qtbot: QtBot, layers: int) -> None:
    shown = show(qtbot, 100_000 if layers == 1 else 20, num_layers=layers, bidirectional=layers == 2)
    shown.press(KEYS.Key_End)
    QApplication.processEvents()
    transport = shown.transport
    assert transport.width() <= 1280
    for child in (*transport.findChildren(QAbstractButton), transport.step_label, transport.speed, transport.go_to):
        if child.isVisible():
            assert transport.rect().contains(child.geometry()) or child.parent() is not transport
            assert child.width() >= child.minimumSizeHint().width()
