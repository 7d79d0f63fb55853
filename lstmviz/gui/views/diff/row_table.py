"""The table of a comparison: a row a quantity, how much it differs and where."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PyQt6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QSignalBlocker,
    QSortFilterProxyModel,
    Qt,
    pyqtSignal,
)
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from lstmviz.core.comparison.diff import QuantityDiff
from lstmviz.core.comparison.diff_words import largest_in_words
from lstmviz.core.magnitudes import signed_magnitude
from lstmviz.gui.style import LIGHT, Theme, number_font, text_font

ROW_HEIGHT = 22
HEADER_HEIGHT = 26
_NOWHERE = "–"


@dataclass(frozen=True)
class _Column:
    """A column: its title, what it means, its text and what it is sorted by, and its width in pixels."""

    title: str
    meaning: str
    text: Callable[[QuantityDiff], str]
    key: Callable[[QuantityDiff], float]
    width: int


def _sortable(value: float) -> float:
    """NaN is the largest difference there is."""
    return math.inf if math.isnan(value) else value


def _share(row: QuantityDiff) -> str:
    if not math.isfinite(row.relative):
        return "nan" if math.isnan(row.relative) else "∞"
    percent = 100 * row.relative
    if row.relative and percent < 0.05:
        return "< 0.1 %"
    return f"{percent:.1f} %" if percent < 1000 else f"{row.relative:,.0f}×"


_COLUMNS = (
    _Column("quantity", "What is compared: its symbol and its name", lambda row: _symbol(row), lambda row: 0.0, 142),
    _Column(
        "largest",
        "The largest difference, without its sign",
        lambda row: signed_magnitude(row.largest) if not row.same else "0",
        lambda row: _sortable(row.largest),
        88,
    ),
    _Column(
        "at step", "Where that is: the step", lambda row: _NOWHERE if row.same else f"{row.t:,}", lambda row: row.t, 60
    ),
    _Column(
        "unit",
        "Where that is: the unit, for x the feature",
        lambda row: _NOWHERE if row.same else str(row.unit),
        lambda row: row.unit,
        44,
    ),
    _Column(
        "mean",
        "The mean of all differences, without their signs",
        lambda row: signed_magnitude(row.mean) if not row.same else "0",
        lambda row: _sortable(row.mean),
        88,
    ),
    _Column(
        "relative",
        "The largest difference as a share of the largest value in the other run",
        lambda row: _share(row) if not row.same else "0",
        lambda row: _sortable(row.relative),
        66,
    ),
    _Column(
        "steps", "How many steps have a difference", lambda row: f"{row.differing:,}", lambda row: row.differing, 56
    ),
)

WIDTH = sum(column.width for column in _COLUMNS) + 2
"""What all columns take."""


def _symbol(row: QuantityDiff) -> str:
    return f"dL/d{row.quantity.symbol}  gradient" if row.gradient else f"{row.symbol}  {row.title}"


class DifferenceModel(QAbstractTableModel):
    """The rows in the order of computation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[QuantityDiff, ...] = ()
        self.theme: Theme = LIGHT

    def show_rows(self, rows: tuple[QuantityDiff, ...]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_COLUMNS)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], _COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.UserRole:
            return float(column.key(row)) if index.column() else float(index.row())
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{largest_in_words(row)} Press Enter, or double-click, to go there."
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 0:
            return self.theme.colour(row.quantity)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if index.column() else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole:
            return number_font(12) if index.column() else text_font(12, bold=True)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{_COLUMNS[section].meaning}. Click to sort."
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return (Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft) | (
                Qt.AlignmentFlag.AlignVCenter
            )
        return None


class DifferenceTable(QTableView):
    """Click a heading to sort, a row to choose its quantity; Enter goes to its largest difference."""

    chosen = pyqtSignal(str)
    """The user chose the quantity of this symbol."""

    place_asked = pyqtSignal(object)
    """The user wants to see the largest difference of a QuantityDiff."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("difference_table")
        self.setAccessibleName("How much each quantity differs")
        self.model_of_rows = DifferenceModel(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.model_of_rows)
        self._sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self.setModel(self._sorted)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        rows, header = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert header is not None
        rows.hide()
        rows.setDefaultSectionSize(ROW_HEIGHT)
        header.setFixedHeight(HEADER_HEIGHT)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(36)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        for number, column in enumerate(_COLUMNS):
            self.setColumnWidth(number, column.width)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        selection = self.selectionModel()
        assert selection is not None
        selection.currentRowChanged.connect(self._row_changed)
        self.activated.connect(self._ask)
        self.doubleClicked.connect(self._ask)

    def show_rows(self, rows: Mapping[str, QuantityDiff], symbol: str) -> None:
        """Show other rows, that of ``symbol`` chosen."""
        selection = self.selectionModel()
        with QSignalBlocker(selection):
            self.model_of_rows.show_rows(tuple(rows.values()))
            self._select(symbol)

    def show_chosen(self, symbol: str) -> None:
        """Select the row of a quantity; nothing is reported."""
        with QSignalBlocker(self.selectionModel()):
            self._select(symbol)
        viewport = self.viewport()
        assert viewport is not None
        viewport.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.model_of_rows.theme = theme
        self.setStyleSheet(
            f"QTableView {{ background: {theme.surface}; color: {theme.text}; outline: 0;"
            f" border: 1px solid {theme.surface}; selection-background-color: {theme.border};"
            f" selection-color: {theme.text}; }}"
            f"QTableView::item {{ padding: 0 4px; }}"
            f"QTableView:focus {{ border: 1px solid {theme.output}; }}"
            f"QHeaderView {{ background: {theme.panel}; }}"
            f"QHeaderView::section {{ background: {theme.panel}; color: {theme.muted}; border: none;"
            f" padding: 3px 4px; border-bottom: 1px solid {theme.border}; }}"
        )

    def texts(self) -> list[tuple[str, ...]]:
        """What stands in the table, row by row as sorted."""
        return [
            tuple(str(self._sorted.index(row, column).data()) for column in range(len(_COLUMNS)))
            for row in range(self._sorted.rowCount())
        ]

    def _select(self, symbol: str) -> None:
        symbols = [row.symbol for row in self.model_of_rows.rows]
        if symbol in symbols:
            index = self._sorted.mapFromSource(self.model_of_rows.index(symbols.index(symbol), 0))
            flags = QItemSelectionModel.SelectionFlag
            selection = self.selectionModel()
            assert selection is not None
            selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def _row(self, index: QModelIndex) -> QuantityDiff:
        return self.model_of_rows.rows[self._sorted.mapToSource(index).row()]

    def _row_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self._row(current).symbol)

    def _ask(self, index: QModelIndex) -> None:
        if not self._row(index).same:
            self.place_asked.emit(self._row(index))
