from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import QModelIndex, QPoint, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLineEdit, QToolTip
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.debugger.ready_made import READY_MADE
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.gui.panels.debugger.breakpoints_model import CONDITION, COUNT, LOGS
from lstmviz.gui.panels.debugger.breakpoints_panel import BreakpointsPanel
from lstmviz.gui.session import Session
from lstmviz.gui.style import DARK
from tests.experiments import letters, random_lstm

L = 'token == "l"'


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    """Letters, looked at from the beginning."""
    session = Session(letters(), Cursor(1, stage=Stage.READ))
    yield session
    session.close()


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> BreakpointsPanel:
    """The panel on that session, on show."""
    panel = BreakpointsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(300, 600)
    panel.show()
    return panel


def add(panel: BreakpointsPanel, condition: str) -> None:
    QTest.keyClicks(panel.field.edit, condition)
    QTest.keyClick(panel.field.edit, Qt.Key.Key_Return)


def shown(panel: BreakpointsPanel, column: int) -> list[str]:
    return [panel.model.index(row, column).data() for row in range(panel.model.rowCount())]


def click(panel: BreakpointsPanel, row: int, column: int) -> None:
    """Click on the check box of a cell."""
    rect = panel.table.visualRect(panel.model.index(row, column))
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(rect.left() + 11, rect.center().y()))


def test_a_typed_condition_is_added_with_its_hit_count(panel: BreakpointsPanel, session: Session) -> None:
    assert panel.nothing_line.isVisible()
    add(panel, L)
    assert session.experiment.breakpoints == (Breakpoint(L),)
    assert session.undo_name == f"add breakpoint {L}"
    assert (shown(panel, CONDITION), shown(panel, COUNT)) == ([L], ["4 of 11"])
    assert "holds at 4 of 11 steps" in panel.model.index(0, COUNT).data(Qt.ItemDataRole.ToolTipRole)
    assert not panel.nothing_line.isVisible()
    assert panel.field.text == ""
    session.undo()
    assert panel.model.rowCount() == 0
    session.redo()
    assert shown(panel, CONDITION) == [L]


def test_while_typing_a_mistake_is_marked_at_its_place(panel: BreakpointsPanel, qtbot: QtBot) -> None:
    QTest.keyClicks(panel.field.edit, "any(f < 0.1) and f[9] < 2")
    qtbot.waitUntil(lambda: panel.field.edit.marked_text == "f[9]")
    assert "no unit 9" in panel.field.error_line.text()
    QTest.keyClick(panel.field.edit, Qt.Key.Key_Return)
    assert panel.model.rowCount() == 0
    panel.field.edit.setPlainText("t > 3")
    qtbot.waitUntil(lambda: panel.field.note_line.text() == "Holds at 8 of 11 steps.")
    assert not panel.field.error_line.isVisible()
    assert panel.field.edit.marked_text == ""


def test_nothing_typed_is_not_added(panel: BreakpointsPanel) -> None:
    panel.field.button.click()
    assert panel.model.rowCount() == 0
    assert "Nothing is typed" in panel.field.error_line.text()


def test_running_stops_where_a_condition_holds(panel: BreakpointsPanel, session: Session) -> None:
    add(panel, L)
    stops = []
    panel.stopped.connect(stops.append)
    visited = []
    for _ in range(5):
        panel.on.click()
        visited.append(session.cursor.t)
    assert visited == [3, 4, 9, 10, 11]
    assert panel.stop_line.text().startswith("No breakpoint on the way: this is the end of the pass.")
    assert [stop.conditions for stop in stops] == [(L,)] * 4 + [()]
    panel.back.click()
    assert session.cursor.t == 10
    assert panel.stop_line.text() == f"Stopped at step 10: {L}."
    assert shown(panel, COUNT) == ["● 4 of 11"]


def test_running_in_the_backward_pass_goes_towards_the_first_step(panel: BreakpointsPanel, session: Session) -> None:
    add(panel, L)
    session.seek(Cursor(11, stage=BackwardStage.ARRIVE))
    panel.on.click()
    assert session.cursor == Cursor(10, stage=BackwardStage.CARRY)


def test_without_breakpoints_running_says_so_and_stays(panel: BreakpointsPanel, session: Session) -> None:
    before = session.cursor
    panel.on.click()
    assert session.cursor == before
    assert "no breakpoint" in panel.stop_line.text()


def test_a_tick_disables_and_enables(panel: BreakpointsPanel, session: Session) -> None:
    add(panel, L)
    click(panel, 0, CONDITION)
    assert session.experiment.breakpoints == (Breakpoint(L, enabled=False),)
    assert session.undo_name == f"disable breakpoint {L}"
    before = session.cursor
    panel.on.click()
    assert session.cursor == before
    click(panel, 0, CONDITION)
    assert session.experiment.breakpoints == (Breakpoint(L),)


def test_a_log_point_writes_rows_that_lead_to_their_steps(panel: BreakpointsPanel, session: Session) -> None:
    add(panel, "c[0] > -9 and t < 4")
    click(panel, 0, LOGS)
    assert session.experiment.breakpoints[0].logs
    add(panel, "t == 6")
    assert not panel.log_table.isVisible()
    panel.on.click()
    assert session.cursor.t == 6
    assert panel.log_table.isVisible()
    assert [(row.t, row.token) for row in panel.log.rows] == [(1, "h"), (2, "e"), (3, "l")]
    assert panel.log.index(1, 2).data().startswith("c[0] = ")
    rect = panel.log_table.visualRect(panel.log.index(1, 2))
    QTest.mouseClick(panel.log_table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert session.cursor.t == 2
    panel.clear_log.click()
    assert panel.log.rowCount() == 0


def test_the_log_of_other_numbers_goes(panel: BreakpointsPanel, session: Session) -> None:
    session.apply("log", replace(letters(), breakpoints=(Breakpoint("t < 3", logs=True), Breakpoint("t == 5"))))
    panel.on.click()
    assert len(panel.log.rows) == 2
    session.apply("note", replace(session.experiment, notes="x"))
    assert len(panel.log.rows) == 2
    session.apply("text", replace(letters("olleh"), breakpoints=session.experiment.breakpoints))
    assert len(panel.log.rows) == 0
    assert shown(panel, COUNT) == ["2 of 5", "● 1 of 5"]


def test_deleting_by_key_and_by_button(panel: BreakpointsPanel, session: Session) -> None:
    for condition in ("t > 1", "t > 2", "t > 3"):
        add(panel, condition)
    assert not panel.delete.isEnabled()
    panel.table.selectRow(1)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    assert shown(panel, CONDITION) == ["t > 1", "t > 3"]
    assert session.undo_name == "delete breakpoint t > 2"
    panel.table.selectRow(0)
    panel.delete.click()
    assert shown(panel, CONDITION) == ["t > 3"]


def test_ready_made_conditions(panel: BreakpointsPanel, session: Session) -> None:
    panel.ready_made_menu.aboutToShow.emit()
    actions = panel.ready_made_menu.actions()
    assert [action.data() for action in actions] == list(READY_MADE)
    actions[0].trigger()
    assert shown(panel, CONDITION) == [READY_MADE[0].condition]


def test_a_condition_that_no_longer_fits_is_kept_and_says_why(panel: BreakpointsPanel, session: Session) -> None:
    add(panel, "f[7] < 2")
    session.apply("smaller", replace(random_lstm(hidden_size=2), breakpoints=session.experiment.breakpoints))
    assert (shown(panel, CONDITION), shown(panel, COUNT)) == (["f[7] < 2"], ["does not fit"])
    assert "no unit 7" in panel.model.index(0, COUNT).data(Qt.ItemDataRole.ToolTipRole)
    panel.on.click()
    assert session.cursor.t == session.run.length


def test_undo_goes_to_the_window_while_one_types(panel: BreakpointsPanel, session: Session, qtbot: QtBot) -> None:
    add(panel, L)
    undo = QAction(panel)
    undo.setShortcut(QKeySequence.StandardKey.Undo)
    undo.triggered.connect(session.undo)
    panel.addAction(undo)
    panel.activateWindow()
    panel.field.edit.setFocus()
    qtbot.waitUntil(panel.field.edit.hasFocus)
    QTest.keyClicks(panel.field.edit, "f <")
    QTest.keyClick(panel.field.edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.experiment.breakpoints == ()


def test_another_theme_changes_the_colours(panel: BreakpointsPanel) -> None:
    add(panel, "t > 1")
    before = panel.grab().toImage()
    panel.set_theme(DARK)
    assert panel.grab().toImage() != before
    assert panel.model.index(0, CONDITION).data(Qt.ItemDataRole.ForegroundRole).name() == DARK.text


def test_the_headers_explain_themselves(panel: BreakpointsPanel) -> None:
    for column in (CONDITION, COUNT, LOGS):
        assert panel.model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert panel.model.rowCount(panel.model.index(0, 0)) == panel.model.rowCount(QModelIndex())


def open_editor(panel: BreakpointsPanel, row: int) -> QLineEdit:
    """Double-click a condition."""
    viewport, place = panel.table.viewport(), panel.table.visualRect(panel.model.index(row, CONDITION)).center()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    editor = panel.table.findChild(QLineEdit)
    assert editor is not None
    return editor


def type_over(panel: BreakpointsPanel, row: int, condition: str) -> None:
    """Double-click a condition, and type another one."""
    editor = open_editor(panel, row)
    editor.selectAll()
    QTest.keyClicks(editor, condition)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_a_condition_can_be_changed_where_it_stands(panel: BreakpointsPanel, session: Session) -> None:
    add(panel, L)
    add(panel, "t > 3")
    click(panel, 0, LOGS)
    type_over(panel, 0, "t > 9")
    assert session.experiment.breakpoints == (Breakpoint("t > 9", logs=True), Breakpoint("t > 3"))
    assert shown(panel, COUNT)[0].endswith("2 of 11")
    assert session.undo_name == f"change breakpoint {L}"
    session.undo()
    assert shown(panel, CONDITION) == [L, "t > 3"]


@pytest.mark.parametrize(("typed", "words"), [("any(f <", "expected"), ("t > 3", "already"), ("zz > 1", "zz")])
def test_a_change_that_cannot_be_is_said_below_the_cell(
    panel: BreakpointsPanel, session: Session, typed: str, words: str
) -> None:
    add(panel, L)
    add(panel, "t > 3")
    type_over(panel, 0, typed)
    assert shown(panel, CONDITION) == [L, "t > 3"]
    assert words in QToolTip.text().lower()


def test_a_row_can_be_changed_twice_while_another_document_is_being_opened(
    panel: BreakpointsPanel, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(panel, L)
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        other = replace(letters("olleh"), breakpoints=(Breakpoint("t > 2"), Breakpoint("t > 3")))
        session.apply("open", other, cursor=Cursor(1))
        assert shown(panel, CONDITION) == ["t > 2", "t > 3"]
        panel.model.setData(panel.model.index(0, CONDITION), "t > 4")
        panel.model.setData(panel.model.index(0, LOGS), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert session.experiment.breakpoints == (Breakpoint("t > 4", logs=True), Breakpoint("t > 3"))


def test_a_condition_that_is_being_typed_stays_when_other_numbers_come(
    panel: BreakpointsPanel, session: Session
) -> None:
    add(panel, L)
    editor = open_editor(panel, 0)
    editor.selectAll()
    QTest.keyClicks(editor, "t > 4")
    session.step(2)
    session.apply("scale", replace(letters("olleh"), breakpoints=session.experiment.breakpoints))
    assert editor.text() == "t > 4"
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert session.experiment.breakpoints == (Breakpoint("t > 4"),)


def test_an_editor_that_was_only_opened_shows_what_comes(panel: BreakpointsPanel, session: Session) -> None:
    add(panel, L)
    editor = open_editor(panel, 0)
    session.apply("other", replace(session.experiment, breakpoints=(Breakpoint("t > 5"),)))
    assert editor.text() == "t > 5"
