"""The text that a network learns from: pasted, or opened from a file."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.task_words import SAMPLE_TEXT
from lstmviz.gui.panels.fields import ErrorLine, NoteLine

LARGEST_TEXT = 2_000_000
"""Bytes of a text file that is read."""


class TextFields(QWidget):
    """A field to paste into, a button that opens a file, and how much there is."""

    edited = pyqtSignal()
    """Another text stands there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("text_fields")
        self.text = QPlainTextEdit(SAMPLE_TEXT)
        self.text.setObjectName("training_text")
        self.text.setAccessibleName("Text to learn from")
        self.text.setToolTip("Paste a text to learn from; its last tenth is kept for validation")
        self.text.setFixedHeight(90)
        self.text.setTabChangesFocus(True)
        self.open_button = QPushButton("Open a text file…")
        self.open_button.setObjectName("open_training_text")
        self.open_button.setToolTip("Learn from the text of a file, up to 2 MB, in UTF-8")
        self.size_line = NoteLine("training_text_size")
        self.error_line = ErrorLine("training_text_error")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for widget in (self.text, self.error_line, self.size_line, self.open_button):
            column.addWidget(widget)
        self.open_button.clicked.connect(self.open_text)
        self.text.textChanged.connect(self._changed)
        self._say_size()

    def open_text(self) -> None:
        """Let a text file be chosen, and learn from it."""
        path, _ = QFileDialog.getOpenFileName(self.window(), "A text to learn from", "", "Texts (*.txt *.md);;All (*)")
        if path:
            self.read_text(path)

    def read_text(self, path: str) -> None:
        """Take the text of a file; what is wrong with it is said here, and the text before stays."""
        try:
            with open(path, "rb") as file:
                data = file.read(LARGEST_TEXT + 1)
            if len(data) > LARGEST_TEXT:
                raise LstmvizError("The text is larger than 2 MB", where="text", how="Take a part of it.")
            self.text.setPlainText(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.error_line.setText("The file is no text in UTF-8. Save it as UTF-8 and open it again.")
        except (OSError, LstmvizError) as error:
            self.error_line.setText(str(error))

    def show_text(self, text: str) -> None:
        """Show a text from outside."""
        if text != self.text.toPlainText():
            self.text.setPlainText(text)

    def _changed(self) -> None:
        self.error_line.setText("")
        self._say_size()
        self.edited.emit()

    def _say_size(self) -> None:
        text = self.text.toPlainText()
        self.size_line.setText(f"{len(text):,} characters, {len(set(text)):,} different")
