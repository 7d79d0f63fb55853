"""What comes out of the step, below the explanations: a strip that folds, there while the outputs choose something."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from lstmviz.core.class_outputs import has_classes, step_output
from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.run import Run
from lstmviz.gui.style import Theme
from lstmviz.gui.views.inspector.output_bars import MOST, OutputBars
from lstmviz.gui.views.inspector.output_words import as_sentence, question


class OutputStrip(QFrame):
    """A title and the bars of the cursor's step. Hidden where the outputs are plain numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("output_strip")
        self.header = QToolButton()
        self.header.setObjectName("output_header")
        self.header.setToolTip("The output y[t] as probabilities: what the network finds likeliest, and the target")
        self.header.setCheckable(True)
        self.header.setChecked(True)
        self.header.setAutoRaise(True)
        self.header.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.header.setArrowType(Qt.ArrowType.DownArrow)
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.toggled.connect(self._fold)
        self.bars = OutputBars()
        self._sentence = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.bars)
        self.hide()

    def show_place(self, run: Run, cursor: Cursor, theme: Theme) -> None:
        """Show what comes out of the cursor's step."""
        shown = has_classes(run)
        self.setVisible(shown)
        self._sentence = ""
        if shown:
            found = step_output(run, cursor.t, MOST)
            self._sentence = as_sentence(run, found)
            self.header.setText(question(run, cursor.t).replace("&", "&&"))
            self.bars.show_output(run, found, known=is_known(cursor), theme=theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.setStyleSheet(
            f"#output_strip {{ border: none; border-top: 1px solid {theme.border}; }}"
            f" #output_header {{ border: none; color: {theme.text}; font-weight: bold; padding: 5px 8px; }}"
            f" #output_header:focus {{ color: {theme.output}; }}"
        )

    def summary(self) -> str:
        """The bars as a sentence; empty where there are none."""
        return self._sentence

    def _fold(self, opened: bool) -> None:
        self.header.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        self.bars.setVisible(opened)


def is_known(cursor: Cursor) -> bool:
    """Whether the walk through the step has come to its end, in whatever layer it goes; the backward pass knows all."""
    return cursor.backward or cursor.stage is Stage.HIDDEN
