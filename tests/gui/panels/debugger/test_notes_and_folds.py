"""Notes, and the sections of the debugger that are made when they are opened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lstmviz.gui.panels.debugger.debugger_panel import DebuggerPanel, Fold
from lstmviz.gui.panels.debugger.notes_panel import NotesPanel
from lstmviz.gui.session import Session
from lstmviz.gui.style import DARK, Theme
from tests.experiments import company_b


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    session = Session(company_b())
    yield session
    session.close()


@pytest.fixture
def notes(qtbot: QtBot, session: Session) -> NotesPanel:
    panel = NotesPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_what_is_typed_becomes_part_of_the_experiment_after_a_pause(
    qtbot: QtBot, notes: NotesPanel, session: Session
) -> None:
    qtbot.keyClicks(notes.text, "the gate closes at 3")
    assert session.experiment.notes == ""
    qtbot.waitUntil(lambda: session.experiment.notes == "the gate closes at 3")
    session.undo()
    assert session.experiment.notes == ""
    assert notes.text.toPlainText() == ""
    session.redo()
    assert notes.text.toPlainText() == "the gate closes at 3"


def test_another_change_while_typing_takes_nothing_away(qtbot: QtBot, notes: NotesPanel, session: Session) -> None:
    qtbot.keyClicks(notes.text, "half a")
    session.annotations_changed.emit(session.run)
    assert notes.text.toPlainText() == "half a"
    notes.flush()
    assert session.experiment.notes == "half a"


class Content(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme | None = None

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme


def test_a_section_is_made_when_it_is_opened_and_only_once(qtbot: QtBot) -> None:
    made: list[Content] = []

    def make() -> QWidget:
        made.append(Content())
        return made[-1]

    panel = DebuggerPanel((Fold("one", "One", "about one", make), Fold("two", "Two", "about two", make)))
    qtbot.addWidget(panel)
    assert not made  # nobody has looked yet
    panel.show()
    panel.set_theme(DARK)
    panel.welcome(False)
    assert not made
    panel.welcome(True)
    first = panel.content("one")
    assert first is made[0]
    assert first.isVisible()
    told: list[str] = []
    panel.opened.connect(told.append)
    assert panel.content("two") is None
    header = panel.findChild(QWidget, "two_header")
    qtbot.mouseClick(header, Qt.MouseButton.LeftButton)
    assert panel.content("two") is made[1]
    assert made[1].theme is DARK
    assert made[1].isVisible()
    qtbot.mouseClick(header, Qt.MouseButton.LeftButton)
    assert not made[1].isVisible()
    assert panel.open("two") is made[1]
    assert made[1].isVisible()
    assert len(made) == 2
    assert told == ["two", "two"]
