"""What a person does to the window: keys to whatever has the focus, clicks on real widgets, found by their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QGuiApplication, QImage, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Stage
from lstmviz.core.run import Run
from lstmviz.gui.main_window import MainWindow

Found = TypeVar("Found", bound=QWidget)
KEYS, CONTROL, SHIFT = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NO_MODIFIER = Qt.KeyboardModifier.NoModifier


@dataclass
class Person:
    """Somebody at the keyboard and the mouse of one window."""

    qtbot: QtBot
    window: MainWindow

    # Looking

    def find(self, kind: type[Found], name: str) -> Found:
        """The one widget of that name."""
        found = self.window.findChildren(kind, name)
        assert len(found) == 1, f"{len(found)} widgets called {name}"
        return found[0]

    def reads(self, name: str) -> str:
        """The text of a label on show; empty when there is none to read."""
        label = self.find(QLabel, name)
        return label.text() if label.isVisibleTo(self.window) else ""

    @property
    def run(self) -> Run:
        return self.window.session.run

    @property
    def at(self) -> tuple[int, Stage]:
        return self.window.session.cursor.t, self.window.session.cursor.stage

    @property
    def editor(self) -> QPlainTextEdit:
        return self.find(QPlainTextEdit, "sequence_text_edit")

    def pictures(self) -> list[QImage]:
        """Every view on show as it is painted now."""
        for _ in range(3):  # a text that wraps anew, the layout round it, and a scroll bar that comes or goes
            QApplication.processEvents()
        return [view.grab().toImage() for view in self.window.views if view.isVisible()]

    # The keyboard

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_MODIFIER, times: int = 1) -> None:
        """A key goes to the widget that has the focus, as on a real keyboard."""
        for _ in range(times):
            QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def type(self, text: str) -> None:
        """Characters go to the widget that has the focus."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.press(KEYS.Key_Return)
            QTest.keyClicks(QApplication.focusWidget() or self.window, line)

    def paste(self, text: str) -> None:
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(text)
        self.press(KEYS.Key_V, CONTROL)

    def leave_field(self) -> None:
        self.press(KEYS.Key_Escape)

    def into_editor(self) -> None:
        """Click into the sequence and select what is there."""
        self.click(self.editor.viewport())
        self.press(KEYS.Key_A, CONTROL)

    def write_sequence(self, text: str) -> None:
        """Type another sequence over the old one, and wait until it runs."""
        self.into_editor()
        with self.qtbot.waitSignal(self.window.session.run_changed):
            self.type(text)

    def write_wrong_sequence(self, text: str) -> str:
        """Type a sequence that cannot run over the old one; what the window says about it."""
        self.into_editor()
        self.press(KEYS.Key_Delete)
        self.qtbot.waitUntil(lambda: "empty" in self.reads("sequence_error").lower())
        if not text:
            return self.reads("sequence_error")
        self.type(text)
        self.qtbot.waitUntil(lambda: "empty" not in self.reads("sequence_error").lower())
        return self.reads("sequence_error")

    def write_number(self, name: str, text: str) -> None:
        """Type a number into a box, and Enter."""
        box = self.find(QAbstractSpinBox, name)
        box.setFocus()
        box.selectAll()
        self.type(text)
        self.press(KEYS.Key_Return)

    def choose(self, name: str, text: str) -> None:
        """Go through a list of choices with the arrow keys until ``text`` is chosen."""
        box = self.find(QComboBox, name)
        wanted = box.findText(text)
        assert wanted >= 0, f"{name} does not offer {text}"
        box.setFocus()
        if wanted == box.currentIndex():
            return
        if box.currentIndex() < 0:
            self.press(KEYS.Key_Home)
        self.press(
            KEYS.Key_Down if wanted > box.currentIndex() else KEYS.Key_Up, times=abs(wanted - box.currentIndex())
        )

    # The mouse

    def click(self, widget: QWidget | None, place: QPointF | None = None) -> None:
        assert widget is not None
        assert widget.isVisible(), widget.objectName()
        point = QPoint() if place is None else place.toPoint()
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, NO_MODIFIER, point)

    def click_button(self, name: str) -> None:
        """Click a button where its mark is, at the left, bringing it into sight first."""
        button = self.find(QAbstractButton, name)
        self.bring_into_sight(button)
        self.click(button, QPointF(8, button.height() / 2))

    def bring_into_sight(self, field: QWidget) -> None:
        """Scroll the experiment dock to a field of it."""
        self.find(QScrollArea, "experiment_scroll").ensureWidgetVisible(field)

    def wheel(self, widget: QWidget, place: QPointF, notches: int, modifier: Qt.KeyboardModifier = NO_MODIFIER) -> None:
        """Turn the wheel over a place of a widget."""
        event = QWheelEvent(
            place, QPointF(widget.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)
