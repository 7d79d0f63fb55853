"""What the experiment dock shows, keeps and builds on while changes are being worked out."""

from dataclasses import replace

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QComboBox

from lstmviz.core.engine.bug_museum import Bug
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from tests.gui.panels.dock import editor_of, retype, shown


def test_the_newest_of_two_slow_changes_holds_both(qtbot, make_panel, panel, monkeypatch):
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(panel.session.run_changed):
        panel.network_section.seed.setValue(4)
        panel.network_section.hidden_size.setValue(3)
    recipe = panel.session.experiment.recipe
    assert (recipe.seed, recipe.hidden_size) == (4, 3)


def test_a_change_holds_what_somebody_else_has_asked_for_meanwhile(qtbot, panel, monkeypatch):
    session = panel.session
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        session.apply("switch the bug on", replace(session.wanted, bug=Bug.DC_NOT_CARRIED))
        session.apply("write notes", replace(session.wanted, notes="odd"))
        retype(panel, "9 8 7")
    assert (session.experiment.bug, session.experiment.notes) == (Bug.DC_NOT_CARRIED, "odd")
    assert session.run.length == 3


def test_a_change_builds_on_an_undo_that_is_being_worked_out(qtbot, panel, monkeypatch):
    session = panel.session
    panel.network_section.seed.setValue(4)
    seed = session.experiment.recipe.seed
    panel.network_section.hidden_size.setValue(3)
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        session.undo()
        retype(panel, "9 8 7")
    assert (session.run.length, session.experiment.recipe.hidden_size, session.experiment.recipe.seed) == (3, 1, seed)
    with qtbot.waitSignal(session.run_changed):
        session.undo()
    assert (session.run.length, session.experiment.recipe.hidden_size) == (4, 1)


def test_typing_on_is_kept_when_a_run_comes_with_what_others_have_asked_for(qtbot, panel, monkeypatch):
    session = panel.session
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        retype(panel, "9 8 7")
        session.apply("add breakpoint", replace(session.wanted, breakpoints=(Breakpoint("f < 0"),)))
        session.apply("switch the bug on", replace(session.wanted, bug=Bug.DC_NOT_CARRIED))
        retype(panel, "9 8 7 -")
    assert session.run.length == 3
    assert editor_of(panel).toPlainText() == "9 8 7 -"


def test_what_is_still_worked_out_is_not_called_cancelled(qtbot, panel, monkeypatch):
    session = panel.session
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        retype(panel, "9 8 7")
        panel.network_section.hidden_size.setValue(1_000_000)
        assert "would take" in shown(panel, "network_error")
        assert shown(panel, "sequence_error") == ""
    assert session.run.length == 3
    assert shown(panel, "sequence_error") == ""


def test_somebody_elses_failure_is_not_shown_here_and_takes_nothing_along(qtbot, panel, monkeypatch):
    session = panel.session
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    retype(panel, "9 8 7")
    with qtbot.waitSignal(session.failed):
        session.apply("clamp", replace(session.wanted, what_ifs=(WhatIf(Clamp("c", "l0", 0, 30, 40, 1.0)),)))
    assert shown(panel, "sequence_error") == ""
    qtbot.waitUntil(lambda: session.run.length == 3)
    assert shown(panel, "sequence_error") == ""


def test_what_was_refused_in_one_document_is_not_tried_in_another(qtbot, panel, examples):
    session = panel.session
    clamp = WhatIf(Clamp("c", "l0", 0, 3, 4, 1.0))
    session.apply("clamp", replace(session.wanted, what_ifs=(clamp,)))
    retype(panel, "9 8")
    assert "does not fit" in shown(panel, "sequence_error")
    session.apply("open", replace(session.wanted, title="Another", what_ifs=()))
    qtbot.wait(10)
    assert editor_of(panel).toPlainText() == "1, 0.5, 0.25, 1"
    assert session.run.length == 4


def test_what_a_what_if_stood_against_is_tried_again_also_after_a_note(qtbot, panel):
    session = panel.session
    clamp = WhatIf(Clamp("c", "l0", 0, 3, 4, 1.0))
    session.apply("clamp", replace(session.wanted, what_ifs=(clamp,)))
    retype(panel, "9 8")
    assert "does not fit" in shown(panel, "sequence_error")
    session.apply("write notes", replace(session.wanted, notes="odd"))
    session.apply("delete", replace(session.wanted, what_ifs=()))
    qtbot.waitUntil(lambda: session.run.length == 2)
    assert shown(panel, "sequence_error") == ""


def test_after_cancelling_the_fields_show_the_run_that_stands(qtbot, panel, monkeypatch):
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    panel.network_section.hidden_size.setValue(3)
    panel.session.cancel()
    qtbot.waitUntil(lambda: panel.network_section.hidden_size.value() == 1)
    assert "Cancelled" in shown(panel, "network_note")


def test_a_cancelled_text_stays_and_says_so(qtbot, panel, monkeypatch):
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    retype(panel, "9 8 7")
    panel.session.cancel()
    qtbot.waitUntil(lambda: shown(panel, "sequence_error").startswith("Cancelled"))
    assert editor_of(panel).toPlainText() == "9 8 7"
    with qtbot.waitSignal(panel.session.run_changed):
        retype(panel, "9 8")
    assert shown(panel, "sequence_error") == ""


def test_control_z_brings_the_last_good_text_back_after_cancelling(qtbot, panel, monkeypatch):
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    retype(panel, "9 8 7")
    panel.session.cancel()
    qtbot.waitUntil(lambda: bool(shown(panel, "sequence_error")))
    QTest.keyClick(editor_of(panel), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor_of(panel).toPlainText() == "1, 0.5, 0.25, 1"
    assert shown(panel, "sequence_error") == ""


def test_typing_on_holds_what_others_have_asked_for_since(qtbot, panel, monkeypatch):
    session = panel.session
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    with qtbot.waitSignal(session.run_changed):
        retype(panel, "9 8 7")
        session.apply("write notes", replace(session.wanted, notes="odd"))
        retype(panel, "9 8 7 6")
        session.apply("switch the bug on", replace(session.wanted, bug=Bug.DC_NOT_CARRIED))
        retype(panel, "9 8 7 6 5")
    assert (session.run.length, session.experiment.bug, session.experiment.notes) == (5, Bug.DC_NOT_CARRIED, "odd")


def test_an_example_whose_opening_is_cancelled_is_not_the_one_on_show(qtbot, panel, examples, monkeypatch):
    monkeypatch.setattr("lstmviz.gui.session.SYNCHRONOUS_SECONDS", 0.0)
    panel.example_chosen.connect(lambda name: panel.session.apply("open", examples[name]))
    box = panel.findChild(QComboBox, "example_choice")
    box.setCurrentIndex(box.findText("Letters"))
    box.activated.emit(box.currentIndex())
    assert box.currentText() == "Letters"
    panel.session.cancel()
    qtbot.waitUntil(lambda: box.currentText() == "Worked example")
