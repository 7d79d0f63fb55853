"""The sequence section takes a file of numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from lstmviz.core.experiment import Experiment
from lstmviz.gui.panels.experiment_panel import ExperimentPanel
from lstmviz.gui.panels.sequence_import.import_dialog import SequenceImportDialog


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
