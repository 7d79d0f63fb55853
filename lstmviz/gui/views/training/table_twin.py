"""The numbers of a plot as a table: to read, to copy, and for screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PyQt6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QAbstractItemView, QTableView, QWidget

from lstmviz.gui.style import number_font

Table = tuple[tuple[str, ...], Sequence[tuple[str, ...]]]
"""A header, and rows of as many cells; they may be made when they are asked for."""

_LEAST_WIDTH = 78
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TableTwinModel(QAbstractTableModel):
    """Shows a Table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.table: Table = ((), [])

    def show_table(self, table: Table) -> None:
        """Show another table; rows that are only added leave the others where they are."""
        header, rows = table
        before = len(self.table[1])
        if header != self.table[0] or len(rows) < before:
            self.beginResetModel()
            self.table = table
            self.endResetModel()
            return
        if len(rows) > before:
            self.beginInsertRows(QModelIndex(), before, len(rows) - 1)
            self.table = table
            self.endInsertRows()
        self.table = table
        if before and header:
            self.dataChanged.emit(self.index(0, 0), self.index(before - 1, len(header) - 1))

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Qt's hook."""
        return 0 if parent is not None and parent.isValid() else len(self.table[1])

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Qt's hook."""
        return 0 if parent is not None and parent.isValid() else len(self.table[0])

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's hook: one cell."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.table[1][index.row()][index.column()]
        return _RIGHT if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's hook: the names of the columns."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self.table[0]):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.table[0][section]
        return None


class TableTwin(QTableView):
    """A table that the keyboard can walk; Ctrl+C copies the rows that are selected, or all of them."""

    def __init__(self, name: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(words)
        self.setToolTip(f"{words}; Ctrl+C copies it")
        self.model_shown = TableTwinModel(self)
        self.setModel(self.model_shown)
        self.setFont(number_font(12))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        rows, header = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert header is not None
        rows.hide()
        rows.setDefaultSectionSize(21)
        header.setStretchLastSection(True)

    def show_table(self, table: Table) -> None:
        """Show another table."""
        other_columns = table[0] != self.model_shown.table[0]
        self.model_shown.show_table(table)
        if other_columns:
            metrics = QFontMetrics(self.font())
            for column, words in enumerate(table[0]):
                self.setColumnWidth(column, max(metrics.horizontalAdvance(words) + 20, _LEAST_WIDTH))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy, or move."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the selected rows on the clipboard, or all of them, with the header, cells separated by tabs."""
        header, rows = self.model_shown.table
        selection = self.selectionModel()
        chosen = sorted({index.row() for index in selection.selectedRows()}) if selection is not None else []
        lines = [header, *(rows[row] for row in chosen or range(len(rows)))]
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText("\n".join("\t".join(cells) for cells in lines))
