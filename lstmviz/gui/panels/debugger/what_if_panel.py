"""What-ifs: a list of changes that can each be switched off, and a form that makes another."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.what_if import WhatIf
from lstmviz.core.run import Run
from lstmviz.gui.panels.debugger.what_if_form import WhatIfForm
from lstmviz.gui.panels.fields import ErrorLine, FieldManners, NoteLine, stylesheet
from lstmviz.gui.session import Session
from lstmviz.gui.style import Theme
from lstmviz.gui.timers import single_shot

_EMPTY = "Nothing is changed. Choose a change below and try it: the run before stays to compare with."
_ROW_HEIGHT = 22
_MOST_ROWS = 6
"""What is shown of the list before it scrolls."""


class WhatIfPanel(QWidget):
    """The what-ifs of the experiment. Every change here is undone like any other.

    The list is that of the session's ``wanted``, which further changes build on: it shows a change while that is still
    being worked out.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("what_if_panel")
        self.setAccessibleName("What-ifs")
        self._session = session
        self._asked: list[Experiment] = []
        self.list = self._build_list()
        self.note = NoteLine("what_if_note")
        self.error_line = ErrorLine("what_if_error")
        self.form = WhatIfForm(session.run, session.cursor)
        self.add_button = QPushButton("&Try it")
        self.add_button.setObjectName("what_if_add")
        self.add_button.setToolTip("Run again with this change; the run before stays as a ghost")
        self.add_button.clicked.connect(self._add)
        self.delete_button = QPushButton("Delete")
        self.delete_button.setObjectName("what_if_delete")
        self.delete_button.setToolTip("Delete the chosen what-if (Delete)")
        self.delete_button.clicked.connect(self._delete)
        self.list.delete_asked.connect(self._delete)
        self._layout()
        self._manners = FieldManners(self)
        self._manners.watch(self)
        self.form.kind_box.activated.connect(lambda: self._manners.watch(self.form))
        session.run_changed.connect(self._show_run)
        session.history_changed.connect(self._show_list)
        session.cursor_changed.connect(self._show_cursor)
        session.failed.connect(self._show_failure)
        session.busy_changed.connect(self._settle_soon)
        self._settling = single_shot(self, self._settle)
        self._show_list()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.setStyleSheet(stylesheet(theme))

    def _build_list(self) -> _Rows:
        rows = _Rows()
        rows.setObjectName("what_ifs")
        rows.setAccessibleName("what-ifs, a tick where one is made")
        rows.setToolTip("A tick: the change is made. Take it away, and the run is as before.")
        rows.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        rows.setUniformItemSizes(True)
        rows.itemChanged.connect(self._toggled)
        rows.currentRowChanged.connect(self._show_choice)
        return rows

    def _layout(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(6)
        below = QHBoxLayout()
        below.addStretch()
        below.addWidget(self.delete_button)
        column.addWidget(self.note)
        column.addWidget(self.list)
        column.addLayout(below)
        for widget in (self.form, self.error_line, self.add_button):
            column.addWidget(widget)
        column.addStretch(1)

    def _show_run(self, run: Run) -> None:
        self.error_line.show_error(None)
        self.form.show_place(run, self._session.cursor)

    def _show_list(self) -> None:
        what_ifs = self._session.wanted.what_ifs
        if self._rows != [(each.in_words(), each.enabled) for each in what_ifs]:
            self._fill_list(what_ifs)
        self.list.setVisible(bool(what_ifs))
        self.list.setFixedHeight(_ROW_HEIGHT * min(len(what_ifs), _MOST_ROWS) + 4)
        self.note.setText("" if what_ifs else _EMPTY)
        self._show_choice(self.list.currentRow())

    @property
    def _rows(self) -> list[tuple[str, bool]]:
        """The words and the ticks that are on show."""
        items = [item for row in range(self.list.count()) if (item := self.list.item(row))]
        return [(item.text(), item.checkState() is Qt.CheckState.Checked) for item in items]

    def _fill_list(self, what_ifs: tuple[WhatIf, ...]) -> None:
        chosen = self.list.currentRow() if self.list.count() >= len(what_ifs) else len(what_ifs) - 1
        with QSignalBlocker(self.list):
            self.list.clear()
            for what_if in what_ifs:
                row = QListWidgetItem(what_if.in_words())
                row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                row.setSizeHint(QSize(0, _ROW_HEIGHT))
                row.setToolTip(what_if.in_words())
                row.setCheckState(Qt.CheckState.Checked if what_if.enabled else Qt.CheckState.Unchecked)
                self.list.addItem(row)
            self.list.setCurrentRow(min(chosen, len(what_ifs) - 1))

    def _show_cursor(self, cursor: Cursor) -> None:
        self.form.show_place(self._session.run, cursor)

    def _show_choice(self, row: int) -> None:
        self.delete_button.setEnabled(row >= 0)
        self.delete_button.setVisible(self.list.count() > 0)

    def _show_failure(self, error: LstmvizError, failed: Experiment) -> None:
        """Only what was asked for here is answered here."""
        if any(each.is_but_for_annotations(failed) for each in self._asked):
            self._show_list()
            self.error_line.show_error(error)

    def _settle_soon(self, busy: bool) -> None:
        if not busy:
            self._settling.start()

    def _settle(self) -> None:
        """What was asked for has been answered, or cancelled."""
        if not self._session.busy:
            self._asked.clear()

    def _apply(self, name: str, what_ifs: tuple[WhatIf, ...]) -> None:
        experiment = replace(self._session.wanted, what_ifs=what_ifs)
        self._asked.append(experiment)
        self.error_line.show_error(None)
        self._session.apply(name, experiment)
        self._settling.start()

    def _add(self) -> None:
        try:
            what_if = WhatIf(self.form.change)
        except LstmvizError as error:
            self.error_line.show_error(error)
            return
        self._apply(what_if.in_words(), (*self._session.wanted.what_ifs, what_if))

    def _delete(self) -> None:
        row, what_ifs = self.list.currentRow(), self._session.wanted.what_ifs
        if 0 <= row < len(what_ifs):
            self._apply(f"delete {what_ifs[row].in_words()}", (*what_ifs[:row], *what_ifs[row + 1 :]))

    def _toggled(self, item: QListWidgetItem) -> None:
        row, what_ifs = self.list.row(item), self._session.wanted.what_ifs
        if row >= len(what_ifs):
            return
        what_if = replace(what_ifs[row], enabled=item.checkState() is Qt.CheckState.Checked)
        name = f"switch {'on' if what_if.enabled else 'off'}: {what_if.in_words()}"
        self._apply(name, (*what_ifs[:row], what_if, *what_ifs[row + 1 :]))


class _Rows(QListWidget):
    delete_asked = pyqtSignal()
    """Delete was pressed. A shortcut would not do: the window leaves the keys of a list to the list."""

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_asked.emit()
            return
        super().keyPressEvent(event)
