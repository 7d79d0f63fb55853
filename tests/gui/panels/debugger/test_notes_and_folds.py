"""Notes, and the sections of the debugger that are made when they are opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.experiment import Experiment
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


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every analysis is a long one; it ends when the test waits for it."""
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)


def another(session: Session, notes: str) -> Experiment:
    """Another document, whose numbers have to be worked out."""
    wanted = session.wanted
    return replace(wanted, recipe=replace(wanted.recipe, recurrent_scale=0.5), notes=notes)


def test_notes_on_show_do_not_go_into_the_file_that_is_being_opened(
    qtbot: QtBot, notes: NotesPanel, session: Session, slow: None
) -> None:
    session.apply("notes", replace(session.experiment, notes="notes of A"))
    with qtbot.waitSignal(session.run_changed):
        session.apply("open B", another(session, "notes of B"))
        notes.flush()
        notes.text.left.emit()
        assert session.wanted.notes == "notes of B"
        assert session.undo_name == "open B"
    assert session.experiment.notes == notes.text.toPlainText() == "notes of B"


def test_typing_while_a_file_is_being_opened_adds_to_its_notes(
    qtbot: QtBot, notes: NotesPanel, session: Session, slow: None
) -> None:
    session.apply("notes", replace(session.experiment, notes="notes of A"))
    with qtbot.waitSignal(session.run_changed):
        session.apply("open B", another(session, "notes of B"))
        qtbot.keyClicks(notes.text, "seen: ")
        notes.flush()
    assert session.experiment.notes == "seen: notes of B"


def test_what_is_being_typed_outlives_the_end_of_a_long_analysis(
    qtbot: QtBot, notes: NotesPanel, session: Session, slow: None
) -> None:
    session.apply("notes", replace(session.experiment, notes="before"))
    with qtbot.waitSignal(session.run_changed):
        session.apply("scale", another(session, "before"))
        notes.text.setPlainText("half a")
    assert notes.text.toPlainText() == "half a"
    notes.flush()
    assert session.experiment.notes == "half a"


def test_looking_at_notes_with_other_line_ends_changes_nothing(notes: NotesPanel, session: Session) -> None:
    session.apply("notes", replace(session.experiment, notes="from\r\nWindows"))
    assert notes.text.toPlainText() == "from\nWindows"
    notes.text.left.emit()
    assert session.undo_name == "notes"


def test_a_cancelled_opening_brings_the_notes_back(notes: NotesPanel, session: Session, slow: None) -> None:
    session.apply("notes", replace(session.experiment, notes="notes of A"))
    session.apply("open B", another(session, "notes of B"))
    session.cancel()
    notes.flush()
    assert session.experiment.notes == notes.text.toPlainText() == "notes of A"


def test_leaving_the_notes_does_not_take_an_undo_back(
    qtbot: QtBot, notes: NotesPanel, session: Session, slow: None
) -> None:
    with qtbot.waitSignal(session.run_changed):
        session.apply("scale and notes", another(session, "seen"))
    with qtbot.waitSignal(session.run_changed):
        session.undo()
        notes.text.left.emit()
        assert session.redo_name == "scale and notes"
    assert session.experiment.notes == notes.text.toPlainText() == ""


def test_typing_goes_on_where_it_was_after_a_pause(
    qtbot: QtBot, notes: NotesPanel, session: Session, slow: None
) -> None:
    session.apply("scale", another(session, ""))
    for typed in ("the gate ", "closes"):
        qtbot.keyClicks(notes.text, typed)
        notes.flush()
    session.apply("no scale", replace(session.experiment, notes=session.wanted.notes))
    qtbot.keyClicks(notes.text, " at 3")
    notes.flush()
    assert session.wanted.notes == "the gate closes at 3"


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
