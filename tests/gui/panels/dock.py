"""The experiment dock as somebody reads it and types into it."""

from __future__ import annotations

from PyQt6.QtWidgets import QLabel, QPlainTextEdit

from lstmviz.gui.panels.experiment_panel import ExperimentPanel


def shown(panel: ExperimentPanel, name: str) -> str:
    """The words of the label of this name; empty where it is hidden."""
    label = panel.findChild(QLabel, name)
    return label.text() if label.isVisible() else ""


def editor_of(panel: ExperimentPanel) -> QPlainTextEdit:
    """Where the sequence is typed."""
    return panel.findChild(QPlainTextEdit, "sequence_text_edit")


def retype(panel: ExperimentPanel, text: str) -> None:
    """Select all of the sequence, type over it, and let the pause pass."""
    editor = editor_of(panel)
    editor.selectAll()
    editor.insertPlainText(text)
    panel.sequence_section.field.flush()
