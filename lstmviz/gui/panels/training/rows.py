"""How the fields of a training stand: a label before each, and what is wrong with it right below."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import QCheckBox, QFormLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lstmviz.gui.panels.fields import ErrorLine, NumberBox, buddy_label

LABEL_WIDTH = 94
"""Pixels, so that the fields of all groups stand below each other."""


class Rows(QFormLayout):
    """A form that has an error line for every place that an LstmvizError may name."""

    def __init__(self) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.setVerticalSpacing(5)
        self.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self.error_lines: dict[str, ErrorLine] = {}

    def add(self, words: str, field: QWidget, *places: str, within: QWidget | None = None) -> None:
        """A field with its label; ``within`` is what stands in the row, where that is more than the field.

        places  the names that errors give it
        """
        shown = within or field
        shown.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        label = buddy_label(words, field)
        label.setMinimumWidth(LABEL_WIDTH)
        self.addRow(label, shown)
        self.add_error_line(field.objectName(), *places)

    def add_checked(self, check: QCheckBox, box: QWidget, place: str) -> None:
        """A field that counts only while ``check``, which stands in place of its label, is ticked."""
        check.setMinimumWidth(LABEL_WIDTH)
        box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.addRow(check, box)
        self.add_error_line(box.objectName(), place)

    def add_error_line(self, name: str, *places: str) -> None:
        """Room below the last row for what is wrong at ``places``."""
        if places:
            line = ErrorLine(f"{name}_error")
            self.addRow(line)
            self.error_lines |= dict.fromkeys(places, line)


def show_number(box: NumberBox, value: float) -> None:
    """Show a value from outside; nothing is reported."""
    with QSignalBlocker(box):
        box.setValue(value)


class Fold(QWidget):
    """Fields that most people never need, behind a button."""

    def __init__(self, name: str, words: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.button = QToolButton()
        self.button.setObjectName(f"{name}_button")
        self.button.setText(words)
        self.button.setToolTip(tip)
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setStyleSheet("QToolButton { border: none } QToolButton:focus { text-decoration: underline }")
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.body = QWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.button)
        column.addWidget(self.body)
        self.button.toggled.connect(self._show)
        self._show(shown=False)

    def unfold(self) -> None:
        """Show the fields."""
        self.button.setChecked(True)

    def _show(self, shown: bool) -> None:
        self.body.setVisible(shown)
        self.button.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
