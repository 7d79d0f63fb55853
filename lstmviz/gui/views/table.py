"""The run as a table: the twin of the pictures, for reading numbers and for screen readers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, Qt
from PyQt6.QtGui import QColor, QFont
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableView, QVBoxLayout, QWidget

from lstmviz.core.analysis.step_table import Column, step_columns
from lstmviz.core.cursor import Cursor
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import Run
from lstmviz.gui.style import LIGHT, Theme, number_font
from lstmviz.gui.views.ghost import ghost_of
from lstmviz.gui.views.view import View

_BY_SYMBOL = {quantity.symbol: quantity for quantity in Quantity}
_COLUMN_WIDTH = 72
_PIXELS = 12

# looked up once: a cell is asked for seven roles whenever it is drawn
_TEXT, _ALIGNMENT = int(Qt.ItemDataRole.DisplayRole), int(Qt.ItemDataRole.TextAlignmentRole)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

_FONT, _TOOLTIP = int(Qt.ItemDataRole.FontRole), int(Qt.ItemDataRole.ToolTipRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)

_ROWS_KEPT = 2
"""Rows of the page before that stay in sight when a page is turned."""

_UNDERLINED = "Underlined: it was another number before the what-ifs; hover to read it."


class StepTableModel(QAbstractTableModel):
    """Rows are steps; a cell's text is made when it is shown, so that a long run costs nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[Column, ...] = ()
        self._rows = 0
        self.theme: Theme = LIGHT
        self._underlined = QFont(number_font(_PIXELS))  # a copy: everybody shares the original
        self._underlined.setUnderline(True)

    def show_columns(self, columns: tuple[Column, ...], rows: int) -> None:
        """Show another table."""
        self.beginResetModel()
        self._columns, self._rows = columns, rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._rows

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == _TEXT:
            return self._columns[index.column()].text(index.row())
        if role == _ALIGNMENT:
            return _RIGHT
        if role in (_FONT, _TOOLTIP, _SPOKEN):
            before = self._columns[index.column()].text_before(index.row())
            if before:
                return self._underlined if role == _FONT else f"{index.data()}, before {before}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.meaning
        if role == Qt.ItemDataRole.ForegroundRole and column.title in _BY_SYMBOL:
            return self.theme.colour(_BY_SYMBOL[column.title])
        if role == Qt.ItemDataRole.ForegroundRole and column.title.startswith("RNN"):
            return QColor(self.theme.rnn)
        return None


class TableView(View):
    """One row a step, the pinned unit's numbers; the cursor's row is selected.

    A click goes to a row's step and asks why its value is what it is. What differs from the run before the what-ifs is
    underlined, and a tooltip says what it was.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("table_view")
        self._columns: tuple[Column, ...] = ()
        self._shown: tuple[Run, str, int] | None = None
        self.model = StepTableModel(self)
        self.caption = QLabel()
        self.caption.setObjectName("table_caption")
        self.caption.setContentsMargins(12, 10, 12, 6)
        self.table = QTableView()
        self.table.setObjectName("step_table")
        self.table.setAccessibleName("The numbers of every step")
        self.table.setModel(self.model)
        self.table.setFont(number_font(_PIXELS))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        rows, header = self.table.verticalHeader(), self.table.horizontalHeader()
        assert rows is not None
        assert header is not None
        rows.hide()
        rows.setDefaultSectionSize(22)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setDefaultSectionSize(_COLUMN_WIDTH)
        self.table.clicked.connect(self._clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.caption)
        layout.addWidget(self.table)

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Show the numbers of another run."""
        super().show_run(run, cursor)
        self._show()

    def show_cursor(self, cursor: Cursor) -> None:
        """Select another step's row, or show another unit's numbers."""
        before, self.cursor_at = self.cursor_at, cursor  # the table draws itself
        if before is None or (before.t, before.layer, before.unit) != (cursor.t, cursor.layer, cursor.unit):
            self._show()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        self.model.theme = theme
        self.table.setStyleSheet(
            f"QTableView {{ background: {theme.surface}; color: {theme.text}; border: none; }}"
            f"QHeaderView::section {{ background: {theme.panel}; border: none; padding: 5px;"
            f" border-bottom: 1px solid {theme.border}; }}"
        )
        self.setStyleSheet(f"TableView {{ background: {theme.surface}; }} #table_caption {{ color: {theme.muted}; }}")

    def summary(self) -> str:
        """What the table shows, and the row of the cursor."""
        if self.cursor_at is None or not self._columns:
            return ""
        row = self.cursor_at.index
        told = []
        for each in self._columns:
            before = each.text_before(row)
            told.append(f"{each.title} {each.text(row)}" + (f" (before {before})" if before else ""))
        return f"{self.caption.text()} {', '.join(told)}."

    def _show(self) -> None:
        if self.run is None or self.cursor_at is None:
            return
        run, cursor = self.run, self.cursor_at
        if self._shown is None or self._shown[0] is not run or self._shown[1:] != (cursor.layer, cursor.unit):
            self._shown = (run, cursor.layer, cursor.unit)
            ghost = ghost_of(run, cursor.layer)
            self._columns = step_columns(run, cursor.layer, cursor.unit, ghost)
            self.model.show_columns(self._columns, run.length)
            for position, column in enumerate(self._columns):
                self.table.setColumnWidth(position, max(_COLUMN_WIDTH, 8 * len(column.title)))
            words = f"Every step in numbers: unit {cursor.unit} of layer {cursor.layer}."
            self.caption.setText(f"{words} {_UNDERLINED}" if ghost else words)
        selection = self.table.selectionModel()
        assert selection is not None
        index = self.model.index(cursor.index, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.table.setAutoScroll(False)  # it would scroll by a row, and so draw everything at every step
        selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.table.setAutoScroll(True)
        self._bring_into_view(cursor.index)

    def _bring_into_view(self, row: int) -> None:
        """Turn a page where a step leaves the rows that are seen: to scroll is to draw every cell anew."""
        viewport = self.table.viewport()
        assert viewport is not None
        seen = viewport.rect()
        place = self.table.visualRect(self.model.index(row, 0))
        if seen.top() <= place.top() and place.bottom() <= seen.bottom():
            return
        hints = QAbstractItemView.ScrollHint
        if place.bottom() > seen.bottom() and place.top() <= seen.bottom() + place.height():
            self.table.scrollTo(self.model.index(max(row - _ROWS_KEPT, 0), 0), hints.PositionAtTop)
        elif place.top() < seen.top() and place.bottom() >= seen.top() - place.height():
            last = self.model.rowCount() - 1
            self.table.scrollTo(self.model.index(min(row + _ROWS_KEPT, last), 0), hints.PositionAtBottom)
        else:
            self.table.scrollTo(self.model.index(row, 0), hints.PositionAtCenter)

    def _clicked(self, index: QModelIndex) -> None:
        if self.cursor_at is not None:
            self.cursor_requested.emit(replace(self.cursor_at, t=index.row() + 1))
            reference = self._columns[index.column()].reference(index.row())
            if reference is not None:
                self.value_asked.emit(reference)
