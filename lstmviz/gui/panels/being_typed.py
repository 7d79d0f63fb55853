"""What is being typed into a cell or a box is left alone until it has been handed over."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QObject, pyqtSignal
from PyQt6.QtWidgets import QAbstractSpinBox, QLineEdit, QStyledItemDelegate, QWidget


class PatientDelegate(QStyledItemDelegate):
    """Cells whose editor keeps what is being typed there, also when other values come."""

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        """Qt's hook: called when a cell is opened, and again whenever its value may have changed."""
        if not (isinstance(editor, QLineEdit) and editor.isModified()):
            super().setEditorData(editor, index)


class Typing(QObject):
    """Somebody's typing into a box for numbers. Give it to the box, and ask it before another number is shown."""

    ended = pyqtSignal(bool)
    """What was typed has been handed over; carries whether it is a number that the box takes.

    Comes also for the number that was there before, as ``valueChanged`` does not.
    """

    def __init__(self, box: QAbstractSpinBox) -> None:
        super().__init__(box)
        line = box.lineEdit()
        assert line is not None
        self._box, self._line = box, line
        self._has_begun = self._is_number = False
        line.textEdited.connect(self._begin)
        box.editingFinished.connect(self._end)

    @property
    def is_under_way(self) -> bool:
        """Whether there is something in the box that has not been handed over."""
        return self._line.isModified()

    def _begin(self) -> None:
        self._has_begun, self._is_number = True, self._box.hasAcceptableInput()

    def _end(self) -> None:
        self._line.setModified(False)  # Qt keeps the mark where the box is left without Enter
        if self._has_begun:
            self._has_begun = False
            self.ended.emit(self._is_number)
