"""The monkey looks around: moves in time, mouse, keys, tabs, sizes, questions."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
)

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.panels.weights_table import WeightsDialog
from lstmviz.gui.style import ThemeName
from tests.stories.monkey_hands import Hands
from tests.stories.person import CONTROL, KEYS, NO_MODIFIER, SHIFT

SYMBOLS = (
    "x", "z_f", "z_i", "z_g", "z_o", "z", "f", "i", "g", "o", "c", "tanh_c", "h", "y",
    "dx", "dz_f", "dz", "df", "dg", "dc", "dh", "dy", "loss", "",
)  # fmt: skip
MOVES = (
    KEYS.Key_Right, KEYS.Key_Left, KEYS.Key_PageDown, KEYS.Key_PageUp, KEYS.Key_Home, KEYS.Key_End, KEYS.Key_Up,
    KEYS.Key_Down, KEYS.Key_B, KEYS.Key_L, KEYS.Key_Plus, KEYS.Key_Minus, KEYS.Key_W, KEYS.Key_E, KEYS.Key_F8,
)  # fmt: skip
KEYS_OF_FIELDS = (
    KEYS.Key_Space, KEYS.Key_Return, KEYS.Key_Escape, KEYS.Key_Delete, KEYS.Key_Backspace, KEYS.Key_Up, KEYS.Key_Down,
    KEYS.Key_Left, KEYS.Key_Right, KEYS.Key_PageDown, KEYS.Key_A, KEYS.Key_F, KEYS.Key_0, KEYS.Key_1, KEYS.Key_2,
)  # fmt: skip


class Looking(Hands):
    """Commands that change where one looks, and how."""

    # Moving

    def move(self) -> str:
        self.window.setFocus()
        key, modifier = self.random.choice(MOVES), self.random.choice((NO_MODIFIER, NO_MODIFIER, SHIFT))
        self.person.press(key, modifier, self.whole(1, 4))
        return f"{key.name} {modifier.name}"

    def trigger_transport(self) -> str:
        action = self.random.choice(self.window.transport.actions())
        action.trigger()
        return action.objectName()

    def seek(self) -> str:
        stage = self.random.choice((*Stage, *BackwardStage))
        cursor = Cursor(self.step(), self.layer(), stage, self.unit())
        self.window.session.seek(cursor)
        return str(cursor)

    def type_step(self) -> str:
        self.window.setFocus()
        self.person.type(digits := str(self.step()))
        return digits

    def choose_layer_or_speed(self) -> str:
        transport = self.window.transport
        return self.choose(self.random.choice((transport.layer_chooser, transport.speed)))

    def play(self) -> str:
        self.window.player.toggle()
        return "play" if self.window.player.playing else "pause"

    def wait(self) -> str:
        milliseconds = self.random.choice((5, 20, 160, 420))
        QTest.qWait(milliseconds)
        return f"{milliseconds} ms"

    def keys(self) -> str:
        """Keys to whatever has the focus, after a walk to it."""
        self.person.press(KEYS.Key_Tab, self.random.choice((NO_MODIFIER, SHIFT)), self.whole(0, 30))
        pressed = [self.random.choice(KEYS_OF_FIELDS) for _ in range(self.whole(1, 3))]
        focus = QApplication.focusWidget()
        name = f"{type(focus).__name__} {focus.objectName()}" if focus else "nothing"
        for key in pressed:
            self.person.press(key)
            # a cell editor commits and closes in a queued call: no hand presses the next key before it
            QApplication.processEvents()
        self.leave_dialog()
        return f"{', '.join(key.name for key in pressed)} in {name}"

    # The window

    def tab(self) -> str:
        tabs = self.window.tabs
        tabs.setCurrentIndex(self.whole(0, tabs.count() - 1))
        return tabs.tabText(tabs.currentIndex())

    def zoom(self) -> str:
        first, last = sorted(self.random.uniform(-2, self.person.run.length + 3) for _ in range(2))
        self.random.choice(self.window.views).time_range_requested.emit(first, last)
        return f"{first:.1f} to {last:.1f}"

    def resize(self) -> str:
        width, height = self.whole(900, 1900), self.whole(500, 1100)
        self.window.resize(width, height)
        return f"{width} x {height}"

    def arrange(self) -> str:
        dock = self.random.choice(self.window.docks.all)
        what = self.random.choice(("hide", "show", "float", "reset", "show", "minimise"))
        if what == "minimise":
            self.window.showMinimized()
            QApplication.processEvents()
            self.window.showNormal()
        elif what == "reset":
            self.window.docks.reset()
        elif what == "float":
            dock.setFloating(not dock.isFloating())
        else:
            dock.setVisible(what == "show")
        return f"{what} {dock.objectName()}"

    def dress(self) -> str:
        if self.likely(0.5):
            self.window.set_theme(theme := self.random.choice([*ThemeName]))
            return theme.name
        if self.likely(0.5):
            self.window.player.reduce_motion = self.likely(0.5)
            return f"reduce motion {self.window.player.reduce_motion}"
        self.person.find(QCheckBox, "rnn_beside").click()
        return "beside"

    def mouse(self) -> str:
        """Click, drag, hover or wheel somewhere in a view, or in the transport."""
        places = (*self.window.views, self.window.transport)
        views = [view for view in places if view.isVisible() and not view.size().isEmpty()]
        if not views:
            return "nothing to click"
        view = self.random.choice(views)
        place = QPoint(self.whole(0, view.width() - 1), self.whole(0, view.height() - 1))
        widget = view.childAt(place) or view
        point = widget.mapFrom(view, place)
        what = self.random.choice(("click", "click", "click", "double", "hover", "drag", "wheel", "pan"))
        button = Qt.MouseButton.MiddleButton if what == "pan" else Qt.MouseButton.LeftButton
        if what == "click":
            modifier = self.random.choice((NO_MODIFIER, NO_MODIFIER, CONTROL, SHIFT))
            QTest.mouseClick(widget, button, modifier, point)
        elif what == "double":
            QTest.mouseDClick(widget, button, NO_MODIFIER, point)
        elif what == "hover":
            QTest.mouseMove(widget, point)
        elif what == "wheel":
            modifier = self.random.choice((NO_MODIFIER, SHIFT, CONTROL))
            self.person.wheel(widget, QPointF(point), self.random.choice((-3, -1, 1, 3)), modifier)
        else:
            QTest.mousePress(widget, button, NO_MODIFIER, point)
            for _ in range(3):
                QTest.mouseMove(widget, point + QPoint(self.whole(-80, 80), self.whole(-30, 30)))
            QTest.mouseRelease(widget, button, NO_MODIFIER, point)
        return f"{what} {view.objectName()} {widget.objectName() or type(widget).__name__} at {point.x()}, {point.y()}"

    def ask_why(self) -> str:
        inspector = self.window.inspector_view
        if self.likely(0.4):
            action = self.random.choice((inspector.back_action, inspector.forward_action, inspector.follow_action))
            action.trigger()
            return action.objectName()
        references = [card.explanation.reference for card in inspector.cards if card.explanation.reference]
        if references and self.likely(0.4):
            inspector.page.followed.emit(self.random.choice(references))
            return "link"
        ref = ValueReference(self.random.choice(SYMBOLS), self.step(), self.layer(), self.unit(), self.likely(0.2))
        self.random.choice(self.window.views).value_asked.emit(ref)
        return str(ref)

    def help(self) -> str:
        action = self.random.choice([action for action in self.help_menu_actions() if action.isEnabled()])
        action.trigger()
        for dialog in self.window.findChildren(QDialog):
            if not isinstance(dialog, WeightsDialog):
                dialog.close()
        return action.text()

    def help_menu_actions(self) -> list[QAction]:
        menus = self.window.menuBar()
        assert menus is not None
        help_menu = menus.actions()[-1].menu()
        assert help_menu is not None
        return help_menu.actions()
