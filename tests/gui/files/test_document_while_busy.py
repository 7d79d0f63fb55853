"""The document while a long analysis is under way: what is saved then, and which training stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.gui.files.document import Document
from lstmviz.gui.session import Session
from lstmviz.io.sessions import SessionFile, load_session, save_session
from tests.experiments import random_lstm
from tests.gui.files.long_analyses import LongAnalyses
from tests.gui.training.plans import finished, tiny_plan


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    session = Session(random_lstm(4, 2, 1))
    yield session
    session.close()


@pytest.fixture
def document(session: Session, tmp_path: Path) -> Iterator[Document]:
    """One that is saved as mine.lstmviz."""
    document = Document(session, parent=session)
    document.save_as(tmp_path / "mine.lstmviz")
    yield document
    document.close()


@pytest.fixture
def analyses(qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch) -> LongAnalyses:
    return LongAnalyses(qtbot, monkeypatch)


def edit(session: Session, seed: int) -> Experiment:
    """A change whose analysis is long; the experiment that it asks for."""
    wanted = session.wanted
    asked = replace(wanted, recipe=replace(wanted.recipe, seed=seed))
    session.apply("edit", asked)
    return asked


def seed_in(path: Path) -> int | None:
    return load_session(path).experiment.recipe.seed


def other(folder: Path, *, trained: bool = False) -> Path:
    path = folder / "other.lstmviz"
    training = finished(tiny_plan(updates=5)) if trained else None
    save_session(path, SessionFile(random_lstm(6, 3, 1), Cursor(2), training=training))
    return path


# What is saved meanwhile


def test_what_is_saved_and_then_stands_stays(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    edit(session, 1)
    document.save()
    assert document.path is not None
    written = document.path.stat().st_mtime_ns
    analyses.end(session)
    assert not document.unsaved
    assert seed_in(tmp_path / "mine.lstmviz") == 1
    assert (tmp_path / "mine.lstmviz").stat().st_mtime_ns == written


def test_what_is_saved_and_then_refused_gives_way_to_what_stands(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    record = finished(tiny_plan(updates=2))
    session.seek(Cursor(3))
    refused = edit(session, 1)
    document.follow_training(record)
    document.save()
    analyses.end(session, refused=(refused,))
    kept = load_session(tmp_path / "mine.lstmviz")
    assert (kept.experiment, kept.cursor) == (session.experiment, session.cursor)
    assert kept.training is not None
    assert not document.unsaved


def test_a_document_that_is_being_opened_is_saved_with_its_own_place(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    session.seek(Cursor(3))
    document.open(other(tmp_path))
    document.save_as(tmp_path / "copy.lstmviz")
    assert load_session(tmp_path / "copy.lstmviz").cursor == document.snapshot().cursor == Cursor(2)
    assert session.cursor == Cursor(3)


@pytest.mark.parametrize("undone", [False, True])
def test_what_is_saved_and_then_cancelled_gives_way_to_what_stands(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path, undone: bool
) -> None:
    before = session.experiment.recipe.seed
    edit(session, 1)
    document.save()
    if undone:
        session.undo()
    session.cancel()
    assert document.unsaved
    analyses.settle()
    assert seed_in(tmp_path / "mine.lstmviz") == before
    assert not document.unsaved


def test_every_file_that_was_saved_meanwhile_gets_what_stands(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    before = session.experiment.recipe.seed
    edit(session, 1)
    document.save()
    document.save_as(tmp_path / "copy.lstmviz")
    analyses.cancel(session)
    assert seed_in(tmp_path / "mine.lstmviz") == seed_in(tmp_path / "copy.lstmviz") == before
    assert not document.unsaved


def test_what_is_worked_out_again_after_a_refusal_keeps_its_file(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    edit(session, 1)
    document.save()
    analyses.end(session, refused=(edit(session, 2),))
    assert session.experiment.recipe.seed == 1
    assert seed_in(tmp_path / "mine.lstmviz") == 1
    assert not document.unsaved


def test_a_file_that_was_left_for_another_keeps_what_was_saved(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    edit(session, 1)
    document.save()
    document.open(other(tmp_path))
    analyses.end(session)
    assert document.name == "other.lstmviz"
    assert seed_in(tmp_path / "mine.lstmviz") == 1
    session.undo()
    analyses.end(session)
    assert (document.name, document.unsaved) == ("mine.lstmviz", False)
    assert seed_in(tmp_path / "mine.lstmviz") == 1


def test_what_was_saved_and_left_for_another_file_gives_way_once_undo_finds_it_impossible(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    before = session.experiment.recipe.seed
    refused = edit(session, 1)
    document.save()
    document.open(other(tmp_path))
    analyses.end(session)
    session.undo()
    analyses.end(session, refused=(refused,))
    assert (document.name, document.unsaved) == ("mine.lstmviz", False)
    assert seed_in(tmp_path / "mine.lstmviz") == before


def test_a_note_on_what_was_saved_is_not_saved_with_it(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    edit(session, 1)
    document.save()
    session.apply("note", replace(session.wanted, notes="a thought"))
    analyses.end(session)
    assert document.unsaved
    kept = load_session(tmp_path / "mine.lstmviz").experiment
    assert (kept.recipe.seed, kept.notes) == (1, "")


def test_a_change_on_top_that_stands_is_written_over_what_never_stood(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    edit(session, 1)
    document.save()
    edit(session, 2)
    analyses.settle()
    assert seed_in(tmp_path / "mine.lstmviz") == 1  # it may stand yet
    analyses.end(session)
    assert seed_in(tmp_path / "mine.lstmviz") == 2
    assert not document.unsaved


def test_another_document_is_not_written_into_a_file_that_cannot_be_run(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    path = other(tmp_path)
    document.open(path)
    document.save()
    analyses.cancel(session)
    assert document.name == "mine.lstmviz"
    assert load_session(path).experiment.sequence.length == 6


def test_what_somebody_else_has_written_meanwhile_stays(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    asked = edit(session, 1)
    document.save()
    theirs = replace(asked, recipe=replace(asked.recipe, seed=7))
    save_session(tmp_path / "mine.lstmviz", SessionFile(theirs, Cursor(1)))
    document.revert()
    analyses.cancel(session)
    assert seed_in(tmp_path / "mine.lstmviz") == 7
    assert document.unsaved


def test_a_file_that_cannot_be_mended_is_said_and_counts_as_unsaved(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    errors: list[LstmvizError] = []
    document.failed.connect(errors.append)
    folder = tmp_path / "folder"
    folder.mkdir()
    edit(session, 1)
    document.save_as(folder / "it.lstmviz")
    (folder / "it.lstmviz").unlink()
    folder.rmdir()
    analyses.cancel(session)
    assert len(errors) == 1
    assert document.unsaved


def test_a_window_that_closes_leaves_what_was_saved(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    edit(session, 1)
    document.save()
    document.close()
    session.close()
    analyses.settle()
    assert seed_in(tmp_path / "mine.lstmviz") == 1


# Which training stands


def test_the_training_stays_until_the_opened_file_stands(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    record, shown = finished(tiny_plan(updates=2)), []
    document.follow_training(record)
    document.training_changed.connect(shown.append)
    document.open(other(tmp_path))
    assert shown == []
    assert document.training is record
    analyses.end(session)
    assert shown == [None]
    session.undo()
    assert shown == [None]
    analyses.end(session)
    assert shown == [None, record]
    session.redo()
    analyses.end(session)
    assert shown == [None, record, None]


def test_the_training_stays_while_a_file_is_opened_after_a_note_on_a_long_change(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    record, shown = finished(tiny_plan(updates=2)), []
    document.follow_training(record)
    document.training_changed.connect(shown.append)
    edit(session, 1)
    session.apply("note", replace(session.wanted, notes="a thought"))
    document.open(other(tmp_path))
    assert shown == []
    analyses.cancel(session)
    assert shown == []
    assert (document.name, session.experiment.notes) == ("mine.lstmviz", "a thought")


@pytest.mark.parametrize("refused", [False, True])
def test_the_training_goes_on_where_the_opened_file_cannot_be_worked_out(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path, refused: bool
) -> None:
    first, later, shown = finished(tiny_plan(updates=2)), finished(tiny_plan(updates=3)), []
    document.follow_training(first)
    document.training_changed.connect(shown.append)
    document.open(other(tmp_path, trained=True))
    document.follow_training(later)
    assert not document.unsaved  # what is wanted is the other file, as it is there
    if refused:
        analyses.end(session, refused=(session.wanted,))
    else:
        analyses.cancel(session)
    assert shown == []
    assert document.training is later
    assert (document.name, document.unsaved) == ("mine.lstmviz", True)


def test_what_is_saved_while_a_file_is_opened_has_the_training_of_that_file(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    document.follow_training(finished(tiny_plan(updates=3)))
    path = other(tmp_path)
    document.open(path)
    document.follow_training(finished(tiny_plan(updates=4)))
    assert document.snapshot().training is None
    document.save()
    assert load_session(path).training is None


def test_a_revert_that_is_cancelled_leaves_the_training(
    session: Session, document: Document, analyses: LongAnalyses
) -> None:
    edit(session, 1)
    analyses.end(session)
    record, shown = finished(tiny_plan(updates=2)), []
    document.follow_training(record)
    document.training_changed.connect(shown.append)
    document.revert()
    analyses.cancel(session)
    assert shown == []
    assert document.training is record
    document.revert()
    analyses.end(session)
    assert shown == [None]
    session.undo()
    analyses.end(session)
    assert shown == [None, record]


def test_an_example_keeps_the_training_that_stands_also_while_a_file_is_opened(
    session: Session, document: Document, analyses: LongAnalyses, tmp_path: Path
) -> None:
    record, shown = finished(tiny_plan(updates=2)), []
    document.follow_training(record)
    document.training_changed.connect(shown.append)
    document.open(other(tmp_path, trained=True))
    document.new_from_example("letters")
    analyses.end(session)
    assert shown == []
    assert document.training is record
