"""The watches as a table: expression, its value at the cursor, whether it is drawn on the timeline."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor

from lstmviz.core.debugger.watch_values import WatchedValue, watched_value
from lstmviz.core.experiments.watches import Watch
from lstmviz.core.run import Run
from lstmviz.gui.style import LIGHT, Theme, number_font

EXPRESSION, VALUE, TRACK = range(3)
"""The columns."""

_Role = Qt.ItemDataRole
_HEADERS = ("expression", "value", "drawn")
_HEADER_TIPS = (
    "What is watched. Double-click to change it.",
    "Its value at the cursor's step; of a vector the first few units. Rest the mouse on it to read all.",
    "Draw it over all steps on the timeline",
)


class WatchesModel(QAbstractTableModel):
    """Values are worked out when they are shown: a watch that is out of sight costs nothing."""

    track_chosen = pyqtSignal(int, bool)
    """The user wants the watch in this row drawn on the timeline, or not."""

    expression_typed = pyqtSignal(QModelIndex, str)
    """The user has typed another expression over that of this row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self.watches: tuple[Watch, ...] = ()
        self._t = 1
        self._values: dict[int, WatchedValue] = {}
        self.theme: Theme = LIGHT

    def show(self, run: Run, watches: tuple[Watch, ...]) -> None:
        """Show these watches of the run, be they part of its experiment or not."""
        same_rows = len(watches) == len(self.watches)
        if not same_rows:
            self.beginResetModel()
        self._run, self.watches = run, watches
        self._values.clear()
        if same_rows:
            self._repaint(EXPRESSION)
        else:
            self.endResetModel()

    def show_step(self, t: int) -> None:
        """Show the values at step ``t``."""
        if t != self._t:
            self._t = t
            self._values.clear()
            self._repaint(VALUE)

    def value(self, row: int) -> WatchedValue:
        """The watch of a row and its value at the cursor."""
        assert self._run is not None
        if row not in self._values:
            t = min(self._t, self._run.length)
            self._values[row] = watched_value(self._run, self.watches[row], t)
        return self._values[row]

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.watches)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_HEADERS)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == EXPRESSION:
            return flags | Qt.ItemFlag.ItemIsEditable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == TRACK else flags

    def data(self, index: QModelIndex, role: int = _Role.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        watch = self.watches[row]
        if role in (_Role.DisplayRole, _Role.EditRole):
            if column == EXPRESSION:
                return watch.expression
            return self.value(row).in_words() if column == VALUE else None
        if role == _Role.CheckStateRole and column == TRACK:
            return Qt.CheckState.Checked if watch.track else Qt.CheckState.Unchecked
        if role == _Role.ToolTipRole:
            return watch.expression if column == EXPRESSION else self.value(row).details()
        if role == _Role.AccessibleTextRole and column == TRACK:
            return "drawn on the timeline"
        if role == _Role.FontRole:
            return number_font(12)
        if role == _Role.ForegroundRole and column == VALUE and self.value(row).error:
            return QColor(self.theme.warning)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = _Role.EditRole) -> bool:
        if role == _Role.EditRole:
            self.expression_typed.emit(index, str(value))
            return True
        if role != _Role.CheckStateRole:
            return False
        self.track_chosen.emit(index.row(), Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        texts = _HEADERS if role == _Role.DisplayRole else _HEADER_TIPS if role == _Role.ToolTipRole else None
        return texts[section] if texts else None

    def _repaint(self, first_column: int) -> None:
        if self.rowCount():
            self.dataChanged.emit(self.index(0, first_column), self.index(self.rowCount() - 1, TRACK))
