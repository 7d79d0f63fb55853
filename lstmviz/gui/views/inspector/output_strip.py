"""What comes out of the step, below the explanations: a strip that folds, there while the outputs choose something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from lstmviz.core.analysis.class_names import has_classes
from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.run import Run
from lstmviz.gui.style import Theme

if TYPE_CHECKING:
    from lstmviz.gui.views.inspector.output_bars import OutputBars


class OutputStrip(QFrame):
    """A title and the bars of the cursor's step. Hidden where the outputs are plain numbers."""

    followed = pyqtSignal(object)
    """A link was clicked; carries a ValueReference."""
    pointed_at = pyqtSignal(object)
    """The mouse is over a link to this ValueReference, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("output_strip")
        self.header: QToolButton | None = None
        self.bars: OutputBars | None = None
        self._sentence = ""
        self.hide()

    def show_place(self, run: Run, cursor: Cursor, theme: Theme) -> None:
        """Show what comes out of the cursor's step."""
        shown = has_classes(run)
        self._sentence = ""
        if shown:
            from lstmviz.core.analysis.class_outputs import step_output
            from lstmviz.gui.views.inspector.output_bars import MOST
            from lstmviz.gui.views.inspector.output_words import as_sentence, question

            header, bars = self._parts()
            found = step_output(run, cursor.t, MOST)
            self._sentence = as_sentence(run, found)
            header.setText(question(run, cursor.t).replace("&", "&&"))
            bars.show_output(run, found, known=is_known(cursor), theme=theme)
        self.setVisible(shown)

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

    def _parts(self) -> tuple[QToolButton, OutputBars]:
        """The title and the bars, made the first time: most networks give plain numbers."""
        if self.header is None or self.bars is None:
            from lstmviz.gui.views.inspector.output_bars import OutputBars

            self.header, self.bars = self._made_header(), OutputBars()
            self.bars.followed.connect(self.followed)
            self.bars.pointed_at.connect(self.pointed_at)
            column = QVBoxLayout(self)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            column.addWidget(self.header)
            column.addWidget(self.bars)
        return self.header, self.bars

    def _made_header(self) -> QToolButton:
        header = QToolButton()
        header.setObjectName("output_header")
        header.setToolTip("The output y[t] as probabilities: what the network finds likeliest, and the target")
        header.setCheckable(True)
        header.setChecked(True)
        header.setAutoRaise(True)
        header.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        header.setArrowType(Qt.ArrowType.DownArrow)
        header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        header.toggled.connect(self._fold)
        return header

    def _fold(self, opened: bool) -> None:
        header, bars = self._parts()
        header.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        bars.setVisible(opened)


def is_known(cursor: Cursor) -> bool:
    """Whether the walk through the step has come to its end, in whatever layer it goes; the backward pass knows all."""
    return cursor.backward or cursor.stage is Stage.HIDDEN
