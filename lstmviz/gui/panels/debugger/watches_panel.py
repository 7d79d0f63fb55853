"""Watches: expressions whose value at the cursor stays in view."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QModelIndex
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.debugger.conditions import watch_value
from lstmviz.core.debugger.watch_values import values_in_words, watched_track
from lstmviz.core.errors import LstmvizError
from lstmviz.gui.panels.debugger.annotations import Edit, add_watch, change_expression, delete_watch, draw_watch
from lstmviz.gui.panels.debugger.condition_field import ConditionField
from lstmviz.gui.panels.debugger.language import LANGUAGE
from lstmviz.gui.panels.debugger.rows_table import RowsTable, table_style
from lstmviz.gui.panels.debugger.watches_model import WatchesModel
from lstmviz.gui.panels.fields import FieldManners, NoteLine, stylesheet
from lstmviz.gui.session import Session
from lstmviz.gui.style import LIGHT, Theme

_NOTHING_YET = (
    "None yet. A watch is an expression such as norm(c), the length of the memory, or f[2], one forget gate. Its value "
    "follows the cursor."
)


class WatchesPanel(QWidget):
    """The table of watches, and a line to add one.

    The table is that of the session's ``wanted``, which further changes build on.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("watches_panel")
        self.setAccessibleName("Watches")
        self._session = session
        self.field = ConditionField("watch", "Add a watch", "norm(c)", self._preview)
        self.field.edit.setToolTip(LANGUAGE)
        self.model = WatchesModel(self)
        self.table = RowsTable("watches_table", "Watches", self.model, stretched=(0, 1))
        self.nothing_line = NoteLine("no_watches")
        self.delete = QPushButton("Delete")
        self.delete.setObjectName("delete_watch")
        self.delete.setToolTip("Delete the chosen watch (Delete)")
        self._setup_layout()
        self._connect()
        self._manners = FieldManners(self)
        self._manners.watch(self)
        self._show_watches()
        self.show_cursor(session.cursor)
        self.set_theme(LIGHT)

    def _show_wanted(self) -> None:
        """Show the watches that further changes build on."""
        if self._session.wanted.watches != self.model.watches:
            self._show_watches()

    def _show_watches(self) -> None:
        self.model.show(self._session.run, self._session.wanted.watches)
        there_are = bool(self.model.watches)
        self.nothing_line.setText("" if there_are else _NOTHING_YET)
        self.table.setVisible(there_are)
        self.delete.setVisible(there_are)
        self._show_row()

    def show_cursor(self, cursor: Cursor) -> None:
        """Show the values at the cursor's step."""
        self.model.show_step(cursor.t)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.model.theme = theme
        self.setStyleSheet(stylesheet(theme) + table_style(theme))
        self.field.set_theme(theme)

    def _setup_layout(self) -> None:
        below = QHBoxLayout()
        below.addStretch()
        below.addWidget(self.delete)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        layout.addWidget(self.field)
        layout.addWidget(self.nothing_line)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)
        layout.addStretch()

    def _connect(self) -> None:
        self.field.entered.connect(self._add)
        self.model.track_chosen.connect(self._draw)
        self.model.expression_typed.connect(self._change_expression)
        self.table.delete_asked.connect(self._delete)
        self.delete.clicked.connect(self._delete_chosen)
        selection = self.table.selectionModel()
        assert selection is not None
        selection.currentChanged.connect(self._show_row)
        self._session.run_changed.connect(self._show_other_numbers)
        self._session.history_changed.connect(self._show_wanted)
        self._session.cursor_changed.connect(self.show_cursor)

    def _preview(self, expression: str) -> str:
        t = self._session.cursor.t
        return f"At step {t:,}: {values_in_words(watch_value(self._session.run, expression, t))}"

    def _add(self, expression: str) -> None:
        try:
            edit = add_watch(self._session.wanted, expression)
        except LstmvizError as error:
            self.field.show_error(error)
            return
        self._apply(edit)
        self.field.clear()

    def _draw(self, row: int, track: bool) -> None:
        watch = self.model.watches[row]
        try:
            if track:
                watched_track(self._session.run, watch)
        except LstmvizError as error:
            self.field.error_line.show_error(error)
            return
        self.field.error_line.show_error(None)
        self._apply(draw_watch(self._session.wanted, row, track))

    def _change_expression(self, index: QModelIndex, expression: str) -> None:
        watch, run = self.model.watches[index.row()], self._session.run
        if expression == watch.expression:
            return
        try:
            watch_value(run, expression, self._session.cursor.t)
            if watch.track:
                watched_track(run, replace(watch, expression=expression))
            self._apply(change_expression(self._session.wanted, index.row(), expression))
        except LstmvizError as error:
            self.table.say(index, str(error))

    def _delete_chosen(self) -> None:
        if self.table.row >= 0:
            self._delete(self.table.row)

    def _delete(self, row: int) -> None:
        self._apply(delete_watch(self._session.wanted, row))

    def _apply(self, edit: Edit) -> None:
        self._session.apply(edit.name, edit.experiment)

    def _show_other_numbers(self) -> None:
        self._show_watches()
        self.show_cursor(self._session.cursor)
        self.field.read()

    def _show_row(self, *_: object) -> None:
        self.delete.setEnabled(self.table.row >= 0)
