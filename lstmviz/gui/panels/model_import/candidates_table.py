"""The recurrent networks of a file as a table, a row each."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.io.models.model_file import Candidate
from lstmviz.io.models.wording import name_of

COLUMNS = ("Name", "Kind", "Layers", "Directions", "Inputs", "Units", "Outputs", "")
"""The headers; the last column says whether it can be opened."""

_ROW_HEIGHT = 24
_ROWS_SHOWN = 5
_CENTRE = Qt.AlignmentFlag.AlignCenter


class CandidatesTable(QTableWidget):
    """Lets one of the networks be chosen."""

    candidate_chosen = pyqtSignal(object)
    """The Candidate of the row that is current now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self.setObjectName("model_candidates")
        self.setAccessibleName("The recurrent networks in the file")
        self._candidates: tuple[Candidate, ...] = ()
        self._theme = LIGHT
        self.setHorizontalHeaderLabels(COLUMNS)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setFont(text_font(13))
        self.setItemDelegate(_WholeRows(self))
        header, rows = self.horizontalHeader(), self.verticalHeader()
        assert header is not None
        assert rows is not None
        header.setFont(text_font(12))
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        rows.setDefaultSectionSize(_ROW_HEIGHT)
        rows.hide()
        self.currentCellChanged.connect(self._choose)

    @property
    def candidate(self) -> Candidate | None:
        """The one that is chosen."""
        row = self.currentRow()
        return self._candidates[row] if 0 <= row < len(self._candidates) else None

    def show_candidates(self, candidates: tuple[Candidate, ...]) -> None:
        """Show these, and choose the first that can be opened."""
        with QSignalBlocker(self):
            self._candidates = candidates
            self.setRowCount(len(candidates))
            for row, candidate in enumerate(candidates):
                for column, words in enumerate(_cells(candidate)):
                    self.setItem(row, column, _item(words, candidate, column))
            self._colour()
            header = self.horizontalHeader()
            assert header is not None
            rows = min(max(len(candidates), 1), _ROWS_SHOWN)
            self.setFixedHeight(header.sizeHint().height() + rows * _ROW_HEIGHT + 2 * self.frameWidth() + 2)
        self.setCurrentCell(next((row for row, each in enumerate(candidates) if each.network is not None), 0), 0)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self._colour()

    def _colour(self) -> None:
        for row, candidate in enumerate(self._candidates):
            item = self.item(row, len(COLUMNS) - 1)
            if item is not None:
                item.setForeground(QColor(self._theme.warning if candidate.network is None else self._theme.input))

    def _choose(self, row: int, _column: int, row_before: int, _column_before: int) -> None:
        if row != row_before and self.candidate is not None:
            self.candidate_chosen.emit(self.candidate)


def _cells(candidate: Candidate) -> tuple[str, ...]:
    sizes = (candidate.num_layers, candidate.num_directions, candidate.input_size, candidate.hidden_size)
    outputs = candidate.network.output_size if candidate.network else candidate.output_size
    status = "cannot be run" if candidate.network is None else "can be opened"
    return (name_of(candidate), candidate.kind.value, *(f"{size:,}" for size in (*sizes, outputs)), status)


def _item(words: str, candidate: Candidate, column: int) -> QTableWidgetItem:
    item = QTableWidgetItem(words)
    if 2 <= column < len(COLUMNS) - 1:
        item.setTextAlignment(_CENTRE)
    item.setToolTip(candidate.name if column == 0 else candidate.refusal)
    return item


class _WholeRows(QStyledItemDelegate):
    """Draws the current cell like the rest of its row."""

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        """Qt's hook."""
        super().initStyleOption(option, index)
        if option is not None:
            option.state &= ~(QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_MouseOver)
