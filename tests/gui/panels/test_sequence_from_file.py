"""The sequence section takes a file of numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData
from PyQt6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from lstmviz.core.experiment import Experiment
from lstmviz.gui.panels import sequence_editor
from lstmviz.gui.panels.experiment_panel import ExperimentPanel
from lstmviz.gui.panels.sequence_import.import_dialog import SequenceImportDialog


def press(panel: ExperimentPanel, name: str) -> None:
    button = panel.findChild(QPushButton, name)
    assert button is not None
    button.click()


def use(qtbot: QtBot, panel: ExperimentPanel, path: Path) -> None:
    panel.sequence_section.open_file(path)
    dialog = panel.window().findChildren(SequenceImportDialog)[-1]
    qtbot.waitUntil(dialog.use_button.isEnabled, timeout=10_000)
    dialog.use_button.click()


def test_a_small_file_can_be_edited_as_text(panel: ExperimentPanel, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a;b\n0,5;1\n1,5;2\n")
    use(qtbot, panel, path)
    section = panel.sequence_section
    assert panel.session.experiment.sequence.features == ("a", "b")
    assert section.field.text == "a, b\n0.5, 1\n1.5, 2"
    assert section.size_line.text() == "2 steps × 2 features"
    panel.session.undo()
    assert section.field.text == "1, 0.5, 0.25, 1"


def test_a_large_file_is_a_card_with_its_name(
    make_panel: Callable[[Experiment], ExperimentPanel], examples: dict[str, Experiment], qtbot: QtBot, tmp_path: Path
) -> None:
    panel = make_panel(examples["feedback"])
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "1.25,2.5\n" * 12_000)
    use(qtbot, panel, path)
    qtbot.waitUntil(lambda: panel.session.experiment.sequence.length == 12_000, timeout=20_000)
    assert panel.sequence_section.field._summary.text() == "long.csv, 12,000 steps × 2 features"


def use_many(
    make_panel: Callable[[Experiment], ExperimentPanel], example: Experiment, qtbot: QtBot, path: Path
) -> ExperimentPanel:
    """A panel whose sequence came from a file of 24,000 numbers."""
    panel = make_panel(example)
    path.write_text("a,b\n" + "1.25,2.5\n" * 12_000)
    use(qtbot, panel, path)
    qtbot.waitUntil(lambda: panel.session.experiment.sequence.length == 12_000, timeout=20_000)
    return panel


def test_the_text_of_many_numbers_is_made_when_it_is_to_be_edited(
    make_panel: Callable[[Experiment], ExperimentPanel], examples: dict[str, Experiment], qtbot: QtBot, tmp_path: Path
) -> None:
    panel = use_many(make_panel, examples["feedback"], qtbot, tmp_path / "long.csv")
    section = panel.sequence_section
    assert panel.session.experiment.sequence.source == ""
    assert section.field._beginning.text().startswith("1.25, 2.5 1.25, 2.5")
    press(panel, "sequence_text_edit_edit_as_text")
    assert section.field.editor.isVisible()
    assert section.field.text == "a, b\n" + "\n".join(["1.25, 2.5"] * 12_000)


def test_many_numbers_come_back_after_another_kind_was_looked_at(
    make_panel: Callable[[Experiment], ExperimentPanel], examples: dict[str, Experiment], qtbot: QtBot, tmp_path: Path
) -> None:
    panel = use_many(make_panel, examples["feedback"], qtbot, tmp_path / "long.csv")
    many = panel.session.experiment.sequence
    press(panel, "sequence_text")
    qtbot.waitUntil(lambda: panel.session.experiment.sequence.length == len("hello hello"), timeout=20_000)
    press(panel, "sequence_numbers")
    qtbot.waitUntil(lambda: panel.session.experiment.sequence == many, timeout=20_000)
    assert panel.sequence_section.field._summary.text() == "24,000 numbers pasted"


def test_too_many_numbers_for_an_editor_say_so(
    make_panel: Callable[[Experiment], ExperimentPanel],
    examples: dict[str, Experiment],
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sequence_editor, "_MOST_EDITED", 23_999)
    panel = use_many(make_panel, examples["feedback"], qtbot, tmp_path / "long.csv")
    button = panel.findChild(QPushButton, "sequence_text_edit_edit_as_text")
    assert not button.isEnabled()
    assert "too many numbers" in button.toolTip()
    panel.session.undo()
    qtbot.waitUntil(lambda: panel.session.experiment.sequence.length < 12_000, timeout=20_000)
    assert panel.sequence_section.field.editor.isVisible()


def test_what_was_copied_in_another_program_is_previewed(panel: ExperimentPanel, qtbot: QtBot) -> None:
    clipboard = QApplication.clipboard()
    clipboard.setText("left\tright\n0,5\t1\n1,5\t2\n")
    press(panel, "sequence_paste")
    dialog = panel.window().findChildren(SequenceImportDialog)[-1]
    qtbot.waitUntil(dialog.use_button.isEnabled, timeout=10_000)
    dialog.use_button.click()
    sequence = panel.session.experiment.sequence
    assert sequence.features == ("left", "right")
    assert sequence.values.tolist() == [[0.5, 1], [1.5, 2]]


def test_an_empty_clipboard_changes_nothing_and_says_so(panel: ExperimentPanel, qtbot: QtBot) -> None:
    run = panel.session.run
    QApplication.clipboard().clear()
    press(panel, "sequence_paste")
    dialog = panel.window().findChildren(SequenceImportDialog)[-1]
    qtbot.waitUntil(lambda: "nothing in it" in dialog.error_line.text(), timeout=10_000)
    assert not dialog.use_button.isEnabled()
    dialog.reject()
    assert panel.session.run is run


def test_a_huge_paste_of_numbers_is_read_in_the_preview(
    panel: ExperimentPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequence_editor, "_MOST_PASTED", 100_000)
    pasted = QMimeData()
    pasted.setText("0.125\n" * 20_000)
    run = panel.session.run
    panel.sequence_section.field.editor.insertFromMimeData(pasted)
    dialog = panel.window().findChildren(SequenceImportDialog)[-1]
    qtbot.waitUntil(dialog.use_button.isEnabled, timeout=10_000)
    assert dialog.size_label.text() == "20,000 steps × 1 feature"
    dialog.reject()
    assert panel.session.run is run
