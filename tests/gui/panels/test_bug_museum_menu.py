"""The bug museum's menu: its tick is at what is wanted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.engine.bug_museum import Bug
from lstmviz.gui import session as session_module
from lstmviz.gui.panels.bug_museum_menu import BugMuseumMenu
from lstmviz.gui.session import Session
from tests.experiments import random_lstm


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    session = Session(random_lstm(4, 2, 1))
    yield session
    session.close()


@pytest.fixture
def menu(qtbot: QtBot, session: Session) -> BugMuseumMenu:
    menu = BugMuseumMenu(session)
    qtbot.addWidget(menu)
    return menu


def ticked(menu: BugMuseumMenu) -> list[Bug | None]:
    """What somebody sees who opens the menu."""
    menu.aboutToShow.emit()
    return [choice.data() for choice in menu.actions() if choice.isChecked()]


def choose(menu: BugMuseumMenu) -> Bug:
    choice = next(choice for choice in menu.actions() if choice.isEnabled() and choice.data())
    choice.trigger()
    bug: Bug = choice.data()
    return bug


def test_the_tick_follows_the_choice_and_its_undo(session: Session, menu: BugMuseumMenu) -> None:
    assert ticked(menu) == [None]
    bug = choose(menu)
    assert session.experiment.bug is bug
    assert ticked(menu) == [bug]
    session.undo()
    assert ticked(menu) == [None]


def test_the_tick_is_where_it_was_after_cancel(
    session: Session, menu: BugMuseumMenu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "expected_seconds", lambda _: 60.0)
    bug = choose(menu)
    assert ticked(menu) == [bug]
    session.cancel()
    assert ticked(menu) == [None]
