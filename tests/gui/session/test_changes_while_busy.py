"""Changes and undo while others are being worked out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.core.run import Run, analyse
from lstmviz.gui import session as session_module
from lstmviz.gui.session import Session
from tests.gui.session.slow import Slow, experiment, recorded


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
    before, misfit, mended = session.experiment, experiment(length=5), experiment(length=6)
    for name, after in (("misfit", misfit), ("mend it", mended)):
        session.apply(name, after)
        qtbot.waitUntil(partial(slow.has_started, after))
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    failures, slow.fails_with = recorded(session.failed), LstmvizError("It does not fit")
    session.undo()
    assert session.wanted == misfit
    qtbot.waitUntil(lambda: len(slow.started) == 3)
    slow.end()
    qtbot.waitUntil(lambda: session.wanted == before)
    qtbot.waitUntil(lambda: len(slow.started) == 4)
    slow.fails_with = None
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    assert (session.undo_name, failures) == ("", [])
    session.redo()
    assert session.wanted == mended


def test_a_what_if_that_does_not_fit_is_refused_before_anything_is_worked_out(session: Session, slow: Slow) -> None:
    failures = recorded(session.failed)
    for unit, step in ((99, 1), (0, 5)):
        clamp = Clamp("h", "l0", unit, step, step, 0.5)
        session.apply("clamp", replace(session.experiment, what_ifs=(WhatIf(clamp),)))
    assert ["there is no unit 99" in str(failures[0]), "there is no step 5" in str(failures[1])] == [True, True]
    assert not session.busy
    assert slow.started == []


def test_undo_goes_past_what_fails_at_once(
    qtbot: QtBot, session: Session, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, misfit, mended = session.experiment, experiment(length=5), experiment(length=6)
    for name, after in (("misfit", misfit), ("mend it", mended)):
        session.apply(name, after)
        qtbot.waitUntil(partial(slow.has_started, after))
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    failures = recorded(session.failed)

    def analysing_at_once(wanted: Experiment, known: Run | None = None) -> Run:
        if wanted == misfit:
            raise LstmvizError("It does not fit")
        return analyse(wanted, known)

    monkeypatch.setattr(session_module, "expected_seconds", lambda _: 0.0)
    monkeypatch.setattr(session_module, "analyse", analysing_at_once)
    session.undo()
    assert (session.experiment, failures) == (before, [])


def test_notes_stay_when_the_change_below_them_fails(qtbot: QtBot, session: Session, slow: Slow) -> None:
    first, second = experiment(length=5), experiment(length=6)
    for name, after in (("first", first), ("second", second)):
        session.apply(name, after)
        qtbot.waitUntil(partial(slow.has_started, after))
    session.apply("write notes", noted(second))
    slow.fails_with = LstmvizError("The weights do not fit")
    slow.end()
    qtbot.waitUntil(lambda: len(slow.started) == 3)
    slow.fails_with = None
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    assert session.experiment == noted(first)


def test_notes_on_a_change_of_what_is_being_undone_wait_for_it(
    qtbot: QtBot, session: Session, request: pytest.FixtureRequest
) -> None:
    for hidden_size in (4, 5):
        session.apply(f"{hidden_size} units", experiment(hidden_size=hidden_size))
    slow: Slow = request.getfixturevalue("slow")
    stands, longer = session.experiment, experiment(length=5, hidden_size=4)
    session.undo()
    session.apply("lengthen", longer)
    qtbot.waitUntil(partial(slow.has_started, longer))
    session.apply("write notes", noted(longer))
    assert session.experiment == stands
    with qtbot.waitSignal(session.run_changed):
        slow.end()
    assert session.experiment == noted(longer)
    session.undo()
    assert session.experiment == longer
    session.undo()
    assert session.wanted == experiment(hidden_size=4)


def test_a_document_with_the_same_numbers_is_looked_at_where_it_was_left(session: Session) -> None:
    session.apply("open", noted(session.experiment), cursor=Cursor(t=2))
    assert session.cursor.t == 2
