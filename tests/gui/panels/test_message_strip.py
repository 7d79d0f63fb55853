"""The strip says what went wrong and how far it is, and is gone when there is nothing to say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import Progress
from lstmviz.gui.panels.message_strip import PROGRESS_AFTER_MILLISECONDS, MessageStrip
from lstmviz.gui.session import Session
from lstmviz.gui.style import DARK
from tests.experiments import random_lstm

ERROR = LstmvizError("That needs 9 GiB", where="hidden size", how="Choose a smaller one.")


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    session = Session(random_lstm(4, 2, 1))
    yield session
    session.close()


@pytest.fixture
def strip(qtbot: QtBot, session: Session) -> MessageStrip:
    strip = MessageStrip(session)
    qtbot.addWidget(strip)
    strip.show()
    return strip


def row_shown(strip: MessageStrip, name: str) -> bool:
    row = strip.findChild(QFrame, name)
    assert row is not None
    return row.isVisible()


def text_of(strip: MessageStrip, name: str) -> str:
    return strip.findChild(QLabel, name).text()


def press(strip: MessageStrip, name: str) -> None:
    strip.findChild(QPushButton, name).click()


def test_there_is_nothing_at_first(strip: MessageStrip) -> None:
    assert not row_shown(strip, "error_row")
    assert not row_shown(strip, "progress_row")
    assert strip.sizeHint().height() == 0


def test_an_error_says_what_where_and_how(strip: MessageStrip, session: Session) -> None:
    session.failed.emit(ERROR, session.experiment)
    assert row_shown(strip, "error_row")
    assert text_of(strip, "error_what") == "That needs 9 GiB (hidden size)"
    assert text_of(strip, "error_how") == "Choose a smaller one."
    press(strip, "copy_error")
    assert QGuiApplication.clipboard().text() == str(ERROR)
    press(strip, "dismiss_error")
    assert not row_shown(strip, "error_row")
    assert strip.error is None


def test_the_next_change_that_works_takes_the_error_away(strip: MessageStrip, session: Session) -> None:
    session.apply("no units", random_lstm(4, 0, 1))
    assert strip.error is not None
    session.apply("three units", random_lstm(4, 3, 1))
    assert not row_shown(strip, "error_row")


def test_a_later_error_replaces_the_earlier_one(strip: MessageStrip) -> None:
    strip.show_error(ERROR)
    strip.show_error(LstmvizError("Something else"))
    assert text_of(strip, "error_what") == "Something else"
    assert not strip.findChild(QLabel, "error_how").isVisible()


def test_what_looks_like_markup_is_shown_as_it_is(strip: MessageStrip) -> None:
    strip.show_error(LstmvizError("<b>bold</b> is no number"))
    assert "<b>" in text_of(strip, "error_what")
    width = strip.findChild(QLabel, "error_what").sizeHint().width()
    strip.show_error(LstmvizError("bold is no number"))
    assert strip.findChild(QLabel, "error_what").sizeHint().width() < width


def test_progress_shows_after_a_while_and_goes_when_it_is_done(strip: MessageStrip, session: Session) -> None:
    session.busy_changed.emit(True)
    patience = strip.findChild(QTimer)
    assert patience.interval() == PROGRESS_AFTER_MILLISECONDS
    assert patience.isActive()
    assert not row_shown(strip, "progress_row")
    patience.timeout.emit()
    assert row_shown(strip, "progress_row")
    session.progressed.emit(Progress(0.25, "network, backwards"))
    bar = strip.findChild(QProgressBar)
    assert bar.value() / bar.maximum() == 0.25
    assert text_of(strip, "progress_doing") == "Computing: network, backwards … 25%"
    session.busy_changed.emit(False)
    assert not row_shown(strip, "progress_row")


def test_a_short_analysis_shows_no_progress(strip: MessageStrip, session: Session) -> None:
    session.busy_changed.emit(True)
    session.busy_changed.emit(False)
    assert not strip.findChild(QTimer).isActive()
    assert not row_shown(strip, "progress_row")


def test_cancel_stops_a_long_analysis(
    qtbot: QtBot, strip: MessageStrip, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lstmviz.gui.session.expected_seconds", lambda _: 60.0)
    run = session.run
    session.apply("long", random_lstm(100_000, 8, 1))
    assert session.busy
    qtbot.waitUntil(lambda: row_shown(strip, "progress_row"))
    press(strip, "cancel_analysis")
    assert not session.busy
    assert not row_shown(strip, "progress_row")
    assert session.run is run


def test_an_error_and_progress_can_stand_together_in_any_theme(strip: MessageStrip, session: Session) -> None:
    strip.set_theme(DARK)
    strip.resize(600, 100)
    session.failed.emit(ERROR, session.experiment)
    session.busy_changed.emit(True)
    strip.findChild(QTimer).timeout.emit()
    assert row_shown(strip, "error_row")
    assert row_shown(strip, "progress_row")
    assert strip.grab().toImage().pixelColor(1, 10).name() == DARK.warning
    session.busy_changed.emit(False)
