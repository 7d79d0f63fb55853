"""The charts and maps of a training as tables."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lstmviz.core.training.record import TrainingRecord
from lstmviz.gui.panels.fields import FIELD_HEIGHT, buddy_label
from lstmviz.gui.timers import single_shot
from lstmviz.gui.views.training.record_tables import record_table, table_titles
from lstmviz.gui.views.training.table_twin import TableTwin

REFRESH_MILLISECONDS = 500
"""While it trains rows are added at this pace; they are for reading."""


class NumbersPage(QWidget):
    """A choice of tables. ``show_record`` costs nothing while it is not on show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("numbers_page")
        self._record: TrainingRecord | None = None
        self.which = QComboBox()
        self.which.setObjectName("numbers_which")
        self.which.setFixedHeight(FIELD_HEIGHT)
        self.which.setToolTip("Which of the charts and maps is shown in numbers")
        self.copy_button = QPushButton("Copy")
        self.copy_button.setObjectName("copy_numbers")
        self.copy_button.setToolTip("Put the selected rows, or all of them, on the clipboard, cells separated by tabs")
        self.twin = TableTwin("numbers_table", "The training in numbers")
        row = QHBoxLayout()
        row.addWidget(buddy_label("show", self.which))
        row.addWidget(self.which, 1)
        row.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.setSpacing(5)
        column.addLayout(row)
        column.addWidget(self.twin, 1)
        self._timer = single_shot(self, self._fill, REFRESH_MILLISECONDS)
        self.which.activated.connect(self._fill)
        self.copy_button.clicked.connect(self.twin.copy)

    def show_record(self, record: TrainingRecord) -> None:
        """Show what is known of a training."""
        self._record = record
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Nothing more is to come: the window closes."""
        self._timer.stop()

    def showEvent(self, event: object) -> None:
        """It was behind another page: catch up."""
        self._fill()

    def _fill(self) -> None:
        if self._record is None:
            return
        titles = list(table_titles(self._record))
        if titles != [self.which.itemText(number) for number in range(self.which.count())]:
            chosen = self.which.currentText()
            with QSignalBlocker(self.which):
                self.which.clear()
                self.which.addItems(titles)
                self.which.setCurrentIndex(max(titles.index(chosen) if chosen in titles else 0, 0))
        self.twin.show_table(record_table(self._record, self.which.currentText()))
