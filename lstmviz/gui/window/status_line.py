"""The status line: what the current stage does or the hovered value, the losses, and the gradient check."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.explanations.narration import stage_sentence
from lstmviz.core.run import Run
from lstmviz.core.text import number
from lstmviz.gui.style import Theme
from lstmviz.gui.views.check_badge import CheckBadge

_MARGIN = 8
"""Pixels left and right of the sentence."""


class Sentence(QLabel):
    """One line of text, cut where there is no more room. Another text draws it anew and nothing else.

    A plain label would have the whole window laid out again at every step.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        """All of the text."""
        return self._text

    def setText(self, text: str | None) -> None:
        """Another text."""
        if text != self._text:
            self._text = text or ""
            self.setAccessibleName(self._text)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height() + 4)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.setPen(self.palette().windowText().color())
            room = self.rect().adjusted(_MARGIN, 0, -_MARGIN, 0)
            line = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)


class StatusLine(QStatusBar):
    """Says the sentence of the stage, until something else is to be said."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = ""
        self.sentence = Sentence()
        self.sentence.setObjectName("sentence")
        self.loss_label = QLabel()
        self.loss_label.setObjectName("loss")
        self.loss_label.setToolTip("L is the loss of this network on this sequence, and of the vanilla RNN beside it")
        self.badge = CheckBadge()
        self.addWidget(self.sentence, 1)
        self.addPermanentWidget(self.loss_label)
        self.addPermanentWidget(self.badge)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.badge.set_theme(theme)

    def show_run(self, run: Run) -> None:
        """Show the losses of another run; those before its what-ifs too."""
        losses = f"L = {number(run.main.loss)}"
        if run.before:
            losses += f" (before {number(run.before.main.loss)})"
        if run.baseline:
            losses += f"   vanilla RNN: L = {number(run.baseline.loss)}"
        self.loss_label.setText(losses)

    def show_cursor(self, run: Run, cursor: Cursor) -> None:
        """Say what the stage at the cursor does."""
        self._stage = stage_sentence(run, cursor)
        self.sentence.setText(self._stage)

    def say(self, sentence: str) -> None:
        """Say something else; an empty sentence is the stage's again."""
        self.sentence.setText(sentence or self._stage)
