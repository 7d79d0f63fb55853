"""The session: commands, undo, and analyses on a thread that may be slow, late, cancelled or broken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.core.run import Progress, Run, analyse
from lstmviz.gui import session as session_module
from lstmviz.gui.session import Session
from tests.experiments import random_lstm


def experiment(length: int = 4, hidden_size: int = 3, num_layers: int = 1) -> Experiment:
    return random_lstm(length, hidden_size, 1, num_layers=num_layers)


class Slow:
    """Analyses that end when they are told to, each in its turn."""

    def __init__(self) -> None:
        self.started: list[Experiment] = []
        self._gates: list[threading.Event] = []
        self.fails_with: Exception | None = None

    def analysing(self, experiment: Experiment, known: Run | None = None) -> Generator[Progress, None, Run]:
        gate = threading.Event()
        self.started.append(experiment)
        self._gates.append(gate)
        yield Progress(0.5, "network, forwards")
        while not gate.wait(0.002):
            yield Progress(0.5, "network, forwards")
        if self.fails_with:
            raise self.fails_with
        return analyse(experiment, known)

    def has_started(self, experiment: Experiment) -> bool:
        return experiment in self.started

    def end(self, number: int = -1) -> None:
        self._gates[number].set()


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    session = Session(experiment())
    yield session
    session.close()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, session: Session) -> Slow:
    """From here on every analysis takes long."""
    slow = Slow()
    monkeypatch.setattr(session_module, "expected_seconds", lambda _: 60.0)
    monkeypatch.setattr(session_module, "analysing", slow.analysing)
    return slow


def recorded(signal: object) -> list[object]:
    received: list[object] = []
    signal.connect(lambda *arguments: received.append(arguments[0] if arguments else None))  # type: ignore[attr-defined]
    return received


def test_opens_at_the_end_of_its_run(session: Session) -> None:
    assert session.cursor == Cursor(t=4, stage=Stage.HIDDEN)
    assert session.undo_name == session.redo_name == ""
    assert not session.busy


def test_a_change_gives_another_run_and_can_be_undone_and_made_again(session: Session) -> None:
    before, after = session.experiment, experiment(length=2)
    runs = recorded(session.run_changed)
    session.apply("shorter sequence", after)
    assert session.experiment == after
    assert session.cursor.t == 2
    assert session.undo_name == "shorter sequence"
    session.undo()
    assert session.experiment == before
    assert (session.undo_name, session.redo_name) == ("", "shorter sequence")
    session.undo()
    session.redo()
    assert session.experiment == after
    assert [run.length for run in runs] == [2, 4, 2]


def test_an_equal_experiment_or_cursor_emits_nothing(session: Session) -> None:
    received = recorded(session.run_changed) + recorded(session.cursor_changed) + recorded(session.history_changed)
    session.apply("the same", experiment())
    session.seek(session.cursor)
    session.step(1)
    assert received == []


def test_what_cannot_be_analysed_changes_nothing(session: Session) -> None:
    run, failures = session.run, recorded(session.failed)
    session.apply("no units", experiment(hidden_size=0))
    assert isinstance(failures[0], LstmvizError)
    assert session.run is run
    assert session.undo_name == ""


def test_too_little_memory_is_told_like_any_other_limit(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> Run:
        raise MemoryError

    monkeypatch.setattr(session_module, "analyse", exhausted)
    failures = recorded(session.failed)
    session.apply("larger", experiment(hidden_size=5))
    assert "memory" in str(failures[0])


def test_merged_changes_are_undone_together(session: Session) -> None:
    before = session.experiment
    for scale in (1.1, 1.2, 1.3):
        changed = replace(before, recipe=replace(before.recipe, recurrent_scale=scale))
        session.apply("recurrent scale", changed, merge_key="recurrent_scale")
    session.undo()
    assert session.experiment == before


def test_going_back_and_forth_shows_bit_identical_numbers(session: Session) -> None:
    def numbers() -> list[tuple[Cursor, bytes]]:
        layer, at = session.run.trace[session.cursor.layer], session.cursor.index
        return [(session.cursor, layer.c[at].tobytes() + layer.h[at].tobytes())]

    session.first()
    forwards = numbers()
    while session.cursor != Cursor(t=4, stage=Stage.HIDDEN):
        session.step_stage(1)
        forwards += numbers()
    backwards = numbers()
    while session.cursor != Cursor(t=1, stage=Stage.READ):
        session.step_stage(-1)
        backwards += numbers()
    assert len(forwards) == 4 * 7
    assert backwards[::-1] == forwards


def test_seek_brings_positions_inside_and_gives_plain_whole_numbers(session: Session) -> None:
    session.seek(Cursor(t=np.int64(-5), layer="l9", unit=np.int64(2)))  # type: ignore[arg-type]
    assert session.cursor == Cursor(t=1, unit=2)
    assert type(session.cursor.t) is type(session.cursor.unit) is int


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


def test_an_annotation_changes_no_number_and_is_undone(session: Session) -> None:
    main, changed, annotated = session.run.main, [], []
    session.run_changed.connect(changed.append)
    session.annotations_changed.connect(annotated.append)
    session.apply("add breakpoint", replace(session.experiment, breakpoints=(Breakpoint("f[0] < 0.1"),)))
    assert session.experiment.breakpoints == (Breakpoint("f[0] < 0.1"),)
    assert session.undo_name == "add breakpoint"
    session.undo()
    assert session.experiment.breakpoints == ()
    session.redo()
    assert session.experiment.breakpoints != ()
    assert len(annotated) == 3
    assert changed == []
    assert session.run.main is main


def test_an_annotation_in_place_of_a_long_analysis_keeps_the_numbers(session: Session, slow: Slow) -> None:
    main, plain = session.run.main, session.experiment
    session.apply("lengthen", experiment(length=5))
    session.apply("write notes", replace(plain, notes="seen"))
    assert not session.busy
    assert session.experiment.notes == "seen"
    assert session.run.main is main


def test_another_title_is_told_without_a_new_analysis(session: Session) -> None:
    main, changed = session.run.main, []
    session.run_changed.connect(changed.append)
    session.apply("rename", replace(session.experiment, title="another"))
    assert [run.experiment.title for run in changed] == ["another"]
    assert session.run.main is main


def noted(experiment: Experiment, notes: str = "odd") -> Experiment:
    return replace(experiment, notes=notes)


@pytest.mark.parametrize("end", ["cancel", "fail", "undo", "finish"])
def test_notes_of_a_long_analysis_stand_at_once_however_it_ends(
    qtbot: QtBot, session: Session, slow: Slow, end: str
) -> None:
    before, longer = session.experiment, experiment(length=5)
    session.apply("lengthen", longer)
    told = recorded(session.annotations_changed)
    session.apply("write notes", noted(session.wanted))
    assert [run.experiment for run in told] == [session.experiment] == [noted(before)]
    assert session.wanted == noted(longer)
    assert session.undo_name == "lengthen"
    qtbot.waitUntil(lambda: bool(slow.started))
    if end == "cancel":
        session.cancel()
    elif end == "undo":
        session.undo()
    else:
        slow.fails_with = LstmvizError("The weights do not fit") if end == "fail" else None
        slow.end()
        qtbot.waitUntil(lambda: not session.busy)
    assert len(slow.started) == 1
    assert session.experiment == session.wanted == noted(longer if end == "finish" else before)
    if end == "finish":
        assert session.undo_name == "lengthen"
        session.undo()
        qtbot.waitUntil(lambda: len(slow.started) == 2)
        slow.end()
        qtbot.waitUntil(lambda: not session.busy)
        assert session.experiment == noted(before)
    assert session.undo_name == "write notes"
    session.undo()
    assert session.experiment == before


def test_notes_written_while_another_document_is_opened_belong_to_that_one(
    qtbot: QtBot, session: Session, slow: Slow
) -> None:
    before, other = session.experiment, noted(experiment(length=5), "of the other")
    session.apply("open", other, cursor=Cursor(t=2))
    session.apply("write notes", noted(other, "more"))
    assert session.experiment == before
    qtbot.waitUntil(lambda: bool(slow.started))
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    assert len(slow.started) == 1
    assert session.experiment == noted(other, "more")
    assert session.cursor.t == 2
    session.undo()
    assert (session.experiment, session.undo_name) == (other, "open")


def test_undo_of_a_change_goes_back_to_the_one_that_it_was_built_on(qtbot: QtBot, session: Session, slow: Slow) -> None:
    first, second = experiment(length=5), experiment(length=6)
    for name, after in (("first", first), ("second", second)):
        session.apply(name, after)
        qtbot.waitUntil(partial(slow.has_started, after))
    session.undo()
    assert (session.wanted, session.undo_name) == (first, "first")
    qtbot.waitUntil(lambda: len(slow.started) == 3)
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    assert session.experiment == first


def test_a_change_after_an_undo_is_undone_to_what_was_undone_to(
    qtbot: QtBot, session: Session, request: pytest.FixtureRequest
) -> None:
    for hidden_size in (4, 5):
        session.apply(f"{hidden_size} units", experiment(hidden_size=hidden_size))
    slow: Slow = request.getfixturevalue("slow")
    session.undo()
    session.apply("lengthen", experiment(length=5, hidden_size=4))
    qtbot.waitUntil(partial(slow.has_started, experiment(length=5, hidden_size=4)))
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    assert (session.undo_name, session.redo_name) == ("lengthen", "")
    session.undo()
    assert session.wanted == experiment(hidden_size=4)
    assert session.undo_name == "4 units"


def test_a_failure_is_told_again_when_what_was_under_it_stands(qtbot: QtBot, session: Session, slow: Slow) -> None:
    first, second = experiment(length=5), experiment(length=6)
    for name, after in (("first", first), ("second", second)):
        session.apply(name, after)
        qtbot.waitUntil(partial(slow.has_started, after))
    heard: list[object] = []
    session.run_changed.connect(lambda run: heard.append(run.length))
    session.failed.connect(lambda error, about: heard.append(about.sequence.length))
    slow.fails_with = LstmvizError("The weights do not fit")
    slow.end()
    qtbot.waitUntil(lambda: len(slow.started) == 3)
    slow.fails_with = None
    slow.end()
    qtbot.waitUntil(lambda: not session.busy)
    assert heard == [6, 5, 6]


def test_undo_goes_past_what_could_never_be_worked_out(qtbot: QtBot, session: Session, slow: Slow) -> None:
    before, unit = session.experiment, WhatIf(Clamp("h", "l0", 0, 5, 5, 0.5))
    misfit = replace(before, what_ifs=(unit,))
    mended = replace(experiment(length=5), what_ifs=(unit,))
    for name, after in (("clamp step 5 of 4", misfit), ("lengthen", mended)):
        session.apply(name, after)
        qtbot.waitUntil(partial(slow.has_started, after))
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    failures = recorded(session.failed)
    session.undo()
    assert session.wanted == misfit
    qtbot.waitUntil(lambda: len(slow.started) == 3)
    slow.end()
    qtbot.waitUntil(lambda: session.wanted == before)
    qtbot.waitUntil(lambda: len(slow.started) == 4)
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    assert (session.undo_name, failures) == ("", [])
    session.redo()
    assert session.wanted == mended
