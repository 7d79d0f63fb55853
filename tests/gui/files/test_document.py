"""The document: its file, its unsaved mark, and both after undo."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.gui.files.document import Document
from lstmviz.gui.session import Session
from lstmviz.gui.settings import RECENT_LIMIT
from lstmviz.io.sessions import SessionFile, load_session, save_session
from tests.experiments import random_lstm
from tests.gui.training.plans import finished, tiny_plan


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    session = Session(random_lstm(4, 2, 1))
    yield session
    session.close()


@pytest.fixture
def document(session: Session) -> Document:
    return Document(session, parent=session)


def edit(session: Session, **changes: object) -> Experiment:
    """A change of the recipe; the experiment that it asks for."""
    wanted = session.wanted
    asked = replace(wanted, recipe=replace(wanted.recipe, **changes))  # type: ignore[arg-type]
    session.apply("edit", asked)
    return asked


def note(session: Session, notes: str) -> None:
    session.apply("note", replace(session.wanted, notes=notes))


def other(folder: Path, title: str = "other") -> Path:
    """Another session in a file."""
    experiment = replace(random_lstm(6, 3, 1), title=title)
    path = folder / f"{title}.lstmviz"
    save_session(path, SessionFile(experiment, Cursor(2, stage=Stage.INPUT, unit=1)))
    return path


def test_a_new_one_has_a_title_no_file_and_nothing_unsaved(document: Document) -> None:
    assert (document.name, document.path, document.unsaved) == ("random", None, False)
    assert document.window_title == "random[*]"
    assert not document.save()


def test_saved_and_unsaved(session: Session, document: Document, tmp_path: Path) -> None:
    path = tmp_path / "mine.lstmviz"
    edit(session, seed=1)
    assert document.unsaved
    document.save_as(path)
    assert (document.path, document.name, document.unsaved) == (path, "mine.lstmviz", False)
    assert load_session(path) == SessionFile(session.experiment, session.cursor)
    edit(session, seed=2)
    assert document.unsaved
    assert document.save()
    assert not document.unsaved
    assert load_session(path).experiment.recipe.seed == 2


def test_the_mark_is_right_after_undo_and_redo_and_after_typing_the_same_again(
    session: Session, document: Document, tmp_path: Path
) -> None:
    edit(session, seed=1)
    document.save_as(tmp_path / "it")
    edit(session, seed=2)
    session.undo()
    assert not document.unsaved
    session.undo()
    assert document.unsaved
    session.redo()
    assert not document.unsaved
    note(session, "a thought")
    assert document.unsaved
    note(session, "")
    assert not document.unsaved


def test_looking_elsewhere_is_no_change(session: Session, document: Document) -> None:
    session.seek(Cursor(1))
    assert not document.unsaved


def test_a_name_without_ending_gets_one_and_others_stay(document: Document, tmp_path: Path) -> None:
    document.save_as(tmp_path / "it")
    assert document.path == tmp_path / "it.lstmviz"
    document.save_as(tmp_path / "it.old")
    assert document.path == tmp_path / "it.old"


def test_opens_a_file_where_it_was_left(session: Session, document: Document, tmp_path: Path) -> None:
    path = other(tmp_path)
    assert document.open(path)
    assert session.experiment == load_session(path).experiment
    assert session.cursor == Cursor(2, stage=Stage.INPUT, unit=1)
    assert (document.path, document.unsaved) == (path, False)
    assert session.undo_name == "open other.lstmviz"


def test_undo_beyond_opening_brings_back_the_file_before(session: Session, document: Document, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.lstmviz", other(tmp_path)
    document.save_as(mine)
    edit(session, seed=1)
    document.open(theirs)
    edit(session, seed=5)
    for _ in range(2):
        session.undo()
    assert (document.path, document.unsaved) == (mine, True)
    session.undo()
    assert (document.path, document.unsaved) == (mine, False)
    for _ in range(2):
        session.redo()
    assert (document.path, document.unsaved) == (theirs, False)
    session.redo()
    assert (document.path, document.unsaved) == (theirs, True)


def test_saving_under_another_name_holds_for_what_undo_brings_back(
    session: Session, document: Document, tmp_path: Path
) -> None:
    document.save_as(tmp_path / "a.lstmviz")
    edit(session, seed=1)
    document.save_as(tmp_path / "b.lstmviz")
    session.undo()
    assert document.path == tmp_path / "b.lstmviz"
    assert document.unsaved


def test_opening_an_equal_experiment_takes_its_file(session: Session, document: Document, tmp_path: Path) -> None:
    path = tmp_path / "same.lstmviz"
    save_session(path, SessionFile(session.experiment, Cursor(1)))
    assert document.open(path)
    assert (document.path, document.unsaved) == (path, False)
    assert session.cursor == Cursor(1)
    assert session.undo_name == ""


def test_reverts_to_what_is_in_the_file_now_and_back(session: Session, document: Document, tmp_path: Path) -> None:
    path = other(tmp_path)
    document.open(path)
    edit(session, seed=7)
    by_somebody_else = replace(load_session(path).experiment, notes="by somebody else")
    save_session(path, SessionFile(by_somebody_else, Cursor(1)))
    assert document.revert()
    assert session.experiment.notes == "by somebody else"
    assert not document.unsaved
    session.undo()
    assert session.experiment.recipe.seed == 7
    assert (document.path, document.unsaved) == (path, True)


def test_examples_belong_to_no_file(session: Session, document: Document, tmp_path: Path) -> None:
    document.save_as(tmp_path / "mine")
    document.new_from_example("company-b")
    assert (document.path, document.unsaved) == (None, False)
    assert document.window_title == "Company B, the worked example[*]"
    session.undo()
    assert document.path == tmp_path / "mine.lstmviz"


def test_what_was_recovered_is_unsaved_but_knows_its_file(session: Session, document: Document, tmp_path: Path) -> None:
    path = other(tmp_path)
    recovered = replace(load_session(path), origin=str(path))
    assert document.open_recovered(recovered)
    assert (document.path, document.unsaved) == (path, True)
    assert document.snapshot() == recovered
    document.save()
    assert not document.unsaved
    assert document.open_recovered(replace(recovered, origin=""))
    assert (document.path, document.unsaved) == (None, True)


def test_a_file_that_cannot_be_opened_changes_nothing(session: Session, document: Document, tmp_path: Path) -> None:
    bad = tmp_path / "bad.lstmviz"
    bad.write_bytes(b"nonsense")
    before = session.run
    with pytest.raises(LstmvizError, match="not a session"):
        document.open(bad)
    assert session.run is before
    assert (document.path, document.recent) == (None, ())


def test_a_file_whose_run_is_impossible_changes_nothing(session: Session, document: Document, tmp_path: Path) -> None:
    path = tmp_path / "huge.lstmviz"
    huge = replace(session.experiment, recipe=replace(session.experiment.recipe, hidden_size=10**6))
    save_session(path, SessionFile(huge, Cursor(1)))
    errors: list[object] = []
    session.failed.connect(errors.append)
    assert not document.open(path)
    assert len(errors) == 1
    assert (document.path, document.unsaved, document.recent) == (None, False, ())


def test_a_save_that_fails_leaves_the_mark(session: Session, document: Document, tmp_path: Path) -> None:
    edit(session, seed=1)
    with pytest.raises(LstmvizError):
        document.save_as(tmp_path / "gone" / "it")
    assert (document.path, document.unsaved, document.recent) == (None, True, ())


def test_recent_files_the_newest_first(document: Document, tmp_path: Path) -> None:
    announced: list[tuple[str, ...]] = []
    document.recent_changed.connect(announced.append)
    first = str(tmp_path / "0.lstmviz")
    for number in range(RECENT_LIMIT + 1):
        document.save_as(tmp_path / f"{number}.lstmviz")
    assert len(document.recent) == RECENT_LIMIT
    assert first not in document.recent
    document.open(first)
    assert document.recent[0] == first
    document.forget(first)
    assert first not in document.recent
    assert announced[-1] == document.recent


def test_a_mark_in_the_name_is_not_taken_for_qts(session: Session, document: Document) -> None:
    session.apply("rename", replace(session.wanted, title="a[*]b"))
    assert document.window_title == "a[*][*]b[*]"


def test_what_is_asked_for_counts_while_it_is_worked_out(
    session: Session, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lstmviz.gui import session as session_module

    monkeypatch.setattr(session_module, "expected_seconds", lambda _: 60.0)
    path = other(tmp_path)
    assert document.open(path)
    assert session.busy
    assert (document.path, document.unsaved) == (path, False)
    session.cancel()
    assert (document.path, document.unsaved) == (None, False)
    edit(session, seed=4)
    assert session.busy
    document.save_as(tmp_path / "wanted.lstmviz")
    assert load_session(tmp_path / "wanted.lstmviz").experiment.recipe.seed == 4
    session.cancel()
    assert document.unsaved


def test_remembers_no_experiment_that_the_history_has_let_go(session: Session, document: Document) -> None:
    for _ in range(5):
        edit(session, seed=1)
        session.undo()
    gc.collect()
    assert len(document._files) <= 3


# Trainings


def _trained(folder: Path, title: str = "trained") -> Path:
    path = other(folder, title)
    session = load_session(path)
    save_session(path, replace(session, training=finished(tiny_plan(updates=2))))
    return path


def test_a_training_is_part_of_the_document(document: Document, tmp_path: Path) -> None:
    record = finished(tiny_plan(updates=2))
    document.follow_training(record)
    assert document.unsaved
    document.save_as(tmp_path / "mine")
    assert not document.unsaved
    loaded = load_session(tmp_path / "mine.lstmviz").training
    assert loaded is not None
    assert loaded.networks[0].loss.tolist() == record.networks[0].loss.tolist()
    document.follow_training(finished(tiny_plan(updates=3)))
    assert document.unsaved
    assert document.snapshot().training is document.training


def test_opening_a_file_shows_its_training_and_undo_the_one_before(
    session: Session, document: Document, tmp_path: Path
) -> None:
    shown: list[object] = []
    document.training_changed.connect(shown.append)
    mine = finished(tiny_plan(updates=3))
    document.follow_training(mine)
    document.open(_trained(tmp_path))
    assert document.training is not mine
    assert shown == [document.training]
    assert not document.unsaved
    document.open(other(tmp_path))
    assert document.training is None
    session.undo()
    session.undo()
    assert document.training is mine
    assert document.unsaved
    session.redo()
    assert shown[-1] is document.training
    assert not document.unsaved


def test_a_file_that_is_opened_again_brings_its_training_only_once(
    session: Session, document: Document, tmp_path: Path
) -> None:
    path = _trained(tmp_path)
    document.open(path)
    record = document.training
    document.open(other(tmp_path))
    document.open(path)
    assert document.training is record
    edit(session, hidden_size=3)
    document.follow_training(finished(tiny_plan(updates=3)))
    document.revert()
    assert document.training is record
    assert not document.unsaved


def test_an_example_leaves_the_training_alone(document: Document, tmp_path: Path) -> None:
    document.open(_trained(tmp_path))
    record = document.training
    document.new_from_example("letters")
    assert document.training is record
    assert not document.unsaved
    document.follow_training(finished(tiny_plan(updates=1)))
    assert document.unsaved


def test_changes_and_their_undo_do_not_touch_the_training(session: Session, document: Document) -> None:
    record = finished(tiny_plan(updates=2))
    edit(session, hidden_size=3)
    document.follow_training(record)
    session.undo()
    assert document.training is record


def test_revert_brings_the_training_of_the_file_and_undo_the_newer_one(
    session: Session, document: Document, tmp_path: Path
) -> None:
    document.open(_trained(tmp_path))
    newer = finished(tiny_plan(updates=3))
    document.follow_training(newer)
    note(session, "changed")
    assert document.revert()
    assert document.training is not newer
    assert document.training is not None
    assert not document.unsaved
    session.undo()
    assert document.training is newer
    assert document.unsaved


def test_recovered_work_has_its_training(document: Document) -> None:
    recovered = SessionFile(random_lstm(5, 2, 1), Cursor(1), "/a.lstmviz", finished(tiny_plan(updates=2)))
    document.open_recovered(recovered)
    assert document.training is recovered.training
    assert document.unsaved


def test_what_was_opened_at_the_start_has_its_training(document: Document, tmp_path: Path) -> None:
    shown: list[object] = []
    document.training_changed.connect(shown.append)
    record = finished(tiny_plan(updates=2))
    document.adopt(tmp_path / "run.lstmviz", record)
    assert shown == [record]
    assert document.training is record
    assert not document.unsaved
