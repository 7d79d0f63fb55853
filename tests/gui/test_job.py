"""A job gives way to the window."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from PyQt6.QtCore import QObject
from pytestqt.qtbot import QtBot

from lstmviz.gui import job as module
from lstmviz.gui.job import Job


def test_job_rests_at_a_yield_and_can_be_cancelled_there(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = QObject()
    job, pieces = Job(owner), []

    def steps() -> Generator[int, None, str]:
        for number in range(3):
            pieces.append(number)
            yield number
        return "done"

    monkeypatch.setattr(module, "QUIET_SECONDS", 1e9)
    job.give_way()
    with qtbot.waitSignal(job.advanced):
        job.start(steps(), 0.0)
    job.close()
    assert pieces == [0]
    assert not job.busy


def test_job_goes_on_when_it_is_quiet_again(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = QObject()
    job, results = Job(owner), []
    job.finished.connect(results.append)

    def steps() -> Generator[int, None, str]:
        yield 0
        yield 1
        return "done"

    monkeypatch.setattr(module, "QUIET_SECONDS", 0.01)
    job.give_way()
    job.start(steps(), 0.0)
    qtbot.waitUntil(lambda: results == ["done"])
    job.close()
