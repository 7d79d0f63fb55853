"""Analyses on a thread that may be slow, late, cancelled or broken."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.core.run import Progress, analyse
from lstmviz.gui import session as session_module
from lstmviz.gui.session import Session
from tests.gui.session.slow import Slow, experiment, recorded


def test_a_long_analysis_leaves_the_old_run_until_it_is_done(qtbot: QtBot, session: Session, slow: Slow) -> None:
    old, busy = session.run, recorded(session.busy_changed)
    after = experiment(length=9)
    with qtbot.waitSignal(session.progressed) as progressed:
        session.apply("longer sequence", after)
    assert progressed.args == [Progress(0.5, "network, forwards")]
    assert session.run is old
    assert session.busy
    assert session.wanted == after
    session.seek(Cursor(t=2))
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    assert session.experiment == session.wanted == after
    assert session.cursor.t == 2
    assert busy == [True, False]


def test_only_the_newest_request_counts(qtbot: QtBot, session: Session, slow: Slow) -> None:
    busy, runs = recorded(session.busy_changed), recorded(session.run_changed)
    before = session.experiment
    for after in (experiment(length=5), experiment(length=6), experiment(length=7)):
        session.apply("sequence", after)
        qtbot.waitUntil(partial(slow.has_started, after))
    for number in (0, 1, 2):
        slow.end(number)
    qtbot.waitSignal(session.run_changed).wait()
    qtbot.waitUntil(lambda: not session._workers)
    assert [run.length for run in runs] == [7]
    assert busy == [True, False]
    for length in (6, 5):  # each can be come back to
        session.undo()
        assert session.wanted == experiment(length=length)
    session.undo()
    assert session.wanted == before


def test_a_result_already_under_way_when_a_newer_request_came_is_dropped(
    qtbot: QtBot, session: Session, slow: Slow
) -> None:
    runs = recorded(session.run_changed)
    session.apply("sequence", experiment(length=5))
    worker = session._request.worker
    qtbot.waitUntil(lambda: bool(slow.started))
    slow.end()
    assert worker.wait(5000)  # its result now waits in the queue of the GUI thread
    session.apply("sequence", experiment(length=6))
    qtbot.waitUntil(lambda: len(slow.started) == 2)
    slow.end()
    qtbot.waitUntil(lambda: not session.busy)
    assert [run.length for run in runs] == [6]


def test_asking_again_for_what_is_under_way_does_not_start_again(qtbot: QtBot, session: Session, slow: Slow) -> None:
    session.apply("sequence", experiment(length=5))
    session.apply("sequence", experiment(length=5))
    qtbot.waitUntil(lambda: bool(slow.started))
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    assert len(slow.started) == 1


def test_going_back_to_what_stands_cancels(session: Session, slow: Slow) -> None:
    session.apply("sequence", experiment(length=5))
    session.apply("sequence", experiment())
    assert not session.busy


def test_undo_takes_back_a_change_that_is_still_being_worked_out(session: Session, slow: Slow) -> None:
    session.apply("sequence", experiment(length=5))
    assert session.undo_name == "sequence"
    session.redo()
    assert session.busy
    session.undo()
    assert not session.busy
    assert session.experiment == experiment()
    assert session.undo_name == ""


def test_undo_twice_during_a_long_analysis_goes_back_twice(
    qtbot: QtBot, session: Session, request: pytest.FixtureRequest
) -> None:
    for hidden_size in (4, 5):
        session.apply(f"{hidden_size} units", experiment(hidden_size=hidden_size))
    slow: Slow = request.getfixturevalue("slow")
    session.undo()
    assert (session.undo_name, session.redo_name) == ("4 units", "5 units")
    session.undo()
    assert (session.undo_name, session.redo_name) == ("", "4 units")
    session.undo()
    assert session.wanted == experiment()
    qtbot.waitUntil(lambda: slow.started[-1:] == [experiment()])
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    assert session.experiment == experiment()
    session.redo()
    session.redo()
    assert (session.undo_name, session.redo_name) == ("5 units", "")
    session.undo()
    assert (session.undo_name, session.redo_name) == ("4 units", "5 units")
    session.undo()
    assert not session.busy


def test_a_long_analysis_that_fails_keeps_the_old_run(qtbot: QtBot, session: Session, slow: Slow) -> None:
    old, slow.fails_with = session.run, LstmvizError("The weights do not fit")
    session.apply("weights", experiment(hidden_size=9))
    qtbot.waitUntil(lambda: bool(slow.started))
    with qtbot.waitSignal(session.failed) as failed:
        slow.end()
    assert failed.args == [slow.fails_with, experiment(hidden_size=9)]
    assert session.run is old
    assert not session.busy
    assert session.undo_name == ""


def test_what_is_refused_at_once_leaves_the_long_analysis_under_way(
    qtbot: QtBot, session: Session, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    longer = experiment(length=5)
    session.apply("lengthen", longer)
    monkeypatch.setattr(session_module, "expected_seconds", lambda _: 0.0)
    no_such_unit = replace(longer, what_ifs=(WhatIf(Clamp("h", "l0", 99, 3, 4, 0.5)),))
    with qtbot.waitSignal(session.failed):
        session.apply("what if", no_such_unit)
    assert session.wanted == longer
    qtbot.waitUntil(partial(slow.has_started, longer))
    slow.end()
    qtbot.waitSignal(session.run_changed).wait()
    assert session.experiment == longer


def test_changes_that_a_failing_one_was_built_on_are_made_after_all(qtbot: QtBot, session: Session, slow: Slow) -> None:
    first, second, third = (experiment(length=length) for length in (5, 6, 7))
    before = session.experiment
    for name, after in (("first", first), ("second", second), ("third", third)):
        session.apply(name, after)
        qtbot.waitUntil(partial(slow.has_started, after))
    slow.fails_with = LstmvizError("The weights do not fit")
    with qtbot.waitSignal(session.failed):
        slow.end()
    assert session.wanted == second
    qtbot.waitUntil(lambda: len(slow.started) == 4)
    with qtbot.waitSignal(session.failed):
        slow.end()
    assert session.wanted == first
    qtbot.waitUntil(lambda: len(slow.started) == 5)
    slow.fails_with = None
    slow.end()
    qtbot.waitSignal(session.run_changed).wait()
    assert session.experiment == first
    assert session.undo_name == "first"
    session.undo()
    assert session.wanted == before


def test_of_the_places_of_a_slider_only_the_last_is_tried(qtbot: QtBot, session: Session, slow: Slow) -> None:
    under, *places = (experiment(length=length) for length in (5, 6, 7, 8))
    session.apply("under it", under)
    for place in places:
        session.apply("slide", place, merge_key="slider")
        qtbot.waitUntil(partial(slow.has_started, place))
    slow.fails_with = LstmvizError("The weights do not fit")
    with qtbot.waitSignal(session.failed):
        slow.end()
    assert session.wanted == under


@pytest.mark.qt_no_exception_capture
def test_a_programming_error_on_the_thread_reaches_the_excepthook_on_the_gui_thread(
    qtbot: QtBot, session: Session, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[type[BaseException], threading.Thread]] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, *_: seen.append((kind, threading.current_thread())))
    slow.fails_with = ZeroDivisionError("a fault of ours")
    session.apply("anything", experiment(length=5))
    qtbot.waitUntil(lambda: bool(slow.started))
    slow.end()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(ZeroDivisionError, threading.main_thread())]
    assert not session.busy
    assert session.experiment == experiment()


def test_close_during_an_analysis_waits_for_the_thread(qtbot: QtBot, session: Session, slow: Slow) -> None:
    session.apply("sequence", experiment(length=5))
    qtbot.waitUntil(lambda: bool(slow.started))
    worker = session._request.worker
    session.close()
    assert worker.isFinished()
    session.apply("sequence", experiment(length=6))
    assert not session.busy
    assert session.experiment == experiment()


def test_a_really_long_analysis_gives_the_same_numbers_as_a_direct_one(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "expected_seconds", lambda _: 60.0)
    after = experiment(length=3000, hidden_size=8, num_layers=2)
    with qtbot.waitSignal(session.run_changed, timeout=20000):
        session.apply("long", after)
    direct = analyse(after)
    for name in direct.trace.layers:
        assert np.array_equal(session.run.trace[name].h, direct.trace[name].h)
        assert np.array_equal(session.run.gradients[name].c, direct.gradients[name].c)


def test_workers_of_finished_requests_are_not_kept(qtbot: QtBot, session: Session, slow: Slow) -> None:
    requests: list[Callable[[], None]] = [lambda: session.apply("a", experiment(length=5)), session.cancel]
    for request in requests * 3:
        request()
    qtbot.waitUntil(lambda: not session._workers)
    assert not session.busy


def test_an_annotation_in_place_of_a_long_analysis_keeps_the_numbers(session: Session, slow: Slow) -> None:
    main, plain = session.run.main, session.experiment
    session.apply("lengthen", experiment(length=5))
    session.apply("write notes", replace(plain, notes="seen"))
    assert not session.busy
    assert session.experiment.notes == "seen"
    assert session.run.main is main


def test_another_document_brings_its_own_place_while_it_is_worked_out(session: Session, slow: Slow) -> None:
    session.seek(Cursor(t=3))
    session.apply("open", experiment(length=9), cursor=Cursor(t=8))
    session.apply("scale", experiment(length=9, hidden_size=4))
    assert (session.cursor.t, session.wanted_cursor.t) == (3, 8)
    session.cancel()
    assert session.wanted_cursor.t == 3
