"""A link on the inspector's page: a value that can be asked about, for mouse, keyboard and screen reader."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QPaintEvent
from PyQt6.QtWidgets import QAbstractButton, QWidget

from lstmviz.core.value_reference import ValueReference


class Link(QAbstractButton):
    """Lies over its text, which the page paints, with how it looks under the mouse and with the focus."""

    changed_look = pyqtSignal()
    """The mouse or the focus came or went."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.target: ValueReference | None = None
        self.setObjectName("link")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        # nothing is painted here: many small widgets would cost more than the whole page
        self.setUpdatesEnabled(False)
        # a click must not take the keys that step through time
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_target(self, target: ValueReference | None, name: str) -> None:
        """Lead to ``target``, None: to all terms; ``name`` says so to screen readers."""
        self.target = target
        if name != self.accessibleName():
            self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """A button has to have one."""

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Enter follows the link, as everywhere."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        super().enterEvent(event)
        self.changed_look.emit()

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self.changed_look.emit()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        self.changed_look.emit()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.changed_look.emit()
