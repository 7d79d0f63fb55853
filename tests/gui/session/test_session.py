"""The session: commands and undo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.core.run import Run
from lstmviz.gui import session as session_module
from lstmviz.gui.session import Session
from tests.gui.session.slow import experiment, recorded


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
    session.seek(Cursor(t=np.int64(-5), layer="l9", unit=np.int64(2)))
    assert session.cursor == Cursor(t=1, unit=2)
    assert type(session.cursor.t) is type(session.cursor.unit) is int


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


def test_another_title_is_told_without_a_new_analysis(session: Session) -> None:
    main, changed = session.run.main, []
    session.run_changed.connect(changed.append)
    session.apply("rename", replace(session.experiment, title="another"))
    assert [run.experiment.title for run in changed] == ["another"]
    assert session.run.main is main
