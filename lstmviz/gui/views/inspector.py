"""Why the current stage's numbers are what they are: formula, numbers, and the terms as bars."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QLineF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.explain import explain_stage
from lstmviz.core.explanation import Explanation, Term, TermKind
from lstmviz.core.narration import STAGE_TITLES, stage_sentence
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import Run
from lstmviz.core.text import number
from lstmviz.core.trace import LSTMTrace
from lstmviz.gui.style import Theme, number_font, text_font
from lstmviz.gui.views.view import View

MOST_CARDS = 2
"""A stage explains at most this many values."""

_ROW = 34
_BY_SYMBOL = {quantity.symbol: quantity for quantity in Quantity}


class TermBars(QWidget):
    """The terms of a sum as signed bars on one scale, with the sum below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._explanation: Explanation | None = None
        self._theme: Theme | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_terms(self, explanation: Explanation, theme: Theme) -> None:
        """Draw the terms of ``explanation``."""
        self._explanation, self._theme = explanation, theme
        self.setFixedHeight(_ROW * len(explanation.terms) + (26 if explanation.terms else 0))
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._explanation is None or self._theme is None or not self._explanation.terms:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        terms, theme = self._explanation.terms, self._theme
        finite = [abs(term.value) for term in terms if np.isfinite(term.value)]
        largest = max(finite, default=0.0) or 1.0
        signed = any(term.value < 0 for term in terms)
        axis = self.width() / 2 if signed else 0.0
        room = (self.width() / 2 if signed else self.width()) - 4
        for row, term in enumerate(terms):
            self._paint_term(painter, term, row * _ROW, axis, room / largest)
        painter.setPen(QColor(theme.text))
        painter.setFont(number_font(12, bold=True))
        total = f"sum {self._explanation.total_name} = {number(self._explanation.total, signed=True)}"
        rect = QRectF(0, len(terms) * _ROW + 2, self.width(), 20)
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, total)
        painter.end()

    def _paint_term(self, painter: QPainter, term: Term, y: float, axis: float, scale: float) -> None:
        assert self._theme is not None
        end = axis + float(np.nan_to_num(term.value)) * scale
        left, right = sorted((axis, end))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_hue(term.kind, self._theme))
        painter.drawRect(QRectF(left, y + 18, max(right - left, 1.2), 9))
        painter.setPen(QPen(QColor(self._theme.faint), 1))
        painter.drawLine(QLineF(axis, y + 16, axis, y + 29))
        painter.setFont(number_font(11, bold=True))
        painter.setPen(QColor(self._theme.text))
        value = number(term.value, signed=True)
        width = QFontMetricsF(painter.font()).horizontalAdvance(value)
        line = QRectF(0, y, self.width(), 16)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, value)
        painter.setFont(number_font(11))
        painter.setPen(QColor(self._theme.muted))
        metrics = QFontMetricsF(painter.font())
        rest = line.adjusted(width + 10, 0, 0, 0)
        label = metrics.elidedText(term.label, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label)


class ExplanationCard(QWidget):
    """One value: why it is what it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading, self.formula, self.numbers, self.result = (QLabel(self) for _ in range(4))
        self.bars = TermBars(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 14)
        layout.setSpacing(5)
        self.heading.setFont(text_font(11, bold=True))
        for label in (self.formula, self.numbers, self.result):
            label.setFont(number_font(13 if label is self.formula else 12))
            label.setWordWrap(True)
        for label in (self.heading, self.formula, self.numbers, self.result):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(label)
        layout.addWidget(self.bars)

    def explain(self, explanation: Explanation, theme: Theme) -> None:
        """Show ``explanation``."""
        value = number(explanation.value)
        hue = theme.colour(_BY_SYMBOL[explanation.symbol]).name()
        self.heading.setText(f"WHY IS {explanation.name} = {value} ?")
        _restyle(self.heading, f"color: {theme.muted}")
        self.formula.setText(f"{explanation.name} = {explanation.formula}")
        _restyle(self.formula, f"color: {hue}")
        self.numbers.setText(f"= {explanation.substituted}")
        _restyle(self.numbers, f"color: {theme.muted}")
        self.result.setText(f"= {number(explanation.value, digits=6)}")
        _restyle(self.result, f"color: {theme.text}; font-weight: bold")
        self.bars.show_terms(explanation, theme)


class InspectorView(View):
    """The explanation of what the cursor's stage computed for the pinned unit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self.setMinimumWidth(250)
        self.stage_title, self.sentence, self.note = (QLabel(self) for _ in range(3))
        self.stage_title.setFont(text_font(13, bold=True))
        self.cards = tuple(ExplanationCard(self) for _ in range(MOST_CARDS))
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        for label in (self.stage_title, self.sentence, self.note):
            label.setWordWrap(True)
        column.addWidget(self.stage_title)
        column.addWidget(self.sentence)
        column.addSpacing(6)
        for card in self.cards:
            column.addWidget(card)
        column.addWidget(self.note)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # always there, so that the text does not wrap anew when one stage explains more than another
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def sizeHint(self) -> QSize:
        return QSize(285, 420)

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Explain the cursor's place in another run."""
        super().show_run(run, cursor)
        self._explain()

    def show_cursor(self, cursor: Cursor) -> None:
        """Explain another place."""
        self.cursor_at = cursor  # nothing to draw but the labels, which do it themselves; the scroll bar is dear
        self._explain()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        self._explain()

    def summary(self) -> str:
        """The explanations as one text."""
        shown = [card for card in self.cards if not card.isHidden()]
        return " ".join(f"{card.formula.text()} {card.numbers.text()} {card.result.text()}." for card in shown)

    def _explain(self) -> None:
        if self.run is None or self.cursor_at is None:
            return
        explanations = explain_stage(self.run, self.cursor_at)
        self.stage_title.setText(STAGE_TITLES[self.cursor_at.stage])
        self.sentence.setText(stage_sentence(self.run, self.cursor_at))
        _restyle(self.sentence, f"color: {self.theme.muted}")
        for k, card in enumerate(self.cards):
            card.setVisible(k < len(explanations))
            if k < len(explanations):
                card.explain(explanations[k], self.theme)
        self.note.setText(_symbols(self.run, self.cursor_at))
        _restyle(self.note, f"color: {self.theme.muted}")


def _restyle(label: QLabel, style_sheet: str) -> None:
    """Another style sheet; an equal one, set again, would lay out and draw the label anew."""
    if label.styleSheet() != style_sheet:
        label.setStyleSheet(style_sheet)


def _symbols(run: Run, cursor: Cursor) -> str:
    """What the symbols on the page mean."""
    if cursor.backward:
        return (
            "dh, dc, dz stand for dL/dh, dL/dc, dL/dz: how much the loss L would change. They are total derivatives, "
            "by backpropagation through time. U_kᵀ dz_k is what gate k sends back through its recurrent weights."
        )
    if not isinstance(run.trace[cursor.layer], LSTMTrace):
        return "z is the weighted sum: W weighs the input x, U the last output h, b is the bias."
    if cursor.stage is Stage.READ:
        return "x is the input, h the cell’s last output. Each gate weighs both in its own way."
    if cursor.stage is Stage.CELL:
        return "c is the memory, f the forget gate, i the input gate, g the candidate."
    if cursor.stage is Stage.HIDDEN:
        return "h is what the cell shows, o the output gate, c the memory."
    return (
        "z is the weighted sum before the gate’s curve: a weight times the input x, a weight times the last "
        "output h, and a bias. sigmoid squeezes z into 0 to 1, tanh into −1 to 1."
    )


def _hue(kind: TermKind, theme: Theme) -> QColor:
    """Terms have the hue of where they come from."""
    quantity = {
        TermKind.INPUT: Quantity.INPUT,
        TermKind.RECURRENT: Quantity.HIDDEN_STATE,
        TermKind.KEPT: Quantity.FORGET_GATE,
        TermKind.WRITTEN: Quantity.INPUT_GATE,
        TermKind.INPUT_GATE: Quantity.INPUT_GATE,
        TermKind.CANDIDATE: Quantity.CANDIDATE,
        TermKind.OUTPUT_GATE: Quantity.OUTPUT_GATE,
    }.get(kind)
    return theme.colour(quantity) if quantity else QColor(theme.rnn)
