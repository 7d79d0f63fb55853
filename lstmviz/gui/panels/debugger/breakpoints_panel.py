"""Breakpoints: conditions at which running stops, and the log of those that do not stop."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QModelIndex, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.debugger.conditions import evaluate_condition
from lstmviz.core.debugger.hits import Stop, breakpoint_hits, run_on
from lstmviz.core.debugger.ready_made import ReadyMade, ready_made_for
from lstmviz.core.errors import LstmvizError
from lstmviz.core.text import count
from lstmviz.gui.panels.debugger.annotations import (
    Edit,
    add_breakpoint,
    change_condition,
    delete_breakpoint,
    enable_breakpoint,
    make_log_point,
)
from lstmviz.gui.panels.debugger.breakpoints_model import BreakpointsModel, LogModel
from lstmviz.gui.panels.debugger.condition_field import ConditionField
from lstmviz.gui.panels.debugger.language import LANGUAGE
from lstmviz.gui.panels.debugger.rows_table import RowsTable, table_style
from lstmviz.gui.panels.fields import FieldManners, NoteLine, heading, stylesheet
from lstmviz.gui.session import Session
from lstmviz.gui.shortcuts import tooltip
from lstmviz.gui.style import LIGHT, Theme

_NOTHING_YET = (
    "None yet. A breakpoint is a condition on the numbers of a step, such as any(f < 0.1): some forget gate is nearly "
    "closed. Running stops where it holds."
)


class BreakpointsPanel(QWidget):
    """The list of breakpoints, a line to add one, running from one to the next, and the log.

    The list is that of the session's ``wanted``, which further changes build on.
    """

    stopped = pyqtSignal(object)
    """Running ended; carries the Stop. The cursor stands there already."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("breakpoints_panel")
        self.setAccessibleName("Breakpoints")
        self._session = session
        self.field = ConditionField(
            "breakpoint", "Add a breakpoint at which running stops", "any(f < 0.1)", self._preview
        )
        self.field.edit.setToolTip(LANGUAGE)
        self.model, self.log = BreakpointsModel(self), LogModel(self)
        self.table = RowsTable("breakpoints_table", "Breakpoints", self.model, stretched=(0,))
        self.log_table = RowsTable("breakpoints_log", "Log", self.log, stretched=(2,))
        self.nothing_line = NoteLine("no_breakpoints")
        self.stop_line = NoteLine("stopped_at")
        self._setup_buttons()
        self._setup_layout()
        self._connect()
        self._manners = FieldManners(self)
        self._manners.watch(self)
        self._show_breakpoints()
        self.show_cursor(session.cursor)
        self.set_theme(LIGHT)

    def _show_wanted(self) -> None:
        """Show the breakpoints that further changes build on."""
        if self._session.wanted.breakpoints != tuple(each.breakpoint for each in self.model.hits):
            self._show_breakpoints()

    def _show_breakpoints(self) -> None:
        wanted, run = self._session.wanted, self._session.run
        run = replace(run, experiment=replace(run.experiment, breakpoints=wanted.breakpoints))
        self.model.show_hits(breakpoint_hits(run))
        there_are = bool(self.model.hits)
        self.nothing_line.setText("" if there_are else _NOTHING_YET)
        self.table.setVisible(there_are)
        self._show_row()

    def show_cursor(self, cursor: Cursor) -> None:
        """Mark the breakpoints that are hit at the cursor."""
        self.model.show_step(cursor.t)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.model.theme = theme
        self.setStyleSheet(stylesheet(theme) + table_style(theme))
        self.field.set_theme(theme)

    def run_on(self, *, back: bool = False) -> None:
        """Go to the next step at which an enabled breakpoint is hit, or ``back`` to the one before."""
        if not any(each.enabled for each in self._session.experiment.breakpoints):
            self.stop_line.setText("There is no breakpoint to stop at. Add one in the debugger, below Breakpoints.")
            return
        stop = run_on(self._session.run, self._session.cursor, back=back)
        self.log.add(stop.log)
        self._show_log()
        self._session.seek(stop.cursor)
        self.stop_line.setText(_in_words(stop, back))
        self.stopped.emit(stop)

    # Setting up

    def _setup_buttons(self) -> None:
        self.ready_made_menu = QMenu(self)
        self.ready_made_menu.setObjectName("ready_made_breakpoints")
        self.ready_made_menu.setToolTipsVisible(True)
        self.ready_made = self._button("Ready-made", "ready_made", "Conditions that people often look for")
        self.ready_made.setMenu(self.ready_made_menu)
        self.delete = self._button("Delete", "delete_breakpoint", "Delete the chosen breakpoint (Delete)")
        self.clear_log = self._button("Clear", "clear_log", "Empty the log")
        self.on = self._button("Run to next", "run_on_button", tooltip("run_on"))
        self.back = self._button("Run back", "run_back_button", tooltip("run_back"))
        self.on.clicked.connect(self._run_on)
        self.back.clicked.connect(self._run_back)

    def _button(self, words: str, name: str, tip: str) -> QPushButton:
        button = QPushButton(words)
        button.setObjectName(name)
        button.setToolTip(tip)
        return button

    def _setup_layout(self) -> None:
        offered, running, log_title = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        offered.addStretch()
        offered.addWidget(self.ready_made)
        running.addWidget(self.back)
        running.addWidget(self.on)
        running.addStretch()
        running.addWidget(self.delete)
        self._log_heading = heading("Log")
        log_title.addWidget(self._log_heading)
        log_title.addStretch()
        log_title.addWidget(self.clear_log)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        layout.addWidget(self.field)
        layout.addLayout(offered)
        layout.addWidget(self.nothing_line)
        layout.addWidget(self.table, 3)
        layout.addLayout(running)
        layout.addWidget(self.stop_line)
        layout.addLayout(log_title)
        layout.addWidget(self.log_table, 2)
        layout.addStretch()
        self._show_log()

    def _connect(self) -> None:
        self.field.entered.connect(self._add)
        self.ready_made_menu.aboutToShow.connect(self._fill_ready_made)
        self.ready_made_menu.triggered.connect(self._add_ready_made)
        self.model.enabled_chosen.connect(self._enable)
        self.model.logs_chosen.connect(self._make_log_point)
        self.model.condition_typed.connect(self._change_condition)
        self.table.delete_asked.connect(self._delete)
        self.delete.clicked.connect(self._delete_chosen)
        selection = self.table.selectionModel()
        assert selection is not None
        selection.currentChanged.connect(self._show_row)
        self.clear_log.clicked.connect(self._clear_log)
        self.log_table.clicked.connect(self._go_to_row)
        self.log_table.activated.connect(self._go_to_row)
        self._session.run_changed.connect(self._show_other_numbers)
        self._session.history_changed.connect(self._show_wanted)
        self._session.cursor_changed.connect(self.show_cursor)

    # What the user does

    def _preview(self, condition: str) -> str:
        holds = evaluate_condition(self._session.run, condition)
        return f"Holds at {int(holds.sum()):,} of {count(len(holds), 'step')}."

    def _add(self, condition: str) -> None:
        try:
            edit = add_breakpoint(self._session.wanted, condition)
        except LstmvizError as error:
            self.field.show_error(error)
            return
        self._apply(edit)
        self.field.clear()

    def _fill_ready_made(self) -> None:
        self.ready_made_menu.clear()
        for each in ready_made_for(self._session.run):
            action = self.ready_made_menu.addAction(f"{each.title}:  {each.condition}")
            assert action is not None
            action.setToolTip(each.meaning)
            action.setData(each)

    def _add_ready_made(self, action: QAction) -> None:
        each: ReadyMade = action.data()
        self._add(each.condition)

    def _enable(self, row: int, enabled: bool) -> None:
        self._apply(enable_breakpoint(self._session.wanted, row, enabled))

    def _make_log_point(self, row: int, logs: bool) -> None:
        self._apply(make_log_point(self._session.wanted, row, logs))

    def _change_condition(self, index: QModelIndex, condition: str) -> None:
        if condition == self.model.hits[index.row()].breakpoint.condition:
            return
        try:
            evaluate_condition(self._session.run, condition)
            self._apply(change_condition(self._session.wanted, index.row(), condition))
        except LstmvizError as error:
            self.table.say(index, str(error))

    def _delete_chosen(self) -> None:
        if self.table.row >= 0:
            self._delete(self.table.row)

    def _delete(self, row: int) -> None:
        self._apply(delete_breakpoint(self._session.wanted, row))

    def _apply(self, edit: Edit) -> None:
        self._session.apply(edit.name, edit.experiment)

    def _run_on(self) -> None:
        self.run_on()

    def _run_back(self) -> None:
        self.run_on(back=True)

    def _go_to_row(self, index: QModelIndex) -> None:
        self._session.seek(replace(self._session.cursor, t=self.log.rows[index.row()].t))

    # What is on show

    def _show_other_numbers(self) -> None:
        self.stop_line.setText("")
        self._clear_log()  # its numbers are those of the run before
        self._show_breakpoints()
        self.show_cursor(self._session.cursor)
        self.field.read()

    def _clear_log(self) -> None:
        self.log.clear()
        self._show_log()

    def _show_log(self) -> None:
        for widget in (self._log_heading, self.clear_log, self.log_table):
            widget.setVisible(bool(self.log.rows))
        self.log_table.scrollToBottom()

    def _show_row(self, *_: object) -> None:
        self.delete.setEnabled(self.table.row >= 0)


def _in_words(stop: Stop, back: bool) -> str:
    """What running did, for the line below the buttons."""
    skipped = f" {count(stop.rows_skipped, 'earlier log row')} left out." if stop.rows_skipped else ""
    if stop.conditions:
        return f"Stopped at step {stop.cursor.t:,}: {' · '.join(stop.conditions)}.{skipped}"
    return f"No breakpoint on the way: this is the {'beginning' if back else 'end'} of the pass.{skipped}"
