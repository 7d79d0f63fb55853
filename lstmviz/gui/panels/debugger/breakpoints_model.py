"""The breakpoints as a table, and the log as another one."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor

from lstmviz.core.debugger.hits import Hits, LogRow
from lstmviz.gui.style import LIGHT, Theme, number_font, text_font

CONDITION, COUNT, LOGS = range(3)
"""The columns of BreakpointsModel."""

MOST_ROWS = 1000
"""Rows that the log keeps; the oldest go."""

_Role = Qt.ItemDataRole
_HEADERS = ("condition", "steps", "log")
_HEADER_TIPS = (
    "Running stops where the condition holds; without the tick it does not. Double-click to change it.",
    "At how many steps of this run the condition holds. ● means that it holds at the cursor's step.",
    "A log point: running writes a row into the log, and does not stop.",
)


class BreakpointsModel(QAbstractTableModel):
    """A row for each breakpoint: whether it is enabled, its condition, its hit count, whether it only logs."""

    enabled_chosen = pyqtSignal(int, bool)
    """The user ticks or unticks the breakpoint in this row."""

    logs_chosen = pyqtSignal(int, bool)
    """The user makes it a log point, or a breakpoint again."""

    condition_typed = pyqtSignal(QModelIndex, str)
    """The user has typed another condition over that of this row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hits: tuple[Hits, ...] = ()
        self._t = 1
        self.theme: Theme = LIGHT

    def show_hits(self, hits: tuple[Hits, ...]) -> None:
        """Show other breakpoints, or the same ones on another run."""
        if len(hits) == len(self.hits):
            self.hits = hits
            self._repaint(CONDITION)
        else:
            self.beginResetModel()
            self.hits = hits
            self.endResetModel()

    def show_step(self, t: int) -> None:
        """Mark the conditions that hold at step ``t``."""
        if t != self._t:
            self._t = t
            self._repaint(COUNT)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.hits)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_HEADERS)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == CONDITION:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags if index.column() == COUNT else flags | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: QModelIndex, role: int = _Role.DisplayRole) -> Any:
        hits, column = self.hits[index.row()], index.column()
        if role in (_Role.DisplayRole, _Role.EditRole):
            return (hits.breakpoint.condition, self._count(hits), None)[column]
        if role == _Role.CheckStateRole and column != COUNT:
            ticked = hits.breakpoint.enabled if column == CONDITION else hits.breakpoint.logs
            return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        if role == _Role.ToolTipRole:
            return str(hits.error) if hits.error else f"{hits.breakpoint.condition}\nholds at {hits.in_words()}"
        if role == _Role.AccessibleTextRole and column == LOGS:
            return "log point"
        if role == _Role.FontRole:
            return number_font(12) if column == CONDITION else text_font(12)
        if role == _Role.ForegroundRole:
            return self._colour(hits)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = _Role.EditRole) -> bool:
        if role == _Role.EditRole:
            self.condition_typed.emit(index, str(value))
            return True
        if role != _Role.CheckStateRole:
            return False
        chosen = self.enabled_chosen if index.column() == CONDITION else self.logs_chosen
        chosen.emit(index.row(), Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        texts = _HEADERS if role == _Role.DisplayRole else _HEADER_TIPS if role == _Role.ToolTipRole else None
        return texts[section] if texts else None

    def _count(self, hits: Hits) -> str:
        if hits.error:
            return "does not fit"
        here = self._t <= len(hits.holds) and hits.holds[self._t - 1]
        return f"{'● ' if here else ''}{hits.number:,} of {len(hits.holds):,}"

    def _colour(self, hits: Hits) -> QColor:
        if hits.error:
            return QColor(self.theme.warning)
        return QColor(self.theme.text if hits.breakpoint.enabled else self.theme.muted)

    def _repaint(self, first_column: int) -> None:
        if self.hits:
            self.dataChanged.emit(self.index(0, first_column), self.index(len(self.hits) - 1, LOGS))


class LogModel(QAbstractTableModel):
    """What log points wrote, the newest last: step, token, and the numbers of the condition."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[LogRow, ...] = ()

    def add(self, rows: tuple[LogRow, ...]) -> None:
        """Write more rows."""
        if rows:
            self._show((*self.rows, *rows)[-MOST_ROWS:])

    def clear(self) -> None:
        """Forget all rows."""
        if self.rows:
            self._show(())

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 3

    def data(self, index: QModelIndex, role: int = _Role.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == _Role.DisplayRole:
            return (f"{row.t:,}", row.token, row.values or row.condition)[index.column()]
        if role == _Role.ToolTipRole:
            return f"{row.condition}\nheld at step {row.t:,}: {row.values}\nClick to go there."
        if role == _Role.FontRole:
            return number_font(12)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == _Role.DisplayRole:
            return ("step", "token", "numbers")[section]
        return None

    def _show(self, rows: tuple[LogRow, ...]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()
