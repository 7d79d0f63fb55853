"""Somebody compares two runs in the tab Diff."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtWidgets import QToolButton

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.core.run import Run
from lstmviz.gui.views.diff.diff_view import DiffView
from lstmviz.io.experiments import load_example
from lstmviz.io.sessions import SessionFile, save_session
from tests.stories.conftest import Open
from tests.stories.person import CONTROL, KEYS, Person
from tests.stories.test_debugger_changing import try_it

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what the off-screen one says of every menu


@pytest.fixture
def letters(open_window: Open) -> Person:
    """Somebody at the last of eleven letters."""
    person = open_window("letters")
    person.press(KEYS.Key_End)
    return person


def diff_view(person: Person) -> DiffView:
    view = person.window.view("diff")
    assert isinstance(view, DiffView)
    return view


def look_at_diff(person: Person) -> str:
    """Open the tab; what it says on top."""
    person.click_tab("Diff")
    person.qtbot.waitUntil(lambda: not diff_view(person).busy)
    person.settle()
    return person.reads("diff_headline")


def choose_session(person: Person, path: Path) -> None:
    """Compare with the run of a file; the dialog that asks for it answers at once."""
    person.window.comparison._choose = lambda *_: str(path)
    person.choose_in_menu("Debug", "Compare with a session")


def assert_the_table_is_right(person: Person, other: Run) -> None:
    """The largest difference of every quantity, as NumPy has it."""
    found = diff_view(person).comparison
    assert found is not None
    for name in ("f", "i", "g", "o", "c", "h"):
        here, there = (getattr(run.trace["l0"], name)[:, 0] for run in (person.run, other))
        steps = min(len(here), len(there))
        differences = np.abs(here[:steps] - there[:steps])
        assert found["l0"][name].largest == differences.max(), name


def saved(tmp_path: Path, experiment: Experiment) -> Path:
    path = tmp_path / "other.lstmviz"
    save_session(path, SessionFile(experiment, Cursor(1)))
    return path


def test_there_is_nothing_to_compare_and_it_says_what_to_do(letters: Person) -> None:
    assert look_at_diff(letters) == ""
    assert letters.reads("diff_message").startswith("Nothing to compare yet.")


def test_a_what_if_against_the_run_before(letters: Person) -> None:
    before = letters.run
    letters.open_fold("what_if")
    try_it(letters, "Clamp a gate or a state", symbol="f  forget gate", unit=2, first=6, last=8, value=1)
    headline = look_at_diff(letters)
    assert headline.startswith("The first step that differs is step 6: the forget gate")
    assert "1.0" in headline
    assert "The loss is" in letters.reads("diff_details")
    assert_the_table_is_right(letters, before)
    table = diff_view(letters).table
    model = table.model()
    assert model is not None
    indices = [model.index(row, 0) for row in range(model.rowCount())]
    letters.click(table.viewport(), QPointF(table.visualRect(indices[-1]).center()))
    assert diff_view(letters).chosen == table._row(indices[-1]).symbol != "f"
    letters.click(
        table.viewport(), QPointF(next(table.visualRect(i) for i in indices if table._row(i).symbol == "f").center())
    )
    assert diff_view(letters).chosen == "f"
    letters.press(KEYS.Key_Escape)
    letters.press(KEYS.Key_Z, CONTROL)
    assert letters.reads("diff_message").startswith("Nothing to compare yet.")


def test_a_kept_run_against_what_is_typed_next(letters: Person) -> None:
    kept = letters.run
    letters.choose_in_menu("Debug", "Keep this run")
    assert letters.reads("sentence") == "The tab Diff compares with the kept run from now on."
    assert look_at_diff(letters).startswith("No difference")
    letters.write_sequence("hello wello")
    letters.leave_field()
    headline = look_at_diff(letters)
    assert "step 7" in headline or "x is not compared" in letters.reads("diff_details")
    letters.click(letters.find(QToolButton, "diff_dismiss"), QPointF(8, 8))
    assert letters.reads("diff_message").startswith("Nothing to compare yet.")
    assert kept is not letters.run


def test_another_session_of_the_same_shape(letters: Person, tmp_path: Path) -> None:
    what_if = WhatIf(Clamp("c", "l0", 4, 9, 9, 2.0))
    other = replace(letters.window.session.experiment, what_ifs=(what_if,), title="other")
    choose_session(letters, saved(tmp_path, other))
    assert letters.reads("sentence") == "The tab Diff compares with other.lstmviz from now on."
    headline = look_at_diff(letters)
    assert headline.startswith("The first step that differs is step 9: the cell state")
    assert "in other.lstmviz" in headline
    assert letters.window.session.experiment.what_ifs == ()
    assert not letters.window.isWindowModified()
    letters.choose_in_menu("Debug", "Drop the run kept")
    assert letters.reads("diff_message").startswith("Nothing to compare yet.")
    assert not letters.menu_entry("Debug", "Drop the run kept").isEnabled()


@pytest.mark.parametrize("example", ["company-b", "feedback-loop", "long-lag"])
def test_a_session_of_another_shape_says_what_cannot_be_compared(letters: Person, tmp_path: Path, example: str) -> None:
    choose_session(letters, saved(tmp_path, load_example(example).experiment))
    look_at_diff(letters)
    said = " ".join(letters.reads(name) for name in ("diff_headline", "diff_details", "diff_message", "error_what"))
    assert any(word in said for word in ("units", "cell", "LSTM", "layer", "The inputs have")), said
    assert all(not picture.isNull() for picture in letters.pictures())


def test_a_file_that_is_no_session_is_refused_and_the_comparison_stays(letters: Person, tmp_path: Path) -> None:
    letters.choose_in_menu("Debug", "Keep this run")
    broken = tmp_path / "broken.lstmviz"
    broken.write_bytes(b"PK\x03\x04 not really")
    choose_session(letters, broken)
    assert "broken.lstmviz" in letters.reads("error_what") + letters.reads("error_how")
    assert look_at_diff(letters).startswith("No difference")


def test_a_shorter_sequence_than_that_of_the_kept_run(letters: Person) -> None:
    letters.choose_in_menu("Debug", "Keep this run")
    letters.write_sequence("hello")
    letters.leave_field()
    headline = look_at_diff(letters)
    assert "steps 1 to 5 are compared" in letters.reads("diff_details"), headline
    letters.press(KEYS.Key_Home)
    assert letters.at == (1, Stage.READ)
    assert all(not picture.isNull() for picture in letters.pictures())
