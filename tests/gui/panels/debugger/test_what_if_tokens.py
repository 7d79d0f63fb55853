"""What-ifs on a sequence of tokens: a token is typed, and a wrong one is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.gui.panels.debugger.what_if_panel import WhatIfPanel
from lstmviz.gui.session import Session
from tests.tokens import next_word


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    session = Session(next_word(), Cursor(2))
    yield session
    session.close()


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> WhatIfPanel:
    panel = WhatIfPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def ask(panel: WhatIfPanel, kind: str, token: str | None) -> QLineEdit:
    """Choose a kind and type a token, as a user does."""
    panel.form.kind_box.setCurrentIndex(panel.form.kind_box.findText(kind))
    panel.form.kind_box.activated.emit(panel.form.kind_box.currentIndex())
    box = panel.form.box("token")
    assert isinstance(box, QLineEdit)
    if token is not None:
        box.selectAll()
        QTest.keyClicks(box, token)
    panel.add_button.click()
    return box


def test_a_step_reads_another_token(panel: WhatIfPanel, session: Session) -> None:
    ask(panel, "Change an input", "dog")
    assert session.run.sequence.labels == ("the", "dog", "sat", "on", "the", "mat")
    assert panel.list.item(0).text() == "set step 2: “dog”"
    assert session.run.before is not None
    session.undo()
    assert session.run.sequence.labels[1] == "cat"


def test_a_token_is_inserted_and_the_targets_move(panel: WhatIfPanel, session: Session) -> None:
    ask(panel, "Insert a step", "#7")
    assert session.run.sequence.labels[:3] == ("the", "New␣York", "cat")
    assert session.run.main.dy[0].argmin() == 7


def test_the_box_begins_with_the_token_that_is_there(panel: WhatIfPanel, session: Session) -> None:
    assert ask(panel, "Change an input", None).text() == "cat"
    session.seek(Cursor(6))
    panel.form.show_place(session.run, session.cursor)
    box = panel.form.box("token")
    assert isinstance(box, QLineEdit)
    assert box.text() == "mat"


@pytest.mark.parametrize(
    ("token", "said"), [("hat", "is not among the 9 tokens"), ("the cat", "are 2 tokens"), (" ", "empty")]
)
def test_what_is_not_one_token_is_told_and_nothing_changes(
    panel: WhatIfPanel, session: Session, token: str, said: str
) -> None:
    run = session.run
    ask(panel, "Change an input", token)
    assert said in panel.error_line.text()
    assert session.run is run
    ask(panel, "Change an input", "dog")
    assert panel.error_line.text() == ""
