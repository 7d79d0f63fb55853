"""The user's own table: which file, which columns are read, which one is predicted, and from how many rows."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.errors import LstmvizError
from lstmviz.core.numerals import shortened
from lstmviz.core.text import count
from lstmviz.core.training.table_task import TablePrediction, table_task
from lstmviz.gui.panels.fields import FIELD_HEIGHT, ChoiceBox, ErrorLine, NoteLine, WholeBox
from lstmviz.gui.panels.training.rows import Rows
from lstmviz.gui.panels.training.split_bar import SplitBar
from lstmviz.gui.style import Theme, empty_box_style
from lstmviz.io.sequence_files.content import SUFFIXES
from lstmviz.io.training_tables import Cell, TrainingTable, read_training_table

_FIRST_VALUES = 3
_MOST_PERCENT = 90
_WINDOW = 20
"""Rows that are read at first, where the part held out has twice as many."""

NO_TABLE = "Choose a table, or drop one here: a row for every time step, a column for everything that was measured."


class Predicts(Enum):
    """What kind of answer is learned."""

    NUMBER = "number"
    CLASS = "class"


class TableFields(QWidget):
    """Fields of a TablePrediction."""

    edited = pyqtSignal()
    """Another task stands here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("table_fields")
        self.table: TrainingTable | None = None
        self._given: TablePrediction | None = None
        self._made: TablePrediction | None = None
        self._build()
        self._lay_out()
        self._show_table()

    # What the fields say

    def task(self) -> TablePrediction:
        """The task. Raises LstmvizError for what cannot be learned."""
        if self._given is not None:
            return self._given
        if self.table is None:
            raise LstmvizError("There is no table yet", where="table", how="Choose a file, or drop one here.")
        self._made = table_task(
            self.table.columns,
            self.target.currentText(),
            features=self.chosen_columns,
            classify=self.predicts.choice is Predicts.CLASS,
            window=self.window_rows.value(),
            ahead=self.ahead.value(),
            held_out=self.held_out.value() / 100,
            standardise=self.standardise.isChecked(),
        )
        return self._made

    @property
    def is_empty(self) -> bool:
        """Whether no table was chosen yet."""
        return self.table is None and self._given is None

    @property
    def chosen_columns(self) -> tuple[str, ...]:
        """The names of the columns that are ticked."""
        ticked = (self.columns.topLevelItem(k) for k in range(self.columns.topLevelItemCount()))
        return tuple(
            str(item.data(0, Qt.ItemDataRole.UserRole))
            for item in ticked
            if item is not None and item.checkState(0) is Qt.CheckState.Checked
        )

    def line_for(self, error: LstmvizError) -> ErrorLine:
        """The line beside the field that an error is about."""
        return self._form.error_lines.get(error.where, self.file_error if self.table is None else self.column_error)

    def show_task(self, task: TablePrediction) -> None:
        """A task from a session, whose file is not known: it can be trained as it is."""
        if task is not self._made:
            self._given, self.table = task, None
            self._show_table()

    def choose_table(self) -> None:
        """Let a file be chosen."""
        names = " ".join("*" + suffix for suffix in SUFFIXES)
        path, _ = QFileDialog.getOpenFileName(
            self.window(), "A table to learn from", "", f"Tables ({names});;All files (*)"
        )
        if path:
            self.read_table(path)

    def read_table(self, path: str | Path) -> None:
        """Take the table of a file; what is wrong with it is said here, and the table before stays."""
        try:
            self.table = read_training_table(path)
        except (OSError, LstmvizError) as error:
            self.file_error.setText(str(error))
            return
        self._given = None
        self._show_table()
        self.edited.emit()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.split.set_theme(theme)
        self.columns.setStyleSheet(empty_box_style(theme, "QTreeView"))

    # The fields

    def _build(self) -> None:
        self.open_button = QPushButton("Choose a table…")
        self.open_button.setObjectName("open_training_table")
        self.open_button.setToolTip("A CSV, TSV, text, .npy or .npz file with a row for every time step")
        self.file_line, self.file_error = NoteLine("training_table_name"), ErrorLine("training_table_error")
        self.column_error = ErrorLine("training_columns_error")
        self.columns = QTreeWidget()
        self.columns.setObjectName("training_columns")
        self.columns.setAccessibleName("Columns that the network reads")
        self.columns.setToolTip("Tick the columns that the network reads; beside each its first values")
        self.columns.setHeaderLabels(["reads", "first values"])
        self.columns.setRootIsDecorated(False)
        self.columns.setUniformRowHeights(True)
        self.columns.setFixedHeight(118)
        header = self.columns.header()
        assert header is not None
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.target = QComboBox()
        self.target.setObjectName("training_target")
        self.target.setFixedHeight(FIELD_HEIGHT)
        self.target.setToolTip("The column to predict")
        self.target.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.target.setMinimumContentsLength(6)
        self.predicts = ChoiceBox(
            "training_predicts",
            {Predicts.NUMBER: "a number", Predicts.CLASS: "a class"},
            "A number: how large will it be? Classes: which of a few values will it be?",
        )
        self.window_rows = WholeBox("training_window", 1, 100_000, "So many rows in a row the network reads")
        self.ahead = WholeBox("training_ahead", 0, 100_000, "So many rows after the last one read stands the answer")
        self.ahead.show_value(1)
        self.held_out = WholeBox(
            "training_held_out", 1, _MOST_PERCENT, "The last rows in time, which are never learned from"
        )
        self.held_out.show_value(20)
        self.split = SplitBar()
        self.standardise = QCheckBox("standardise the columns")
        self.standardise.setObjectName("training_standardise")
        self.standardise.setToolTip(
            "Shift and scale every column to mean 0 and standard deviation 1 over the rows that are learned from"
        )
        self.standardise.setChecked(True)
        self.open_button.clicked.connect(self.choose_table)
        self.columns.itemChanged.connect(self._changed)
        self.target.activated.connect(self._target_chosen)
        self.predicts.activated.connect(self._changed)
        self.standardise.toggled.connect(self._changed)
        for box in (self.window_rows, self.ahead, self.held_out):
            box.valueChanged.connect(self._changed)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for widget in (self.open_button, self.file_error, self.file_line, self.columns):
            column.addWidget(widget)
        self._form = Rows()
        self._form.addRow(self.column_error)
        self._form.add("predict", self.target)
        self._form.add("as", self.predicts)
        self._form.add("window, rows", self.window_rows, "window")
        self._form.add("ahead, rows", self.ahead, "ahead")
        self._form.add("validate, %", self.held_out, "held_out")
        column.addLayout(self._form)
        column.addWidget(self.split)
        column.addWidget(self.standardise)

    # Showing

    def _show_table(self) -> None:
        """Another file: its columns, the last one of numbers to predict."""
        table = self.table
        self.file_error.setText("")
        there = table is not None
        for widget in (self.columns, self.standardise, self.split):
            widget.setVisible(there)
        for field in (self.target, self.predicts, self.window_rows, self.ahead, self.held_out):
            self._form.setRowVisible(field, there)
        if table is None:
            given = self._given
            words = f"A table of {len(given.values):,} rows that came with the training" if given else NO_TABLE
            self.file_line.setText(words)
            return
        self.file_line.setText(f"{table.name}: {count(table.rows, 'row')}, {count(len(table.columns), 'column')}")
        with QSignalBlocker(self.target):
            self.target.clear()
            self.target.addItems(list(table.columns))
            self.target.setCurrentText((table.numeric or tuple(table.columns))[-1])
        with QSignalBlocker(self.columns):
            self.columns.clear()
            for name in table.columns:
                self.columns.addTopLevelItem(self._item(table, name))
        self.window_rows.show_value(max(min(_WINDOW, round(self.held_out.value() / 100 * table.rows) // 2), 1))
        self._suggest_kind()
        self._show_split()

    def _item(self, table: TrainingTable, name: str) -> QTreeWidgetItem:
        values = ", ".join(_cell(cell) for cell in table.columns[name][:_FIRST_VALUES])
        item = QTreeWidgetItem([shortened(name, 24), values])
        item.setData(0, Qt.ItemDataRole.UserRole, name)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
        texts = name in table.texts
        item.setCheckState(0, Qt.CheckState.Unchecked if texts else Qt.CheckState.Checked)
        item.setToolTip(0, f"{name}\nTexts: they cannot be read, only predicted as classes" if texts else name)
        item.setToolTip(1, values)
        return item

    def _target_chosen(self) -> None:
        self._suggest_kind()
        self._changed()

    def _suggest_kind(self) -> None:
        texts = self.table is not None and self.target.currentText() in self.table.texts
        self.predicts.show_choice(Predicts.CLASS if texts else Predicts.NUMBER)

    def _changed(self) -> None:
        self._show_split()
        self.edited.emit()

    def _show_split(self) -> None:
        rows = self.table.rows if self.table else 0
        self.split.show_split(rows, rows - round(self.held_out.value() / 100 * rows))


def _cell(cell: Cell) -> str:
    return shortened(cell, 12) if isinstance(cell, str) else f"{cell:.4g}"
