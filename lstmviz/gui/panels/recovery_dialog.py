"""Offers what a crash has left."""

from __future__ import annotations

import time

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.text import count
from lstmviz.gui.files.recovery import Recoverable
from lstmviz.gui.style import text_font

_WIDTH = 560


class RecoveryDialog(QDialog):
    """A list of what was not saved, to open, to throw away, or to leave for later. It does not block the window."""

    open_requested = pyqtSignal(object)
    """A Recoverable: open it, then discard it. The dialog closes; what else is in the list stays for later."""

    def __init__(self, found: tuple[Recoverable, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recovery_dialog")
        self.setWindowTitle("Unsaved work")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._found = list(found)
        self._list = QListWidget()
        self._list.setObjectName("recovery_list")
        self._list.setAccessibleName("Unsaved work")
        self._list.setWordWrap(True)
        self._list.setSpacing(4)
        self._open = _button("Open", "recovery_open", "Open it here; save it then to keep it")
        self._discard = _button("Throw away", "recovery_discard", "Delete it for good")
        self._later = _button("Later", "recovery_later", "Leave everything; it is offered again at the next start")
        self._lay_out()
        self._open.clicked.connect(self._open_selected)
        self._discard.clicked.connect(self._discard_selected)
        self._later.clicked.connect(self.reject)
        self._list.itemDoubleClicked.connect(self._open_selected)
        self._list.currentRowChanged.connect(self._show_choices)
        self.finished.connect(self._release)
        for each in self._found:
            self._list.addItem(_item(each))
        readable = (row for row, each in enumerate(self._found) if each.session)
        self._list.setCurrentRow(next(readable, 0))

    def _lay_out(self) -> None:
        heading = QLabel("lstmviz ended before this was saved")
        heading.setFont(text_font(15, bold=True))
        sentence = QLabel(
            f"The last time lstmviz did not close as it should. It has kept {count(len(self._found), 'experiment')} "
            "as they stood a few seconds before."
        )
        if len(self._found) == 1:
            sentence.setText(
                "The last time lstmviz did not close as it should. It has kept the experiment as it stood a few "
                "seconds before."
            )
        sentence.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self._discard)
        buttons.addStretch(1)
        buttons.addWidget(self._later)
        buttons.addWidget(self._open)
        self._open.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(heading)
        column.addWidget(sentence)
        column.addWidget(self._list, 1)
        column.addLayout(buttons)
        self.resize(_WIDTH, 300)

    def _show_choices(self, row: int) -> None:
        self._open.setEnabled(row >= 0 and self._found[row].session is not None)
        self._discard.setEnabled(row >= 0)

    def _open_selected(self) -> None:
        row = self._list.currentRow()
        if row >= 0 and self._found[row].session:
            chosen = self._found.pop(row)
            self.accept()
            self.open_requested.emit(chosen)

    def _discard_selected(self) -> None:
        row = self._list.currentRow()
        if row >= 0:
            self._list.takeItem(row)  # moves the current row, so what is found must still be complete
            self._found.pop(row).discard()
            self._show_choices(self._list.currentRow())
            if not self._found:
                self.accept()

    def _release(self) -> None:
        for each in self._found:
            each.release()
        self._found.clear()


def _item(found: Recoverable) -> QListWidgetItem:
    when = time.strftime("%d %B %Y, %H:%M:%S", time.localtime(found.saved_at))
    if found.session:
        place = f"belongs to {found.session.origin}" if found.session.origin else "was never saved to a file"
        return QListWidgetItem(f"{found.title}\n{when} · {place}")
    return QListWidgetItem(f"{found.title}\n{when} · cannot be read: {found.error.what if found.error else ''}")


def _button(text: str, name: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tooltip)
    button.setAutoDefault(False)
    return button
