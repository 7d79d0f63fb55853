"""What a person does to the window: keys to whatever has the focus, clicks on real widgets, found by their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from PyQt6.QtCore import QPoint, QPointF, Qt, QTimer
from PyQt6.QtGui import QAction, QGuiApplication, QImage, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTabBar,
    QTableView,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Stage
from lstmviz.core.run import Run
from lstmviz.gui.main_window import MainWindow

Found = TypeVar("Found", bound=QWidget)
KEYS, CONTROL, SHIFT = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
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
        """Scroll whatever ``field`` stands in to it."""
        around = field.parentWidget()
        while around is not None:
            if isinstance(around, QScrollArea):
                around.ensureWidgetVisible(field)
            around = around.parentWidget()

    def wheel(self, widget: QWidget, place: QPointF, notches: int, modifier: Qt.KeyboardModifier = NO_MODIFIER) -> None:
        """Turn the wheel over a place of a widget."""
        event = QWheelEvent(
            place, QPointF(widget.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def click_tab(self, title: str) -> None:
        """Click a tab by its title: of a view, or of docks that share their place."""
        for bar in self.window.findChildren(QTabBar):
            titles = [bar.tabText(tab).replace("&", "") for tab in range(bar.count())]
            if bar.isVisible() and title in titles:
                self.click(bar, QPointF(bar.tabRect(titles.index(title)).center()))
                QApplication.processEvents()
                return
        raise AssertionError(f"no tab {title}")

    def open_fold(self, name: str) -> None:
        """Unfold a section of the debugger with the mouse."""
        self.click_tab("Debugger")
        header = self.find(QToolButton, f"{name}_header")
        if not header.isChecked():
            self.bring_into_sight(header)
            self.click(header, QPointF(header.rect().center()))
        self.settle()

    def activate(self) -> None:
        """Back in the window after a dialog; off-screen there is no window manager to do so."""
        self.window.activateWindow()
        self.qtbot.waitUntil(self.window.isActiveWindow)

    def settle(self) -> None:
        """Let the layouts come to rest."""
        for _ in range(3):
            QApplication.processEvents()

    def click_cell(self, name: str, row: int, column: int) -> None:
        """Click a cell of a table at its left, where a check box is."""
        table = self.find(QTableView, name)
        self.bring_into_sight(table)
        model = table.model()
        assert model is not None
        rect = table.visualRect(model.index(row, column))
        self.click(table.viewport(), QPointF(rect.left() + 11, rect.center().y()))

    def cells(self, name: str, column: int) -> list[str]:
        """What a column of a table says."""
        model = self.find(QTableView, name).model()
        assert model is not None
        return [model.index(row, column).data() for row in range(model.rowCount())]

    def choose_in_menu(self, *titles: str) -> None:
        """Open the menus of these titles with the mouse, one in the other, and click the last entry."""
        bar = self.window.menuBar()
        assert bar is not None
        menu: QMenu | QMenuBar = bar
        for title in titles:
            action = entry(menu, title)
            assert action.isEnabled(), f"{title} is greyed out"
            following = action.menu()
            click_entry(menu, action)
            if following is not None:
                self.qtbot.waitUntil(following.isVisible)
                menu = following

    def choose_from_button(self, name: str, title: str) -> None:
        """Click a button that opens a menu, and an entry of it."""
        button = self.find(QPushButton, name)
        menu = button.menu()
        assert menu is not None
        self.click(button, QPointF(8, 8))
        self.qtbot.waitUntil(menu.isVisible)
        click_entry(menu, next(each for each in menu.actions() if each.text().startswith(title)))

    def menu_entry(self, *titles: str) -> QAction:
        """An entry of a menu, not clicked."""
        bar = self.window.menuBar()
        assert bar is not None
        menu: QMenu | QMenuBar = bar
        for title in titles[:-1]:
            following = entry(menu, title).menu()
            assert following is not None
            menu = following
        return entry(menu, titles[-1])

    def will_answer(self, dialog_name: str, button_text: str) -> list[str]:
        """When the dialog of that name comes, click its button of that text; what the dialog asked, once it has."""
        asked: list[str] = []
        timer = QTimer(self.window)
        timer.setInterval(5)

        def look() -> None:
            for dialog in self.window.findChildren(QDialog, dialog_name):
                if dialog.isVisible():
                    timer.stop()
                    asked.extend(label.text() for label in dialog.findChildren(QLabel) if label.text())
                    buttons = dialog.findChildren(QAbstractButton)
                    texts = [button.text().replace("&", "") for button in buttons]
                    self.click(buttons[texts.index(button_text)], QPointF(8, 8))

        timer.timeout.connect(look)
        timer.start()
        return asked


def click_entry(menu: QMenu | QMenuBar, action: QAction) -> None:
    """Click an entry of a menu that is open; Qt wants to see the mouse move there first."""
    place = menu.actionGeometry(action).center()
    for _ in range(8):
        QTest.mouseMove(menu, place)
        place += QPoint(1, 0)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, NO_MODIFIER, place)


def entry(menu: QMenu | QMenuBar, title: str) -> QAction:
    """The entry of a menu, or of the menu bar, whose title begins so."""
    if isinstance(menu, QMenu):
        menu.aboutToShow.emit()  # some are filled when they open
    found = [each for each in menu.actions() if each.text().replace("&", "").startswith(title)]
    assert found, f"no {title} among {[each.text() for each in menu.actions()]}"
    return found[0]
