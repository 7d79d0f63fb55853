"""A line to type a condition or a watch into: mistakes are marked at their place while one types."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.panels.fields import ErrorLine, NoteLine
from lstmviz.gui.panels.marked_text import MarkedText
from lstmviz.gui.panels.text_field import PAUSE_MILLISECONDS
from lstmviz.gui.style import Theme
from lstmviz.gui.timers import single_shot

Check = Callable[[str], str]
"""What to say about a typed text; raises LstmvizError, with a span, for one that cannot be used."""


class ConditionEdit(MarkedText):
    """One line that may wrap; Enter hands it over."""

    entered = pyqtSignal()
    """Enter was pressed."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, 1, parent)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt's hook: Enter writes no new line."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
            return
        super().keyPressEvent(event)


class ConditionField(QWidget):
    """The line, a button that adds what is typed, and below it what is wrong, or what the text gives."""

    entered = pyqtSignal(str)
    """The user adds a text without mistakes. The owner calls ``clear`` or ``show_error``."""

    def __init__(self, name: str, words: str, example: str, check: Check, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._check = check
        self.edit = ConditionEdit(f"{name}_edit")
        self.edit.setPlaceholderText(example)
        self.edit.setAccessibleName(words)
        self.setFocusProxy(self.edit)
        self.button = QPushButton("Add")
        self.button.setObjectName(f"{name}_add")
        self.button.setToolTip(f"{words} (Enter)")
        self.button.setAccessibleName(words)
        self.button.setFixedHeight(self.edit.height())
        self.error_line = ErrorLine(f"{name}_error")
        self.note_line = NoteLine(f"{name}_note")
        self._pause = single_shot(self, self.read, PAUSE_MILLISECONDS)
        self.edit.typed.connect(self._pause.start)
        self.edit.entered.connect(self._enter)
        self.edit.pasted_large.connect(self._refuse_large)
        self.button.clicked.connect(self._enter)
        self._setup_layout()

    @property
    def text(self) -> str:
        """What is typed, in one line."""
        return self.edit.toPlainText().replace("\n", " ")

    def clear(self) -> None:
        """Empty the line."""
        self._pause.stop()
        self.edit.set_text("")
        self.error_line.show_error(None)
        self.note_line.setText("")

    def read(self) -> None:
        """Say what the text gives, or what is wrong with it; nothing while nothing is typed."""
        self._pause.stop()
        if not self.text.strip():
            self.clear_messages()
            return
        try:
            note = self._check(self.text)
        except LstmvizError as error:
            self.show_error(error)
        else:
            self.clear_messages()
            self.note_line.setText(note)

    def clear_messages(self) -> None:
        """Take away what is said about the text."""
        self.edit.mark(None)
        self.error_line.show_error(None)
        self.note_line.setText("")

    def show_error(self, error: LstmvizError) -> None:
        """Say what is wrong, and mark its place."""
        self.note_line.setText("")
        self.edit.mark(error.span)
        self.error_line.show_error(error)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.edit.set_theme(theme)

    def _enter(self) -> None:
        self._pause.stop()
        try:
            self._check(self.text)
        except LstmvizError as error:
            self.show_error(error)
            self.edit.setFocus()
        else:
            self.entered.emit(self.text)

    def _refuse_large(self, text: str) -> None:
        self.show_error(LstmvizError(f"This has {len(text):,} characters", how="Paste a single condition."))

    def _setup_layout(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.edit, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.error_line)
        layout.addWidget(self.note_line)
