"""One table of weights as a model for a table view."""

from __future__ import annotations

import math
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt, pyqtSignal
from PyQt6.QtGui import QBrush, QColor
from PyQt6.QtWidgets import QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import MINUS, number
from lstmviz.gui.panels.weight_tables import WeightTable
from lstmviz.gui.style import LIGHT, Theme

QUANTITIES = {quantity.symbol: quantity for quantity in Quantity}
_TINT = 26
"""Opacity of a gate's hue behind its rows, of 255."""

_ANY_INDEX = QModelIndex()


class WeightsModel(QAbstractTableModel):
    """One WeightTable for a table view. Reads nothing but the cells in sight, so a large matrix stays fluid."""

    cell_edited = pyqtSignal(int, int, float)
    """A number was typed into (row, column)."""

    refused = pyqtSignal(QModelIndex, str)
    """Something else was typed; carries what is wrong with it."""

    def __init__(self, table: WeightTable, parent: QWidget) -> None:
        super().__init__(parent)
        self.table = table
        self._theme: Theme = LIGHT

    def show_table(self, table: WeightTable) -> None:
        """Show another table; the same one with other values keeps selection and place."""
        if table.has_shape_of(self.table):
            self.table = table
            self._redraw()
            return
        self.beginResetModel()
        self.table = table
        self.endResetModel()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self._redraw()

    def rowCount(self, parent: QModelIndex = _ANY_INDEX) -> int:
        """Qt's hook."""
        return 0 if parent.isValid() else self.table.values.shape[0]

    def columnCount(self, parent: QModelIndex = _ANY_INDEX) -> int:
        """Qt's hook."""
        return 0 if parent.isValid() else self.table.values.shape[1]

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's hook: the number, in full where it is edited."""
        value = float(self.table.values[index.row(), index.column()])
        if role == Qt.ItemDataRole.DisplayRole:
            return number(value, digits=4)
        if role == Qt.ItemDataRole.EditRole:
            return repr(value)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{self.table.symbol(index.row(), index.column())} = {value!r}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._tint(index.row())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's hook: rows by gate and unit in the gate's hue, columns by what is read."""
        if orientation == Qt.Orientation.Horizontal:
            return self.table.columns[section] if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.table.rows[section]
        if role == Qt.ItemDataRole.ForegroundRole:
            colour = self._hue(section)
            return QBrush(colour) if colour else None
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Qt's hook."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.table.editable else flags

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Qt's hook: a finite number is reported, anything else refused in words."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        try:
            read = read_number(str(value))
        except LstmvizError as error:
            self.refused.emit(index, str(error))
            return False
        self.cell_edited.emit(index.row(), index.column(), read)
        return True

    def _hue(self, row: int) -> QColor | None:
        quantity = QUANTITIES.get(self.table.gates[row])
        return self._theme.colour(quantity) if quantity else None

    def _tint(self, row: int) -> QBrush | None:
        colour = self._hue(row)
        if colour is None:
            return None
        colour.setAlpha(_TINT)
        return QBrush(colour)

    def _redraw(self) -> None:
        rows, columns = self.table.values.shape
        self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, columns - 1))
        self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, rows - 1)


def read_number(text: str) -> float:
    """The finite number that ``text`` is. Raises LstmvizError that says what else it is."""
    try:
        value = float(text.strip().replace(MINUS, "-"))
    except ValueError:
        how = "Write the decimal point as a point." if "," in text else "Type one such as 0.5."
        raise LstmvizError(f"“{text.strip()[:40]}” is not a number", how=how) from None
    if not math.isfinite(value):
        raise LstmvizError(f"“{text.strip()[:40]}” is not a finite number", how="Type one such as 0.5.")
    return value
