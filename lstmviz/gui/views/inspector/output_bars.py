"""The probabilities that come out of a step, as bars; each name is a link to why its y is what it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PyQt6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QColor, QGuiApplication, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from lstmviz.core.analysis.class_outputs import ClassOutput, StepOutput
from lstmviz.core.numerals import shortened
from lstmviz.core.run import Run
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.style import LIGHT, Theme
from lstmviz.gui.views.inspector.link import Link
from lstmviz.gui.views.inspector.output_words import as_sentence, as_table, share, softmax_in_words, target_in_words
from lstmviz.gui.views.inspector.page_layout import MARGIN, TextStyle, TextStyles, wrapped

MOST = 5
"""So many of the likeliest are shown, and the target."""

_ROW, _BAR = 18, 11
_NAME_WIDTH, _SHARE_WIDTH = 82, 62
_NAME_CHARACTERS = 24
_PALE = 70
"""Opacity, of 255, of bars that the stage under the cursor has not computed yet."""


@dataclass(frozen=True)
class _Row:
    """One bar: what it shows, where it lies, and whether it is the target's."""

    output: ClassOutput
    top: float
    is_target: bool


class OutputBars(QWidget):
    """Draws a StepOutput. What has not been computed yet is pale."""

    followed = pyqtSignal(object)
    """A name was clicked: carries the ValueReference of its y."""

    pointed_at = pyqtSignal(object)
    """The mouse is over a name: carries the ValueReference of its y, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("output_bars")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        copy = QAction("Copy the probabilities as a table", self)
        copy.setObjectName("copy_output")
        copy.triggered.connect(self.copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.found: StepOutput | None = None
        self.known = True
        self.links: list[Link] = []
        self._theme: Theme = LIGHT
        self._styles = TextStyles()
        self._lines: list[str] = []
        self._rows: tuple[_Row, ...] = ()
        self._height = 0.0
        self._shape = (0, 0)

    def show_output(self, run: Run, found: StepOutput, *, known: bool, theme: Theme) -> None:
        """Draw another step, or the same one once its output is ``known``."""
        if (found, known) == (self.found, self.known) and theme is self._theme:
            return
        self.found, self.known, self._theme = found, known, theme
        self.setAccessibleName("probabilities that come out")
        self.setAccessibleDescription(as_sentence(run, found))
        self._lay_out()

    @property
    def shown(self) -> tuple[ClassOutput, ...]:
        """The outputs that have a bar, from top to bottom."""
        return tuple(row.output for row in self._rows)

    def copy(self) -> None:
        """Put the bars on the clipboard, as a table."""
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        if self.found is not None:
            clipboard.setText(as_table(self.found))

    def sizeHint(self) -> QSize:
        return QSize(250, math.ceil(self._height))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, math.ceil(self._height))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._lay_out()

    # Where everything is

    def _lay_out(self) -> None:
        found = self.found
        if found is None:
            return
        line, room = self._styles.body.line, self.width() - 2 * MARGIN
        top = 1.0
        target = found.target
        outputs = list(found.likeliest)
        if target is not None and all(each.number != target.number for each in outputs):
            outputs.append(target)
        rows = []
        for place, output in enumerate(outputs):
            gap = 5 if place == MOST else 0  # the target stands apart: others would come before it
            rows.append(_Row(output, top + gap, target is not None and output.number == target.number))
            top += _ROW + gap
        self._rows = tuple(rows)
        said = [_failure(found)] if not rows else [target_in_words(found), softmax_in_words(found)]
        if rows and not self.known:
            said = ["not computed yet: the step ends with it", *said[1:]]
        self._lines = [part for each in said if each for part in wrapped(each, self._styles.body, room)]
        # it keeps its height from step to step: the page above would be laid out anew
        shape = (found.outputs, self.width())
        least = self._height if shape == self._shape else 0.0
        self._shape, self._height = shape, max(least, top + 4 + len(self._lines) * line + 8)
        self._place_links()
        if self.height() != math.ceil(self._height):
            self.updateGeometry()
        self.update()

    def _place_links(self) -> None:
        assert self.found is not None
        while len(self.links) < len(self._rows):
            link = Link(self)
            link.clicked.connect(self._clicked)
            link.changed_look.connect(self._link_changed)
            self.links.append(link)
        for number, link in enumerate(self.links):
            if number < len(self._rows):
                row = self._rows[number]
                target = ValueReference("y", self.found.t, "", row.output.number)
                link.show_target(target, f"“{row.output.name}” has {share(row.output.probability)}: why is its y that?")
                link.setGeometry(QRectF(MARGIN - 2, row.top, _NAME_WIDTH, _ROW).toAlignedRect())
            link.setVisible(number < len(self._rows))

    # Drawing

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
            body, theme = self._styles.body, self._theme
            left, right = MARGIN + _NAME_WIDTH, self.width() - MARGIN - _SHARE_WIDTH
            for row in self._rows:
                self._paint_row(painter, row, left, max(right, left + 10))
            if self._rows:
                painter.setPen(QPen(QColor(theme.faint), 1))
                last = self._rows[-1].top + _ROW
                painter.drawLine(QLineF(left, self._rows[0].top, left, last))
            top = (self._rows[-1].top + _ROW if self._rows else 1.0) + 4
            for number, line in enumerate(self._lines):
                self._text(painter, line, MARGIN, top + number * body.line, body, theme.muted)

    def _paint_row(self, painter: QPainter, row: _Row, left: float, right: float) -> None:
        theme, output = self._theme, row.output
        middle = row.top + _ROW / 2
        ink = theme.text if self.known else theme.muted
        style = self._styles.result if row.is_target else self._styles.numbers
        top = middle - style.line / 2
        mark = "▸ " if row.is_target else ""
        name = _fitting(f"{mark}{shortened(output.name, _NAME_CHARACTERS)}", style, _NAME_WIDTH - 8)
        self._text(painter, name, MARGIN, top, style, ink)
        self._underline(painter, row, style.advance(name))
        colour = QColor(theme.hidden)
        colour.setAlpha(255 if self.known else _PALE)
        room = right - left
        painter.fillRect(QRectF(left, middle - _BAR / 2, max(output.probability * room, 1.0), _BAR), colour)
        if output.before is not None:
            at = left + output.before * room
            painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QLineF(at, middle - _ROW / 2 + 1, at, middle + _ROW / 2 - 1))
        words = share(output.probability)
        x = self.width() - MARGIN - style.advance(words)
        self._text(painter, words, x, top, style, ink)

    def _underline(self, painter: QPainter, row: _Row, width: float) -> None:
        """A line below a name; a stronger one under the mouse or with the focus."""
        link = self.links[self._rows.index(row)]
        marked = link.underMouse() or link.hasFocus()
        painter.setPen(QPen(QColor(self._theme.output if marked else self._theme.faint), 1))
        bottom = row.top + _ROW - 1.5
        painter.drawLine(QLineF(MARGIN, bottom, MARGIN + width, bottom))
        if link.hasFocus():
            painter.drawRoundedRect(QRectF(link.geometry()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

    def _text(self, painter: QPainter, text: str, x: float, top: float, style: TextStyle, colour: str) -> None:
        painter.setFont(style.font)
        painter.setPen(QColor(colour))
        painter.drawText(QPointF(x, top + style.ascent), text)

    # The mouse

    def _clicked(self) -> None:
        link = self.sender()
        assert isinstance(link, Link)
        self.followed.emit(link.target)

    def _link_changed(self) -> None:
        self.update()
        pointed = next((link for link in self.links if link.isVisible() and link.underMouse()), None)
        self.pointed_at.emit(pointed.target if pointed else None)


def _failure(found: StepOutput) -> str:
    return f"One of the {found.outputs:,} outputs is not a finite number, so there are no probabilities."


def _fitting(text: str, style: TextStyle, room: float) -> str:
    """``text``, cut where there is no room for all of it."""
    while len(text) > 2 and style.advance(text) > room:
        text = text[:-2] + "…"
    return text
