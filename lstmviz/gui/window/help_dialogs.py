"""The dialogs of the Help menu."""

from __future__ import annotations

from html import escape
from itertools import groupby

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QMessageBox, QVBoxLayout, QWidget

from lstmviz import __version__
from lstmviz.gui.shortcuts import SHORTCUTS, keys_in_words


def show_keys(parent: QWidget) -> QDialog:
    """Open the table of keys; it does not block the window."""
    dialog = QDialog(parent)
    dialog.setObjectName("keys_dialog")
    dialog.setWindowTitle("Keys")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    table = QLabel(_keys_table())
    table.setTextFormat(Qt.TextFormat.RichText)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column = QVBoxLayout(dialog)
    column.addWidget(table)
    column.addWidget(buttons)
    dialog.show()
    return dialog


def _keys_table() -> str:
    rows = []
    for group, members in groupby(SHORTCUTS, key=lambda each: each.group):
        rows.append(f"<tr><td colspan=2><b>{escape(group)}</b></td></tr>")
        rows += [
            f"<tr><td style='padding-right: 24px'>{escape(keys_in_words(each))}</td><td>{escape(each.words)}</td></tr>"
            for each in members
        ]
    return f"<table cellpadding=3>{''.join(rows)}</table>"


def show_about(parent: QWidget) -> QMessageBox:
    """Open what lstmviz is, its version and licence; it does not block the window."""
    box = QMessageBox(parent)
    box.setObjectName("about_dialog")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("About lstmviz")
    box.setText(f"<b>lstmviz {__version__}</b>")
    box.setInformativeText(
        "A time-travel debugger for recurrent networks: see what every gate of an LSTM does to its memory, "
        "and where the gradient goes.\n\nGPL-3.0-or-later, because PyQt6 is GPL-3.0."
    )
    box.open()
    return box
