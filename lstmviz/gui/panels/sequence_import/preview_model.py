"""The numbers of a file as a table: a row a time step, a column a feature; what has no number is marked."""

from __future__ import annotations

import math
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt6.QtGui import QBrush, QColor

from lstmviz.core.numerals import shortened
from lstmviz.core.text import MINUS
from lstmviz.gui.style import LIGHT, Theme
from lstmviz.io.sequence_files.reading import SequenceFile
from lstmviz.io.sequence_files.text_table import Problem

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ROLE = Qt.ItemDataRole
_ROLES = frozenset(
    (
        _ROLE.DisplayRole,
        _ROLE.TextAlignmentRole,
        _ROLE.ForegroundRole,
        _ROLE.BackgroundRole,
        _ROLE.ToolTipRole,
        _ROLE.AccessibleDescriptionRole,
    )
)
_TINT_ALPHA = 45
_NAME_CHARACTERS = 24
_ANY_ROW = QModelIndex()


class PreviewModel(QAbstractTableModel):
    """Shows a SequenceFile, of whatever length; columns that are not taken are pale."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file: SequenceFile | None = None
        self._problems: dict[tuple[int, int], Problem] = {}
        self._taken: frozenset[int] = frozenset()
        self._theme = LIGHT

    def show_file(self, file: SequenceFile | None) -> None:
        """Show another file, or nothing."""
        self.beginResetModel()
        self._file = file
        self._problems = {(each.row, each.column): each for each in file.problems} if file else {}
        self._taken = frozenset(file.suggested) if file else frozenset()
        self.endResetModel()

    def show_taken(self, columns: tuple[int, ...]) -> None:
        """Show which columns are taken."""
        if self._taken != frozenset(columns):
            self._taken = frozenset(columns)
            self._all_changed()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self._all_changed()

    def first_problem(self) -> QModelIndex:
        """The first cell of a column that is taken without a number; not valid where there is none."""
        for row, column in self._problems:
            if column < 0 and self._taken:
                return self.index(row, min(self._taken))
            if column in self._taken:
                return self.index(row, column)
        return QModelIndex()

    def rowCount(self, parent: QModelIndex = _ANY_ROW) -> int:
        """Qt's hook: the time steps."""
        return 0 if parent.isValid() or self._file is None else len(self._file.values)

    def columnCount(self, parent: QModelIndex = _ANY_ROW) -> int:
        """Qt's hook: the columns of the file."""
        return 0 if parent.isValid() or self._file is None else len(self._file.names)

    def data(self, index: QModelIndex, role: int = _ROLE.DisplayRole) -> Any:
        """Qt's hook: one cell."""
        if role not in _ROLES or self._file is None or not index.isValid():
            return None
        if role == _ROLE.TextAlignmentRole:
            return _RIGHT
        row, column = index.row(), index.column()
        value = float(self._file.values[row, column])
        missing, taken = math.isnan(value), column in self._taken
        if role == _ROLE.DisplayRole:
            return self._cell(row, column) if missing else f"{value:.10g}".replace("-", MINUS)
        if role == _ROLE.ForegroundRole:
            return QBrush(
                QColor(self._theme.muted if not taken else self._theme.warning if missing else self._theme.text)
            )
        if role == _ROLE.BackgroundRole and missing and taken:
            tint = QColor(self._theme.warning)
            tint.setAlpha(_TINT_ALPHA)
            return QBrush(tint)
        if role in (_ROLE.ToolTipRole, _ROLE.AccessibleDescriptionRole) and missing:
            problem = self._problem(row, column)
            return f"{problem.place}: {problem.what}" if problem else "no number here"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        """Qt's hook: the number of a step, or the name of a column with a tick where it is taken."""
        if self._file is None:
            return None
        if orientation is Qt.Orientation.Vertical:
            return str(section + 1) if role == _ROLE.DisplayRole else None
        taken = section in self._taken
        if role == _ROLE.DisplayRole:
            return f"{'✓ ' if taken else ''}{shortened(self._file.names[section], _NAME_CHARACTERS)}"
        if role == _ROLE.ForegroundRole:
            return QBrush(QColor(self._theme.text if taken else self._theme.muted))
        if role == _ROLE.ToolTipRole:
            return f"{self._file.names[section][:200]}\n{'Taken' if taken else 'Left out'}; click to change that."
        return None

    def _cell(self, row: int, column: int) -> str:
        problem = self._problem(row, column)
        if problem is None:
            return "…"  # of very many the first alone are kept
        return shortened(problem.cell, 24) if problem.column >= 0 and problem.cell else "—"

    def _problem(self, row: int, column: int) -> Problem | None:
        return self._problems.get((row, column)) or self._problems.get((row, -1))

    def _all_changed(self) -> None:
        if self._file is not None:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)
