"""The question before unsaved changes are left behind."""

from __future__ import annotations

from enum import Enum

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QMessageBox, QWidget


class SaveChoice(Enum):
    """What to do with unsaved changes; CANCEL stays where they are."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


def ask_to_save(parent: QWidget | None, name: str) -> SaveChoice:
    """Ask whether the changes to ``name`` are saved, and wait for the answer. Esc cancels."""
    box = QMessageBox(parent)
    box.setObjectName("ask_to_save")
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Unsaved changes")
    box.setTextFormat(Qt.TextFormat.PlainText)  # a name may look like HTML
    box.setText(f"Save the changes to {name}?")
    box.setInformativeText("Without saving, they are lost.")
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    box.setEscapeButton(buttons.Cancel)
    discard = box.button(buttons.Discard)
    if discard:
        discard.setText("Do&n’t save")
    box.exec()
    chosen = box.clickedButton()
    box.deleteLater()
    if chosen is box.button(buttons.Save):
        return SaveChoice.SAVE
    return SaveChoice.DISCARD if chosen is not None and chosen is discard else SaveChoice.CANCEL
