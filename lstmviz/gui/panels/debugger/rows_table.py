"""The tables of the debugger: a row for each breakpoint, watch or log row, quiet and narrow."""

from __future__ import annotations

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip, QWidget

from lstmviz.gui.panels.being_typed import PatientDelegate
from lstmviz.gui.style import Theme, empty_box_style

_ROW_HEIGHT = 24


class RowsTable(QTableView):
    """Whole rows are chosen, one at a time; the ``stretched`` columns share the room that the others leave."""

    delete_asked = pyqtSignal(int)
    """Delete was pressed in this row."""

    def __init__(
        self,
        name: str,
        words: str,
        model: QAbstractTableModel,
        stretched: tuple[int, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(words)
        self.setModel(model)
        self.setItemDelegate(PatientDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        rows, header = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert header is not None
        rows.hide()
        rows.setDefaultSectionSize(_ROW_HEIGHT)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(model.columnCount()):
            mode = QHeaderView.ResizeMode.Stretch if column in stretched else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(column, mode)

    @property
    def row(self) -> int:
        """The row that is chosen, or -1."""
        return self.currentIndex().row()

    def say(self, index: QModelIndex, words: str) -> None:
        """Say below a cell why what was typed there cannot be."""
        viewport = self.viewport()
        assert viewport is not None
        below = self.visualRect(index).bottomLeft()
        QToolTip.showText(viewport.mapToGlobal(below), words, self)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt's hook."""
        if event is not None and event.key() == Qt.Key.Key_Delete and self.row >= 0:
            self.delete_asked.emit(self.row)
            return
        super().keyPressEvent(event)


def table_style(theme: Theme) -> str:
    """What the palette cannot say of the tables."""
    return f"""
        QTableView {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};
                      border-radius: 4px; }}
        QTableView:focus {{ border-color: {theme.output}; }}
        QTableView::item:selected {{ background: {theme.border}; color: {theme.text}; }}
        QHeaderView {{ background: transparent; border: none; }}
        QHeaderView::section {{ background: transparent; color: {theme.muted}; border: none; padding: 3px 4px;
                                border-bottom: 1px solid {theme.border}; }}
        {empty_box_style(theme, "QTableView")}
    """
