"""The table of all weights: a window beside the main one, where every weight can be read and set."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QSignalBlocker
from PyQt6.QtGui import QKeySequence, QShortcut, QShowEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QTableView,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.networks.parameters import GATES
from lstmviz.core.run import Run
from lstmviz.gui.panels.being_typed import PatientDelegate
from lstmviz.gui.panels.edits import with_weights
from lstmviz.gui.panels.fields import ErrorLine, NoteLine
from lstmviz.gui.panels.weight_tables import WeightTable, tables_of
from lstmviz.gui.panels.weights_model import QUANTITIES, WeightsModel
from lstmviz.gui.session import Session
from lstmviz.gui.style import LIGHT, Theme, number_font

_COLUMN_WIDTH = 84
_ROW_HEIGHT = 24


class WeightsDialog(QDialog):
    """The list of all arrays of weights, and the chosen one as a table. Stays open beside the main window."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("weights_dialog")
        self.setWindowTitle("Weights")
        self.resize(760, 460)
        self._session = session
        self._asked: Experiment | None = None
        self._entries: list[str] = []
        self._run = session.run
        self._tables = _all_tables(session.run)
        self.model = WeightsModel(self._tables[0], self)
        self.list = self._build_list()
        self.view = self._build_view()
        self.meaning_line = NoteLine("weights_meaning")
        self.error_line = ErrorLine("weights_error")
        self.legend = QLabel()
        self.legend.setObjectName("weights_legend")
        self._setup_layout()
        QShortcut(QKeySequence.StandardKey.Undo, self).activated.connect(session.undo)
        QShortcut(QKeySequence.StandardKey.Redo, self).activated.connect(session.redo)
        self.list.currentRowChanged.connect(self._show_table)
        self.model.cell_edited.connect(self._set_weight)
        self.model.refused.connect(self._refuse)
        session.run_changed.connect(self._run_changed)
        session.failed.connect(self._failed)
        self._fill_list(0)
        self.set_theme(LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.model.set_theme(theme)
        words = {symbol: QUANTITIES[symbol] for symbol in GATES}
        self.legend.setText(
            "rows: "
            + " · ".join(
                f'<span style="color:{theme.colour(quantity).name()}"><b>{symbol}</b> {quantity.title}</span>'
                for symbol, quantity in words.items()
            )
        )

    def showEvent(self, event: QShowEvent | None) -> None:
        """Qt's hook: catch up with what happened while the window was closed."""
        self._show_run(self._session.run)
        super().showEvent(event)

    def _run_changed(self, run: Run) -> None:
        if self.isVisible():
            self._show_run(run)

    def _show_run(self, run: Run) -> None:
        """Show the weights of ``run`` in the table that is open, or the first one if it is gone."""
        name = self.model.table.name
        self._run = run
        self._tables = _all_tables(run)
        names = [table.name for table in self._tables]
        self._fill_list(names.index(name) if name in names else 0)

    def _fill_list(self, chosen: int) -> None:
        entries = [_entry(table) for table in self._tables]
        with QSignalBlocker(self.list):
            if entries != self._entries:
                self.list.clear()
                self.list.addItems(entries)
                self._entries = entries
            self.list.setCurrentRow(chosen)
        self._show_table(chosen)

    def _show_table(self, chosen: int) -> None:
        table = self._tables[chosen]
        self.model.show_table(table)
        self.error_line.show_error(None)
        baseline = self._run.experiment.baseline
        why_not = "given" if baseline is not None and baseline.weights is not None else "follows the network"
        self.meaning_line.setText(table.meaning if table.editable else f"{table.meaning}; {why_not}")
        self.legend.setVisible(table.gates[0] in GATES)

    def _set_weight(self, row: int, column: int, value: float) -> None:
        table, wanted = self.model.table, self._session.wanted
        if value == table.values[row, column] or not self._session.run.has_numbers_of(self._run):
            return  # a closed window may still end an edit, on weights that are gone
        try:
            if wanted.recipe != self._session.experiment.recipe:
                raise LstmvizError("Other weights are being worked out", how="Set this one when they are here.")
            changed = with_weights(wanted, table.changes(row, column, value))
        except LstmvizError as error:
            self.error_line.show_error(error)
            return
        self._asked = changed
        self._session.apply(f"set {table.symbol(row, column)} = {value:g}", changed)

    def _failed(self, error: LstmvizError, failed: Experiment) -> None:
        """Only what was asked for here is answered here."""
        if self._asked is not None and self._asked.is_but_for_annotations(failed):
            self.error_line.show_error(error)

    def _refuse(self, index: QModelIndex, words: str) -> None:
        self.error_line.setText(words)
        viewport = self.view.viewport()
        if viewport is not None:
            below = viewport.mapToGlobal(self.view.visualRect(index).bottomLeft())
            QToolTip.showText(below, words, self.view)

    # Building

    def _build_list(self) -> QListWidget:
        result = QListWidget()
        result.setObjectName("weights_list")
        result.setAccessibleName("arrays of weights")
        result.setToolTip("Every array of weights under its PyTorch name.")
        result.setWordWrap(True)
        result.setFixedWidth(230)
        result.setSpacing(3)
        return result

    def _build_view(self) -> QTableView:
        result = QTableView()
        result.setObjectName("weights_view")
        result.setAccessibleName("weights")
        result.setModel(self.model)
        result.setItemDelegate(PatientDelegate(result))
        result.setFont(number_font(12))
        result.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        # Fixed sizes: measuring the contents of a large matrix takes seconds.
        for header, size in ((result.horizontalHeader(), _COLUMN_WIDTH), (result.verticalHeader(), _ROW_HEIGHT)):
            if header is not None:
                header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
                header.setDefaultSectionSize(size)
                header.setHighlightSections(False)
        return result

    def _setup_layout(self) -> None:
        right = QVBoxLayout()
        right.addWidget(self.meaning_line)
        right.addWidget(self.view, 1)
        right.addWidget(self.legend)
        right.addWidget(self.error_line)
        layout = QHBoxLayout(self)
        layout.addWidget(self.list)
        layout.addLayout(right, 1)


def _all_tables(run: Run) -> tuple[WeightTable, ...]:
    """The network's weights, and below them the baseline's to look at."""
    tables = tables_of(run.network)
    if run.baseline is not None:
        tables += tables_of(run.baseline.network, "vanilla RNN", editable=False)
    return tables


def _entry(table: WeightTable) -> str:
    rows, columns = table.values.shape
    return f"{table.name}\n{table.meaning.split(':')[0]} · {rows}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{columns}"
