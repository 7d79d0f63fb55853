"""A generator off the GUI thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator, Iterator

import pytest
from pytestqt.qtbot import QtBot

from lstmviz.gui.worker import TURN_SECONDS, Worker


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    started: list[Worker] = []
    yield started
    for worker in started:
        worker.cancel()
        assert worker.wait(5000)


def counting(steps: int) -> Generator[int, None, str]:
    yield from range(steps)
    return "counted"


def test_result_and_last_progress_arrive_on_the_gui_thread(qtbot: QtBot, workers: list[Worker]) -> None:
    worker = Worker(counting(1000))
    workers.append(worker)
    arrived: list[tuple[object, threading.Thread]] = []
    worker.progressed.connect(lambda progress: arrived.append((progress, threading.current_thread())))
    with qtbot.waitSignal(worker.succeeded) as succeeded:
        worker.start()
    assert succeeded.args == ["counted"]
    assert arrived[0][0] == 0
    assert arrived[-1][0] == 999
    assert len(arrived) < 100
    assert {thread for _, thread in arrived} == {threading.main_thread()}


def test_the_work_runs_on_another_thread(qtbot: QtBot, workers: list[Worker]) -> None:
    def steps() -> Generator[None, None, threading.Thread]:
        yield
        return threading.current_thread()

    worker = Worker(steps())
    workers.append(worker)
    with qtbot.waitSignal(worker.succeeded) as succeeded:
        worker.start()
    assert succeeded.args[0] is not threading.main_thread()


def test_cancel_stops_at_the_next_yield_and_closes_the_generator(qtbot: QtBot, workers: list[Worker]) -> None:
    closed_on: list[threading.Thread] = []

    def endless() -> Generator[None, None, None]:
        try:
            while True:
                yield
        finally:
            closed_on.append(threading.current_thread())

    worker = Worker(endless())
    workers.append(worker)
    outcomes: list[object] = []
    worker.succeeded.connect(outcomes.append)
    worker.raised.connect(outcomes.append)
    with qtbot.waitSignal(worker.progressed):
        worker.start()
    with qtbot.waitSignals([worker.stopped, worker.finished]):
        worker.cancel()
    assert outcomes == []
    assert closed_on
    assert closed_on[0] is not threading.main_thread()


def test_an_exception_is_handed_on(qtbot: QtBot, workers: list[Worker]) -> None:
    def failing() -> Generator[None, None, None]:
        yield
        raise ZeroDivisionError("of the work")

    worker = Worker(failing())
    workers.append(worker)
    with qtbot.waitSignal(worker.raised) as raised:
        worker.start()
    assert isinstance(raised.args[0], ZeroDivisionError)


def test_a_cancelled_worker_keeps_its_exception_to_itself(qtbot: QtBot, workers: list[Worker]) -> None:
    cancelled = threading.Event()

    def failing() -> Generator[None, None, None]:
        yield
        cancelled.wait(5)
        raise ZeroDivisionError("too late to matter")

    worker = Worker(failing())
    workers.append(worker)
    raised: list[object] = []
    worker.raised.connect(raised.append)
    with qtbot.waitSignal(worker.progressed):
        worker.start()
    worker.cancel()
    with qtbot.waitSignal(worker.stopped):
        cancelled.set()
    assert raised == []


def test_the_window_gets_its_turn_soon_while_a_worker_computes(
    qtbot: QtBot, workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(sys, "setswitchinterval", asked.append)
    workers.append(Worker(counting(3)))
    with qtbot.waitSignal(workers[0].succeeded):
        workers[0].start()
    assert asked == [TURN_SECONDS]
