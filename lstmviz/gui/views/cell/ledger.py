"""Ledgers: what adds up to a value, as bars that start where the one before ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QColor, QPen

from lstmviz.core.cursor import Stage
from lstmviz.core.engine.backward_step import BackwardStage, LSTMBackwardStep, RNNBackwardStep
from lstmviz.core.engine.step import LSTMStep, RNNStep
from lstmviz.core.magnitudes import signed_magnitude
from lstmviz.core.networks.parameters import GATES
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import number
from lstmviz.gui.style import Theme
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas, faded, ink
from lstmviz.gui.views.cell.ghost_marks import LEAST_SHIFT, draw_frame_before, draw_was
from lstmviz.gui.views.cell.reveal import Moment

HEIGHT = 116.0
"""Room that a ledger takes, in drawing units."""

MOST_SMALL = 8
"""This many other units get a small ledger each."""

_BARS = 76.0
_SMALL_COLUMNS = 2

_QUIET = 170
"""Opacity of the outlines of before, of 255."""

_WAS = 72.0
"""Room for a number of before, in front of the bars."""

_ROOM_FOR_WAS = 420.0
"""The least width of a ledger that tells them."""

_MARKS = "dashed and “was”"
"""What marks the numbers of before in the ledger itself."""


@dataclass(frozen=True)
class Entry:
    """One bar: it runs from ``start`` to ``end``; it is known from ``stage`` on.

    quantity, symbol  what a click on it asks for: itself, or the sum that it is a term of
    before            that is of the step before
    text              how the value is written, where not as usual
    """

    words: str
    value: float
    start: float
    end: float
    colour: QColor
    stage: Stage | BackwardStage
    quantity: Quantity
    symbol: str
    before: bool = False
    text: str = ""

    @property
    def number(self) -> str:
        """The value as it is written; gradients bring their own spelling in ``text``."""
        return self.text or number(self.value, signed=True)


@dataclass(frozen=True)
class Ledger:
    """The bars of one unit on a scale from ``low`` to ``high``, which contains 0.

    before  the same bars without the what-ifs; empty where nothing differs
    """

    entries: tuple[Entry, ...]
    low: float
    high: float
    before: tuple[Entry, ...] = ()

    @staticmethod
    def of(entries: Sequence[Entry], low: float, high: float, before: Sequence[Entry] = ()) -> Ledger:
        """A ledger whose scale covers ``low`` to ``high``, zero, and every bar."""
        bars = (*entries, *before)
        ends = [low, high, 0.0, *(e.start for e in bars), *(e.end for e in bars)]
        finite = [end for end in ends if math.isfinite(end)]
        lowest, highest = min(finite), max(finite)
        return Ledger(tuple(entries), lowest, highest if highest > lowest else lowest + 1, tuple(before))

    def number_before(self, row: int) -> str:
        """``was +0.753``; empty where it reads the same."""
        if not self.before or self.before[row].number == self.entries[row].number:
            return ""
        return f"was {self.before[row].number}"

    def on_scale(self, value: float) -> float:
        """``value``, or the end of the scale that it lies beyond; 0 for a nan."""
        return 0.0 if math.isnan(value) else min(max(value, self.low), self.high)


def memory_entries(step: LSTMStep, unit: int, canvas: Canvas, *, held: bool = False) -> tuple[Entry, ...]:
    """c before; f c, kept; i g, written, which starts where the kept ends; c now, where the written ends.

    Where a what-if has ``held`` c, nothing is kept, and all of c is written by it.
    """
    before, kept, written, now = (float(v[unit]) for v in (step.c_before, step.kept, step.written, step.c))
    cell, faded = canvas.hue(Quantity.CELL_STATE), canvas.faded_hue(Quantity.CELL_STATE)
    forget, candidate = canvas.hue(Quantity.FORGET_GATE), canvas.hue(Quantity.INPUT_GATE)
    asks = (Quantity.CELL_STATE, "c")
    kept_words, written_words = ("kept nothing", "held at") if held else ("kept f × c", "written i × g")
    return (
        Entry(f"before c[{step.before}]", before, 0, before, faded, Stage.READ, *asks, before=True),
        Entry(kept_words, kept, 0, kept, forget, Stage.FORGET, *asks),
        Entry(written_words, written, kept, kept + written, candidate, Stage.CANDIDATE, *asks),
        Entry(f"now c[{step.t}]", now, 0, now, cell, Stage.CELL, *asks),
    )


def sum_entries(step: RNNStep, unit: int, theme: Theme, hue: QColor) -> tuple[Entry, ...]:
    """U h[t-1] carried on, W x read, the bias, and z, which they add up to."""
    carried, read, bias, z = (float(v[unit]) for v in (step.carried, step.read, step.bias, step.z))
    with_read, asks = carried + read, (Quantity.HIDDEN_STATE, "z")
    return (
        Entry(f"carried U h[{step.before}]", carried, 0, carried, hue, Stage.READ, *asks),
        Entry("read W x", read, carried, with_read, ink(theme.text), Stage.READ, *asks),
        Entry("bias b", bias, with_read, with_read + bias, ink(theme.muted), Stage.READ, *asks),
        Entry(f"sum z[{step.t}]", z, 0, z, hue, Stage.HIDDEN, *asks),
    )


def share_entries(step: LSTMBackwardStep, unit: int, theme: Theme) -> tuple[Entry, ...]:
    """The four per-gate shares of what goes on to h[t-1], each from where the one before ends, and their sum."""
    entries, start = [], 0.0
    stage, asks = BackwardStage.CARRY, (Quantity.HIDDEN_STATE, "dh", True)
    for quantity in (Quantity.FORGET_GATE, Quantity.INPUT_GATE, Quantity.CANDIDATE, Quantity.OUTPUT_GATE):
        value, hue = float(step.shares[GATES.index(quantity.symbol), unit]), theme.colour(quantity)
        words, text = f"{quantity.symbol}: Uᵀ dz_{quantity.symbol}", signed_magnitude(value)
        entries.append(Entry(words, value, start, start + value, hue, stage, *asks, text))
        start += value
    total, hue = float(step.dh_before[unit]), theme.colour(Quantity.HIDDEN_STATE)
    return (*entries, Entry(f"to h[{step.before}]", total, 0, total, hue, stage, *asks, signed_magnitude(total)))


def rnn_share_entries(step: RNNBackwardStep, unit: int, hue: QColor) -> tuple[Entry, ...]:
    """What arrives at h[t], and what goes on to h[t-1]."""
    return tuple(
        Entry(words, value, 0, value, hue, stage, Quantity.HIDDEN_STATE, symbol, before, signed_magnitude(value))
        for words, value, stage, symbol, before in (
            (f"dh[{step.t}]", float(step.dh[unit]), BackwardStage.ARRIVE, "dh", False),
            (f"dz[{step.t}]", float(step.dz[unit]), BackwardStage.CARRY, "dz", False),
            (f"to h[{step.before}]", float(step.dh_before[unit]), BackwardStage.CARRY, "dh", True),
        )
    )


def draw_ledger(
    canvas: Canvas,
    rect: QRectF,
    title: str,
    note: str,
    ledger: Ledger,
    moment: Moment,
    unit: int,
    *,
    share: float = 0.97,
    marks: str = _MARKS,
) -> None:
    """A unit's ledger with its title, words and numbers; the bars take the room up to ``share`` of the width.

    Where there is room the numbers of before stand in front of the bars, and beside the ``note`` stands what ``marks``
    them, here and in the drawing above.
    """
    painter, theme = canvas.painter, canvas.theme
    painter.setOpacity(1)
    painter.setPen(QPen(ink(theme.border), 1))
    painter.drawLine(QLineF(rect.left() + 8, rect.top(), rect.right() - 8, rect.top()))
    heading = QRectF(rect.left() + 10, rect.top() + 8, 300, 16)
    canvas.text(heading, title, theme.text, 12, bold=True, align=LEFT)
    width = painter.fontMetrics().horizontalAdvance(title)
    room = QRectF(heading.left() + width + 12, heading.top(), share * rect.width() - width - 22, 16)
    was = [ledger.number_before(row) for row in range(len(ledger.entries))]
    told = any(was) and rect.width() > _ROOM_FOR_WAS
    canvas.text(room, _note(note, marks if told else ""), theme.muted, 11, align=LEFT)
    words_end = rect.left() + min(186.0, 0.66 * rect.width())
    row_height = _BARS / max(len(ledger.entries), 4)
    axis = QRectF(words_end + 14, rect.top() + 32, rect.left() + share * rect.width() - words_end - 14, 0)
    if told:
        axis.setLeft(axis.left() + _WAS)
    axis.setHeight(row_height * len(ledger.entries))
    last, longest = len(ledger.entries) - 1, max(len(each.words) + len(each.number) for each in ledger.entries)
    line = QRectF(heading.left(), axis.top(), words_end - heading.left(), row_height)
    pixels = canvas.readable(11, "0" * (longest + 1), line, bold=True, mono=True)  # one size for all rows
    for row, entry in enumerate(ledger.entries):
        canvas.opacity(moment.strength(entry.stage, 0.5))
        colour = QColor(entry.colour)
        colour.setAlphaF(1)
        for text, align, value in ((entry.words, LEFT, False), (entry.number, RIGHT, True)):
            canvas.text(line, text, colour, pixels, bold=row == last, mono=True, align=align, value=value, grows=False)
        canvas.place(line, entry.quantity, unit, entry.symbol, before=entry.before)
        if told:
            draw_was(canvas, QRectF(line.right() + 10, line.top(), _WAS, row_height), was[row])
        line = line.translated(0, row_height)
    draw_bars(canvas, axis, ledger, moment, guides=True)


def _note(note: str, marks: str) -> str:
    """What stands beside the title: the ``note``, and what marks the numbers of before; empty where none are told."""
    return "; ".join(filter(None, (note, f"{marks}: before the what-ifs" if marks else "")))


def draw_bars(canvas: Canvas, axis: QRectF, ledger: Ledger, moment: Moment, *, guides: bool) -> None:
    """The bars round their zero; dotted guides lead from where one ends to where the next one starts."""
    painter, theme, last = canvas.painter, canvas.theme, len(ledger.entries) - 1
    row_height, thick = axis.height() / len(ledger.entries), 0.72 * axis.height() / len(ledger.entries)
    scale = axis.width() / (ledger.high - ledger.low)
    zero = axis.left() - ledger.low * scale
    painter.setOpacity(1)
    # lines of the painter are slower by far than narrow rectangles
    painter.fillRect(QRectF(zero - 0.5, axis.top() - 2, 1, axis.height() + 4), ink(theme.faint))
    y = axis.top() + 0.14 * row_height
    for row, entry in enumerate(ledger.entries):
        strength = moment.strength(entry.stage, 0.5)
        if strength == 0:
            continue
        painter.setOpacity(strength)
        start, end = zero + ledger.on_scale(entry.start) * scale, zero + ledger.on_scale(entry.end) * scale
        bar = QRectF(min(start, end), y + row * row_height, max(abs(end - start), 1.2), thick)
        painter.fillRect(bar, entry.colour)
        if ledger.before:
            _draw_bar_before(canvas, bar, ledger, row, zero, scale)
        if guides and 0 < row < last:
            painter.setPen(QPen(ink(theme.muted), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QLineF(end, bar.bottom(), end, bar.top() + row_height))


def _draw_bar_before(canvas: Canvas, bar: QRectF, ledger: Ledger, row: int, zero: float, scale: float) -> None:
    """The dashed outline of where a bar was, if it was elsewhere."""
    entry = ledger.before[row]
    start, end = zero + ledger.on_scale(entry.start) * scale, zero + ledger.on_scale(entry.end) * scale
    outline = QRectF(min(start, end), bar.top(), abs(end - start), bar.height())
    if max(abs(outline.left() - bar.left()), abs(outline.right() - bar.right())) < LEAST_SHIFT:
        return
    draw_frame_before(canvas, outline, faded(ink(canvas.theme.text).rgb(), _QUIET))


def draw_memory_ledgers(
    canvas: Canvas,
    rect: QRectF,
    step: LSTMStep,
    moment: Moment,
    unit: int,
    span: tuple[float, float],
    *,
    held: bool = False,
    before: LSTMStep | None = None,
) -> None:
    """The pinned unit's ledger, and small ones for the units whose memory changes most.

    held    a what-if holds the pinned unit's c
    before  the step without the what-ifs, where it differs
    """
    others = _other_units(step, unit)
    entries = memory_entries(step, unit, canvas, held=held)
    ledger = Ledger.of(entries, *span, memory_entries(before, unit, canvas) if before else ())
    note = f"unit {unit}, pinned" if others else "" if before else "what is kept and what is written add up"
    share = 0.62 if others else 0.97
    draw_ledger(canvas, rect, "The memory’s ledger", note, ledger, moment, unit, share=share)
    if not others:
        return
    small = QRectF(rect.left() + share * rect.width() + 24, rect.top() + 30, 0, rect.height() - 36)
    small.setRight(rect.right() - 10)
    rest = len(step.c) - 1 - len(others)
    words = f"the {len(others)} others that change most" if rest else "the other units"
    canvas.opacity(1)
    heading = QRectF(small.left(), rect.top() + 8, small.width(), 16)
    canvas.text(heading, words, canvas.theme.muted, 11, align=LEFT)
    rows = max(-(-len(others) // _SMALL_COLUMNS), 2)
    width, height = small.width() / _SMALL_COLUMNS, small.height() / rows
    for k, other in enumerate(others):
        column, row = divmod(k, rows)
        cell = QRectF(small.left() + column * width, small.top() + row * height, width - 14, height)
        canvas.opacity(1)
        canvas.text(QRectF(cell.left(), cell.top(), 24, height), str(other), canvas.theme.muted, 10, mono=True)
        bars = QRectF(cell.left() + 28, cell.top() + 2, cell.width() - 28, height - 5)
        draw_bars(canvas, bars, Ledger.of(memory_entries(step, other, canvas), *span), moment, guides=False)
        canvas.place(cell, Quantity.CELL_STATE, other, box=False)


def _other_units(step: LSTMStep, unit: int) -> list[int]:
    """Up to MOST_SMALL other units: all of them, or those whose memory changes most at this step."""
    with np.errstate(all="ignore"):
        size = np.abs(np.nan_to_num(step.c - step.c_before))
    size[unit] = -1
    return sorted(int(k) for k in np.argsort(-size, kind="stable")[: min(MOST_SMALL, len(size) - 1)])
