"""Where everything stands on the inspector's page: a pure function of what it says, its width and the theme."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from PyQt6.QtCore import QLineF, QPointF, QRect, QRectF
from PyQt6.QtGui import QColor, QFont, QFontMetricsF

from lstmviz.core.explanations.explanation import Explanation, Part, Term, TermKind
from lstmviz.core.quantity import Quantity
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.style import Theme, number_font, text_font
from lstmviz.gui.views.inspector.content import Card, Content

MARGIN = 14
VALUE_WIDTH = 74
"""Room for the number beside a bar."""

_BREAKS = (re.compile(r"(?<=[+=]) (?![^(]*\))"), re.compile(r"(?<=[×+=]) (?![^(]*\))"), re.compile(" "))
"""Where formulas are broken: after a sum's operators outside brackets, after a product's too, anywhere."""

_MOST_ADVANCES = 5000
_BY_SYMBOL = {quantity.symbol: quantity for quantity in Quantity}
_HUES = {
    TermKind.INPUT: Quantity.INPUT,
    TermKind.RECURRENT: Quantity.HIDDEN_STATE,
    TermKind.PEEPHOLE: Quantity.CELL_STATE,
    TermKind.KEPT: Quantity.FORGET_GATE,
    TermKind.WRITTEN: Quantity.INPUT_GATE,
    TermKind.INPUT_GATE: Quantity.INPUT_GATE,
    TermKind.CANDIDATE: Quantity.CANDIDATE,
    TermKind.OUTPUT_GATE: Quantity.OUTPUT_GATE,
}
"""Terms have the hue of where they come from; the others are grey."""


class TextStyle:
    """A font with its measures, which are asked for again and again."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        metrics = QFontMetricsF(font)
        self._metrics = metrics
        self.ascent, self.line = metrics.ascent(), math.ceil(metrics.height()) + 1.0
        self._advances: dict[str, float] = {}

    def advance(self, text: str) -> float:
        """The width of ``text``."""
        found = self._advances.get(text)
        if found is None:
            if len(self._advances) > _MOST_ADVANCES:
                self._advances.clear()
            found = self._advances[text] = self._metrics.horizontalAdvance(text)
        return found


class TextStyles:
    """The fonts of the page; made when there is an application."""

    def __init__(self) -> None:
        self.title, self.body = TextStyle(text_font(13, bold=True)), TextStyle(text_font(12))
        self.heading = TextStyle(text_font(11, bold=True))
        self.formula, self.numbers = TextStyle(number_font(13)), TextStyle(number_font(12))
        self.result = TextStyle(number_font(12, bold=True))
        self.term, self.value = TextStyle(number_font(11)), TextStyle(number_font(11, bold=True))


@dataclass(frozen=True, eq=False)
class TextRun:
    """Text at a baseline."""

    at: QPointF
    text: str
    font: QFont
    colour: QColor


@dataclass(frozen=True, eq=False)
class LinkPlace:
    """Where a link lies; without ``target`` it shows all terms."""

    rect: QRect
    target: ValueReference | None
    name: str


@dataclass(eq=False)
class Placed:
    """Everything on the page."""

    runs: list[TextRun] = field(default_factory=list)
    bars: list[tuple[QRectF, QColor]] = field(default_factory=list)
    axes: list[QLineF] = field(default_factory=list)
    underlines: list[QLineF] = field(default_factory=list)
    links: list[LinkPlace] = field(default_factory=list)
    height: float = 0.0


def lay_out(content: Content, width: int, theme: Theme, styles: TextStyles) -> Placed:
    """Place everything on a page of ``width`` pixels."""
    page = _Page(width, theme, styles)
    page.paragraph(content.trail, styles.body, theme.muted)
    page.paragraph(content.title, styles.title, theme.text)
    page.space(3)
    page.paragraph(content.sentence, styles.body, theme.muted)
    for card in content.cards:
        page.space(14)
        page.card(card)
    page.space(14)
    page.paragraph(content.note, styles.body, theme.muted)
    page.placed.height = page.y + MARGIN
    return page.placed


class _Page:
    """Fills a page from top to bottom."""

    def __init__(self, width: int, theme: Theme, styles: TextStyles) -> None:
        self.placed = Placed()
        self.theme, self.styles = theme, styles
        self.left, self.right = float(MARGIN), float(width - MARGIN)
        self.x, self.y = self.left, float(MARGIN - 2)
        self._text, self._muted = QColor(theme.text), QColor(theme.muted)

    def space(self, height: float) -> None:
        """Leave room."""
        self.y += height

    def paragraph(self, text: str, style: TextStyle, colour: str | QColor, *, formula: bool = False) -> None:
        """Text, wrapped between words."""
        if not text:
            return
        colour = QColor(colour)
        for line in wrapped(text, style, self.right - self.left, formula=formula):
            self._run(self.left, line, style, colour)
            self.y += style.line

    def card(self, card: Card) -> None:
        """One explanation."""
        styles, theme, found = self.styles, self.theme, card.explanation
        top = self.y
        self.paragraph(card.heading, styles.heading, theme.muted)
        if card.pinnable and found.reference is not None:
            width = min(styles.heading.advance(card.heading), self.right - self.left)
            self._link(
                QRectF(self.left, top, width, self.y - top), found.reference, f"{card.heading} Keep it in sight."
            )
        self.space(3)
        self.paragraph(card.formula, styles.formula, hue_of(found, theme), formula=True)
        self.paragraph(card.numbers, styles.numbers, theme.muted, formula=True)
        self.paragraph(card.result, styles.result, theme.text)
        self.paragraph(card.before, styles.body, theme.muted)
        self.space(6)
        self._terms(found)
        if card.total:
            self._total(card)

    def _terms(self, found: Explanation) -> None:
        finite = [abs(term.value) for term in found.terms if math.isfinite(term.value)]
        largest = max(finite, default=0.0) or 1.0
        signed = any(term.value < 0 for term in found.terms)
        room = self.right - self.left - VALUE_WIDTH
        axis = self.left + VALUE_WIDTH + (room / 2 if signed else 0)
        scale = (room / 2 if signed else room) / largest
        for term in found.terms:
            self._label(term)
            if found.is_sum:
                self._bar(found, term, axis, scale)
            self.space(3)

    def _label(self, term: Term) -> None:
        """How a term came about, its sources as links; wrapped between its parts."""
        style, self.x = self.styles.term, self.left
        parts = term.parts if term.kind is not TermKind.REST else (Part(term.label + ": show all"),)
        for part in parts:
            width = style.advance(part.text)
            if self.x > self.left and self.x + width > self.right:
                self.x = self.left
                self.y += style.line
            linked = part.source is not None or term.kind is TermKind.REST
            self._run(self.x, part.text, style, self._text if linked else self._muted)
            if linked:
                rect = QRectF(self.x, self.y, min(width, self.right - self.x), style.line)
                self._link(rect, part.source, f"Why is {part.text}?" if part.source else part.text)
            self.x += width
        self.y += style.line

    def _bar(self, found: Explanation, term: Term, axis: float, scale: float) -> None:
        style = self.styles.value
        self._run(self.left, found.written(term.value, signed=True), style, self._text)
        length = term.value * scale if math.isfinite(term.value) else 0.0
        if math.isinf(term.value):
            length = math.copysign(self.right - axis, term.value)
        left, right = sorted((axis, axis + length))
        middle = self.y + style.line / 2
        colour = bar_colour(term.kind, self.theme)
        self.placed.bars.append((QRectF(left, middle - 4.5, max(right - left, 1.2), 9), colour))
        self.placed.axes.append(QLineF(axis, middle - 7, axis, middle + 7))
        self.y += style.line

    def _total(self, card: Card) -> None:
        top, style = self.y, self.styles.result
        self.paragraph(card.total, style, self.theme.text)
        reference = card.explanation.total_reference
        if reference is not None:
            before = style.advance("sum ") if card.explanation.is_sum else 0.0
            width = min(style.advance(card.total) - before, self.right - self.left - before)
            self._link(QRectF(self.left + before, top, width, style.line), reference, f"Why is {reference.name}?")

    def _run(self, x: float, text: str, style: TextStyle, colour: QColor) -> None:
        self.placed.runs.append(TextRun(QPointF(x, self.y + style.ascent), text, style.font, colour))

    def _link(self, rect: QRectF, target: ValueReference | None, name: str) -> None:
        self.placed.links.append(LinkPlace(rect.adjusted(-2, 0, 2, 0).toAlignedRect(), target, name))
        self.placed.underlines.append(QLineF(rect.left(), rect.bottom() - 0.5, rect.right(), rect.bottom() - 0.5))


def wrapped(text: str, style: TextStyle, width: float, *, formula: bool = False) -> list[str]:
    """The lines of ``text``, broken between words; a formula after its operators, if that is enough."""
    if style.advance(text) <= width:
        return [text]
    lines, line, used = [], "", 0.0
    space = style.advance(" ")
    for word in _pieces(text, style, width) if formula else text.split(" "):
        advance = style.advance(word)
        if line and used + space + advance > width:
            lines.append(line)
            line, used = word, advance
        else:
            line, used = (f"{line} {word}", used + space + advance) if line else (word, advance)
    return [*lines, line]


def _pieces(text: str, style: TextStyle, width: float) -> list[str]:
    """What of a formula stays together."""
    for breaks in _BREAKS:
        pieces = breaks.split(text)
        if all(style.advance(piece) <= width for piece in pieces):
            break
    return pieces


def hue_of(found: Explanation, theme: Theme) -> QColor:
    """The hue of the quantity that is explained."""
    quantity = _BY_SYMBOL.get(found.symbol)
    return theme.colour(quantity) if quantity else QColor(theme.text)


def bar_colour(kind: TermKind, theme: Theme) -> QColor:
    """The hue of a term's bar."""
    if kind is TermKind.MISTAKE:
        return QColor(theme.warning)
    quantity = _HUES.get(kind)
    return theme.colour(quantity) if quantity else QColor(theme.rnn)
