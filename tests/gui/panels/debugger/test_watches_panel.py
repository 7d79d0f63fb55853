from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.debugger import conditions
from lstmviz.core.experiments.watches import Watch
from lstmviz.core.text import number
from lstmviz.gui.panels.debugger.watches_model import EXPRESSION, TRACK, VALUE
from lstmviz.gui.panels.debugger.watches_panel import WatchesPanel
from lstmviz.gui.session import Session
from tests.experiments import letters, random_lstm


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    """Letters at step 4, with two watches."""
    session = Session(replace(letters(), watches=(Watch("c[3]"), Watch("c"))), Cursor(4))
    yield session
    session.close()


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> WatchesPanel:
    """The panel on that session, on show."""
    panel = WatchesPanel(session)
    qtbot.addWidget(panel)
    panel.resize(300, 400)
    panel.show()
    return panel


def values(panel: WatchesPanel) -> list[str]:
    return [panel.model.index(row, VALUE).data() for row in range(panel.model.rowCount())]


def tick_track(panel: WatchesPanel, row: int) -> None:
    rect = panel.table.visualRect(panel.model.index(row, TRACK))
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(rect.left() + 11, rect.center().y()))


def test_the_value_follows_the_cursor(panel: WatchesPanel, session: Session) -> None:
    c = session.run.trace["l0"].c[:, 0]
    for t in (4, 9, 1):
        session.seek(replace(session.cursor, t=t))
        assert values(panel)[0] == number(c[t - 1, 3])
        assert values(panel)[1].startswith(f"[{number(c[t - 1, 0], digits=2)}, ")
        details = panel.model.index(1, VALUE).data(Qt.ItemDataRole.ToolTipRole)
        assert f"unit 7: {number(c[t - 1, 7], digits=12)}" in details


def test_a_typed_watch_is_added(panel: WatchesPanel, session: Session) -> None:
    QTest.keyClicks(panel.field.edit, "t > 3")
    panel.field.read()
    assert panel.field.note_line.text() == "At step 4: yes"
    QTest.keyClick(panel.field.edit, Qt.Key.Key_Return)
    assert session.experiment.watches[2] == Watch("t > 3")
    assert session.undo_name == "add watch t > 3"
    assert values(panel)[2] == "yes"
    session.undo()
    assert len(values(panel)) == 2


def test_a_mistake_is_marked_and_not_added(panel: WatchesPanel, session: Session) -> None:
    QTest.keyClicks(panel.field.edit, "norm(q)")
    QTest.keyClick(panel.field.edit, Qt.Key.Key_Return)
    assert panel.field.edit.marked_text == "q"
    assert len(session.experiment.watches) == 2


def test_a_tick_draws_it_on_the_timeline(panel: WatchesPanel, session: Session) -> None:
    tick_track(panel, 1)
    assert session.experiment.watches == (Watch("c[3]"), Watch("c", track=True))
    assert session.undo_name == "draw c on the timeline"
    tick_track(panel, 1)
    assert session.experiment.watches == (Watch("c[3]"), Watch("c"))


def test_what_cannot_be_drawn_says_why(panel: WatchesPanel, session: Session) -> None:
    session.apply("wide", replace(random_lstm(hidden_size=40), watches=session.experiment.watches))
    tick_track(panel, 1)
    assert "40 units; a track draws 16 at most" in panel.field.error_line.text()
    assert session.experiment.watches == (Watch("c[3]"), Watch("c"))
    tick_track(panel, 0)
    assert not panel.field.error_line.isVisible()
    assert session.experiment.watches[0].track


def test_a_watch_that_no_longer_fits_is_kept_and_says_why(panel: WatchesPanel, session: Session) -> None:
    session.apply("small", replace(random_lstm(hidden_size=2), watches=session.experiment.watches))
    assert values(panel)[0] == "does not fit"
    assert "no unit 3" in panel.model.index(0, VALUE).data(Qt.ItemDataRole.ToolTipRole)


def test_deleting_the_last_shows_what_watches_are(panel: WatchesPanel, session: Session) -> None:
    panel.table.selectRow(0)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    assert session.undo_name == "delete watch c[3]"
    assert not panel.nothing_line.isVisible()
    panel.table.selectRow(0)
    panel.delete.click()
    assert session.experiment.watches == ()
    assert panel.nothing_line.isVisible()
    assert not panel.table.isVisible()


def test_a_step_works_out_each_watch_on_show_once(
    panel: WatchesPanel, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    value = conditions.watch_value
    monkeypatch.setattr(
        "lstmviz.core.debugger.watch_values.watch_value", lambda *given: asked.append(given[1]) or value(*given)
    )
    session.step(1)
    panel.grab()
    values(panel)
    assert sorted(asked) == ["c", "c[3]"]


def test_an_expression_can_be_changed_where_it_stands(panel: WatchesPanel, session: Session) -> None:
    tick_track(panel, 0)
    panel.model.setData(panel.model.index(0, EXPRESSION), "norm(h)")
    assert session.experiment.watches == (Watch("norm(h)", track=True), Watch("c"))
    assert session.undo_name == "change watch c[3]"
    for refused in ("norm(", "c"):  # a mistake; the other watch
        panel.model.setData(panel.model.index(0, EXPRESSION), refused)
    assert session.experiment.watches == (Watch("norm(h)", track=True), Watch("c"))
    session.undo()
    assert session.experiment.watches[0] == Watch("c[3]", track=True)


def test_a_row_can_be_changed_twice_while_another_document_is_being_opened(
    panel: WatchesPanel, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        session.apply("open", replace(letters("olleh"), watches=(Watch("h"), Watch("c"))), cursor=Cursor(1))
        assert [panel.model.index(row, EXPRESSION).data() for row in (0, 1)] == ["h", "c"]
        panel.model.setData(panel.model.index(0, EXPRESSION), "norm(h)")
        panel.model.setData(panel.model.index(0, TRACK), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
        panel.model.setData(panel.model.index(0, EXPRESSION), "f[1]")
    assert session.experiment.watches == (Watch("f[1]", track=True), Watch("c"))


def test_an_expression_that_is_being_typed_stays_when_other_numbers_come(panel: WatchesPanel, session: Session) -> None:
    index = panel.model.index(0, EXPRESSION)
    panel.table.setCurrentIndex(index)
    panel.table.edit(index)
    editor = panel.table.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "norm(h)")
    session.step(-1)
    session.apply("text", replace(letters("olleh"), watches=session.experiment.watches))
    assert editor.text() == "norm(h)"
