"""Analyses that take long: the window stays alive, and what is shown is never out of date."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator

import pytest
from PyQt6.QtCore import QThread, QTimer
from PyQt6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton

from lstmviz.core.experiment import Experiment
from lstmviz.core.run import Progress, Run, analyse
from lstmviz.gui import session as session_module
from lstmviz.gui.panels import message_strip
from tests.stories.conftest import Open
from tests.stories.person import CONTROL, KEYS, Person


class Slow:
    """Analyses on the worker's thread that go on until they are let through, however long the sequence is."""

    def __init__(self) -> None:
        self.asked: list[Experiment] = []
        self.threads: set[int] = set()
        self.seconds_between_reports = 0.002
        self._through = threading.Event()

    def analysing(self, experiment: Experiment, known: Run | None = None) -> Generator[Progress, None, Run]:
        self.asked.append(experiment)
        self.threads.add(threading.get_ident())
        for percent in range(100_000):
            yield Progress(min(percent, 99) / 100, "network, forwards")
            if self._through.wait(self.seconds_between_reports):
                break
        return analyse(experiment, known)

    def let_through(self) -> None:
        self._through.set()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    """From the first change on every analysis is a long one."""
    slow = Slow()
    monkeypatch.setattr(session_module, "SYNCHRONOUS_SECONDS", 0.0)
    monkeypatch.setattr(session_module, "analysing", slow.analysing)
    monkeypatch.setattr(message_strip, "PROGRESS_AFTER_MILLISECONDS", 10)
    return slow


@pytest.fixture
def waiting(slow: Slow, open_window: Open) -> Callable[[str], Person]:
    """Somebody who has typed a sequence whose analysis is under way."""
    person = open_window()

    def typed(text: str) -> Person:
        person.into_editor()
        person.type(text)
        person.qtbot.waitUntil(lambda: any(each.sequence.source == text for each in slow.asked))
        return person

    return typed


def threads_of(person: Person) -> list[QThread]:
    return [thread for thread in person.window.session.findChildren(QThread) if thread.isRunning()]


def test_the_window_answers_while_a_long_sequence_is_analysed(person: Person) -> None:
    """The real engine on its thread, 20,000 steps long."""
    person.click_button("sequence_formula")
    progress: list[Progress] = []
    ticks: list[object] = []
    heartbeat = QTimer(person.window)
    heartbeat.timeout.connect(lambda: ticks.append(person.window.session.busy))
    heartbeat.start(1)
    person.window.session.progressed.connect(progress.append)
    with person.qtbot.waitSignal(person.window.session.run_changed, timeout=20_000):
        person.write_number("sequence_length", "20000")
        assert person.window.session.busy
        assert person.run.length == 60
        person.leave_field()
        person.press(KEYS.Key_Home)
        assert person.at[0] == 1
    heartbeat.stop()
    assert ticks.count(True) > 3
    assert progress
    assert person.run.length == 20_000
    assert person.reads("sequence_size") == "20,000 steps × 1 feature"
    person.press(KEYS.Key_End)
    assert person.at[0] == 20_000
    assert all(not picture.isNull() for picture in person.pictures())
    person.qtbot.waitUntil(lambda: not threads_of(person))


def test_progress_is_shown_and_cancel_keeps_the_run_before(waiting: Callable[[str], Person]) -> None:
    person = waiting("1, 2, 3")
    before = person.run
    row = person.find(QFrame, "progress_row")
    person.qtbot.waitUntil(row.isVisible)
    bar = person.find(QProgressBar, "progress_bar")
    person.qtbot.waitUntil(lambda: bar.value() > 0)
    assert person.find(QLabel, "progress_doing").text().startswith("Computing: network, forwards … ")
    person.click(person.find(QPushButton, "cancel_analysis"))
    person.qtbot.waitUntil(lambda: not row.isVisible())
    assert person.run is before
    assert not person.window.session.busy
    person.qtbot.waitUntil(lambda: not threads_of(person))
    person.qtbot.waitUntil(lambda: "Cancelled" in person.reads("sequence_error"))
    assert person.editor.toPlainText() == "1, 2, 3"


def test_only_the_newest_request_is_ever_shown(slow: Slow, waiting: Callable[[str], Person]) -> None:
    shown: list[str] = []
    waiting("1, 2, 3").window.session.run_changed.connect(lambda run: shown.append(run.experiment.sequence.source))
    waiting("4, 5")
    person = waiting("6")
    slow.let_through()
    person.qtbot.waitUntil(lambda: not person.window.session.busy and not threads_of(person))
    assert shown == ["6"]
    assert person.run.length == 1
    person.leave_field()
    person.press(KEYS.Key_Z, CONTROL)
    person.qtbot.waitUntil(lambda: person.run.length == 4)
    assert threading.get_ident() not in slow.threads


def test_undo_takes_back_what_is_still_being_worked_out(slow: Slow, waiting: Callable[[str], Person]) -> None:
    person = waiting("1, 2, 3")
    before = person.run
    assert person.window.undo_action.text() == "Undo change the sequence"
    person.leave_field()
    person.press(KEYS.Key_Z, CONTROL)
    assert not person.window.session.busy
    slow.let_through()
    person.qtbot.waitUntil(lambda: not threads_of(person))
    assert person.run is before
    assert not person.window.undo_action.isEnabled()


def test_an_example_takes_the_place_of_what_is_being_worked_out(slow: Slow, waiting: Callable[[str], Person]) -> None:
    person = waiting("1, 2, 3")
    person.choose("example_choice", "Company A, the worked example")
    slow.let_through()
    person.qtbot.waitUntil(lambda: person.window.windowTitle().startswith("Company A"))
    person.qtbot.waitUntil(lambda: not threads_of(person))
    assert person.editor.toPlainText() == "0, 0.5, 0.25, 1"
    assert person.at[0] == 3


def test_a_result_that_comes_too_late_is_not_shown(slow: Slow, waiting: Callable[[str], Person]) -> None:
    person = waiting("1, 2, 3")
    shown: list[str] = []
    person.window.session.run_changed.connect(lambda run: shown.append(run.experiment.sequence.source))
    slow.let_through()
    assert all(thread.wait(10_000) for thread in threads_of(person))  # done, but the window has not heard of it
    person.choose("example_choice", "Company A, the worked example")
    person.qtbot.waitUntil(lambda: not person.window.session.busy)
    assert shown == ["0, 0.5, 0.25, 1"]


def test_closes_during_an_analysis_and_leaves_no_thread(slow: Slow, waiting: Callable[[str], Person]) -> None:
    slow.seconds_between_reports = 0.3
    person = waiting("1, 2, 3")
    before = person.run
    assert threads_of(person)
    person.window.close()
    assert not threads_of(person)
    assert person.run is before
