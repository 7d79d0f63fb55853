"""The dialog about an exception that nobody caught."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices, QGuiApplication
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.style import number_font, text_font

_WIDTH, _MARGIN = 640, 24

LONGEST_DETAILS = 200_000
"""Characters to show; the report has them all."""


class CrashDialog(QDialog):
    """Says what happened in plain words, keeps the technical details folded away, and lets the user go on.

    An LstmvizError is shown as its sentence alone.
    """

    close_requested = pyqtSignal()
    """The user wants to leave the app."""

    def __init__(
        self, text: str, error: LstmvizError | None, saved: str, report: Path | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("crash_dialog")
        self.setWindowTitle("lstmviz")
        self.setWindowModality(Qt.WindowModality.ApplicationModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._report = report
        self._details = QPlainTextEdit(text, self)
        self._setup_details()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 20, _MARGIN, 16)
        layout.setSpacing(10)
        layout.addWidget(_heading("That cannot be done" if error else "Something went wrong in lstmviz"))
        for label in self._sentences(error, saved):
            layout.addWidget(label)
        layout.addWidget(self._details, 1)
        layout.addSpacing(6)
        layout.addLayout(self._buttons(error))
        self._fit()

    def add(self, text: str) -> None:
        """Another exception while the dialog is open; the same one again is not repeated."""
        shown = self._details.toPlainText()
        if text not in shown and len(shown) < LONGEST_DETAILS:
            self._details.appendPlainText("\n" + text)

    def _setup_details(self) -> None:
        self._details.setObjectName("crash_details")
        self._details.setAccessibleName("Technical details")
        self._details.setReadOnly(True)
        self._details.setFont(number_font(12))
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._details.setMinimumHeight(220)
        self._details.hide()

    def _sentences(self, error: LstmvizError | None, saved: str) -> list[QLabel]:
        if error:
            return [_sentence(str(error), "crash_sentence")]
        labels = [
            _sentence(
                "This is a fault of the program; nothing you did is wrong. What you have made is still there, and you "
                "can go on. If anything looks wrong from now on, close lstmviz and start it again.",
                "crash_sentence",
            )
        ]
        if saved:
            labels.append(_sentence(saved, "crash_saved"))
        if self._report:
            labels.append(_sentence(f"A report was written to\n{self._report}", "crash_report_path"))
        else:
            labels.append(_sentence("No report could be written; you can copy the details.", "crash_report_path"))
        return labels

    def _buttons(self, error: LstmvizError | None) -> QHBoxLayout:
        row = QHBoxLayout()
        if not error:
            details = _button("Details", "crash_show_details", "Show what exactly went wrong, for programmers")
            details.setCheckable(True)
            details.toggled.connect(self._show_details)
            self._details_button = details
            copy = _button("Copy", "crash_copy", "Copy the details, to send them to somebody")
            copy.clicked.connect(self._copy)
            row.addWidget(details)
            row.addWidget(copy)
            if self._report:
                show = _button("Show report", "crash_show_report", "Open the folder that the report was written to")
                show.clicked.connect(self._show_report)
                row.addWidget(show)
        row.addStretch(1)
        if not error:
            close = _button("Close lstmviz", "crash_close", "Leave the program")
            close.clicked.connect(self._close_application)
            row.addWidget(close)
        go_on = _button("Continue", "crash_continue", "Go on working")
        go_on.setDefault(True)
        go_on.clicked.connect(self.accept)
        row.addWidget(go_on)
        return row

    def _show_details(self, shown: bool) -> None:
        self._details.setVisible(shown)
        self._details_button.setText("Hide details" if shown else "Details")
        self._fit()

    def _fit(self) -> None:
        """As high as the wrapped sentences are at this width."""
        layout = self.layout()
        if layout:
            layout.activate()
            self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard:
            clipboard.setText(self._details.toPlainText())

    def _show_report(self) -> None:
        if self._report:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._report.parent)))

    def _close_application(self) -> None:
        self.reject()
        self.close_requested.emit()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("crash_heading")
    label.setFont(text_font(17, bold=True))
    return label


def _sentence(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(_WIDTH - 2 * _MARGIN)  # otherwise Qt leaves room for narrower, longer lines
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label


def _button(text: str, name: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tooltip)
    button.setAccessibleName(text)
    button.setAutoDefault(False)
    return button
